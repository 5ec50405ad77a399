#include <string.h>

#include "cmocka_all.h"
#include "record/bar.h"
#include "record/series.h"
#include "record/ticker.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_series_is_named_by_its_tags(void **state)
{
    (void)state;
    char name[RECORD_SERIES_MAX + 1];
    const struct ticker tick = {.symbol = "tBTCUSD"};
    series_of(&ticker_kind, &tick, name);
    assert_string_equal(name, "tBTCUSD");
    const struct bar bar = {.symbol = "AAPL", .source = "replay", .timeframe = "1d"};
    series_of(&bar_kind, &bar, name);
    assert_string_equal(name, "AAPL replay 1d");
}

static void the_longest_name_fits(void **state)
{
    (void)state;
    struct bar bar = {.timeframe = "15m"};
    memset(bar.symbol, 'A', BAR_SYMBOL_MAX);
    memset(bar.source, 'b', SOURCE_MAX);
    char name[RECORD_SERIES_MAX + 1];
    series_of(&bar_kind, &bar, name);
    assert_int_equal(strlen(name), BAR_SYMBOL_MAX + 1 + SOURCE_MAX + 1 + 3);
    struct bar back = {.symbol = ""};
    assert_true(series_set(&bar_kind, str_from(name), &back));
    assert_memory_equal(&back, &bar, sizeof bar);
}

static void only_a_name_that_a_record_can_have_is_split(void **state)
{
    (void)state;
    static const struct {
        const struct record_kind *kind;
        const char *name;
        bool want;
    } cases[] = {
        {&ticker_kind, "tBTCUSD", true},
        {&ticker_kind, "", false},
        {&ticker_kind, "t BTCUSD", false},
        {&ticker_kind, "tBTCUSD ", false},
        {&ticker_kind, "' OR 1=1", false},
        {&bar_kind, "AAPL replay 1d", true},
        {&bar_kind, "^GSPC binance.us 1M", true},
        {&bar_kind, "", false},
        {&bar_kind, "AAPL", false},
        {&bar_kind, "AAPL replay", false},
        {&bar_kind, "AAPL replay ", false},
        {&bar_kind, "AAPL replay 9m", false},
        {&bar_kind, "AAPL replay 1d ", false},
        {&bar_kind, "AAPL replay 1d 1d", false},
        {&bar_kind, "AAPL  1d", false},
        {&bar_kind, " replay 1d", false},
        {&bar_kind, "AAPL re'play 1d", false},
        {&bar_kind, "BRK'B replay 1d", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (series_valid(cases[i].kind, str_from(cases[i].name)) != cases[i].want) {
            fail_msg("\"%s\"", cases[i].name);
        }
    }
    assert_false(series_valid(&bar_kind, (struct str){0}));
    struct str parts[KIND_TAGS_MAX];
    assert_true(series_split(&bar_kind, str_from("AAPL replay 1d"), parts));
    assert_true(str_equal_text(parts[0], "AAPL"));
    assert_true(str_equal_text(parts[1], "replay"));
    assert_true(str_equal_text(parts[2], "1d"));
}

/* Somebody else may have stored any values. */
static void join_of_too_long_values_cuts_the_name(void **state)
{
    (void)state;
    char text[RECORD_SERIES_MAX + 9];
    memset(text, 'x', sizeof text);
    for (size_t length = RECORD_SERIES_MAX - 3; length < sizeof text; length++) {
        const struct str parts[] = {{text, length}, {"y", 1}, {"z", 1}};
        char name[RECORD_SERIES_MAX + 1];
        series_join(&bar_kind, parts, name);
        assert_true(strlen(name) <= RECORD_SERIES_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_is_named_by_its_tags),
        cmocka_unit_test(the_longest_name_fits),
        cmocka_unit_test(only_a_name_that_a_record_can_have_is_split),
        cmocka_unit_test(join_of_too_long_values_cuts_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
