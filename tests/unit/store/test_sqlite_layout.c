/* A SQLite file with several tables: one that was made before there was some kind, one that
 * another program changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "bar_cases.h"
#include "cmocka_all.h"
#include "live_cases.h"
#include "record/event.h"
#include "record/ticker.h"
#include "sqlite_place.h"
#include "store_cases.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* As the versions before made it, to the byte: with the ticker's first and second columns. */
#define FIRST_COLUMNS                                                                              \
    "CREATE TABLE ticker (coin TEXT NOT NULL, time INTEGER NOT NULL, last_price REAL NOT NULL,"    \
    " bid, bid_size, ask, ask_size, daily_change, daily_change_relative, volume, high, low,"       \
    " seq INTEGER NOT NULL, run_id INTEGER NOT NULL"
#define TABLE_END ", PRIMARY KEY (coin, time)) WITHOUT ROWID;"
#define MARKED(layout)                                                                             \
    "PRAGMA application_id = 1129794353; PRAGMA user_version = " layout                            \
    "; PRAGMA journal_mode = WAL;"
#define ONE_ROW                                                                                    \
    "INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES ('tBTCUSD', 1, 2.5, 3, 4)"
static const char *const former_layouts[] = {
    FIRST_COLUMNS TABLE_END MARKED("1") ONE_ROW,
    FIRST_COLUMNS ", market_cap" TABLE_END MARKED("2") ONE_ROW,
    FIRST_COLUMNS
    ", market_cap" TABLE_END
    "CREATE TABLE bar (coin TEXT NOT NULL, source TEXT NOT NULL, timeframe TEXT NOT NULL,"
    " time INTEGER NOT NULL, open_time_ns INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL,"
    " volume, quote_volume, trades, PRIMARY KEY (coin, source, timeframe, time))"
    " WITHOUT ROWID;" MARKED("3") ONE_ROW,
    FIRST_COLUMNS
    ", market_cap" TABLE_END
    "CREATE TABLE bar (coin TEXT NOT NULL, source TEXT NOT NULL, timeframe TEXT NOT NULL,"
    " time INTEGER NOT NULL, open_time_ns INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL,"
    " volume, quote_volume, trades, PRIMARY KEY (coin, source, timeframe, time))"
    " WITHOUT ROWID;"
    "CREATE TABLE trade (coin TEXT NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL,"
    " trade_id INTEGER NOT NULL, exchange_time_ns INTEGER NOT NULL, price REAL NOT NULL,"
    " amount REAL NOT NULL, PRIMARY KEY (coin, source, time)) WITHOUT ROWID;"
    "CREATE TABLE event (subject TEXT NOT NULL, what TEXT NOT NULL, time INTEGER NOT NULL,"
    " source TEXT NOT NULL, begin_ns, end_ns, number, detail,"
    " PRIMARY KEY (subject, what, time)) WITHOUT ROWID;" MARKED("5") ONE_ROW,
};
static const int former_numbers[COUNT(former_layouts)] = {1, 2, 3, 5};
enum { LAYOUT = 6 }; /* the sum of the kinds' versions now */

static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int ask_int(const char *file, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    int value = sqlite3_column_int(rows, 0);
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return value;
}

static struct bar one_bar(void)
{
    return cases_bar("AAPL", "replay", "1d", 0, 1);
}

static int64_t count_bars(struct store *store)
{
    int64_t points = -1;
    struct error error = {0};
    assert_true(store_count(store, &bar_kind, &points, &error));
    return points;
}

static void every_case_of_trades_and_events_holds(void **state)
{
    struct store *store = place_open_prepared(*state);
    live_cases_run(store);
    store_close(store);
}

/* Of the kinds that came after the bars. */
static void assert_no_later_kind(struct store *store)
{
    for (size_t i = 2; i < RECORD_KINDS; i++) {
        int64_t points = -1;
        bool any = true;
        struct error error = {0};
        assert_true(store_count(store, record_kinds[i], &points, &error));
        assert_int_equal(points, 0);
        assert_true(store_any(store, record_kinds[i], &any, &error));
        assert_false(any);
    }
}

static void every_case_of_bars_holds(void **state)
{
    struct store *store = place_open_prepared(*state);
    bar_cases_run(store);
    assert_int_equal(cases_count(store), 0); /* of ticks */
    store_close(store);
}

static void file_from_before_the_kind_holds_no_bars(void **state)
{
    struct sqlite_place *place = *state;
    for (size_t i = 0; i < COUNT(former_layouts); i++) {
        (void)remove(place->file);
        run_sql(place->file, former_layouts[i]);
        struct store *store = place_open(place, true);
        cases_no_bars(store);
        assert_no_later_kind(store);
        assert_int_equal(cases_count(store), 1);
        store_close(store);
        assert_int_equal(ask_int(place->file, "PRAGMA user_version"), former_numbers[i]);
    }
}

