/* What happened, as the page gets it, on a real SQLite store. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "page/history/covered_times.h"
#include "page/history/history_json.h"
#include "record/event.h"
#include "sqlite_place.h"

#define NOW_NS (INT64_C(1767268800) * NS_PER_SECOND)
#define HOUR_NS (3600 * NS_PER_SECOND)

enum { EVENTS = 1500 };

static void write_events(struct store *store, const struct event *events, size_t count,
                         const struct text_arena *texts)
{
    const struct record_set set = {
        .kind = &event_kind, .items = events, .count = count, .texts = texts};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error) || rejected.count > 0) {
        fail_msg("%s", error.text);
    }
    rejected_list_free(&rejected);
}

static struct event event_of(struct text_arena *texts, const char *subject, const char *what,
                             int64_t time_ns, const char *detail)
{
    struct event event = {.time_ns = time_ns, .source = "test"};
    (void)str_copy(str_from(subject), event.subject, sizeof event.subject);
    (void)str_copy(str_from(what), event.what, sizeof event.what);
    assert_true(event_set_detail(&event, texts, str_from(detail)));
    return event;
}

static struct event covered_of(struct text_arena *texts, int64_t begin_ns, int64_t end_ns)
{
    struct event event = event_of(texts, "bitfinex/0", "covered", end_ns + NS_PER_MS, "1:0-0");
    event.begin_ns = begin_ns;
    event.end_ns = end_ns;
    event.number = 5000;
    event.has_begin_ns = event.has_end_ns = event.has_number = true;
    return event;
}

static json_t *ask(struct store *store, int64_t from_ns, int64_t to_ns, size_t limit)
{
    struct error error = {0};
    struct strbuf json = strbuf_new(8 << 20);
    const struct web_history_wanted wanted = {.from_ns = from_ns, .to_ns = to_ns, .limit = limit};
    if (!history_to_json(store, &wanted, &json, &error)) {
        fail_msg("%s", error.text);
    }
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    if (answer == NULL) {
        fail_msg("%s", strbuf_text(&json));
    }
    strbuf_free(&json);
    return answer;
}

static const json_t *item(const json_t *answer, const char *list, size_t index)
{
    return json_array_get(json_object_get(answer, list), index);
}

static size_t count_of(const json_t *answer, const char *list)
{
    return json_array_size(json_object_get(answer, list));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void history_of_an_empty_store_is_empty(void **state)
{
    struct store *store = place_open_prepared(*state);
    static const char *const lists[] = {"events", "before", "covered"};
    json_t *answer = ask(store, INT64_MIN, INT64_MAX, 50);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(count_of(answer, lists[i]), 0);
    }
    assert_true(json_is_null(json_object_get(answer, "next")));
    assert_true(json_is_null(json_object_get(answer, "since")));
    json_decref(answer);
    store_close(store);
}

/* Over months, from many subjects, many at the same time: page after page all are there once, the
 * newest first. */
static void history_is_paged_without_loss_or_repeat(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    static struct event events[EVENTS];
    for (int i = 0; i < EVENTS; i++) {
        char subject[32];
        int64_t hours = (int64_t)(i / 100) * (i / 100) * 20;
        (void)snprintf(subject, sizeof subject, "coin%d", i);
        events[i] = event_of(&texts, subject, i % 2 == 0 ? "hole" : "drill",
                             NOW_NS - hours * HOUR_NS, "why");
    }
    write_events(store, events, EVENTS, &texts);
    text_arena_free(&texts);
    static bool seen[EVENTS];
    size_t count = 0, pages = 0;
    int64_t to_ns = INT64_MAX;
    char last[CLOCK_TEXT_SIZE] = "9";
    for (; pages < EVENTS && to_ns > 0; pages++) {
        json_t *answer = ask(store, INT64_MIN, to_ns, 64);
        assert_true(count_of(answer, "events") <= 100);
        for (size_t i = 0; i < count_of(answer, "events"); i++) {
            const json_t *one = item(answer, "events", i);
            int number = (int)strtol(text_of(one, "subject") + 4, NULL, 10);
            assert_false(seen[number]);
            seen[number] = true;
            assert_true(strcmp(text_of(one, "time"), last) <= 0);
            (void)str_copy(str_from(text_of(one, "time")), last, sizeof last);
            count++;
        }
        to_ns = 0;
        if (!json_is_null(json_object_get(answer, "next"))) {
            assert_true(clock_parse_time(str_from(text_of(answer, "next")), &to_ns));
        }
        json_decref(answer);
    }
    assert_int_equal(count, EVENTS);
    assert_in_range(pages, EVENTS / 100, EVENTS / 100 + 1);
    store_close(store);
}

