/* What verify prints: the figures where they belong, faults by name, one sentence that names the
 * remedy; JSON that a parser reads. */
#include "verify/verify_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "cmocka_all.h"

static const struct verify_source source = {.kind = &ticker_kind,
                                            .topic = "tickers",
                                            .group = "coins",
                                            .store = "SQLite file x \"y\"",
                                            .interval_ns = 300 * NS_PER_SECOND,
                                            .from_ns = INT64_MIN,
                                            .to_ns = INT64_MAX};

/* 2026-01-01T00:00:00Z */
#define NEW_YEAR_NS (INT64_C(1767225600) * NS_PER_SECOND)

static struct verify_series coins[] = {
    {.name = "tXRPUSD", .in_log = true, .records = 30, .points = 20, .candles = 3},
    {.name = "tBTCUSD",
     .in_log = true,
     .oldest_ns = NEW_YEAR_NS,
     .newest_ns = NEW_YEAR_NS + 1,
     .records = 7,
     .points = 7,
     .forgotten = 5,
     .candles = 2,
     .candles_proved = 2,
     .candles_cut = 1},
    {.name = "tNOTHING"},
};

static struct verify_report plain(void)
{
    coins[0].faults[VERIFY_MISSING] = 10;
    return (struct verify_report){.messages = 38,
                                  .records = 37,
                                  .unreadable = 1,
                                  .sent_twice = 2,
                                  .points = 27,
                                  .forgotten = 5,
                                  .refused = 3,
                                  .candles = 5,
                                  .candles_proved = 2,
                                  .candles_cut = 1,
                                  .letters = 4,
                                  .letter_places = 3,
                                  .series = coins,
                                  .series_count = 3,
                                  .balanced = true};
}

static char *table_of(const struct verify_report *report, const struct verify_source *from)
{
    struct strbuf text = strbuf_new(1 << 20);
    verify_to_table(report, from, (struct text_form){.columns = 0}, &text);
    char *taken = strbuf_take(&text);
    assert_non_null(taken);
    return taken;
}

static void assert_has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
    }
}

static void table_has_a_line_a_coin_by_name_and_the_sum(void **state)
{
    (void)state;
    struct verify_report report = plain();
    char *text = table_of(&report, &source);
    const char *btc = strstr(text, "tBTCUSD");
    const char *xrp = strstr(text, "tXRPUSD");
    assert_non_null(btc);
    assert_non_null(xrp);
    assert_true(btc < xrp);
    assert_null(strstr(text, "tNOTHING"));
    assert_has(text, "2 of 2");
    assert_has(text, "2 of 5");
    assert_has(text, "sent twice");
    assert_has(text, "dead letters");
    assert_null(strstr(text, "not yet written"));
    /* Compared is less than 37: two repeat others, three were refused. */
    assert_has(text, "The books balance: 32 ticks");
    assert_has(text, "tXRPUSD            30      20  0 of 3          10 missing\n");
    assert_null(strstr(text, "only   coin"));
    free(text);
}

static void part_is_not_taken_for_the_whole(void **state)
{
    (void)state;
    struct verify_report report = plain();
    struct verify_source part = source;
    part.coin = "tBTCUSD";
    part.from_ns = NEW_YEAR_NS;
    part.to_ns = NEW_YEAR_NS + NS_PER_SECOND;
    char *text = table_of(&report, &part);
    assert_has(text, "only   coin tBTCUSD\n");
    assert_has(text, "from   2026-01-01T00:00:00Z\n");
    assert_has(text, "to     2026-01-01T00:00:01Z\n");
    assert_has(text, " Not looked at: coins other than tBTCUSD, times before 2026-01-01T00:00:00Z, "
                     "times from 2026-01-01T00:00:01Z.\n");
    free(text);
}

/* `count` faults of a kind, `named` of them by name. */
static void add_faults(struct verify_report *report, enum verify_fault_kind kind, int64_t count,
                       size_t named)
{
    report->balanced = false;
    report->faults[kind] = count;
    report->named[kind].items = calloc(named + 1, sizeof *report->named[kind].items);
    assert_non_null(report->named[kind].items);
    report->named[kind].count = named;
    for (size_t i = 0; i < named; i++) {
        report->named[kind].items[i] =
            (struct verify_fault){.series = (uint32_t)(i % 2),
                                  .time_ns = NEW_YEAR_NS + (int64_t)(named - i) * NS_PER_SECOND,
                                  .place = {.partition = 2, .offset = (int64_t)i}};
    }
}

static void free_faults(struct verify_report *report)
{
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        free(report->named[kind].items);
    }
}

