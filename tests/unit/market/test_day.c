#include "market/day.h"

#include <math.h>

#include "cmocka_all.h"

static void a_tick_that_reports_all_figures_is_a_day_and_any_other_is_none(void **state)
{
    (void)state;
    static const enum ticker_figure needed[] = {TICKER_DAILY_CHANGE, TICKER_DAILY_CHANGE_RELATIVE,
                                                TICKER_HIGH, TICKER_LOW};
    struct ticker tick = {.symbol = "tBTCUSD", .last_price = 100};
    for (size_t i = 0; i < 4; i++) {
        tick.has[needed[i]] = true;
        tick.figures[needed[i]] = (double)i + 1;
    }
    struct day day = {.has_change = false};
    assert_true(day_reported(&tick, &day));
    assert_true(day.has_change && day.change == 1 && day.change_relative == 2);
    assert_true(day.has_range && day.high == 3 && day.low == 4);
    for (size_t i = 0; i < 4; i++) {
        struct ticker lacks = tick;
        lacks.has[needed[i]] = false;
        day = (struct day){.high = 7};
        assert_false(day_reported(&lacks, &day));
        assert_true(!day.has_change && !day.has_range && day.high == 7);
    }
}

static void volume_and_cap_are_unknown_unless_the_tick_has_them(void **state)
{
    (void)state;
    struct ticker tick = {.symbol = "cg:bitcoin", .last_price = 100};
    assert_true(isnan(day_reported_volume(&tick)) && isnan(day_reported_cap(&tick)));
    tick.has[TICKER_VOLUME] = tick.has[TICKER_MARKET_CAP] = true;
    assert_true(day_reported_volume(&tick) == 0 && isnan(day_reported_cap(&tick)));
    tick.figures[TICKER_VOLUME] = 5;
    tick.figures[TICKER_MARKET_CAP] = 7;
    assert_true(day_reported_volume(&tick) == 5 && day_reported_cap(&tick) == 7);
}

static void a_day_is_made_of_its_candles_and_the_price_before(void **state)
{
    (void)state;
    struct day day = {.has_change = false};
    day_set_change(&day, 80, 100);
    assert_true(day.has_change && day.change == 20 && day.change_relative == 0.25);
    assert_false(day.has_range);
    day_add_candle(&day, &(struct candle){.high = 90, .low = 85});
    assert_true(day.has_range && day.high == 90 && day.low == 85);
    day_add_candle(&day, &(struct candle){.high = 88, .low = 80});
    day_add_candle(&day, &(struct candle){.high = 101, .low = 99});
    assert_true(day.high == 101 && day.low == 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_that_reports_all_figures_is_a_day_and_any_other_is_none),
        cmocka_unit_test(volume_and_cap_are_unknown_unless_the_tick_has_them),
        cmocka_unit_test(a_day_is_made_of_its_candles_and_the_price_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
