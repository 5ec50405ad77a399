/* The proof of a kind whose points have an identity beside their key: bars of several timeframes
 * and sources are series of their own, though they have the same coin and stored time. Each fault
 * is named with its series, and whatever is done to one cell of the table is found. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar_cases.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/series.h"
#include "sqlite_place.h"
#include "support.h"
#include "verify/verify_text.h"

/* 2026-01-01T00:00:00Z, a Thursday. */
#define DAY_ONE_NS (INT64_C(1767225600) * NS_PER_SECOND)
#define HOUR_NS (3600 * NS_PER_SECOND)

enum { BARS = 7, END = 100, FAULTS_SIZE = 1024 };

struct told {
    const char *symbol, *source, *timeframe;
    int64_t hour; /* since DAY_ONE_NS */
    double close;
};

/* The log, in order of its offsets. The first two, and the next two, are of one stored time each.
 */
static const struct told bars[BARS] = {
    {"AAPL", "replay", "1d", 0, 10},  {"AAPL", "replay", "1h", 0, 11},
    {"AAPL", "replay", "1d", 24, 12}, {"AAPL", "nasdaq", "1d", 24, 13},
    {"AAPL", "replay", "1h", 1, 14},  {"BRK.B", "replay", "1d", 24, 15},
    {"^GSPC", "replay", "1M", 0, 16},
};

static struct bar make_bar(const struct told *told)
{
    struct bar bar = cases_bar(told->symbol, told->source, told->timeframe,
                               DAY_ONE_NS + told->hour * HOUR_NS, 0);
    bar.close = told->close;
    bar.low = bar.open = told->close / 2;
    bar.high = told->close * 2;
    bar.has_volume = true;
    bar.volume = 3;
    record_complete(&bar_kind, &bar);
    assert_int_equal(bar_check(&bar), BAR_OK);
    return bar;
}

/* The bars are compared with `points` as they are told; NULL: they are compared at the end. */
static struct verify *tell_log(const char *coin, size_t first, struct store *points)
{
    struct error error = {0};
    const struct verify_partition partition = {.begin = 0, .end = END, .settled = END};
    const struct verify_config config = {.kind = &bar_kind,
                                         .coin = coin,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX,
                                         .interval_ns = HOUR_NS,
                                         .memory_bytes = 1 << 16};
    struct verify *verify = verify_create(&config, &partition, 1, &error);
    assert_non_null(verify);
    assert_true(points == NULL || verify_compare_early(verify, points, &error));
    for (size_t i = first; i < BARS; i++) {
        struct bar bar = make_bar(&bars[i]);
        const struct place place = {.offset = (int64_t)i};
        assert_true(verify_log_record(verify, place, &bar, NULL, &error));
    }
    return verify;
}

/* The proof of what the file holds; to be destroyed. */
static struct verify *prove(const struct sqlite_place *place, const char *coin, size_t first)
{
    struct error error = {0};
    struct store *points = place_open(place, true);
    struct store *candles = place_open(place, true);
    struct verify *verify = tell_log(coin, first, points);
    bool done =
        verify_compare(verify, points, candles, NULL, &error) && verify_conclude(verify, &error);
    assert_string_equal(error.text, "");
    assert_true(done);
    store_close(candles);
    store_close(points);
    return verify;
}

/* The named faults of all kinds, as "missing AAPL replay 1d @2, …". */
static void name_faults(const struct verify_report *report, char text[FAULTS_SIZE])
{
    text[0] = '\0';
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        for (size_t i = 0; i < report->named[kind].count; i++) {
            const struct verify_fault *fault = &report->named[kind].items[i];
            size_t length = strlen(text);
            (void)snprintf(text + length, FAULTS_SIZE - length, "%s%s %s", length > 0 ? ", " : "",
                           verify_fault_names[kind],
                           fault->what != NULL ? fault->what : report->series[fault->series].name);
            length = strlen(text);
            if (fault->place.partition >= 0) {
                (void)snprintf(text + length, FAULTS_SIZE - length, " @%lld",
                               (long long)fault->place.offset);
            }
        }
    }
}

static void run_sql(const struct sqlite_place *place, const char *sql, int *changes)
{
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", sql, why);
    }
    *changes = sqlite3_changes(db);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct bench {
    struct sqlite_place *place;
    char whole[600]; /* the file before anything was done to it */
};

static void copy_file(const char *from, const char *to)
{
    size_t length = 0;
    char *bytes = support_read_file(from, &length);
    support_write_file(to, bytes, length);
    free(bytes);
}

static int set_up(void **state)
{
    static struct bench bench;
    void *place = NULL;
    struct bar stored[BARS];
    assert_int_equal(place_make(&place), 0);
    bench.place = place;
    struct store *store = place_open_prepared(bench.place);
    for (size_t i = 0; i < BARS; i++) {
        stored[i] = make_bar(&bars[i]);
    }
    cases_write_bars(store, stored, BARS);
    store_close(store);
    (void)snprintf(bench.whole, sizeof bench.whole, "%s.whole", bench.place->file);
    copy_file(bench.place->file, bench.whole);
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    const struct bench *bench = *state;
    void *place = bench->place;
    return place_remove(&place);
}