/* The bit of a stored column in verify_report.older_lacks. */
static uint32_t bit_of(const char *name)
{
    const struct stored_columns columns = kind_stored_columns(&ticker_kind);
    size_t i = 0;
    while (strcmp(columns.items[i]->name, name) != 0) {
        i++;
    }
    return 1U << i;
}

static void every_kind_is_named_and_has_its_remedy(void **state)
{
    (void)state;
    static const struct {
        enum verify_fault_kind kind;
        int64_t count;
        size_t named;
        const char *want[3];
    } cases[] = {
        {VERIFY_MISSING,
         3,
         3,
         {"missing  tXRPUSD  2026-01-01T00:00:03Z", "partition 2, offset 2",
          "3 missing; candlewick replay --since 2026-01-01T00:00:01Z writes what is missing "
          "(unless"}},
        {VERIFY_MISSING, 20000, 10000, {"and 19980 more", "--format json", "replay --since first"}},
        {VERIFY_UNEXPECTED,
         2,
         2,
         {"2 unexpected", "keep them. An earlier start", "another --database"}},
        {VERIFY_FORMER,
         2,
         0,
         {"2 of a former log", "Keep them; --from 2026-01-01T00:00:09Z proves", "--data-dir"}},
        {VERIFY_FOREIGN, 3, 0, {"3 foreign", "another program's: read the topic into", ""}},
        {VERIFY_DIFFERING, 2, 2, {"2 differing", "delete the differing ones alone, then", ""}},
        {VERIFY_OLDER,
         2,
         2,
         {"2 written by an older member; members that do not know market_cap yet",
          "candlewick replay --since 2026-01-01T00:00:01Z adds it in InfluxDB",
          "delete there before just those that --format json names"}},
        {VERIFY_CONFLICTING, 1, 1, {"1 conflicting", "two producers of one coin", ""}},
        {VERIFY_UNACCOUNTED,
         1,
         1,
         {"unaccounted  partition 2, offset 0", "1 unaccounted", "registry has lost"}},
        {VERIFY_CANDLE, 1, 1, {"candle  tXRPUSD", "1 candles not proved; ", "ask again."}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verify_report report = plain();
        add_faults(&report, cases[i].kind, cases[i].count, cases[i].named);
        report.log_since_ns = INT64_C(1767225609) * NS_PER_SECOND;
        report.older_lacks = cases[i].kind == VERIFY_OLDER ? bit_of("market_cap") : 0;
        char *text = table_of(&report, &source);
        for (size_t k = 0; k < 3; k++) {
            assert_has(text, cases[i].want[k]);
        }
        assert_has(text, "The books do not balance: ");
        if (cases[i].kind != VERIFY_DIFFERING &&
            cases[i].kind != VERIFY_OLDER) { /* else the log could not give it back */
            assert_null(strstr(text, "delete "));
        }
        free(text);
        free_faults(&report);
    }
    struct verify_report behind = plain();
    behind.balanced = false;
    behind.not_yet_written = 12;
    char *text = table_of(&behind, &source);
    assert_has(text, "do not balance: 12 not yet written; ask again");
    free(text);
}

/* Of a log that has every point's message, whatever is deleted can be replayed. */
static void older_rows_can_be_deleted_by_one_statement_if_the_log_has_all(void **state)
{
    (void)state;
    static const struct {
        int64_t count;
        const char *coin;
        const char *want;
    } cases[] = {
        {2, NULL,
         "DELETE FROM ticker WHERE (market_cap IS NULL) AND time BETWEEN 1767225601000000000 AND "
         "1767225602000000000."},
        {2, "tBTCUSD", " AND 1767225602000000000 AND coin = 'tBTCUSD'."},
        {20000, NULL, "BETWEEN -9223372036854775808 AND 9223372036854775806."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verify_report report = plain();
        struct verify_source from = source;
        from.coin = cases[i].coin;
        report.forgotten = 0;
        report.older_lacks = bit_of("market_cap");
        add_faults(&report, VERIFY_OLDER, cases[i].count, 2);
        char *text = table_of(&report, &from);
        assert_has(text, cases[i].want);
        free(text);
        free_faults(&report);
    }
}

static void balance_of_nothing_proves_nothing(void **state)
{
    (void)state;
    struct verify_report nothing = {
        .series = coins, .series_count = 3, .forgotten = 5, .balanced = true};
    char *text = table_of(&nothing, &source);
    assert_has(text, "There is nothing to prove: ");
    free(text);
    struct verify_report short_log = plain();
    short_log.candles = short_log.candles_proved = 0;
    text = table_of(&short_log, &source);
    assert_has(text, "same bits; no candle is proved, as the log covers none wholly.");
    free(text);
}

static void what_the_log_forgot_is_told_and_never_called_proved(void **state)
{
    (void)state;
    struct verify_report report = plain();
    report.log_forgot = 700;
    char *text = table_of(&report, &source);
    assert_has(text,
               " 5 points of the store are not provable: the log has forgotten 700 messages.\n");
    assert_has(text, "The books balance: 32 ticks");
    free(text);
}

static void what_was_not_looked_at_is_told(void **state)
{
    (void)state;
    struct store_span closed[] = {{NEW_YEAR_NS, NEW_YEAR_NS + 60 * NS_PER_SECOND}, {0, 1}};
    struct verify_report report = plain();
    report.closed = closed;
    report.closed_count = 2;
    report.balanced = false;
    (void)str_copy(str_from("view mine"), report.others, sizeof report.others);
    char *text = table_of(&report, &source);
    assert_has(text, "do not balance: 2 pieces of time not looked at; start InfluxDB with a higher "
                     "--query-file-limit");
    assert_has(text, " Not looked at: points of the store from 2026-01-01T00:00:00Z to "
                     "2026-01-01T00:01:00Z and 1 more such pieces, what is not ours beside our "
                     "tables: view mine.\n");
    free(text);
    report.closed_count = 0;
    report.balanced = true;
    text = table_of(&report, &source);
    assert_has(text, "The books balance: ");
    assert_has(text, " Not looked at: what is not ours beside our tables: view mine.\n");
    free(text);
    struct verify_source open = source;
    open.undecided = 7;
    report.others[0] = '\0';
    text = table_of(&report, &open);
    assert_has(text, " Not looked at: messages behind a transaction that is open: 7.\n");
    free(text);
    struct verify_source one_of_two = source;
    one_of_two.tables = "bar";
    text = table_of(&report, &one_of_two);
    assert_has(text, " Not looked at: tables whose stream --streams does not name: bar.\n");
    free(text);
}

static void foreign_rows_are_named(void **state)
{
    (void)state;
    struct verify_report report = plain();
    char what[] = "coin \"tBTCUSD \"";
    struct verify_fault fault = {.place = {.partition = -1}, .what = what, .rows = 7};
    report.balanced = false;
    report.faults[VERIFY_FOREIGN] = 7;
    report.named[VERIFY_FOREIGN] = (struct verify_fault_list){.items = &fault, .count = 1};
    char *text = table_of(&report, &source);
    assert_has(text, "\nforeign  coin \"tBTCUSD \": 7\n");
    free(text);
    struct strbuf json = strbuf_new(1 << 20);
    verify_to_json(&report, &source, &json);
    assert_has(strbuf_text(&json), "\"foreign\":[{\"rows\":7,\"what\":\"coin \\\"tBTCUSD \\\"\"}]");
    strbuf_free(&json);
}

/* Everything at once, and the longest names that there can be. */
static void table_fits_the_terminal(void **state)
{
    (void)state;
    struct verify_series long_coins[2] = {coins[0], coins[0]};
    memset(long_coins[1].name, 'X', sizeof long_coins[1].name - 1);
    struct verify_report report = plain();
    report.series = long_coins;
    report.series_count = 2;
    report.of_many = 1;
    long_coins[1].forgotten = 1234567;
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        long_coins[1].faults[kind] = 1000000;
        if (kind != VERIFY_FOREIGN) {
            add_faults(&report, (enum verify_fault_kind)kind, 1000000, 30);
        }
    }
    struct strbuf text = strbuf_new(1 << 20);
    verify_to_table(&report, &source, (struct text_form){.columns = 80}, &text);
    struct str rest = strbuf_str(&text);
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        if (fit_columns(line) > 80) {
            fail_msg("%zu columns: %.*s", fit_columns(line), (int)line.length, line.data);
        }
    }
    assert_has(strbuf_text(&text), "1000000 missing, 1000000");
    strbuf_free(&text);
    free_faults(&report);
}

