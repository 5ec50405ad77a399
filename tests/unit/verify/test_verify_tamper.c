/* Whatever is done to one row of a store whose books balance, or to the table itself, is found: a
 * thousand tamperings of each seed, and what hides rows from questions. On a log that has forgotten
 * its beginning, so is every change and every deletion of a point whose message is left. */
#include <sqlite3.h>

#include "base/random.h"
#include "support.h"
#include "verify_fixture.h"

enum {
    TAMPERINGS = SUPPORT_SANITIZED ? 60 : 1000,
    TICKS = 48,
    FORGOTTEN = 12, /* the oldest messages, on the log that is cut */
    COINS = 2,
};

/* Both are of one partition of three: see verify_fixture.h. */
static const char *const symbols[COINS] = {"tBTCUSD", "tXRPUSD"};

/* Seeds of runs that were seen to find all; one that ever misses any belongs here. */
static const uint64_t seeds[] = {20261129, 0x5eed, 7919};

struct tampering {
    struct random random;
    sqlite3 *db;
    const struct ticker *ticks;
    const struct ticker *victim;
    size_t number; /* of the victim */
    bool with_letter;
    char done[512]; /* the SQL, for the message when it is not found */
};

static uint64_t below(struct tampering *tampering, uint64_t limit)
{
    return random_next(&tampering->random) % limit;
}

static void run_sql(struct tampering *tampering, const char *sql)
{
    size_t length = strlen(tampering->done);
    (void)snprintf(tampering->done + length, sizeof tampering->done - length, "%s; ", sql);
    char *why = NULL;
    if (sqlite3_exec(tampering->db, sql, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", sql, why);
    }
}

/* UPDATE ticker SET … of the victim. */
static void set_cell(struct tampering *tampering, const char *assignment)
{
    char sql[400];
    (void)snprintf(sql, sizeof sql, "UPDATE ticker SET %s WHERE coin = '%s' AND time = %lld",
                   assignment, tampering->victim->symbol,
                   (long long)tampering->victim->event_time_ns);
    run_sql(tampering, sql);
    assert_int_equal(sqlite3_changes(tampering->db), 1);
}

/* What there may be instead of a value: of the column's type, or of another. */
static void change_value(struct tampering *tampering)
{
    static const struct {
        const char *before, *behind;
    } changes[] = {
        {"ifnull(", ", 1) * 1.0000000000000002 + 1e-300"},
        {"ifnull(-", ", -0.0) - 1"},
        {"9e999 + 0 * ifnull(", ", 0)"},
        {"cast(ifnull(", ", 0) AS TEXT) || '<script>'"},
        {"cast(cast(ifnull(", ", 0) AS TEXT) AS BLOB)"},
        {"x'00' || ifnull(", ", 0)"},
    };
    enum { CHANGES = sizeof changes / sizeof changes[0] };
    size_t change = below(tampering, CHANGES);
    const char *column = tampering->number % 3 == 0
                             ? "last_price"
                             : ticker_figure_names[below(tampering, TICKER_FIGURES)];
    char assignment[160];
    (void)snprintf(assignment, sizeof assignment, "%s = %s%s%s", column, changes[change].before,
                   column, changes[change].behind);
    set_cell(tampering, assignment);
}

static void change_presence(struct tampering *tampering)
{
    size_t figure = below(tampering, TICKER_FIGURES);
    char assignment[80];
    (void)snprintf(assignment, sizeof assignment, "%s = %s", ticker_figure_names[figure],
                   tampering->victim->has[figure] ? "NULL"
                   : below(tampering, 2) == 0     ? "0.0"
                                                  : "-0.0");
    set_cell(tampering, assignment);
}

/* The same number to anyone who computes with it. */
static void change_type(struct tampering *tampering)
{
    static const char *const assignments[] = {
        "bid = cast(bid AS TEXT)",
        "bid = cast(bid AS INTEGER)",
        "bid = cast(bid AS BLOB)",
        "seq = seq + 0.5",
        "seq = 'x' || seq",
        "run_id = cast(run_id AS BLOB)",
        "last_price = cast(cast(last_price AS TEXT) AS BLOB)",
    };
    set_cell(tampering, assignments[below(tampering, 7)]);
}

static void change_number(struct tampering *tampering)
{
    static const char *const assignments[] = {"seq = seq + 1", "seq = -seq - 1",
                                              "run_id = run_id + 1", "run_id = ~run_id",
                                              "seq = run_id + 77, run_id = seq"};
    set_cell(tampering, assignments[below(tampering, 5)]);
}

/* The fingerprint that verify had before it was keyed, up to run_id: anybody could give another
 * price the run_id with which all stayed as it was. */
static uint64_t former_mix(uint64_t hash, const void *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 29;
}

static uint64_t former_state(const struct ticker *tick)
{
    uint64_t hash = former_mix(0, &tick->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        hash = tick->has[i] ? former_mix(hash, &tick->figures[i]) : hash;
    }
    return former_mix(hash, &tick->seq);
}

static void forge_price(struct tampering *tampering)
{
    struct ticker other = *tampering->victim;
    other.last_price *= 2;
    uint64_t run = former_state(tampering->victim) ^ former_state(&other) ^
                   (uint64_t)tampering->victim->run_id;
    char assignment[120];
    (void)snprintf(assignment, sizeof assignment, "last_price = 2 * last_price, run_id = %lld",
                   (long long)(int64_t)run);
    set_cell(tampering, assignment);
}

static void delete_point(struct tampering *tampering)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "DELETE FROM ticker WHERE coin = '%s' AND time = %lld",
                   tampering->victim->symbol, (long long)tampering->victim->event_time_ns);
    run_sql(tampering, sql);
    assert_int_equal(sqlite3_changes(tampering->db), 1);
}

