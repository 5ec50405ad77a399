#include "commands/top/top_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static struct top_market items[] = {
    {.coin = "tBTCUSD", .name = "BTC/USD", .source = "bitfinex", .change = {1, -2, NAN}, .cap = 9},
    {.coin = "tETHUSD", .name = "ETH/USD", .source = "bitfinex", .change = {-1, 3, NAN}, .cap = 5},
    {.coin = "AAPL", .name = "AAPL", .source = "replay", .change = {NAN, NAN, 4}, .cap = NAN},
    {.coin = "cg:solana",
     .name = "cg:solana",
     .source = "coingecko",
     .change = {7, 0, 1},
     .cap = 7},
    {.coin = "DRILL", .name = "DRILL", .change = {99, 99, 99}, .cap = 99, .made_up = true},
};
static const struct top_markets markets = {
    .items = items, .count = sizeof items / sizeof items[0], .known = true};

/* Presses the keys: letters are themselves; "^" up, "v" down, "<" Home, ">" End, "U" and "D" pages,
 * "~" Backspace, "!" Enter, "$" Escape. */
static void press(struct top_view *view, const char *keys)
{
    static const struct {
        char letter;
        enum key_kind kind;
    } named[] = {{'^', KEY_UP},        {'v', KEY_DOWN},    {'<', KEY_HOME},
                 {'>', KEY_END},       {'U', KEY_PAGE_UP}, {'D', KEY_PAGE_DOWN},
                 {'~', KEY_BACKSPACE}, {'!', KEY_ENTER},   {'$', KEY_ESCAPE}};
    for (; *keys != '\0'; keys++) {
        struct key key = {.kind = KEY_TEXT, .text = {*keys}};
        for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
            key.kind = named[i].letter == *keys ? named[i].kind : key.kind;
        }
        top_view_key(view, &key, &markets, 2, 3);
    }
}

/* Appends the coins' names in the order of the rows, without what is the same in all. */
static void list_rows(const struct top_view *view, char *text, size_t size)
{
    const struct top_market *rows[sizeof items / sizeof items[0]];
    size_t count = top_view_rows(view, &markets, rows);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        (void)strncat(text, i > 0 ? " " : "", size - strlen(text) - 1);
        (void)strncat(text, rows[i]->coin, size - strlen(text) - 1);
    }
}

