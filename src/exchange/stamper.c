#include "exchange/stamper.h"

#include "base/clock.h"

#define STEP_BACK_ALLOWED_NS NS_PER_SECOND

struct stamper stamper_new(int64_t run_id)
{
    return (struct stamper){.newest_ns = INT64_MIN, .run_id = run_id};
}

void stamper_free(struct stamper *stamper)
{
    coin_table_free(&stamper->coins);
}

/* False: no memory. */
static bool remember(struct stamper *stamper, struct coin *coin, int64_t stamp_ns, bool told)
{
    if (coin == NULL) {
        return false;
    }
    if (!coin->seen || stamp_ns > coin->last_stamp_ns) {
        coin->seen = true;
        coin->last_stamp_ns = stamp_ns;
    }
    if (stamp_ns > stamper->newest_ns) {
        stamper->newest_ns = stamp_ns;
        stamper->newest_told = told;
    }
    return true;
}

bool stamper_tell(struct stamper *stamper, struct str symbol, int64_t stamp_ns)
{
    return remember(stamper, coin_table_add(&stamper->coins, symbol), stamp_ns, true);
}

bool stamper_admits(struct stamper *stamper, int64_t now_ns)
{
    if (stamper->newest_ns == INT64_MIN || now_ns > stamper->newest_ns) {
        stamper->holding = false;
    } else if (now_ns < stamper->newest_ns - STEP_BACK_ALLOWED_NS) {
        stamper->holding = true;
    }
    return !stamper->holding;
}

bool stamper_stamp(struct stamper *stamper, struct ticker *tick, int64_t now_ns)
{
    struct coin *coin = coin_table_add(&stamper->coins, str_from(tick->symbol));
    int64_t stamp_ns = now_ns - now_ns % NS_PER_MS;
    if (coin != NULL && coin->seen && coin->last_stamp_ns >= stamp_ns) {
        stamp_ns = coin->last_stamp_ns + 1;
    }
    if (!remember(stamper, coin, stamp_ns, false)) {
        return false;
    }
    tick->event_time_ns = stamp_ns;
    tick->run_id = stamper->run_id;
    tick->seq = ++stamper->seq;
    return true;
}