static void each_fault_is_named_with_its_series(void **state)
{
    const struct bench *bench = *state;
    static const struct {
        const char *sql, *coin, *want;
    } cases[] = {
        {"SELECT 1", NULL, ""},
        {"UPDATE bar SET close = 10.5 WHERE close = 10", NULL, "differing AAPL replay 1d @0"},
        {"UPDATE bar SET open_time_ns = open_time_ns + 1 WHERE close = 11", NULL,
         "differing AAPL replay 1h @1"},
        {"DELETE FROM bar WHERE close = 13", NULL, "missing AAPL nasdaq 1d @3"},
        {"UPDATE bar SET source = 'nyse' WHERE close = 13", NULL,
         "missing AAPL nasdaq 1d @3, unexpected AAPL nyse 1d"},
        {"UPDATE bar SET time = time + 1 WHERE close = 12", NULL,
         "missing AAPL replay 1d @2, unexpected AAPL replay 1d"},
        {"INSERT INTO bar SELECT coin, source, '1w', time, open_time_ns, revision, open, high, "
         "low, "
         "close, volume, quote_volume, trades FROM bar WHERE close = 16",
         NULL, "unexpected ^GSPC replay 1w"},
        {"UPDATE bar SET timeframe = CASE timeframe WHEN '1d' THEN '2h' ELSE '4h' END WHERE "
         "close < 12; UPDATE bar SET timeframe = CASE timeframe WHEN '2h' THEN '1h' ELSE '1d' END "
         "WHERE close < 12",
         NULL, "differing AAPL replay 1d @0, differing AAPL replay 1h @1"},
        {"DELETE FROM bar", "BRK.B", "missing BRK.B replay 1d @5"},
        {"DELETE FROM bar WHERE coin = 'AAPL'", "BRK.B", ""},
        {"DELETE FROM bar WHERE close = 12", "AAPL", "missing AAPL replay 1d @2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char faults[FAULTS_SIZE];
        int changes = 0;
        copy_file(bench->whole, bench->place->file);
        run_sql(bench->place, cases[i].sql, &changes);
        struct verify *verify = prove(bench->place, cases[i].coin, 0);
        name_faults(verify_report(verify), faults);
        if (strcmp(faults, cases[i].want) != 0) {
            fail_msg("%s: \"%s\", wanted \"%s\"", cases[i].sql, faults, cases[i].want);
        }
        assert_int_equal(verify_report(verify)->balanced, cases[i].want[0] == '\0');
        verify_destroy(verify);
    }
}

/* Tags that no bar can have are foreign, and the bar that had them is missing. */
static void rows_of_no_possible_series_are_foreign(void **state)
{
    const struct bench *bench = *state;
    static const char *const changes[] = {
        "timeframe = '7m'",   "timeframe = '1D'",
        "timeframe = ''",     "timeframe = x'3164'",
        "source = ''",        "source = 'two words'",
        "source = 'replay '", "source = x'00'",
        "coin = 'A A'",       "coin = '<b>'",
        "coin = ''",          "timeframe = '1d '",
        "time = 'x'",         "source = 'aaaaaaaaaaaaaaaa'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char sql[200];
        int changed = 0;
        copy_file(bench->whole, bench->place->file);
        (void)snprintf(sql, sizeof sql, "UPDATE bar SET %s WHERE close = 12", changes[i]);
        run_sql(bench->place, sql, &changed);
        assert_int_equal(changed, 1);
        struct verify *verify = prove(bench->place, NULL, 0);
        const struct verify_report *report = verify_report(verify);
        if (report->faults[VERIFY_FOREIGN] != 1 || report->faults[VERIFY_MISSING] != 1 ||
            report->balanced) {
            char faults[FAULTS_SIZE];
            name_faults(report, faults);
            fail_msg("%s: %s", sql, faults);
        }
        verify_destroy(verify);
    }
}

/* One victim, one cell, one other value of it. False: it has this value already. */
static bool tamper(const struct bench *bench, const char *column, const char *value, double close)
{
    char sql[300];
    int changed = 0;
    copy_file(bench->whole, bench->place->file);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE OR IGNORE bar SET %s = %s WHERE close = %g AND %s IS NOT %s", column,
                   value, close, column, value);
    run_sql(bench->place, sql, &changed);
    return changed > 0;
}