static void history_says_all_that_is_stored_of_an_event(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    char longest[2200] = "";
    for (size_t i = 0; i < 1000; i++) {
        (void)snprintf(longest + 2 * i, 3, "\xc3\xbc");
    }
    struct event events[3];
    events[0] = event_of(&texts, "tBTCUSD", "hole", NOW_NS, "<img src=x onerror=\"a()\">\\");
    events[0].begin_ns = NOW_NS - HOUR_NS;
    events[0].has_begin_ns = events[0].has_number = true;
    events[0].number = INT64_C(1) << 53;
    events[1] = event_of(&texts, "group/coins", "watching", NOW_NS, "me"); /* not told */
    events[2] = event_of(&texts, "kill-broker", "drill", NOW_NS - HOUR_NS, longest);
    events[2].number = (INT64_C(1) << 53) + 1;
    events[2].has_number = true;
    write_events(store, events, 3, &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, INT64_MIN, INT64_MAX, 50);
    assert_int_equal(count_of(answer, "events"), 2);
    const json_t *hole = item(answer, "events", 0);
    assert_string_equal(text_of(hole, "subject"), "tBTCUSD");
    assert_string_equal(text_of(hole, "what"), "hole");
    assert_string_equal(text_of(hole, "source"), "test");
    assert_string_equal(text_of(hole, "time"), "2026-01-01T12:00:00Z");
    assert_string_equal(text_of(hole, "begin"), "2026-01-01T11:00:00Z");
    assert_true(json_is_null(json_object_get(hole, "end")));
    assert_true(json_integer_value(json_object_get(hole, "number")) == INT64_C(1) << 53);
    assert_string_equal(text_of(hole, "detail"), "<img src=x onerror=\"a()\">\\");
    const json_t *drill = item(answer, "events", 1);
    assert_string_equal(text_of(drill, "number"), "9007199254740993");
    assert_int_equal(strlen(text_of(drill, "detail")), 1000);
    json_decref(answer);
    store_close(store);
}

/* Of 400 coins whose connection was lost, the page shows one. */
static void history_of_a_coin_leaves_out_what_is_about_others(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    const struct event events[] = {
        event_of(&texts, "tBTCUSD", "hole", NOW_NS, "x"),
        event_of(&texts, "tETHUSD", "hole", NOW_NS, "x"),
        event_of(&texts, "tETHUSD", "bar_changed", NOW_NS, "x"),
        event_of(&texts, "tETHUSD", "drill", NOW_NS, "x"), /* that is not about a coin */
        event_of(&texts, "consumer-1", "assigned", NOW_NS, "tickers 0"),
    };
    write_events(store, events, sizeof events / sizeof events[0], &texts);
    text_arena_free(&texts);
    struct error error = {0};
    struct strbuf json = strbuf_new(1 << 20);
    const struct web_history_wanted wanted = {
        .coin = "tBTCUSD", .from_ns = INT64_MIN, .to_ns = INT64_MAX, .limit = 50};
    assert_true(history_to_json(store, &wanted, &json, &error));
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    assert_int_equal(count_of(answer, "events"), 3);
    assert_null(strstr(strbuf_text(&json), "tETHUSD\",\"what\":\"hole"));
    assert_null(strstr(strbuf_text(&json), "bar_changed"));
    json_decref(answer);
    strbuf_free(&json);
    store_close(store);
}

/* The state at the beginning of the range comes from before it, however long that was. */
static void history_says_how_things_stood_before(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    const struct event events[] = {
        event_of(&texts, "a", "assigned", NOW_NS - 900 * HOUR_NS, "tickers 0"),
        event_of(&texts, "a", "assigned", NOW_NS - 800 * HOUR_NS, "tickers 0,1"),
        event_of(&texts, "a", "assigned", NOW_NS, "tickers 1"),
        event_of(&texts, "b", "assigned", NOW_NS - 700 * HOUR_NS, "tickers 2"),
        event_of(&texts, "b", "member_away", NOW_NS - 1, "x"),
        event_of(&texts, "tBTCUSD", "hole", NOW_NS - 900 * HOUR_NS, "no state"),
    };
    write_events(store, events, sizeof events / sizeof events[0], &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, NOW_NS - HOUR_NS, INT64_MAX, 50);
    assert_int_equal(count_of(answer, "events"), 2);
    assert_int_equal(count_of(answer, "before"), 2);
    assert_string_equal(text_of(item(answer, "before", 0), "detail"), "tickers 0,1");
    assert_string_equal(text_of(item(answer, "before", 1), "subject"), "b");
    assert_string_equal(text_of(item(answer, "before", 1), "detail"), "tickers 2");
    assert_string_equal(text_of(answer, "since"), "2026-01-01T11:00:00Z");
    assert_true(json_is_null(json_object_get(answer, "next")));
    json_decref(answer);
    answer = ask(store, INT64_MIN, INT64_MAX, 1); /* cut by the limit, not by the range */
    assert_string_equal(text_of(answer, "next"), "2026-01-01T12:00:00Z");
    assert_string_equal(text_of(answer, "since"), "2026-01-01T12:00:00Z");
    assert_int_equal(count_of(answer, "before"), 3);
    json_decref(answer);
    store_close(store);
}

