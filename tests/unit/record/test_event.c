#include "record/event.h"

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/record_json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */

static struct event good_event(void)
{
    return (struct event){.subject = "bitfinex-trades/0",
                          .what = "covered",
                          .time_ns = T0 + 7,
                          .source = "bitfinex-trades",
                          .begin_ns = T0 - 60 * NS_PER_SECOND,
                          .end_ns = T0,
                          .has_begin_ns = true,
                          .has_end_ns = true};
}

static void subject_and_what_of_every_byte_are_the_documented_sets(void **state)
{
    (void)state;
    static const char set[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._^=/-";
    for (int byte = 0; byte < 256; byte++) {
        char text[] = {(char)byte};
        assert_int_equal(event_subject_valid((struct str){text, 1}),
                         byte != 0 && strchr(set, byte) != NULL);
        assert_int_equal(event_what_valid((struct str){text, 1}),
                         (byte >= 'a' && byte <= 'z') || byte == '_');
    }
    char longest[RECORD_KEY_MAX + 1];
    memset(longest, 'x', sizeof longest);
    assert_true(event_subject_valid((struct str){longest, RECORD_KEY_MAX}));
    assert_false(event_subject_valid((struct str){longest, RECORD_KEY_MAX + 1}));
    assert_true(event_what_valid((struct str){longest, EVENT_WHAT_MAX}));
    assert_false(event_what_valid((struct str){longest, EVENT_WHAT_MAX + 1}));
    assert_false(event_subject_valid((struct str){0}) || event_what_valid((struct str){0}));
}

static void check_names_the_first_fault(void **state)
{
    (void)state;
    static const struct {
        const char *subject, *what, *source;
        int64_t time_ns, begin_ns, end_ns;
        const char *detail;
        enum event_fault want;
        const char *name;
    } cases[] = {
        {"tBTCUSD", "hole", "a", T0, 0, 0, "connection lost", EVENT_OK, "ok"},
        {"tBTCUSD", "hole", "a", T0, -5, 0,
         "Br\xC3\xBC"
         "cke",
         EVENT_OK, "ok"},
        {"", "hole", "a", T0, 0, 0, "x", EVENT_BAD_SUBJECT, "bad_subject"},
        {"a b", "hole", "a", T0, 0, 0, "x", EVENT_BAD_SUBJECT, "bad_subject"},
        {"x", "", "a", T0, 0, 0, "x", EVENT_BAD_WHAT, "bad_what"},
        {"x", "Hole", "a", T0, 0, 0, "x", EVENT_BAD_WHAT, "bad_what"},
        {"x", "hole", "a", RECORD_TIME_END_NS, 0, 0, "x", EVENT_BAD_TIME, "bad_time"},
        {"x", "hole", "", T0, 0, 0, "x", EVENT_BAD_SOURCE, "bad_source"},
        {"x", "hole", "a", T0, 1, 0, "x", EVENT_BAD_SPAN, "bad_span"},
        {"x", "hole", "a", T0, INT64_MIN, 0, "x", EVENT_BAD_SPAN, "bad_span"},
        {"x", "hole", "a", T0, 0, INT64_MAX, "x", EVENT_BAD_SPAN, "bad_span"},
        {"x", "hole", "a", T0, 0, 0, "", EVENT_BAD_DETAIL, "bad_detail"},
        {"x", "hole", "a", T0, 0, 0, "two\nlines", EVENT_BAD_DETAIL, "bad_detail"},
        {"x", "hole", "a", T0, 0, 0, "\xC2\x9B", EVENT_BAD_DETAIL, "bad_detail"},
        {"x", "hole", "a", T0, 0, 0, "\xFF", EVENT_BAD_DETAIL, "bad_detail"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = {.time_ns = cases[i].time_ns,
                              .begin_ns = cases[i].begin_ns,
                              .end_ns = cases[i].end_ns,
                              .has_begin_ns = true,
                              .has_end_ns = true,
                              .has_detail = true};
        (void)str_copy(str_from(cases[i].subject), event.subject, sizeof event.subject);
        (void)str_copy(str_from(cases[i].what), event.what, sizeof event.what);
        (void)str_copy(str_from(cases[i].source), event.source, sizeof event.source);
        struct text_arena texts = {0};
        assert_true(text_arena_add(&texts, str_from(cases[i].detail), &event.detail));
        const char *reason = event_kind.check(&event, &texts);
        if (event_check(&event, &texts) != cases[i].want ||
            (reason == NULL) != (cases[i].want == EVENT_OK) ||
            strcmp(event_fault_names[cases[i].want], cases[i].name) != 0) {
            fail_msg("case %zu: %s", i, event_fault_names[event_check(&event, &texts)]);
        }
        text_arena_free(&texts);
    }
    /* What is null is not looked at. */
    struct event bare = {.subject = "x", .what = "started", .source = "a", .time_ns = T0};
    assert_int_equal(event_check(&bare, NULL), EVENT_OK);
    bare.begin_ns = INT64_MIN;
    assert_int_equal(event_check(&bare, NULL), EVENT_OK);
}

static void the_longest_detail_is_one_and_none_is_cut(void **state)
{
    (void)state;
    static char text[LONG_TEXT_MAX + 1];
    memset(text, 'x', sizeof text);
    struct event event = good_event();
    struct text_arena texts = {0};
    assert_true(event_set_detail(&event, &texts, (struct str){text, LONG_TEXT_MAX}));
    assert_int_equal(event_check(&event, &texts), EVENT_OK);
    struct event before = event;
    assert_false(event_set_detail(&event, &texts, (struct str){text, sizeof text}));
    assert_memory_equal(&event, &before, sizeof event);
    assert_true(text_arena_add(&texts, (struct str){text, sizeof text}, &event.detail));
    assert_int_equal(event_check(&event, &texts), EVENT_BAD_DETAIL);
    text_arena_free(&texts);
}

static void details_are_made_of_any_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"\n", " "},
        {"two\r\nlines", "two  lines"},
        {"Br\xC3\xBC", "Br\xC3\xBC"},
        {"cut \xE2\x82", "cut   "},
        {"\x1B[2J\xC2\x9B"
         "1m",
         " [2J 1m"},
    };
    struct text_arena texts = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = good_event();
        assert_true(event_set_detail(&event, &texts, str_from(cases[i].text)));
        assert_true(str_equal_text(event_detail(&event, &texts), cases[i].want));
        assert_int_equal(event.has_detail, cases[i].want[0] != '\0');
        assert_int_equal(event_check(&event, &texts), EVENT_OK);
    }
    text_arena_free(&texts);
}

