#include "base/clock.h"
#include "cmocka_all.h"
#include "page/store_pool.h"
#include "record/ticker.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

/* Few candles may be of many ticks: both must be bounded for a question to be quick. */
static void candles_of_a_long_span_are_a_long_question_however_few_they_are(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_ns;
        size_t limit; /* 0: none */
        enum store_lane lane;
    } cases[] = {
        {MINUTE_NS, 1000, STORE_QUICK}, /* what the page asks for */
        {HOUR_NS, 1000, STORE_QUICK},   {1, 1, STORE_QUICK},
        {MINUTE_NS, 5000, STORE_QUICK}, {MINUTE_NS, 5001, STORE_LONG},
        {MINUTE_NS, 0, STORE_LONG},     {NS_PER_SECOND, 100000, STORE_LONG},
        {DAY_NS, 42, STORE_QUICK},      {DAY_NS, 43, STORE_LONG},
        {42 * DAY_NS, 1, STORE_QUICK},  {42 * DAY_NS + 1, 1, STORE_LONG},
        {7 * DAY_NS, 5000, STORE_LONG}, {INT64_MAX, 1, STORE_LONG},
        {INT64_MAX, 5000, STORE_LONG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct candle_query query = {
            .kind = &ticker_kind,
            .series = "tBTCUSD",
            .interval_ns = cases[i].interval_ns,
            .from_ns = INT64_MIN,
            .to_ns = INT64_MAX,
            .limit = cases[i].limit,
        };
        if (store_pool_lane(&query) != cases[i].lane) {
            fail_msg("case %zu: the other lane", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candles_of_a_long_span_are_a_long_question_however_few_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