/* Anyone can write to the dead letters' topic. */
static void delete_and_forge_a_letter(struct tampering *tampering)
{
    tampering->with_letter = true;
    delete_point(tampering);
}

static void move_point(struct tampering *tampering)
{
    static const char *const assignments[] = {
        "time = time + 1",
        "time = time - 1",
        "time = -time",
        "time = 9223372036854775807",
        "coin = coin || ' '",
        "coin = lower(coin)",
        "coin = ' ' || coin",
        "coin = 'tETHUSD'",
        "coin = coin || 'X'",
        "time = time || 'ns'",
        "time = time + 0.5 - 4e9",
        "coin = cast(coin AS BLOB)",
    };
    set_cell(tampering, assignments[below(tampering, 12)]);
}

static void add_point(struct tampering *tampering)
{
    static const char *const coins[] = {"'tBTCUSD'", "'tXRPUSD'", "'tETHUSD'", "'tBTCUSD '",
                                        "'tbtcusd'", "x'7442'",   "''",        "'t\nUSD'"};
    static const char *const times[] = {
        "1",  "-1",    "9223372036854775807", "-9223372036854775808",
        "''", "x'00'", "5500000001",          "7.5"};
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES (%s, %s, %llu, "
                   "%llu, 5)",
                   coins[below(tampering, 8)], times[below(tampering, 8)],
                   (unsigned long long)below(tampering, 100000),
                   (unsigned long long)below(tampering, 9));
    run_sql(tampering, sql);
}

/* Two points have each other's values. */
static void exchange_points(struct tampering *tampering)
{
    const struct ticker *other = &tampering->ticks[(tampering->number + 2) % TICKS];
    char sql[400];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE ticker SET time = CASE time WHEN %lld THEN -1 ELSE -2 END WHERE coin = "
                   "'%s' AND time IN (%lld, %lld)",
                   (long long)other->event_time_ns, other->symbol, (long long)other->event_time_ns,
                   (long long)tampering->victim->event_time_ns);
    run_sql(tampering, sql);
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE ticker SET time = CASE time WHEN -1 THEN %lld ELSE %lld END WHERE coin = "
        "'%s' AND time < 0",
        (long long)tampering->victim->event_time_ns, (long long)other->event_time_ns,
        other->symbol);
    run_sql(tampering, sql);
    assert_int_equal(sqlite3_changes(tampering->db), 2);
}

static void change_table(struct tampering *tampering)
{
    static const char *const changes[] = {
        "CREATE TRIGGER t AFTER INSERT ON ticker BEGIN DELETE FROM ticker WHERE seq = 7; END",
        "ALTER TABLE ticker RENAME TO hidden; CREATE VIEW ticker AS SELECT * FROM hidden",
        "ALTER TABLE ticker ADD COLUMN more",
        "CREATE TABLE copy AS SELECT * FROM ticker; DROP TABLE ticker; ALTER TABLE copy RENAME TO "
        "ticker",
        "ALTER TABLE ticker RENAME COLUMN bid TO other; ALTER TABLE ticker RENAME COLUMN ask TO "
        "bid; "
        "ALTER TABLE ticker RENAME COLUMN other TO ask",
        "DELETE FROM ticker",
    };
    run_sql(tampering, changes[below(tampering, 6)]);
}

