/* The SQLite end: what all ends do alike, and what only a file can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "close_cases.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "sqlite_place.h"
#include "store_cases.h"
#include "support.h"

static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void every_case_holds(void **state)
{
    struct store *store = place_open_prepared(*state);
    cases_run(store);
    store_close(store);
}

static void every_case_of_closes_holds(void **state)
{
    struct store *store = place_open_prepared(*state);
    close_cases_run(store);
    store_close(store);
}

static void name_says_file(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open(place, false);
    char want[400];
    (void)snprintf(want, sizeof want, "SQLite file %s", place->file);
    assert_string_equal(store_name(store), want);
    store_close(store);
}

/* Rows that another program put there are no coins of ours; some of their names read as one that
 * was there already, and must not be asked for without end. */
static void names_of_others_are_not_listed(void **state)
{
    struct sqlite_place *place = *state;
    static const char *const names[] = {
        "x'74414243'",
        "'tABC' || char(0) || 'X'",
        "char(0)",
        "''",
        "char(27) || '[2J'",
        "'tÄBC'",
        "'t1234567890123456789012345678901234567890123456789012345678901234'"};
    store_close(place_open_prepared(place));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO ticker (coin, time, last_price, seq, run_id) "
                       "VALUES ('tABC', 1, 1, 0, 0), (%s, 1, 1, 0, 0), ('tXYZ', 1, 1, 0, 0)",
                       names[i]);
        run_sql(place->file, sql);
        struct store *store = place_open(place, true);
        struct series_summary *coins = NULL;
        size_t count = 0;
        struct error error = {0};
        assert_true(store_list_series(store, &ticker_kind, &coins, &count, &error));
        assert_int_equal(count, 2);
        assert_string_equal(coins[0].series, "tABC");
        assert_string_equal(coins[1].series, "tXYZ");
        free(coins);
        store_close(store);
        run_sql(place->file, "DELETE FROM ticker");
    }
}

static void columns_follow_schema(void **state)
{
    struct sqlite_place *place = *state;
    store_close(place_open_prepared(place));
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info('ticker')", -1, &rows, NULL),
        SQLITE_OK);
    /* A column that came later stands behind those of the first version. */
    enum { FIRST_FIGURES = TICKER_LOW + 1 };
    const char *want[3 + TICKER_FIGURES + 2] = {"coin", "time", "last_price"};
    memcpy(want + 3, ticker_figure_names, FIRST_FIGURES * sizeof *want);
    want[3 + FIRST_FIGURES] = "seq";
    want[3 + FIRST_FIGURES + 1] = "run_id";
    want[3 + FIRST_FIGURES + 2] = "market_cap";
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(rows, 0), want[i]);
    }
    assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* As version 0.1 made it, to the byte. */
static const char first_layout[] =
    "CREATE TABLE ticker (coin TEXT NOT NULL, time INTEGER NOT NULL, last_price REAL NOT NULL,"
    " bid, bid_size, ask, ask_size, daily_change, daily_change_relative, volume, high, low,"
    " seq INTEGER NOT NULL, run_id INTEGER NOT NULL, PRIMARY KEY (coin, time)) WITHOUT ROWID;"
    "PRAGMA application_id = 1129794353; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;"
    "INSERT INTO ticker VALUES ('tBTCUSD', 1, 2.5, 1.0, -0.0, NULL, 4.0, NULL, NULL, 7.0, 8.5, "
    "9.0, 3, 4)";

/* The row as text with its cells' types, without what came later. */
static char *first_row(const char *file)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT printf('%s %d %!.20g %s %s %s %s %s %s %s', coin, time, "
                           "last_price, typeof(bid), bid_size, typeof(bid_size), typeof(ask), "
                           "typeof(ask_size), seq, run_id) FROM ticker WHERE time = 1",
                           -1, &rows, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    char *text = strdup((const char *)sqlite3_column_text(rows, 0));
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return text;
}

static bool note_point(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    (void)texts;
    assert_null(odd);
    *(struct ticker *)context = *(const struct ticker *)point;
    return true;
}