static void file_from_before_the_kind_gets_its_table_for_writing(void **state)
{
    struct sqlite_place *place = *state;
    for (size_t i = 0; i < COUNT(former_layouts); i++) {
        (void)remove(place->file);
        run_sql(place->file, former_layouts[i]);
        struct store *reader = place_open(place, true);
        cases_no_bars(reader);
        struct store *store = place_open_prepared(place);
        cases_no_bars(store);
        assert_no_later_kind(store);
        const struct bar bar = one_bar();
        cases_write_bars(store, &bar, 1);
        assert_int_equal(count_bars(store), 1);
        assert_int_equal(cases_count(store), 1);
        assert_int_equal(count_bars(reader), 1); /* which has had the file open all the time */
        assert_int_equal(cases_count(reader), 1);
        store_close(reader);
        store_close(store);
        assert_int_equal(ask_int(place->file, "PRAGMA user_version"), LAYOUT);
        /* It is what a new file is. */
        store = place_open_prepared(place);
        assert_int_equal(count_bars(store), 1);
        live_cases_run(store);
        store_close(store);
    }
}

/* All or nothing: the table cannot be made, so the number and the other tables stay as they are. */
static void migration_that_fails_changes_nothing(void **state)
{
    struct sqlite_place *place = *state;
    run_sql(place->file, former_layouts[0]);
    run_sql(place->file, "CREATE INDEX bar ON ticker (bid)");
    struct error error = {0};
    struct store *store =
        store_open(&(struct store_config){.address = place->address, .retention_ns = 0}, &error);
    assert_null(store);
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_int_equal(ask_int(place->file, "PRAGMA user_version"), 1);
    assert_int_equal(ask_int(place->file, "SELECT count(*) FROM pragma_table_info('ticker') "
                                          "WHERE name = 'market_cap'"),
                     0);
}

static void file_with_a_table_that_is_not_ours_is_refused(void **state)
{
    static const struct {
        const char *sql;
        const char *want;
    } cases[] = {
        {"DROP TABLE bar", "its table \"bar\" is not the one"},
        {"DROP TABLE ticker", "its table \"ticker\" is not the one"},
        {"DROP TABLE bar; CREATE TABLE bar (coin, time)", "its table \"bar\" is not the one"},
        {"DROP TABLE bar; CREATE VIEW bar AS SELECT 1", "its table \"bar\" is not the one"},
        {"ALTER TABLE bar ADD COLUMN more", "its table \"bar\" is not the one"},
        {"CREATE TRIGGER t AFTER INSERT ON bar BEGIN DELETE FROM bar; END",
         "its table \"bar\" has a trigger"},
        {"DROP TABLE ticker; PRAGMA user_version = 2", "its table \"ticker\" is not the one"},
    };
    struct sqlite_place *place = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        (void)remove(place->file);
        store_close(place_open_prepared(place));
        run_sql(place->file, cases[i].sql);
        for (int read_only = 0; read_only < 2; read_only++) {
            struct error error = {0};
            struct store *store = store_open(
                &(struct store_config){.address = place->address, .read_only = read_only > 0},
                &error);
            assert_null(store);
            assert_int_equal(error.kind, ERROR_USAGE);
            if (strstr(error.text, cases[i].want) == NULL) {
                fail_msg("case %zu: %s", i, error.text);
            }
        }
    }
}

/* Dropped while the file is open: not "nothing stored". */
static void table_that_goes_under_a_reader_is_told(void **state)
{
    struct sqlite_place *place = *state;
    store_close(place_open_prepared(place));
    struct store *reader = place_open(place, true);
    assert_int_equal(count_bars(reader), 0);
    run_sql(place->file, "DROP TABLE bar");
    struct store_contents contents;
    struct error error = {0};
    assert_false(store_contents_begin(reader, &bar_kind, 0, 1, &contents, &error));
    assert_non_null(strstr(error.text, "its table \"bar\""));
    store_contents_end(reader, &contents);
    store_close(reader);
}