static void a_subject_is_made_of_any_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"tBTCUSD", "tBTCUSD"},
        {"demo-1@host (here)", "demo-1-host--here-"},
        {"Br\xC3\xBC", "Br--"},
        {"0123456789012345678901234567890123456789012345678901234567890123+more",
         "0123456789012345678901234567890123456789012345678901234567890123"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = {0};
        event_set_subject(&event, str_from(cases[i].text));
        assert_string_equal(event.subject, cases[i].want);
        assert_true(event_subject_valid(str_from(event.subject)));
    }
}

static void times_in_json_are_texts(void **state)
{
    (void)state;
    struct event event = good_event();
    struct text_arena texts = {0};
    struct strbuf json = strbuf_new(1 << 12);
    assert_true(event_set_detail(&event, &texts, str_from("1767225600000000000:0-24")));
    record_to_json(&event_kind, &event, &texts, &json);
    text_arena_free(&texts);
    assert_string_equal(strbuf_text(&json),
                        "{\"subject\":\"bitfinex-trades/0\",\"what\":\"covered\","
                        "\"time_ns\":\"1767225600000000007\","
                        "\"time\":\"2026-01-01T00:00:00.000000007Z\","
                        "\"source\":\"bitfinex-trades\",\"begin_ns\":\"1767225540000000000\","
                        "\"end_ns\":\"1767225600000000000\",\"number\":null,"
                        "\"detail\":\"1767225600000000000:0-24\"}");
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subject_and_what_of_every_byte_are_the_documented_sets),
        cmocka_unit_test(check_names_the_first_fault),
        cmocka_unit_test(the_longest_detail_is_one_and_none_is_cut),
        cmocka_unit_test(details_are_made_of_any_text),
        cmocka_unit_test(a_subject_is_made_of_any_text),
        cmocka_unit_test(times_in_json_are_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