static struct ticker only_point(struct store *store, int64_t time_ns)
{
    struct ticker tick = {.seq = -1};
    struct error error = {0};
    assert_true(store_scan(store, &ticker_kind, "tBTCUSD", time_ns, time_ns + 1, note_point, &tick,
                           &error));
    return tick;
}

static void file_of_the_first_layout_is_read_as_it_is(void **state)
{
    struct sqlite_place *place = *state;
    run_sql(place->file, first_layout);
    struct store *store = place_open(place, true);
    struct ticker tick = only_point(store, 1);
    assert_true(tick.last_price == 2.5 && tick.has[TICKER_BID] && tick.seq == 3);
    assert_false(tick.has[TICKER_MARKET_CAP]);
    assert_int_equal(cases_count(store), 1);
    store_close(store);
}

static void file_of_the_first_layout_is_migrated_for_writing(void **state)
{
    struct sqlite_place *place = *state;
    run_sql(place->file, first_layout);
    char *before = first_row(place->file);
    struct store *reader = place_open(place, true);
    assert_false(only_point(reader, 1).has[TICKER_MARKET_CAP]);
    struct store *store = place_open_prepared(place);
    struct ticker tick = cases_plain_tick("tBTCUSD", 2, 1);
    tick.has[TICKER_MARKET_CAP] = true;
    tick.figures[TICKER_MARKET_CAP] = 1.25e12;
    cases_write(store, &tick, 1);
    assert_false(only_point(store, 1).has[TICKER_MARKET_CAP]);
    assert_true(only_point(store, 2).figures[TICKER_MARKET_CAP] == 1.25e12);
    store_close(store);
    store_close(reader);

    char *after = first_row(place->file);
    assert_string_equal(after, before);
    free(before);
    free(after);
    /* It is what a new file is. */
    store = place_open(place, true);
    assert_true(only_point(store, 2).figures[TICKER_MARKET_CAP] == 1.25e12);
    store_close(store);
    store_close(place_open_prepared(place));
}

/* Two members that are started together on an old file. */
static void migration_is_done_once(void **state)
{
    struct sqlite_place *place = *state;
    run_sql(place->file, first_layout);
    struct store *one = place_open_prepared(place);
    struct store *other = place_open_prepared(place);
    const struct ticker ticks[] = {cases_plain_tick("tBTCUSD", 5, 1),
                                   cases_plain_tick("tBTCUSD", 6, 1)};
    cases_write(one, &ticks[0], 1);
    cases_write(other, &ticks[1], 1);
    assert_int_equal(cases_count(one), 3);
    store_close(one);
    store_close(other);
}

static void points_survive_reopening(void **state)
{
    struct store *store = place_open_prepared(*state);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);
    store_close(store);

    store = place_open_prepared(*state);
    assert_int_equal(cases_count(store), 1);
    store_close(store);
}

static void write_without_prepare_works(void **state)
{
    struct store *store = place_open(*state, false);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);
    assert_int_equal(cases_count(store), 1);
    store_close(store);
}

/* The first copy stays: an overwrite is never a correction. */
static void other_fields_of_one_identity_keep_first(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct ticker tick = cases_plain_tick("tBTCUSD", 7, 1);
    cases_write(store, &tick, 1);
    tick.last_price = 1;
    cases_write(store, &tick, 1);
    double price = 0;
    bool found = false;
    struct error error = {0};
    assert_true(store_price_at(store, &ticker_kind, "tBTCUSD", 7, &price, &found, &error));
    assert_true(price > 30000 && price < 30002);
    store_close(store);
}

static void reader_before_first_write_says_nothing_yet(void **state)
{
    struct sqlite_place *place = *state;
    struct store *reader = place_open(place, true);
    int64_t points = -1;
    struct error error = {0};
    assert_false(store_count(reader, &ticker_kind, &points, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "nothing stored yet at"));
    assert_non_null(strstr(error.text, place->file));
    assert_non_null(strstr(error.text, "launch.sh"));
    assert_int_equal(access(place->file, F_OK), -1); /* asking made no file */

    /* The same for a file without a table; and once there is something, the reader sees it. */
    run_sql(place->file, "PRAGMA user_version = 0");
    assert_false(store_count(reader, &ticker_kind, &points, &error));
    assert_non_null(strstr(error.text, "nothing stored yet at"));
    struct store *writer = place_open_prepared(place);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(writer, &tick, 1);
    assert_int_equal(cases_count(reader), 1);
    store_close(writer);
    store_close(reader);
}