static void tags_of_others_are_named_and_not_listed(void **state)
{
    static const struct {
        const char *tags, *what;
        bool named;
    } cases[] = {
        {"x'41', 'replay', '1d'", "coin of bytes, not text, \"A\"", true},
        {"'', 'replay', '1d'", "coin \"\"", true},
        {"'A B', 'replay', '1d'", "coin \"A B\"", true},
        {"'AAPL', '', '1d'", "source \"\"", true},
        {"'AAPL', x'41', '1d'", "source of bytes, not text, \"A\"", true},
        {"'AAPL', 'a b', '1d'", "source \"a b\"", true},
        {"'AAPL', 'replay', '9m'", "timeframe \"9m\"", true},
        {"'AAPL', 'replay', '1d' || char(0)", "timeframe \"1d\"", true},
        {"'AAPL', 'replay', x'3164'", "timeframe of bytes, not text, \"1d\"", true},
    };
    struct sqlite_place *place = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        (void)remove(place->file);
        struct store *store = place_open_prepared(place);
        const struct bar bar = one_bar();
        cases_write_bars(store, &bar, 1);
        char sql[300];
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO bar (coin, source, timeframe, time, open_time_ns, revision, "
                       "open, high, low, close) VALUES (%s, 1, 1, 0, 1, 1, 1, 1)",
                       cases[i].tags);
        run_sql(place->file, sql);
        struct store_contents contents;
        struct series_summary *list = NULL;
        size_t count = 0;
        struct error error = {0};
        assert_true(store_contents_begin(store, &bar_kind, 0, INT64_MAX, &contents, &error));
        assert_int_equal(contents.series_count, 1);
        assert_string_equal(contents.series[0].series, "AAPL replay 1d");
        assert_int_equal(contents.series[0].points, 1);
        assert_int_equal(contents.oddity_count, 1);
        assert_string_equal(contents.oddities[0].what, cases[i].what);
        assert_int_equal(contents.oddities[0].named, cases[i].named);
        store_contents_end(store, &contents);
        assert_true(store_list_series(store, &bar_kind, &list, &count, &error));
        assert_int_equal(count, 1);
        free(list);
        store_close(store);
    }
}

static void time_that_is_no_number_does_not_hold_up_the_list(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    const struct bar bars[] = {one_bar(), cases_bar("MSFT", "replay", "1d", 0, 1)};
    cases_write_bars(store, bars, COUNT(bars));
    run_sql(place->file, "INSERT INTO bar (coin, source, timeframe, time, open_time_ns, revision, "
                         "open, high, low, close) VALUES ('AAPL', 'replay', '1d', 'x', 1, 1, 1, 1, "
                         "1, 1), ('AAPL', 'replay', '1d', x'00', 1, 1, 1, 1, 1, 1)");
    struct series_summary *list = NULL;
    struct store_contents contents;
    size_t count = 0;
    struct error error = {0};
    assert_true(store_list_series(store, &bar_kind, &list, &count, &error));
    assert_int_equal(count, 2);
    free(list);
    assert_true(store_contents_begin(store, &bar_kind, 0, INT64_MAX, &contents, &error));
    assert_int_equal(contents.series_count, 2);
    assert_int_equal(contents.series[0].points, 3);
    assert_int_equal(contents.oddity_count, 0);
    store_contents_end(store, &contents);
    store_close(store);
}

static bool note_odd(void *context, const void *point, const struct text_arena *texts,
                     const char *odd)
{
    (void)texts;
    (void)point;
    *(const char **)context = odd;
    return true;
}

/* A cell of a nullable integer with another type, and one that is missing. */
static void cell_of_another_type_names_its_column(void **state)
{
    static const struct {
        const char *value, *want;
    } cases[] = {{"trades = 5", NULL},       {"trades = NULL", NULL},  {"trades = 5.0", "trades"},
                 {"trades = '5'", "trades"}, {"volume = 5", "volume"}, {"volume = 5.0", NULL}};
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    const struct bar bar = one_bar();
    cases_write_bars(store, &bar, 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sql[100];
        const char *odd = "none";
        struct error error = {0};
        (void)snprintf(sql, sizeof sql, "UPDATE bar SET trades = NULL, volume = NULL, %s",
                       cases[i].value);
        run_sql(place->file, sql);
        assert_true(store_scan(store, &bar_kind, "AAPL replay 1d", INT64_MIN, INT64_MAX, note_odd,
                               &odd, &error));
        if (cases[i].want == NULL ? odd != NULL : odd == NULL || strcmp(odd, cases[i].want) != 0) {
            fail_msg("%s: %s", cases[i].value, odd != NULL ? odd : "none");
        }
    }
    store_close(store);
}

/* In C the text would end there, and look like another one. */
static void text_with_a_nul_names_its_column(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    const struct event event = {
        .subject = "tBTCUSD", .what = "drill", .time_ns = NS_PER_DAY, .source = "test"};
    const struct record_set set = {&event_kind, &event, 1, NULL};
    struct rejected_list rejected = {0};
    struct error error = {0};
    const char *odd = "none";
    assert_true(store_write(store, &set, &rejected, &error));
    assert_int_equal(rejected.count, 0);
    assert_true(store_scan(store, &event_kind, "tBTCUSD drill", INT64_MIN, INT64_MAX, note_odd,
                           &odd, &error));
    assert_null(odd);
    run_sql(place->file, "UPDATE event SET source = source || char(0) || 'x'");
    assert_true(store_scan(store, &event_kind, "tBTCUSD drill", INT64_MIN, INT64_MAX, note_odd,
                           &odd, &error));
    assert_non_null(odd);
    assert_string_equal(odd, "source");
    store_close(store);
}