/* Other programs' points are listed, too. */
static void terminal_is_not_steered_by_a_name(void **state)
{
    (void)state;
    struct verify_series hostile = {.name = "\x1b]0;x\x07\xC2\x9B", .points = 1};
    struct verify_report report = {.series = &hostile, .series_count = 1, .balanced = true};
    char *text = table_of(&report, &source);
    assert_has(text, "?]0;x??  ");
    free(text);
}

static int64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) {
        fail_msg("%s is no number", name);
    }
    return json_integer_value(value);
}

static void json_holds_every_figure(void **state)
{
    (void)state;
    struct verify_report report = plain();
    add_faults(&report, VERIFY_MISSING, 25, 25);
    add_faults(&report, VERIFY_UNACCOUNTED, 1, 1);
    report.named[VERIFY_MISSING].items[0].place.partition = -1;
    struct strbuf text = strbuf_new(1 << 20);
    verify_to_json(&report, &source, &text);
    json_t *json = json_loads(strbuf_text(&text), 0, NULL);
    assert_non_null(json);
    assert_true(json_is_false(json_object_get(json, "balanced")));
    assert_string_equal(json_string_value(json_object_get(json, "store")), source.store);
    assert_string_equal(json_string_value(json_object_get(json, "interval")), "5m");
    assert_true(json_is_null(json_object_get(json, "coin")));
    assert_true(json_is_null(json_object_get(json, "from")));
    static const struct {
        const char *name;
        int64_t want;
    } figures[] = {{"messages", 38},   {"ticks", 37},    {"unreadable", 1},
                   {"sent_twice", 2},  {"points", 27},   {"not_provable", 5},
                   {"refused", 3},     {"missing", 25},  {"not_yet_written", 0},
                   {"unaccounted", 1}, {"unexpected", 0}};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        assert_int_equal(number(json, figures[i].name), figures[i].want);
    }
    assert_int_equal(number(json_object_get(json, "candles"), "in_part"), 1);
    assert_int_equal(number(json_object_get(json, "dead_letters"), "places"), 3);
    const json_t *btc = json_array_get(json_object_get(json, "coins"), 1);
    assert_string_equal(json_string_value(json_object_get(btc, "oldest")), "2026-01-01T00:00:00Z");
    assert_int_equal(number(btc, "not_provable"), 5);
    const json_t *faults = json_object_get(json, "faults");
    assert_int_equal(json_object_size(faults), VERIFY_KINDS);
    const json_t *missing = json_object_get(faults, "missing");
    assert_int_equal(json_array_size(missing), 25);
    assert_null(json_object_get(json_array_get(missing, 0), "partition"));
    assert_int_equal(number(json_array_get(missing, 1), "offset"), 1);
    const json_t *lost = json_array_get(json_object_get(faults, "unaccounted"), 0);
    assert_null(json_object_get(lost, "coin"));
    assert_int_equal(number(lost, "partition"), 2);
    json_decref(json);
    strbuf_free(&text);
    free_faults(&report);
}