static void reader_refuses_to_write(void **state)
{
    store_close(place_open_prepared(*state));
    struct store *reader = place_open(*state, true);
    struct rejected_list rejected = {0};
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct error error = {0};
    assert_false(
        store_write(reader, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_false(store_prepare(reader, &error));
    assert_int_equal(cases_count(reader), 0);
    store_close(reader);
}

static void foreign_files_are_refused_and_kept(void **state)
{
    static const struct {
        const char *sql; /* NULL: no SQLite file at all */
        const char *want;
    } cases[] = {
        {NULL, "no SQLite file"},
        {"CREATE TABLE theirs (x)", "another program"},
        {"PRAGMA application_id = 5", "another program"},
        {"PRAGMA encoding = 'UTF-16'; CREATE TABLE x (y); DROP TABLE x", "in UTF-16"},
        {"PRAGMA application_id = 1129794353; PRAGMA user_version = 99",
         "newer candlewick (its layout is 99"},
    };
    struct sqlite_place *place = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)remove(place->file);
        if (cases[i].sql != NULL) {
            run_sql(place->file, cases[i].sql);
        } else {
            support_write_file(place->file, "a letter, not a database, of some length\n", 41);
        }
        size_t before_length = 0;
        char *before = support_read_file(place->file, &before_length);
        struct error error = {0};
        assert_null(store_open(&(struct store_config){.address = place->address}, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        size_t after_length = 0;
        char *after = support_read_file(place->file, &after_length);
        assert_int_equal(after_length, before_length);
        assert_memory_equal(after, before, before_length);
        free(before);
        free(after);
    }
}

static void missing_folder_is_wrong_use(void **state)
{
    struct sqlite_place *place = *state;
    char address[400];
    (void)snprintf(address, sizeof address, "sqlite:%s/nowhere/store.db", place->folder);
    struct error error = {0};
    assert_null(store_open(&(struct store_config){.address = address}, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "folder"));
}

static void too_many_candles_are_refused_whole(void **state)
{
    struct store *store = place_open_prepared(*state);
    enum { TICKS = 100001 };
    struct ticker *ticks = calloc(TICKS, sizeof *ticks);
    assert_non_null(ticks);
    for (size_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i, (int64_t)i);
    }
    cases_write(store, ticks, TICKS);
    struct candle_list candles = {0};
    assert_true(candle_list_add(&candles, &(struct candle){.time_ns = 5}));
    struct error error = {0};
    struct candle_query query = {.kind = &ticker_kind,
                                 .series = "tBTCUSD",
                                 .interval_ns = 1,
                                 .from_ns = 0,
                                 .to_ns = INT64_MAX};
    assert_false(store_candles(store, &query, &candles, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_int_equal(candles.count, 1); /* what was in the list before */

    query.to_ns = 100000;
    assert_true(store_candles(store, &query, &candles, &error));
    assert_int_equal(candles.count, 100001);
    candle_list_free(&candles);
    store_close(store);
    free(ticks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(every_case_holds),
        WITH_PLACE(every_case_of_closes_holds),
        WITH_PLACE(name_says_file),
        WITH_PLACE(names_of_others_are_not_listed),
        WITH_PLACE(columns_follow_schema),
        WITH_PLACE(file_of_the_first_layout_is_read_as_it_is),
        WITH_PLACE(file_of_the_first_layout_is_migrated_for_writing),
        WITH_PLACE(migration_is_done_once),
        WITH_PLACE(points_survive_reopening),
        WITH_PLACE(write_without_prepare_works),
        WITH_PLACE(other_fields_of_one_identity_keep_first),
        WITH_PLACE(reader_before_first_write_says_nothing_yet),
        WITH_PLACE(reader_refuses_to_write),
        WITH_PLACE(foreign_files_are_refused_and_kept),
        WITH_PLACE(missing_folder_is_wrong_use),
        WITH_PLACE(too_many_candles_are_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