static bool pass_point(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    (void)texts;
    (void)context;
    (void)point;
    (void)odd;
    return true;
}

static bool ask_candles(struct store *store, struct error *error)
{
    struct candle_list candles = {0};
    const struct candle_query query = {
        .kind = &ticker_kind, .series = "tBTCUSD", .interval_ns = 1, .to_ns = 9, .cut = true};
    bool asked = store_candles(store, &query, &candles, error);
    candle_list_free(&candles);
    return asked;
}

static bool ask_series(struct store *store, struct error *error)
{
    struct series_summary *list = NULL;
    size_t count = 0;
    bool asked = store_list_series(store, &ticker_kind, &list, &count, error);
    free(list);
    return asked;
}

static bool ask_price(struct store *store, struct error *error)
{
    double price = 0;
    bool found = false;
    return store_price_at(store, &ticker_kind, "tBTCUSD", 9, &price, &found, error);
}

static bool ask_count(struct store *store, struct error *error)
{
    int64_t points = 0;
    return store_count(store, &ticker_kind, &points, error);
}

static bool ask_count_between(struct store *store, struct error *error)
{
    int64_t points = 0;
    return store_count_between(store, &ticker_kind, "tBTCUSD", 0, 9, &points, error);
}

static bool ask_points(struct store *store, struct error *error)
{
    return store_scan(store, &ticker_kind, "tBTCUSD", 0, 9, pass_point, NULL, error);
}

static bool ask_contents(struct store *store, struct error *error)
{
    struct store_contents contents;
    bool asked = store_contents_begin(store, &ticker_kind, 0, 9, &contents, error);
    store_contents_end(store, &contents);
    return asked;
}

static bool ask_any(struct store *store, struct error *error)
{
    bool empty = false;
    return store_expect_points(store, &ticker_kind, 1, &empty, error);
}

static bool write_tick(struct store *store, struct error *error)
{
    const struct ticker tick = cases_plain_tick("tBTCUSD", 2, 2);
    struct rejected_list rejected = {0};
    bool written =
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, error);
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
    return written;
}

static void every_call_after_a_migration_by_a_newer_program_says_so(void **state)
{
    static bool (*const calls[])(struct store * store, struct error * error) = {
        store_check, store_prepare,     write_tick, ask_candles,  ask_series, ask_price,
        ask_count,   ask_count_between, ask_points, ask_contents, ask_any,
    };
    enum { WRITES = 3 }; /* the first ones; the others read */
    struct sqlite_place *place = *state;
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    for (size_t i = 0; i < COUNT(calls); i++) {
        (void)remove(place->file);
        struct store *writer = place_open_prepared(place);
        cases_write(writer, &tick, 1);
        struct store *reader = place_open(place, true);
        assert_int_equal(cases_count(reader), 1);
        struct store *asked = i < WRITES ? writer : reader;
        struct error error = {0};
        assert_true(calls[i](asked, &error));
        int rows = ask_int(place->file, "SELECT count(*) FROM ticker");
        run_sql(place->file, "PRAGMA user_version = 99");
        for (int opened_anew = 0; opened_anew < 2; opened_anew++) {
            error = (struct error){0};
            if (calls[i](asked, &error) || error.kind != ERROR_FATAL ||
                strstr(error.text, "newer candlewick (its layout is 99, this program knows 6)") ==
                    NULL) {
                fail_msg("call %zu: %d %s", i, error.kind, error.text);
            }
            store_rest(asked);
        }
        assert_int_equal(ask_int(place->file, "SELECT count(*) FROM ticker"), rows);
        store_close(reader);
        store_close(writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(every_case_of_bars_holds),
        WITH_PLACE(every_case_of_trades_and_events_holds),
        WITH_PLACE(file_from_before_the_kind_holds_no_bars),
        WITH_PLACE(file_from_before_the_kind_gets_its_table_for_writing),
        WITH_PLACE(migration_that_fails_changes_nothing),
        WITH_PLACE(file_with_a_table_that_is_not_ours_is_refused),
        WITH_PLACE(table_that_goes_under_a_reader_is_told),
        WITH_PLACE(tags_of_others_are_named_and_not_listed),
        WITH_PLACE(time_that_is_no_number_does_not_hold_up_the_list),
        WITH_PLACE(every_call_after_a_migration_by_a_newer_program_says_so),
        WITH_PLACE(cell_of_another_type_names_its_column),
        WITH_PLACE(text_with_a_nul_names_its_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
