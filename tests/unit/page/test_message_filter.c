#include "page/messages/message_filter.h"

#include <string.h>

#include "cmocka_all.h"
#include "record/event.h"
#include "record/ticker.h"

static void message_text_contains_ignores_case_of_letters_alone(void **state)
{
    static const struct {
        const char *whole, *part;
        bool want;
    } cases[] = {
        {"tBTCUSD", "btc", true},
        {"tBTCUSD", "tBTCUSD", true},
        {"tBTCUSD", "tBTCUSDT", false},
        {"", "a", false},
        {"aab", "ab", true},
        {"[", "{", false},
        {"0.00000004", "4", true},
        {"caf\xc3\x89", "caf\xc3\xa9", false},
        {"caf\xc3\xa9", "\xa9", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool got = message_text_contains(str_from(cases[i].whole), str_from(cases[i].part));
        if (got != cases[i].want) {
            fail_msg("\"%s\" in \"%s\": got %d", cases[i].part, cases[i].whole, got);
        }
    }
}

static struct message_view view_of(const struct message *message, const struct record_kind *kind,
                                   const void *record, const struct text_arena *texts)
{
    struct message_view view = {
        .message = message, .decoded = record != NULL, .kind = kind, .texts = texts};
    if (record != NULL) {
        memcpy(&view.record, record, kind->size);
    }
    return view;
}

static bool matches(const struct message_view *view, const char *key, const char *contains)
{
    const struct message_filter filter = {
        .key = key != NULL ? str_from(key) : (struct str){.data = NULL},
        .contains = contains != NULL ? str_from(contains) : (struct str){.data = NULL}};
    return message_matches(&filter, view);
}

static void message_matches_keys_whole_and_values_in_part(void **state)
{
    (void)state;
    const struct message message = {.encoded = {.key = str_from("tBTCUSD")}};
    struct ticker tick = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .event_time_ns = INT64_C(1767225600123456789),
                          .last_price = 96512.3,
                          .seq = 4711};
    const struct message_view view = view_of(&message, &ticker_kind, &tick, NULL);
    static const struct {
        const char *key, *contains;
        bool want;
    } cases[] = {
        {NULL, NULL, true},
        {"tBTCUSD", NULL, true},
        {"tBTCUS", NULL, false},
        {"tbtcusd", NULL, false},
        {NULL, "btcusd", true},
        {NULL, "BITFINEX", true},
        {NULL, "96512.3", true},
        {NULL, "6512", true},
        {NULL, "96512.30", false},
        {NULL, "4711", true},
        {NULL, "2026-01-01T", true},
        {NULL, "1767225600123456789", true},
        {NULL, "last_price", false},
        {"tBTCUSD", "bitfinex", true},
        {"tETHUSD", "bitfinex", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (matches(&view, cases[i].key, cases[i].contains) != cases[i].want) {
            fail_msg("case %zu: want %d", i, cases[i].want);
        }
    }
}

static void message_matches_undecoded_by_its_key_and_long_texts(void **state)
{
    (void)state;
    const struct message message = {.encoded = {.key = str_from("lonely")}};
    const struct message_view undecoded = view_of(&message, &ticker_kind, NULL, NULL);
    assert_true(matches(&undecoded, NULL, "LONE"));
    assert_false(matches(&undecoded, NULL, "tick"));
    const struct message keyless = {.encoded = {.key = {.data = NULL}}};
    const struct message_view nobody = view_of(&keyless, &ticker_kind, NULL, NULL);
    assert_true(matches(&nobody, NULL, NULL));
    assert_false(matches(&nobody, "", NULL));
    assert_false(matches(&nobody, NULL, "a"));

    struct text_arena texts = {.bytes = NULL};
    struct event event = {.subject = "tBTCUSD", .what = "hole", .source = "bitfinex-trades"};
    for (const struct column *column = event_kind.columns; column->name != NULL; column++) {
        if (strcmp(column->name, "detail") == 0) {
            assert_true(column_set_long_text(column, &event, &texts, str_from("connection LOST")));
        }
    }
    const struct message_view view = view_of(&message, &event_kind, &event, &texts);
    assert_true(matches(&view, NULL, "lost"));
    assert_false(matches(&view, NULL, "found"));
    text_arena_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_text_contains_ignores_case_of_letters_alone),
        cmocka_unit_test(message_matches_keys_whole_and_values_in_part),
        cmocka_unit_test(message_matches_undecoded_by_its_key_and_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