/* The first ones are changes and deletions of one point alone. */
static void (*const kinds[])(struct tampering *tampering) = {
    change_value, change_presence,           change_type,     change_number, forge_price,
    delete_point, delete_and_forge_a_letter, exchange_points, move_point,    add_point,
    change_table,
};
enum { KINDS = sizeof kinds / sizeof kinds[0], KINDS_OF_ONE_POINT = 8 };

static void make_ticks(struct ticker *ticks)
{
    struct random random = random_seeded(1);
    for (int64_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_tick(&random, symbols[i % COINS], (1 + i) * NS_PER_SECOND, i);
        ticks[i].run_id = 1767225600000 + i / 9;
        ticks[i].has[TICKER_BID] = true;
        ticks[i].figures[TICKER_BID] = 30000.5 + (double)i;
    }
}

/* Whether the books of the file balance with the log of `ticks` from `first` on, whose records are
 * compared as they are told if `early`. */
static bool balanced(const char *address, const struct ticker *ticks, size_t first, size_t victim,
                     bool with_letter, bool early)
{
    struct error error = {0};
    struct proof_case test = {.name = "tampered"};
    const struct store_config config = {.address = address, .read_only = true};
    struct store *points = store_open(&config, &error);
    struct store *candles = points != NULL ? store_open(&config, &error) : NULL;
    struct verify *verify = proof_create(&test, 1 << 16);
    if (first > 0) {
        verify_log_begins(verify, (struct place){2, (int64_t)first}, 1);
    }
    bool begun = points != NULL && (!early || verify_compare_early(verify, points, &error));
    for (size_t i = begun ? first : TICKS; i < TICKS; i++) {
        const struct place place = {.partition = 2, .offset = (int64_t)i};
        assert_true(verify_log_record(verify, place, &ticks[i], NULL, &error));
        assert_true(!with_letter || i != victim ||
                    verify_letter_record(verify, place, &ticks[i], NULL, &error));
    }
    bool done = begun && candles != NULL && proof_compare(verify, &test, points, candles, &error);
    bool fine = done && verify_report(verify)->balanced;
    /* What is not compared is refused for what it is, not for a failure on the way. */
    assert_true(done || error.kind == ERROR_USAGE);
    verify_destroy(verify);
    store_close(candles);
    store_close(points);
    return fine;
}

static void copy_file(const char *from, const char *to)
{
    size_t length = 0;
    char *bytes = support_read_file(from, &length);
    support_write_file(to, bytes, length);
    free(bytes);
}

struct bench {
    struct sqlite_place *place;
    struct ticker ticks[TICKS];
    char whole[600]; /* the file before anything was done to it */
};

static void prepare(struct bench *bench)
{
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    bench->place = place;
    make_ticks(bench->ticks);
    struct store *store = place_open_prepared(bench->place);
    cases_write(store, bench->ticks, TICKS);
    store_close(store);
    (void)snprintf(bench->whole, sizeof bench->whole, "%s.whole", bench->place->file);
    copy_file(bench->place->file, bench->whole);
}