static void history_joins_the_times_that_were_covered(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    struct event events[121];
    for (int64_t i = 0; i < 120; i++) { /* an hour, half an hour of nothing, an hour */
        int64_t begin_ns = NOW_NS + i * 60 * NS_PER_SECOND + (i >= 60 ? HOUR_NS / 2 : 0);
        events[i] = covered_of(&texts, begin_ns, begin_ns + 60 * NS_PER_SECOND);
    }
    events[120] = event_of(&texts, "bitfinex", "started", NOW_NS, "x");
    write_events(store, events, 121, &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, NOW_NS + HOUR_NS / 4, NOW_NS + 2 * HOUR_NS, 50);
    assert_int_equal(count_of(answer, "covered"), 2);
    const json_t *first = item(answer, "covered", 0), *second = item(answer, "covered", 1);
    assert_string_equal(text_of(first, "source"), "bitfinex/0");
    assert_string_equal(text_of(first, "from"), "2026-01-01T12:15:00Z");
    assert_string_equal(text_of(first, "to"), "2026-01-01T13:00:00Z");
    assert_string_equal(text_of(second, "from"), "2026-01-01T13:30:00Z");
    assert_string_equal(text_of(second, "to"), "2026-01-01T14:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(first, "every_ms")), 5000);
    assert_int_equal(count_of(answer, "events"), 0);
    assert_string_equal(text_of(item(answer, "before", 0), "what"), "started");
    json_decref(answer);
    store_close(store);
}

/* Between the first and the last year that a time may have lie more nanoseconds than an int64_t
 * has. */
static void history_of_all_years_is_told(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    const struct event events[] = {
        event_of(&texts, "old", "drill", INT64_MIN / 10 * 9 + 1, "x"),
        event_of(&texts, "a", "assigned", INT64_MIN / 10 * 9, "tickers 0"),
        event_of(&texts, "new", "drill", INT64_MAX / 10 * 9, "x"),
    };
    write_events(store, events, sizeof events / sizeof events[0], &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, INT64_MIN, INT64_MAX, 50);
    assert_int_equal(count_of(answer, "events"), 3);
    assert_string_equal(text_of(item(answer, "events", 0), "subject"), "new");
    json_decref(answer);
    answer = ask(store, INT64_MAX / 10 * 9, INT64_MAX, 50);
    assert_int_equal(count_of(answer, "before"), 1);
    json_decref(answer);
    answer = ask(store, INT64_MIN, INT64_MIN + 1, 50);
    assert_int_equal(count_of(answer, "events"), 0);
    json_decref(answer);
    store_close(store);
}

static void covered_times_are_the_newest_of_too_many(void **state)
{
    (void)state;
    struct text_arena texts = {0};
    struct covered_times times = {.from_ns = 0, .to_ns = INT64_MAX};
    covered_times_next_source(&times);
    for (int64_t i = 0; i < COVERED_TIMES_MOST + 10; i++) {
        struct event event = covered_of(&texts, i * HOUR_NS, i * HOUR_NS + NS_PER_SECOND);
        assert_true(covered_times_add(&times, &event));
    }
    assert_int_equal(times.count, COVERED_TIMES_MOST);
    assert_true(times.items[0].from_ns == 10 * HOUR_NS);
    struct event other = covered_of(&texts, 0, INT64_MAX / 2);
    covered_times_next_source(&times); /* another connection is never joined to the last one */
    assert_true(covered_times_add(&times, &other));
    assert_true(times.items[times.count - 1].from_ns == 0);
    covered_times_free(&times);
    text_arena_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(history_of_an_empty_store_is_empty),
        WITH_PLACE(history_is_paged_without_loss_or_repeat),
        WITH_PLACE(history_says_all_that_is_stored_of_an_event),
        WITH_PLACE(history_of_a_coin_leaves_out_what_is_about_others),
        WITH_PLACE(history_says_how_things_stood_before),
        WITH_PLACE(history_joins_the_times_that_were_covered),
        WITH_PLACE(history_of_all_years_is_told),
        cmocka_unit_test(covered_times_are_the_newest_of_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
