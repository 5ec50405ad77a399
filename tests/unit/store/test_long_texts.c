/* Long texts in both stores, with the bytes that a store's own language could take for its own. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "influx_running.h"
#include "memo_cases.h"
#include "sqlite_place.h"
#include "texts/memo_kinds.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct expected {
    const struct memos *memos;
    size_t next;
    size_t left_out; /* this memo is not there */
};

static bool compare(void *context, const void *point, const struct text_arena *texts,
                    const char *odd)
{
    struct expected *expected = context;
    expected->next += expected->next == expected->left_out ? 1 : 0;
    assert_true(expected->next < expected->memos->count);
    const struct memo *memo = point;
    const struct memo *want = &expected->memos->items[expected->next++];
    assert_null(odd);
    assert_int_equal(memo->time_ns, want->time_ns);
    assert_int_equal(memo->has_more, want->has_more);
    assert_int_equal(memo->count, 7);
    for (int i = 0; i < 2; i++) {
        const struct column *column = i == 0 ? MEMO_BODY : MEMO_MORE;
        struct str have = column_long_text(column, memo, texts);
        struct str wanted = column_long_text(column, want, &expected->memos->texts);
        assert_int_equal(have.length, wanted.length);
        assert_memory_equal(have.data, wanted.data, wanted.length);
    }
    return true;
}

static void check_scan(struct store *store, const struct memos *memos, size_t left_out)
{
    struct error error = {0};
    struct expected expected = {.memos = memos, .left_out = left_out};
    bool scanned =
        store_scan(store, &memo_kind, "a", INT64_MIN, INT64_MAX, compare, &expected, &error);
    assert_string_equal(error.text, "");
    assert_true(scanned);
    assert_int_equal(expected.next + (expected.next == left_out), memos->count);
}

static void check_round_trip(struct store *store)
{
    struct error error = {0};
    struct memos memos = memos_make();
    struct series_summary *list = NULL;
    struct store_contents contents;
    size_t count = 0;
    assert_true(store_prepare(store, &error));
    for (int round = 0; round < 2; round++) { /* a second delivery changes nothing */
        memos_write(store, &memos);
        check_scan(store, &memos, SIZE_MAX);
    }
    assert_true(store_list_series(store, &memo_kind, &list, &count, &error));
    assert_int_equal(count, 1);
    const struct memo *last = (const struct memo *)&list[0].last;
    assert_int_equal(last->time_ns, memos.count);
    assert_int_equal(last->body.length, 0); /* a list is without texts */
    free(list);
    assert_true(store_contents_begin(store, &memo_kind, INT64_MIN, INT64_MAX, &contents, &error));
    assert_int_equal(contents.oddity_count, 0);
    assert_int_equal(contents.other_types, 0);
    assert_true(store_contents_count(store, &memo_kind, &contents, &error));
    assert_int_equal(contents.oddity_count, 0);
    assert_int_equal(contents.series[0].points, memos.count);
    store_contents_end(store, &contents);
    text_arena_free(&memos.texts);
}

static void sqlite_keeps_every_byte(void **state)
{
    const struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    check_round_trip(store);
    store_close(store);
}

static void influx_keeps_every_byte(void **state)
{
    const struct running *server = running_need(state);
    struct store *store = running_open(server, "texts", false);
    check_round_trip(store);
    store_close(store);
    store = running_open(server, "packed", true);
    check_round_trip(store);
    store_close(store);
}

/* InfluxDB numbers lines by its grammar, but quotes what stands between two line feeds: behind a
 * text with a line feed the two do not fit, and a refused line is looked for in halves. */
static void influx_names_a_line_behind_line_feeds(void **state)
{
    const struct running *server = running_need(state);
    struct error error = {0};
    struct store *store = running_open(server, "refusing", false);
    struct rejected_list rejected = {0};
    struct memos memos = memos_make();
    struct record_set set = memos_set(&memos);
    char match[64];
    size_t victim = memos.count - 3;
    assert_true(store_prepare(store, &error));
    (void)snprintf(match, sizeof match, "{\"faults\":[{\"match\":\"count=7i %zu\",\"times\":0}]}",
                   victim + 1);
    running_script(server, match);
    assert_true(store_write(store, &set, &rejected, &error));
    assert_int_equal(rejected.count, 1);
    assert_int_equal(rejected.items[0].index, victim);
    running_script(server, "{\"faults\":[]}");
    check_scan(store, &memos, victim);
    rejected_list_free(&rejected);
    text_arena_free(&memos.texts);
    store_close(store);
}

