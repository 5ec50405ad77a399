#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "source/poller_health.h"

#define SECOND NS_PER_SECOND

static void every_state_is_told_to_people(void **state)
{
    (void)state;
    const int64_t answered = INT64_C(1767225600123456789);
    static const struct error timeout = {.kind = ERROR_RETRY, .text = "time-out after 30 s"};
    static const struct error limited = {
        .kind = ERROR_RETRY, .retry_after_ms = 60000, .text = "rate limited by the exchange"};
    static const struct error broken = {.kind = ERROR_FATAL, .text = "prices.csv is cut off"};
    const struct {
        struct poller_health health;
        int64_t now_ns;
        bool want;
        const char *text;
    } cases[] = {
        {{.state = POLLER_IDLE}, 0, false, "polling has not begun"},
        {{.state = POLLER_ASKING}, 0, false, "waiting for the first ticks of bitfinex"},
        {{.state = POLLER_FLOWING, .error = timeout}, 0, true, ""},
        {{.state = POLLER_FLOWING, .settling = true, .settling_since_ns = SECOND},
         3 * SECOND - 1,
         true,
         ""},
        {{.state = POLLER_FLOWING, .settling = true, .settling_since_ns = SECOND},
         13 * SECOND + 5,
         false,
         "Bitfinex has waited for 12 s until Kafka acknowledges what was sent, and goes on then"},
        {{.state = POLLER_PACED, .until_ns = 12 * SECOND},
         SECOND / 2,
         true,
         "the next of the recorded ticks is due in 12 s"},
        {{.state = POLLER_RETRY, .error = limited, .until_ns = 60 * SECOND, .last_success_ns = 1},
         18 * SECOND,
         false,
         "Bitfinex asks to wait, next try in 42 s: rate limited by the exchange"},
        {{.state = POLLER_RETRY, .error = timeout, .until_ns = 3 * SECOND},
         0,
         false,
         "Bitfinex has not answered yet, next try in 3 s: time-out after 30 s"},
        {{.state = POLLER_RETRY,
          .error = timeout,
          .until_ns = 3 * SECOND + 1,
          .last_success_ns = answered},
         0,
         false,
         "Bitfinex has not answered since 2026-01-01T00:00:00Z, next try in 4 s: "
         "time-out after 30 s"},
        {{.state = POLLER_RETRY, .error = timeout, .until_ns = 3 * SECOND},
         3 * SECOND,
         false,
         "Bitfinex has not answered yet, trying again: time-out after 30 s"},
        {{.state = POLLER_HOLDING,
          .held = {.coins = 2,
                   .coin = "tBTCUSD",
                   .behind_ns = 3200 * NS_PER_MS,
                   .clock_was_ahead = true}},
         0,
         false,
         "tBTCUSD and 1 more: the clock stepped back by 3.2 s; waiting until it has passed that "
         "time "
         "(is it right now? a restart goes on with it)"},
        {{.state = POLLER_HOLDING,
          .held = {.coins = 1, .coin = "tBTCUSD", .behind_ns = 4 * SECOND}},
         0,
         false,
         "tBTCUSD: the clock is 4.0 s behind the newest tick in the log; waiting until it has "
         "passed "
         "that time"},
        {{.state = POLLER_DONE}, 0, true, "bitfinex is used up: all its ticks were handed on"},
        {{.state = POLLER_STOPPED}, 0, false, "stopped"},
        {{.state = POLLER_FAILED, .error = broken}, 0, false, "prices.csv is cut off"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct poller_health health = cases[i].health;
        char text[256];
        health.source = "bitfinex";
        health.records = "ticks";
        assert_int_equal(poller_health_describe(&health, cases[i].now_ns, text, sizeof text),
                         cases[i].want);
        assert_string_equal(text, cases[i].text);
    }
}

static void ticks_from_the_future_are_noticed_until_their_time_has_come(void **state)
{
    (void)state;
    struct poller_health health = {.state = POLLER_FLOWING};
    char text[256];
    poller_health_notice(&health, 0, text, sizeof text);
    assert_string_equal(text, "");
    health.ahead = (struct poller_ahead){.records = 3,
                                         .coin = "tBTCUSD",
                                         .source = "bitfinex",
                                         .place = "tickers, partition 3, offset 17",
                                         .stamp_ns = INT64_C(1767225600000000000),
                                         .until_ns = 60 * SECOND};
    poller_health_notice(&health, 60 * SECOND - 1, text, sizeof text);
    assert_string_equal(text, "the log has a tick of tBTCUSD from the future: "
                              "2026-01-01T00:00:00Z (tickers, partition 3, offset 17; source "
                              "bitfinex) and 2 more; new ticks go on with this clock");
    poller_health_notice(&health, 60 * SECOND, text, sizeof text);
    assert_string_equal(text, "");
}

static void too_long_a_text_is_cut_at_its_end(void **state)
{
    (void)state;
    struct poller_health health = {.state = POLLER_RETRY, .source = "bitfinex", .until_ns = SECOND};
    memset(health.error.text, 'x', sizeof health.error.text - 1);
    char text[64];
    assert_false(poller_health_describe(&health, 0, text, sizeof text));
    assert_int_equal(strlen(text), sizeof text - 1);
    assert_non_null(strstr(text, "next try in 1 s: xxx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_is_told_to_people),
        cmocka_unit_test(ticks_from_the_future_are_noticed_until_their_time_has_come),
        cmocka_unit_test(too_long_a_text_is_cut_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
