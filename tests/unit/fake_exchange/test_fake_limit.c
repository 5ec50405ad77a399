/* The fake exchange's limits. */
#include <string.h>

#include "cmocka_all.h"
#include "fake_exchange/fake_limit.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void limits_are_those_of_the_text_or_the_usual_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want[FAKE_LIMITS]; /* tickers, trades, candles, connects, channels, block */
    } cases[] = {
        {NULL, {30, 15, 30, 20, 25, 60}},
        {"", {30, 15, 30, 20, 25, 60}},
        {"trades=600", {30, 600, 30, 20, 25, 60}},
        {" connects = 0 , block=2,channels=3", {30, 15, 30, 0, 3, 2}},
        {"tickers=1,candles=1000000,tickers=2", {2, 15, 1000000, 20, 25, 60}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fake_limits limits;
        struct error error = {0};
        assert_true(fake_limits_parse(cases[i].text, &limits, &error));
        assert_memory_equal(limits.most, cases[i].want, sizeof limits.most);
    }
    static const char *const bad[] = {
        "trades",    "trades=",   "=3",      "trades=-1", "trades=x",      "Trades=1",
        "trades=1,", "trades=1;", "books=1", "trades=1s", "trades=1000001"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct fake_limits limits;
        struct error error = {0};
        if (fake_limits_parse(bad[i], &limits, &error) || error.kind != ERROR_USAGE ||
            strstr(error.text, "candles") == NULL) {
            fail_msg("%s: %s", bad[i], error.text);
        }
    }
}

static void one_too_many_in_a_minute_blocks_for_a_while(void **state)
{
    (void)state;
    static const struct {
        int64_t most, block_ms;
        int64_t times_ms[8];
        const char *want; /* '+': taken */
    } cases[] = {
        {3, 0, {0, 1, 2, 3, 59999, 60000, 60001, 60001}, "+++--++-"},
        {3, 10000, {0, 0, 0, 55000, 60000, 64999, 65000, 65000}, "+++---++"},
        {1, 60000, {5, 6, 60005, 60006, 60007, 180000, 180001, 240001}, "+--+-+-+"},
        {0, 60000, {0, 0, 0, 0, 0, 0, 0, 0}, "++++++++"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fake_rate rate = {0};
        char got[9] = "";
        for (int j = 0; j < 8; j++) {
            got[j] = fake_rate_take(&rate, cases[i].most, cases[i].block_ms, cases[i].times_ms[j])
                         ? '+'
                         : '-';
        }
        assert_string_equal(got, cases[i].want);
        fake_rate_free(&rate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_of_the_text_or_the_usual_ones),
        cmocka_unit_test(one_too_many_in_a_minute_blocks_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