static void keys_cases(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        const char *coin; /* the chosen one afterwards */
        const char *rows;
    } cases[] = {
        {"", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"}, /* by cap; unknown last */
        {"j", "cg:solana", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"vvk", "cg:solana", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"k^", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"}, /* not beyond the ends */
        {"G", "DRILL", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {">j", "DRILL", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"Gg", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"D", "tETHUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"><", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"s", "tBTCUSD", "AAPL tBTCUSD cg:solana tETHUSD DRILL"}, /* by name */
        {"sS", "tBTCUSD", "tETHUSD cg:solana tBTCUSD AAPL DRILL"},
        {"ss", "tBTCUSD", "cg:solana tBTCUSD tETHUSD AAPL DRILL"},  /* 1 h */
        {"ssS", "tBTCUSD", "tETHUSD tBTCUSD cg:solana AAPL DRILL"}, /* unknown stays last */
        {"sss", "tBTCUSD", "tETHUSD cg:solana tBTCUSD AAPL DRILL"},
        {"ssss", "tBTCUSD", "AAPL cg:solana tBTCUSD tETHUSD DRILL"},
        {"sssss", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"jjf", "tETHUSD", "tETHUSD tBTCUSD cg:solana AAPL DRILL"}, /* a favourite */
        {"jjf*", "tETHUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"Gf", "DRILL", "tBTCUSD cg:solana tETHUSD AAPL DRILL"}, /* what is made up stays last */
        {"/eth", "tBTCUSD", "tETHUSD"},
        {"/eth!", "tETHUSD", "tETHUSD"},
        {"/EtHx~", "tBTCUSD", "tETHUSD"},
        {"/bitfinex!j", "tETHUSD", "tBTCUSD tETHUSD"}, /* by source */
        {"/sol$", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"/sol!$", "cg:solana", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},
        {"/nothing!", "tBTCUSD", ""},
        {"/qqq~~~", "tBTCUSD", "tBTCUSD cg:solana tETHUSD AAPL DRILL"}, /* q is a letter there */
        {"/v", "cg:solana", "tBTCUSD cg:solana tETHUSD AAPL DRILL"},    /* arrows move there, too */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rows[256];
        struct top_view view = {.coin = "tBTCUSD"};
        press(&view, cases[i].keys);
        list_rows(&view, rows, sizeof rows);
        if (strcmp(view.coin, cases[i].coin) != 0 || strcmp(rows, cases[i].rows) != 0 ||
            view.quit) {
            fail_msg("case %zu (%s): %s of %s", i, cases[i].keys, view.coin, rows);
        }
    }
}

static void intervals_topics_help_and_quit(void **state)
{
    (void)state;
    struct top_view view = {.coin = "tBTCUSD", .interval_ns = 1};
    for (size_t i = 0; i < TOP_INTERVALS; i++) {
        int64_t named_ns = 0;
        press(&view, (const char[]){(char)('1' + i), '\0'});
        assert_true(candle_interval_parse(str_from(top_intervals[i].name), &named_ns));
        assert_int_equal(view.interval_ns, named_ns);
    }
    press(&view, "80");
    assert_int_equal(view.interval_ns, CANDLE_WEEK_NS);
    press(&view, "tttt");
    assert_int_equal(view.stream, 1);
    press(&view, "?");
    assert_true(view.help);
    press(&view, "j"); /* any key ends the help, and does nothing else */
    assert_false(view.help);
    assert_string_equal(view.coin, "tBTCUSD");
    press(&view, "q");
    assert_true(view.quit);
}

static void favourites_of_the_option_are_a_list(void **state)
{
    (void)state;
    struct top_view view = {.coin = ""};
    top_view_favourites(&view, NULL);
    assert_int_equal(view.favourite_count, 0);
    top_view_favourites(&view, "AAPL, tETHUSD,,AAPL");
    assert_int_equal(view.favourite_count, 2);
    assert_true(top_view_is_favourite(&view, "AAPL"));
    assert_true(top_view_is_favourite(&view, "tETHUSD"));
    top_view_settle(&view, &markets); /* the first row: a favourite */
    assert_string_equal(view.coin, "tETHUSD");
    struct top_view other = {.coin = "DRILL"};
    top_view_settle(&other, &markets);
    assert_string_equal(other.coin, "DRILL");
}

static void the_chosen_row_is_scrolled_into_view(void **state)
{
    (void)state;
    const struct top_market *rows[] = {&items[0], &items[1], &items[2], &items[3], &items[4]};
    static const struct {
        const char *coin;
        size_t before, visible, want;
    } cases[] = {
        {"tBTCUSD", 0, 3, 0}, {"DRILL", 0, 3, 2},   {"tETHUSD", 2, 3, 1}, {"AAPL", 1, 3, 1},
        {"tBTCUSD", 4, 3, 0}, {"tBTCUSD", 0, 9, 0}, {"hidden", 9, 3, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct top_view view = {.first_row = cases[i].before};
        (void)str_copy(str_from(cases[i].coin), view.coin, sizeof view.coin);
        top_view_scroll(&view, rows, 5, cases[i].visible);
        if (view.first_row != cases[i].want) {
            fail_msg("case %zu: %zu", i, view.first_row);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_cases),
        cmocka_unit_test(intervals_topics_help_and_quit),
        cmocka_unit_test(favourites_of_the_option_are_a_list),
        cmocka_unit_test(the_chosen_row_is_scrolled_into_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