static void whatever_is_done_to_a_cell_is_found(void **state)
{
    const struct bench *bench = *state;
    static const char *const columns[] = {
        "coin", "source", "timeframe", "time",   "open_time_ns", "revision", "open",
        "high", "low",    "close",     "volume", "quote_volume", "trades"};
    static const char *const values[] = {"1",    "-1",     "0.25", "9e999", "'1d'",
                                         "'1h'", "'AAPL'", "'x'",  "x'31'", "'nasdaq'"};
    int tampered = 0;
    for (size_t i = 0; i < BARS * sizeof columns / sizeof columns[0]; i++) {
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
            const char *column = columns[i / BARS];
            const struct told *victim = &bars[i % BARS];
            if (!tamper(bench, column, values[k], victim->close)) {
                continue;
            }
            struct verify *verify = prove(bench->place, NULL, 0);
            if (verify_report(verify)->balanced) {
                fail_msg("not found: %s = %s where close = %g", column, values[k], victim->close);
            }
            verify_destroy(verify);
            tampered++;
        }
    }
    assert_in_range(tampered, 700, 1000);
}

static void what_is_done_to_the_table_is_found(void **state)
{
    const struct bench *bench = *state;
    static const char *const changes[] = {
        "ALTER TABLE bar ADD COLUMN more",
        "CREATE INDEX i ON bar (coin, time, close)",
        "ALTER TABLE bar RENAME COLUMN open TO other",
        "DELETE FROM bar",
        "DROP TABLE bar",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct error error = {0};
        int changed = 0;
        copy_file(bench->whole, bench->place->file);
        run_sql(bench->place, changes[i], &changed);
        const struct store_config config = {.address = bench->place->address, .read_only = true};
        struct store *points = store_open(&config, &error);
        struct store *candles = points != NULL ? store_open(&config, &error) : NULL;
        struct verify *verify = tell_log(NULL, 0, NULL);
        bool done = candles != NULL && verify_compare(verify, points, candles, NULL, &error) &&
                    verify_conclude(verify, &error);
        if (done && verify_report(verify)->balanced) {
            fail_msg("not found: %s", changes[i]);
        }
        assert_true(done || error.kind == ERROR_USAGE);
        verify_destroy(verify);
        store_close(candles);
        store_close(points);
    }
}

/* Candles are not made from bars: the report has no line of them, and says so. */
static void report_of_bars_has_no_candles(void **state)
{
    const struct bench *bench = *state;
    copy_file(bench->whole, bench->place->file);
    struct verify *verify = prove(bench->place, NULL, 0);
    const struct verify_report *report = verify_report(verify);
    const struct verify_source source = {.kind = &bar_kind,
                                         .topic = "bars",
                                         .group = "coins",
                                         .store = "SQLite file x",
                                         .interval_ns = HOUR_NS,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX};
    struct strbuf table = strbuf_new(1 << 16);
    struct strbuf json = strbuf_new(1 << 16);
    verify_to_table(report, &source, (struct text_form){.columns = 0}, &table);
    verify_to_json(report, &source, &json);
    assert_int_equal(report->candles + report->candles_cut, 0);
    assert_null(strstr(strbuf_text(&table), "candles proved"));
    assert_non_null(strstr(strbuf_text(&table), "coin source timeframe  bars in log  points\n"));
    assert_non_null(strstr(strbuf_text(&table), "7 bars of the log are in the store"));
    assert_non_null(strstr(strbuf_text(&table), "no candles are made from bars."));
    assert_null(strstr(strbuf_text(&json), "candles"));
    assert_non_null(strstr(strbuf_text(&json), "\"bars\":7,"));
    assert_non_null(strstr(strbuf_text(&json), "{\"coin\":\"^GSPC\",\"source\":\"replay\","
                                               "\"timeframe\":\"1M\",\"oldest\":"));
    strbuf_free(&table);
    strbuf_free(&json);
    verify_destroy(verify);
}

/* What retention has deleted may have been of any series of a key: one partition has all of them.
 */
static void deleted_messages_are_of_the_key_not_of_the_series(void **state)
{
    const struct bench *bench = *state;
    struct error error = {0};
    copy_file(bench->whole, bench->place->file);
    struct store *points = place_open(bench->place, true);
    struct store *candles = place_open(bench->place, true);
    struct verify *verify = tell_log(NULL, 4, NULL);
    verify_log_begins(verify, (struct place){.offset = 4}, 1);
    assert_true(verify_compare(verify, points, candles, NULL, &error) &&
                verify_conclude(verify, &error));
    assert_int_equal(verify_report(verify)->forgotten, 4);
    assert_true(verify_report(verify)->balanced);
    verify_destroy(verify);
    store_close(candles);
    store_close(points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named_with_its_series),
        cmocka_unit_test(rows_of_no_possible_series_are_foreign),
        cmocka_unit_test(whatever_is_done_to_a_cell_is_found),
        cmocka_unit_test(what_is_done_to_the_table_is_found),
        cmocka_unit_test(report_of_bars_has_no_candles),
        cmocka_unit_test(deleted_messages_are_of_the_key_not_of_the_series),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
