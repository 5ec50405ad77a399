#include "source/stamper.h"

#include <stdlib.h>

#include "base/array.h"

#define STEP_BACK_ALLOWED_NS NS_PER_SECOND

struct stamper stamper_new(int64_t run_id)
{
    return (struct stamper){.run_id = run_id};
}

void stamper_free(struct stamper *stamper)
{
    coin_table_free(&stamper->coins);
    free(stamper->skips);
}

static void remember(struct coin *coin, int64_t stamp_ns, bool told)
{
    if (!coin->seen || stamp_ns > coin->last_stamp_ns) {
        coin->seen = true;
        coin->last_stamp_ns = stamp_ns;
        coin->last_told = told;
    }
}

static bool add_skip(struct stamper *stamper, size_t coin, int64_t stamp_ns)
{
    struct stamp_skip *skips =
        array_room(stamper->skips, stamper->skip_count, &stamper->skip_capacity, sizeof *skips);
    if (skips == NULL) {
        return false;
    }
    stamper->skips = skips;
    stamper->skips[stamper->skip_count++] = (struct stamp_skip){coin, stamp_ns};
    return true;
}

/* A linear search suffices: there are few skips, and a live source stamps a few hundred ticks a
 * second at most. */
static bool is_skip(const struct stamper *stamper, size_t coin, int64_t stamp_ns)
{
    for (size_t i = 0; i < stamper->skip_count; i++) {
        if (stamper->skips[i].stamp_ns == stamp_ns && stamper->skips[i].coin == coin) {
            return true;
        }
    }
    return false;
}

enum stamp_told stamper_tell(struct stamper *stamper, struct str symbol, int64_t stamp_ns,
                             int64_t now_ns)
{
    struct coin *coin = coin_table_add(&stamper->coins, symbol);
    if (coin == NULL) {
        return STAMP_TOLD_NO_MEMORY;
    }
    if (stamp_ns <= now_ns + STAMP_AHEAD_MAX_NS) {
        remember(coin, stamp_ns, true);
        return STAMP_BINDS;
    }
    size_t index = (size_t)(coin - stamper->coins.coins);
    if (is_skip(stamper, index, stamp_ns)) {
        return STAMP_AHEAD_AGAIN;
    }
    return add_skip(stamper, index, stamp_ns) ? STAMP_AHEAD : STAMP_TOLD_NO_MEMORY;
}

/* Sets coin->held; once true it stays true until now_ns is past the last stamp. */
static bool is_held(struct coin *coin, int64_t now_ns)
{
    if (!coin->seen || now_ns > coin->last_stamp_ns) {
        coin->held = false;
    } else if (now_ns < coin->last_stamp_ns - STEP_BACK_ALLOWED_NS) {
        coin->held = true;
    }
    return coin->held;
}

enum stamp_answer stamper_stamp(struct stamper *stamper, const struct record_kind *kind,
                                void *record, int64_t now_ns, int64_t *wait_ns)
{
    struct coin *coin = coin_table_add(&stamper->coins, column_text(kind->key, record));
    if (coin == NULL) {
        return STAMP_NO_MEMORY;
    }
    if (is_held(coin, now_ns)) {
        *wait_ns = coin->last_stamp_ns - now_ns;
        return STAMP_BEHIND;
    }
    size_t index = (size_t)(coin - stamper->coins.coins);
    int64_t stamp_ns = now_ns - now_ns % NS_PER_MS;
    if (coin->seen && coin->last_stamp_ns >= stamp_ns) {
        stamp_ns = coin->last_stamp_ns + 1;
    }
    while (is_skip(stamper, index, stamp_ns)) {
        stamp_ns++;
    }
    int64_t second_ns = stamp_ns - stamp_ns % NS_PER_SECOND;
    if (second_ns > now_ns) {
        *wait_ns = second_ns - now_ns;
        return STAMP_NEXT_SECOND;
    }
    remember(coin, stamp_ns, false);
    column_set_int64(kind->time, record, stamp_ns);
    column_set_int64(kind->run, record, stamper->run_id);
    column_set_int64(kind->seq, record, ++stamper->seq);
    return STAMP_GIVEN;
}