static void polled_ticks_are_counted_beside_those_that_were_expected(void **state)
{
    (void)state;
    static const struct coverage_share covered[3] = {
        [1] = {.length_ns = 100, .ns = {[COVERAGE_LIVE] = 90}, .unknown_ns = 10, .polls = 8}};
    struct verify_report report = plain();
    struct verify_source polled = source;
    polled.covered = covered;
    char *text = table_of(&report, &polled);
    assert_has(text, "\nCovered by the source, which is not proved:\ntBTCUSD: 90 % live, 10 % "
                     "unknown; 7 ticks came, 8 are expected of the live time\n");
    free(text);
    struct strbuf json = strbuf_new(1 << 16);
    verify_to_json(&report, &polled, &json);
    assert_has(strbuf_text(&json), "\"unknown\":0.1,\"polls\":8}]");
    strbuf_free(&json);
}

static void faults_are_red_and_books_that_balance_are_green(void **state)
{
    (void)state;
    const struct {
        bool balanced;
        const char *want[2];
    } cases[] = {
        {true, {"\033[32mThe books balance", "\033[31m10 missing"}},
        {false, {"\033[31mThe books do not balance", "\033[31m10 missing"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verify_report report = plain();
        struct strbuf text = strbuf_new(1 << 20);
        report.balanced = cases[i].balanced;
        verify_to_table(&report, &source, (struct text_form){.columns = 80, .colour = true}, &text);
        for (size_t k = 0; k < 2; k++) {
            assert_has(strbuf_text(&text), cases[i].want[k]);
        }
        strbuf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_red_and_books_that_balance_are_green),
        cmocka_unit_test(table_has_a_line_a_coin_by_name_and_the_sum),
        cmocka_unit_test(part_is_not_taken_for_the_whole),
        cmocka_unit_test(every_kind_is_named_and_has_its_remedy),
        cmocka_unit_test(older_rows_can_be_deleted_by_one_statement_if_the_log_has_all),
        cmocka_unit_test(balance_of_nothing_proves_nothing),
        cmocka_unit_test(what_the_log_forgot_is_told_and_never_called_proved),
        cmocka_unit_test(what_was_not_looked_at_is_told),
        cmocka_unit_test(foreign_rows_are_named),
        cmocka_unit_test(table_fits_the_terminal),
        cmocka_unit_test(terminal_is_not_steered_by_a_name),
        cmocka_unit_test(polled_ticks_are_counted_beside_those_that_were_expected),
        cmocka_unit_test(json_holds_every_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