/* More points than fit into one answer of InfluxDB. */
static void influx_reads_many_long_texts_in_pieces(void **state)
{
    enum { MANY = 700 };
    const struct running *server = running_need(state);
    struct error error = {0};
    struct rejected_list rejected = {0};
    struct store *store = running_open(server, "many", false);
    struct memos memos = memos_make();
    struct memo *many = calloc(MANY, sizeof *many);
    struct expected expected = {.memos = &memos, .left_out = SIZE_MAX};
    assert_non_null(many);
    assert_true(store_prepare(store, &error));
    for (size_t i = 0; i < MANY; i++) {
        many[i] = memos.items[i % memos.count];
        many[i].time_ns = (int64_t)i + 1;
    }
    struct record_set set = {&memo_kind, many, MANY, &memos.texts};
    assert_true(store_write(store, &set, &rejected, &error));
    assert_int_equal(rejected.count, 0);
    for (size_t from = 0; from < MANY; from += memos.count) {
        size_t end = from + memos.count < MANY ? from + memos.count : MANY;
        expected.next = 0;
        for (size_t i = 0; i < memos.count; i++) {
            memos.items[i].time_ns = (int64_t)(from + i) + 1;
        }
        assert_true(store_scan(store, &memo_kind, "a", (int64_t)from + 1, (int64_t)end + 1, compare,
                               &expected, &error));
        assert_int_equal(expected.next, end - from);
    }
    free(many);
    text_arena_free(&memos.texts);
    store_close(store);
}

static bool note_odd(void *context, const void *point, const struct text_arena *texts,
                     const char *odd)
{
    const struct memo *memo = point;
    (void)texts;
    assert_true(odd == NULL || memo->body.length == 0 || memo->more.length == 0);
    *(const char **)context = odd;
    return true;
}

static void sqlite_cell_that_no_record_can_hold_names_its_column(void **state)
{
    const struct sqlite_place *place = *state;
    static const struct {
        const char *set, *odd;
    } cases[] = {
        {"body = 'ok'", NULL},
        {"body = x'6F6B'", "body"},
        {"body = 5", NULL}, /* its affinity makes it '5' */
        {"body = 'a' || char(0) || 'b'", "body"},
        {"body = CAST(x'FF' AS TEXT)", "body"},
        {"body = CAST(x'EDA0BD' AS TEXT)", "body"},
        {"body = hex(zeroblob(8192))", NULL}, /* 16384 bytes */
        {"body = hex(zeroblob(8192)) || 'x'", "body"},
        {"more = NULL", NULL},
        {"more = 5", "more"},
        {"more = x''", "more"},
        {"more = 'a' || char(0)", "more"},
    };
    struct error error = {0};
    struct memos memos = memos_make();
    struct store *store = place_open_prepared(place);
    memos.count = 1;
    memos_write(store, &memos);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sql[200];
        const char *odd = "none";
        sqlite3 *db = NULL;
        (void)snprintf(sql, sizeof sql,
                       "UPDATE memo SET body = '', more = NULL; UPDATE memo SET %s", cases[i].set);
        assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_true(store_scan(store, &memo_kind, "a", INT64_MIN, INT64_MAX, note_odd, (void *)&odd,
                               &error));
        if (cases[i].odd == NULL ? odd != NULL : odd == NULL || strcmp(odd, cases[i].odd) != 0) {
            fail_msg("%s: %s", cases[i].set, odd != NULL ? odd : "nothing odd");
        }
    }
    text_arena_free(&memos.texts);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(sqlite_keeps_every_byte),
        WITH_PLACE(sqlite_cell_that_no_record_can_hold_names_its_column),
    };
    const struct CMUnitTest influx_tests[] = {
        cmocka_unit_test(influx_keeps_every_byte),
        cmocka_unit_test(influx_names_a_line_behind_line_feeds),
        cmocka_unit_test(influx_reads_many_long_texts_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) +
           cmocka_run_group_tests(influx_tests, running_start, running_stop);
}
