#include "source/service/backfill.h"

#include <stdlib.h>

#include "base/array.h"

#define STEP_OF_A_DAY_NS (300 * NS_PER_SECOND)
#define STEP_OF_MORE_NS (3600 * NS_PER_SECOND)
#define LATER_NS NS_PER_DAY /* so long may it take until all is asked for */

enum { GAP_STEPS = 3 };

struct backfill backfill_new(int64_t history_ns, int64_t now_ns)
{
    int64_t most_ns = BACKFILL_DAYS_MAX * NS_PER_DAY;
    int64_t past_ns = history_ns < most_ns ? history_ns : most_ns;
    int64_t step_ns = past_ns <= NS_PER_DAY ? STEP_OF_A_DAY_NS : STEP_OF_MORE_NS;
    return (struct backfill){.begin_ns = now_ns - past_ns,
                             .end_ns = now_ns,
                             .step_ns = step_ns,
                             .half_steps = (size_t)((past_ns + LATER_NS) / (step_ns / 2)) + 1,
                             .planned = history_ns <= 0};
}

void backfill_free(struct backfill *backfill)
{
    for (size_t i = 0; i < backfill->coins.count; i++) {
        free(backfill->known[i]);
    }
    free(backfill->known);
    coin_table_free(&backfill->coins);
    *backfill = (struct backfill){.planned = true};
}

/* Returns the bits of a coin; NULL: nothing is known of it. */
static uint8_t *bits_of(const struct backfill *backfill, const char *coin)
{
    const struct coin *found = coin_table_find(&backfill->coins, str_from(coin));
    return found != NULL ? backfill->known[found - backfill->coins.coins] : NULL;
}

/* As bits_of(), and adds a coin. Returns NULL when memory runs out. */
static uint8_t *add_bits(struct backfill *backfill, const char *coin)
{
    size_t before = backfill->coins.count;
    uint8_t **known = array_room(backfill->known, before, &backfill->capacity, sizeof *known);
    if (known == NULL) {
        return NULL;
    }
    backfill->known = known;
    const struct coin *found = coin_table_add(&backfill->coins, str_from(coin));
    if (found == NULL) {
        return NULL;
    }
    size_t index = (size_t)(found - backfill->coins.coins);
    if (index == before) {
        known[index] = NULL;
    }
    if (known[index] == NULL) {
        known[index] = calloc(backfill->half_steps / 8 + 1, 1);
    }
    return known[index];
}

/* Returns false for a time that is not of the past that is asked for, or of the day after it. */
static bool half_step_of(const struct backfill *backfill, int64_t time_ns, size_t *half_step)
{
    if (time_ns < backfill->begin_ns) {
        return false;
    }
    *half_step = (size_t)((time_ns - backfill->begin_ns) / (backfill->step_ns / 2));
    return *half_step < backfill->half_steps;
}

static bool is_set(const uint8_t *bits, size_t at)
{
    return (bits[at / 8] >> at % 8 & 1) != 0;
}

bool backfill_keep(struct backfill *backfill, const struct ticker *tick)
{
    size_t at = 0;
    if ((backfill->planned && backfill_coin(backfill) == NULL) ||
        !half_step_of(backfill, tick->event_time_ns, &at)) {
        return true;
    }
    uint8_t *bits = add_bits(backfill, tick->symbol);
    if (bits == NULL) {
        return false;
    }
    bits[at / 8] |= (uint8_t)(1U << at % 8);
    return true;
}

/* Returns whether so much is missing of a coin's past that it is worth a request. */
static bool has_gap(const struct backfill *backfill, const char *coin)
{
    const uint8_t *bits = bits_of(backfill, coin);
    size_t end = 0, run = 0;
    (void)half_step_of(backfill, backfill->end_ns, &end);
    for (size_t i = 0; bits != NULL && i < end && run <= (size_t)GAP_STEPS * 2; i++) {
        run = is_set(bits, i) ? 0 : run + 1;
    }
    return bits == NULL || run > (size_t)GAP_STEPS * 2;
}

static void plan_coin(struct backfill *backfill, const char *coin)
{
    if (has_gap(backfill, coin)) {
        (void)str_copy(str_from(coin), backfill->asked[backfill->count], sizeof backfill->asked[0]);
        backfill->count++;
    }
}

void backfill_plan(struct backfill *backfill, const struct coin_table *wanted)
{
    for (size_t i = 0; !backfill->planned && i < wanted->count && i < BACKFILL_COINS_MAX; i++) {
        plan_coin(backfill, wanted->coins[i].symbol);
    }
    backfill->planned = true;
}

void backfill_plan_batch(struct backfill *backfill, const struct source_batch *batch)
{
    for (size_t i = 0; !backfill->planned && i < batch->count && i < BACKFILL_COINS_MAX; i++) {
        const struct ticker *tick = source_batch_at(batch, i);
        plan_coin(backfill, tick->symbol);
    }
    backfill->planned = true;
}

const char *backfill_coin(const struct backfill *backfill)
{
    return backfill->next < backfill->count ? backfill->asked[backfill->next] : NULL;
}

void backfill_done(struct backfill *backfill)
{
    backfill->next++;
}

void backfill_end(struct backfill *backfill)
{
    backfill->next = backfill->count;
    backfill->planned = true;
}

/* Returns ROW_FAULTS for a point that is to be sent. */
static enum row_fault look(const struct backfill *backfill, const uint8_t *bits, int64_t time_ns)
{
    size_t at = 0;
    if (!half_step_of(backfill, time_ns, &at)) {
        return time_ns < backfill->begin_ns ? ROW_TOO_OLD : ROW_BAD_TIME;
    }
    bool known = is_set(bits, at) || (at > 0 && is_set(bits, at - 1)) ||
                 (at + 1 < backfill->half_steps && is_set(bits, at + 1));
    return known ? ROW_KNOWN : ROW_FAULTS;
}

bool backfill_choose(struct backfill *backfill, struct source_batch *batch,
                     struct row_counts *counts)
{
    size_t kept = 0;
    uint8_t *bits =
        batch->count > 0
            ? add_bits(backfill, ((const struct ticker *)source_batch_at(batch, 0))->symbol)
            : NULL;
    if (bits == NULL) {
        return batch->count == 0;
    }
    for (size_t i = 0; i < batch->count; i++) {
        const struct ticker tick = *(const struct ticker *)source_batch_at(batch, i);
        enum row_fault fault = look(backfill, bits, tick.event_time_ns);
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        counts->records++;
        *(struct ticker *)source_batch_at(batch, kept++) = tick;
    }
    batch->count = kept;
    for (size_t i = 0; i < kept; i++) {
        const struct ticker *tick = source_batch_at(batch, i);
        if (!backfill_keep(backfill, tick)) {
            return false;
        }
    }
    return true;
}
