/* The proof of a kind with long texts: each byte of them counts. */
#include <sqlite3.h>
#include <stdio.h>

#include "memo_cases.h"
#include "sqlite_place.h"
#include "texts/memo_kinds.h"
#include "verify/verify.h"

enum { END = 100 };

static struct verify *tell_log(const struct memos *memos)
{
    struct error error = {0};
    const struct verify_partition partition = {.begin = 0, .end = END, .settled = END};
    const struct verify_config config = {.kind = &memo_kind,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX,
                                         .interval_ns = 60,
                                         .memory_bytes = 1 << 16};
    struct verify *verify = verify_create(&config, &partition, 1, &error);
    assert_non_null(verify);
    for (size_t i = 0; i < memos->count; i++) {
        const struct place place = {.offset = (int64_t)i};
        assert_true(verify_log_record(verify, place, &memos->items[i], &memos->texts, &error));
    }
    return verify;
}

/* How many points differ from the log, all others being the same. */
static size_t count_differing(const struct sqlite_place *place, const struct memos *memos)
{
    struct error error = {0};
    struct store *points = place_open(place, true);
    struct store *candles = place_open(place, true);
    struct verify *verify = tell_log(memos);
    bool done =
        verify_compare(verify, points, candles, NULL, &error) && verify_conclude(verify, &error);
    assert_string_equal(error.text, "");
    assert_true(done);
    const struct verify_report *report = verify_report(verify);
    size_t differing = (size_t)report->faults[VERIFY_DIFFERING];
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        assert_true(kind == VERIFY_DIFFERING || report->faults[kind] == 0);
    }
    verify_destroy(verify);
    store_close(candles);
    store_close(points);
    return differing;
}

static void run_sql(const struct sqlite_place *place, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void changed_text_is_found(void **state)
{
    const struct sqlite_place *place = *state;
    static const char *const changes[] = {
        "body = 'other'",
        "body = body || ' '",
        "body = body || char(0)",
        "body = CAST(body AS BLOB)",
        "more = ''",
        "more = NULL, body = body || ' '",
        "body = CAST(x'FF' AS TEXT)",
    };
    struct memos memos = memos_make();
    struct store *store = place_open_prepared(place);
    memos_write(store, &memos);
    store_close(store);
    assert_int_equal(count_differing(place, &memos), 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql, "UPDATE memo SET %s WHERE time = %zu", changes[i],
                       2 * i + 1);
        run_sql(place, sql);
        if (count_differing(place, &memos) != i + 1) {
            fail_msg("%s", sql);
        }
    }
    text_arena_free(&memos.texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(changed_text_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