/* One tampering with the victim's row or the table. */
static bool found(struct bench *bench, struct random *random, size_t first, size_t kinds_used)
{
    struct tampering tampering = {.ticks = bench->ticks};
    copy_file(bench->whole, bench->place->file);
    assert_int_equal(sqlite3_open(bench->place->file, &tampering.db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(tampering.db, "PRAGMA synchronous = OFF", NULL, NULL, NULL),
                     SQLITE_OK);
    tampering.random = random_seeded(random_next(random));
    tampering.number = first + below(&tampering, TICKS - 2 - first);
    tampering.victim = &bench->ticks[tampering.number];
    kinds[below(&tampering, kinds_used)](&tampering);
    assert_int_equal(sqlite3_close(tampering.db), SQLITE_OK);
    bool fine = balanced(bench->place->address, bench->ticks, first, tampering.number,
                         tampering.with_letter, below(&tampering, 4) > 0);
    if (fine) {
        print_message("not found: %s\n", tampering.done);
    }
    return !fine;
}

static void find_all(size_t first, size_t kinds_used)
{
    struct bench bench;
    prepare(&bench);
    for (size_t k = 0; k < sizeof seeds / sizeof seeds[0]; k++) {
        struct random random = random_seeded(seeds[k]);
        int missed = 0;
        for (int i = 0; i < TAMPERINGS; i++) {
            missed += found(&bench, &random, first, kinds_used) ? 0 : 1;
        }
        assert_int_equal(missed, 0);
        copy_file(bench.whole, bench.place->file);
        assert_true(balanced(bench.place->address, bench.ticks, first, 0, false, false));
        assert_true(balanced(bench.place->address, bench.ticks, first, 0, false, true));
    }
    void *place = bench.place;
    assert_int_equal(place_remove(&place), 0);
}

static void every_tampering_is_found(void **state)
{
    (void)state;
    find_all(0, KINDS);
}

static void on_a_cut_log_every_change_of_what_is_left_is_found(void **state)
{
    (void)state;
    find_all(FORGOTTEN, KINDS_OF_ONE_POINT);
}

/* A table made with a coin of no type, whose text then says what ours says: its key lists numbers
 * before text, where a search by name does not come to them. */
#define LOOKS_LIKE_OURS(rows)                                                                      \
    "CREATE TEMP TABLE kept AS SELECT sql FROM main.sqlite_schema WHERE name = 'ticker';"          \
    "CREATE TABLE other (coin, time INTEGER, last_price REAL, bid, bid_size, ask, ask_size,"       \
    " daily_change, daily_change_relative, volume, high, low, seq INTEGER, run_id INTEGER,"        \
    " market_cap, PRIMARY KEY (coin, time)) WITHOUT ROWID;"                                        \
    "INSERT INTO other SELECT * FROM ticker;"                                                      \
    "INSERT INTO other (coin, time, last_price, seq, run_id) VALUES " rows ";"                     \
    "DROP TABLE ticker; ALTER TABLE other RENAME TO ticker; PRAGMA writable_schema = ON;"          \
    "UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'ticker'"

/* The same with a coin whose names in upper and lower case are one: a row of TBTCUSD stands among
 * those of tBTCUSD, and a search for these finds it. */
#define LOOKS_LIKE_OURS_TOO(second)                                                                \
    "CREATE TEMP TABLE kept AS SELECT sql FROM main.sqlite_schema WHERE name = 'ticker';"          \
    "CREATE TABLE other (coin COLLATE NOCASE, time INTEGER, last_price REAL, bid, bid_size, ask,"  \
    " ask_size, daily_change, daily_change_relative, volume, high, low, seq INTEGER,"              \
    " run_id INTEGER, market_cap, PRIMARY KEY (coin, time)) WITHOUT ROWID;"                        \
    "INSERT INTO other SELECT * FROM ticker;"                                                      \
    "UPDATE other SET coin = 'TBTCUSD' WHERE coin = 'tBTCUSD' AND time = " second "000000000;"     \
    "DROP TABLE ticker; ALTER TABLE other RENAME TO ticker; PRAGMA writable_schema = ON;"          \
    "UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'ticker'"

#define ADD_ROWS(rows) "INSERT INTO ticker (coin, time, last_price, seq, run_id) VALUES " rows
#define ADD_INDEX "CREATE INDEX i ON ticker (coin, time, last_price)"

struct hiding {
    const char *sql;
    const char *coin;
    int64_t from_s, to_s; /* to_s 0: no bounds */
    int64_t foreign;
};

static const struct hiding hidings[] = {
    {.sql = "SELECT 1", .from_s = 3, .to_s = 40},
    /* A time that no bound has an answer for. */
    {.sql = ADD_ROWS("('tBTCUSD', 'x', 1, 0, 0)"), .from_s = 3, .to_s = 40, .foreign = 1},
    {.sql = ADD_ROWS("('tBTCUSD', x'00', 1, 0, 0), ('tNEW', '', 1, 0, 0), ('t USD', '', 1, 0, 0)"),
     .from_s = 3,
     .to_s = 40,
     .foreign = 3},
    {.sql = ADD_ROWS("('tBTCUSD', 4.5e9 + 0.5, 1, 0, 0)"), .from_s = 3, .to_s = 40, .foreign = 1},
    {.sql = ADD_ROWS("('tBTCUSD', 4.5e10 + 0.5, 1, 0, 0)"), .from_s = 3, .to_s = 40, .foreign = 1},
    {.sql = ADD_ROWS("('tBTCUSD', 'x', 1, 0, 0)"), .coin = "tXRPUSD", .from_s = 3, .to_s = 40},
    {.sql = ADD_ROWS("('tXRPUSD', 'x', 1, 0, 0)"),
     .coin = "tXRPUSD",
     .from_s = 3,
     .to_s = 40,
     .foreign = 1},
    /* Outside of the bounds nothing is told. */
    {.sql = ADD_ROWS("('t USD', 41000000000, 1, 0, 0)"), .from_s = 3, .to_s = 40},
    /* Names that steps down the key pass by. */
    {.sql = LOOKS_LIKE_OURS("(7, 1, 1, 0, 0), (8, 1, 1, 0, 0), (9, 1, 1, 0, 0)"), .foreign = 3},
    {.sql = LOOKS_LIKE_OURS("(7, 4000000000, 1, 0, 0), (8, 1, 1, 0, 0), ('7', 1, 1, 0, 0)"),
     .from_s = 3,
     .to_s = 40,
     .foreign = 1},
    {.sql = LOOKS_LIKE_OURS("(7, 1, 1, 0, 0), ('7', 1, 1, 0, 0), ('7', 2, 1, 0, 0)"), .foreign = 3},
    {.sql = LOOKS_LIKE_OURS_TOO("5"), .foreign = 1},
    {.sql = LOOKS_LIKE_OURS_TOO("41"), .foreign = 1},
    {.sql = LOOKS_LIKE_OURS_TOO("21"), .coin = "tBTCUSD", .from_s = 3, .to_s = 40, .foreign = 1},
    /* An index is asked instead of the table. */
    {.sql = ADD_INDEX, .foreign = 1},
    {.sql = ADD_INDEX, .coin = "tXRPUSD", .from_s = 3, .to_s = 40, .foreign = 1},
    {.sql = ADD_INDEX "; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX "
                      "i ON ticker (coin, time, bid)' WHERE name = 'i'",
     .foreign = 1},
};

static int64_t foreign_of(const struct bench *bench, const struct hiding *hiding, bool early)
{
    struct error error = {0};
    const struct proof_case test = {
        .name = hiding->sql, .coin = hiding->coin, .from_s = hiding->from_s, .to_s = hiding->to_s};
    struct store *points = place_open(bench->place, true);
    struct store *candles = place_open(bench->place, true);
    struct verify *verify = proof_create(&test, 1 << 16);
    assert_true(!early || verify_compare_early(verify, points, &error));
    for (size_t i = 0; i < TICKS; i++) {
        const struct place place = {.partition = 2, .offset = (int64_t)i};
        assert_true(verify_log_record(verify, place, &bench->ticks[i], NULL, &error));
    }
    bool compared = proof_compare(verify, &test, points, candles, &error);
    assert_string_equal(error.text, "");
    assert_true(compared);
    const struct verify_report *report = verify_report(verify);
    int64_t foreign = report->faults[VERIFY_FOREIGN];
    assert_int_equal(report->balanced, foreign == 0);
    verify_destroy(verify);
    store_close(candles);
    store_close(points);
    return foreign;
}

static void what_a_bound_a_key_or_an_index_hides_is_told(void **state)
{
    (void)state;
    struct bench bench;
    prepare(&bench);
    for (size_t i = 0; i < sizeof hidings / sizeof hidings[0]; i++) {
        struct tampering tampering = {.number = 0};
        copy_file(bench.whole, bench.place->file);
        assert_int_equal(sqlite3_open(bench.place->file, &tampering.db), SQLITE_OK);
        run_sql(&tampering, hidings[i].sql);
        assert_int_equal(sqlite3_close(tampering.db), SQLITE_OK);
        for (int early = 0; early < 2; early++) {
            int64_t foreign = foreign_of(&bench, &hidings[i], early > 0);
            if (foreign != hidings[i].foreign) {
                fail_msg("%zu, early %d: %s: %lld foreign, wanted %lld", i, early, hidings[i].sql,
                         (long long)foreign, (long long)hidings[i].foreign);
            }
        }
    }
    void *place = bench.place;
    assert_int_equal(place_remove(&place), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_bound_a_key_or_an_index_hides_is_told),
        cmocka_unit_test(every_tampering_is_found),
        cmocka_unit_test(on_a_cut_log_every_change_of_what_is_left_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
