/* The SQLite end whose files are pulled away, replaced, cut off or led elsewhere while in use. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/sqlite_files.h"
#include "cmocka_all.h"
#include "sqlite_place.h"
#include "store_cases.h"
#include "support.h"

/* What is written to a file without a name is lost with the connection, so it is not durable. */
static void removed_or_replaced_file_is_noticed_and_begun_again(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    struct store *reader = place_open(place, true);
    const struct ticker ticks[] = {cases_plain_tick("tBTCUSD", 1, 1),
                                   cases_plain_tick("tBTCUSD", 2, 2)};
    struct rejected_list rejected = {0};
    struct error error = {0};
    cases_write(store, &ticks[0], 1);
    assert_int_equal(cases_count(reader), 1);
    for (int replaced = 0; replaced < 2; replaced++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            char path[400];
            (void)snprintf(path, sizeof path, "%s%s", place->file, ends[i]);
            assert_int_equal(unlink(path), 0);
        }
        if (replaced) {
            store_close(place_open_prepared(place));
        }
        assert_false(store_write(store, &(struct record_set){&ticker_kind, &ticks[1], 1, NULL},
                                 &rejected, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_non_null(strstr(error.text, "removed or replaced"));

        cases_write(store, &ticks[1], 1);
        struct store *other = place_open(place, true);
        assert_int_equal(cases_count(other), 1);
        store_close(other);
        int64_t points = 0;
        assert_false(store_count(reader, &ticker_kind, &points, &error));
        assert_non_null(strstr(error.text, "removed or replaced"));
        assert_int_equal(cases_count(reader), 1);
    }
    store_close(reader);
    store_close(store);
}

/* `path` + `ending`: removed, or an empty file put in its place. */
static void pull_away(const struct sqlite_place *place, const char *ending, bool replaced)
{
    char path[400];
    char fresh[420];
    (void)snprintf(path, sizeof path, "%s%s", place->file, ending);
    (void)snprintf(fresh, sizeof fresh, "%s.fresh", path);
    if (replaced) {
        support_write_file(fresh, "", 0);
        assert_int_equal(rename(fresh, path), 0);
    } else {
        assert_int_equal(unlink(path), 0);
    }
}

/* What is in the file of that name: what another program would find after a kill -9 of this one. */
static int64_t points_after_a_kill(const struct sqlite_place *place)
{
    struct sqlite_place copy = {.file = ""};
    (void)snprintf(copy.file, sizeof copy.file, "%.280s.copy", place->file);
    (void)snprintf(copy.address, sizeof copy.address, "sqlite:%s", copy.file);
    static const char *const endings[] = {"", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        char command[1000];
        (void)snprintf(command, sizeof command, "rm -f %s%s; cp %s%s %s%s 2>/dev/null || true",
                       copy.file, endings[i], place->file, endings[i], copy.file, endings[i]);
        assert_int_equal(system(command), 0);
    }
    struct store *store = place_open(&copy, true);
    int64_t points = cases_count(store);
    store_close(store);
    return points;
}

/* A reader of the same process has to let go of what it has open, too. */
static void write_until_both_have_it(struct store *store, struct store *reader,
                                     const struct ticker *tick)
{
    struct rejected_list rejected = {0};
    struct error error = {0};
    int64_t points = 0;
    bool written = false;
    bool read = false;
    for (int tries = 0; !written || !read; tries++) {
        assert_in_range(tries, 0, 4);
        written = written || store_write(store, &(struct record_set){&ticker_kind, tick, 1, NULL},
                                         &rejected, &error);
        read = store_count(reader, &ticker_kind, &points, &error);
        assert_true((written && read) || error.kind == ERROR_RETRY);
    }
}

/* A commit into a log without a name would be lost with the process: what is acknowledged is in the
 * file, and nothing is acknowledged that is not. */
static void log_pulled_away_is_noticed_saved_and_begun_again(void **state)
{
    static const char *const endings[][2] = {{"-wal", NULL}, {"-shm", NULL}, {"-wal", "-shm"}};
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    struct store *reader = place_open(place, true);
    int64_t points = 0;
    for (int replaced = 0; replaced < 2; replaced++) {
        for (size_t i = 0; i < 3; i++) {
            struct ticker tick = cases_plain_tick("tBTCUSD", ++points, 1);
            cases_write(store, &tick, 1);
            assert_int_equal(cases_count(reader), points);
            for (size_t k = 0; k < 2 && endings[i][k] != NULL; k++) {
                pull_away(place, endings[i][k], replaced);
            }
            struct rejected_list rejected = {0};
            struct error error = {0};
            tick = cases_plain_tick("tBTCUSD", points + 1, 1);
            assert_false(store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL},
                                     &rejected, &error));
            assert_non_null(strstr(error.text, "removed or replaced"));
            assert_int_equal(points_after_a_kill(place), points);
            write_until_both_have_it(store, reader, &tick);
            assert_int_equal(points_after_a_kill(place), ++points);
        }
    }
    assert_int_equal(store_emptied_ns(store), 0);
    store_close(reader);
    store_close(store);
}

struct puller {
    const struct sqlite_place *place;
    sqlite3 *lock; /* holds the writers' lock */
    const char *ending;
};

static void *pull_and_let_go(void *context)
{
    const struct puller *puller = context;
    nanosleep(&(struct timespec){.tv_nsec = 200 * NS_PER_MS}, NULL); /* the writer waits by then */
    pull_away(puller->place, puller->ending, false);
    assert_int_equal(sqlite3_exec(puller->lock, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    return NULL;
}

/* What SQLite goes on with behind a hole is not there for who opens the file next. */
static void log_cut_off_in_place_is_noticed_before_more_is_acknowledged(void **state)
{
    static const struct {
        const char *ending;
        off_t size;
        bool lost;
    } cuts[] = {{"-wal", 0, true}, {"-wal", 9000, true}, {"-shm", 0, false}};
    struct sqlite_place *place = *state;
    int64_t seconds = 0;
    store_close(place_open_prepared(place)); /* the table is in the file */
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct store *store = place_open_prepared(place);
        struct ticker tick;
        for (int k = 0; k < 5; k++) {
            tick = cases_plain_tick("tBTCUSD", ++seconds, 1);
            cases_write(store, &tick, 1);
        }
        char path[400];
        (void)snprintf(path, sizeof path, "%s%s", place->file, cuts[i].ending);
        assert_int_equal(truncate(path, cuts[i].size), 0);
        struct rejected_list rejected = {0};
        struct error error = {0};
        int64_t before = points_after_a_kill(place);
        tick = cases_plain_tick("tBTCUSD", ++seconds, 1);
        assert_false(store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL},
                                 &rejected, &error));
        assert_non_null(strstr(error.text, "cut off"));
        assert_int_not_equal(store_emptied_ns(store), 0);
        cases_write(store, &tick, 1);
        assert_int_equal(cases_count(store), before + 1);
        assert_int_equal(points_after_a_kill(place), before + 1);
        assert_int_equal(before < seconds - 1, cuts[i].lost || i > 0);
        store_close(store);
    }
}

/* Somebody else has committed behind the hole: the log has its length again, but no head. */
static void log_that_others_went_on_with_behind_a_cut_is_noticed(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    const struct ticker ticks[] = {cases_plain_tick("tBTCUSD", 1, 1),
                                   cases_plain_tick("tBTCUSD", 2, 2)};
    cases_write(store, ticks, 1);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(place->file, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "PRAGMA cache_size = 100; SELECT * FROM ticker", NULL, NULL, NULL),
        SQLITE_OK);
    char path[400];
    (void)snprintf(path, sizeof path, "%s-wal", place->file);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(sqlite3_exec(other, "DELETE FROM ticker", NULL, NULL, NULL), SQLITE_OK);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(store_write(store, &(struct record_set){&ticker_kind, &ticks[1], 1, NULL},
                             &rejected, &error));
    assert_non_null(strstr(error.text, "cut off"));
    sqlite_files_abandon(other);
    store_close(store);
}

static int64_t points_at(const char *file)
{
    struct sqlite_place there = {.file = ""};
    (void)snprintf(there.address, sizeof there.address, "sqlite:%s", file);
    struct store *store = place_open(&there, true);
    int64_t points = cases_count(store);
    store_close(store);
    return points;
}

/* Who opens the file by its name finds another, or another log. */
static void name_that_leads_elsewhere_is_noticed(void **state)
{
    struct sqlite_place *place = *state;
    char one[320];
    char two[320];
    (void)snprintf(one, sizeof one, "%s.one", place->file);
    (void)snprintf(two, sizeof two, "%s.two", place->file);
    assert_int_equal(symlink(one, place->file), 0);
    struct store *store = place_open_prepared(place);
    struct rejected_list rejected = {0};
    struct error error = {0};
    struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);

    assert_int_equal(unlink(place->file), 0);
    assert_int_equal(symlink(two, place->file), 0);
    tick = cases_plain_tick("tBTCUSD", 2, 1);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_non_null(strstr(error.text, "removed or replaced"));
    cases_write(store, &tick, 1);
    assert_int_equal(points_at(place->file), 1);
    assert_int_equal(points_at(one), 1);

    assert_int_equal(unlink(place->file), 0);
    assert_int_equal(rename(two, place->file), 0);
    tick = cases_plain_tick("tBTCUSD", 3, 1);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_non_null(strstr(error.text, "renamed or emptied while in use"));
    cases_write(store, &tick, 1);
    assert_int_equal(points_at(place->file), 2);

    assert_int_equal(rename(place->file, two), 0);
    assert_int_equal(symlink(two, place->file), 0);
    tick = cases_plain_tick("tBTCUSD", 4, 1);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    cases_write(store, &tick, 1);
    assert_int_equal(points_at(place->file), 3);
    store_close(store);
}

/* SQLite would keep a log for each name. */
static void file_of_two_names_is_not_opened_to_be_written(void **state)
{
    struct sqlite_place *place = *state;
    char other[320];
    (void)snprintf(other, sizeof other, "%s.other", place->file);
    store_close(place_open_prepared(place));
    assert_int_equal(link(place->file, other), 0);
    struct error error = {0};
    struct store_config config = {.address = place->address};
    assert_null(store_open(&config, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "2 names (hard links)"));
    store_close(place_open(place, true));
    assert_int_equal(unlink(other), 0);
    store_close(place_open_prepared(place));
}

/* Refused at the next opening; until then it changes nothing. */
static void trigger_made_while_the_file_is_open_does_not_act(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(place->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other,
                                  "CREATE TRIGGER t AFTER INSERT ON ticker BEGIN DELETE FROM "
                                  "ticker; END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    tick = cases_plain_tick("tBTCUSD", 2, 1);
    cases_write(store, &tick, 1);
    assert_int_equal(cases_count(store), 2);
    store_close(store);
}

/* Between the look before a commit and the commit. */
static void file_pulled_away_during_a_write_is_noticed_before_it_is_acknowledged(void **state)
{
    static const char *const endings[] = {"-wal", "-shm", ""};
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        struct ticker tick = cases_plain_tick("tBTCUSD", (int64_t)i + 1, 1);
        struct rejected_list rejected = {0};
        struct error error = {0};
        struct puller puller = {.place = place, .ending = endings[i]};
        pthread_t thread;
        assert_int_equal(sqlite3_open(place->file, &puller.lock), SQLITE_OK);
        assert_int_equal(sqlite3_exec(puller.lock, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(pthread_create(&thread, NULL, pull_and_let_go, &puller), 0);
        assert_false(store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL},
                                 &rejected, &error));
        assert_non_null(strstr(error.text, "removed or replaced"));
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(sqlite3_close(puller.lock), SQLITE_OK);
        cases_write(store, &tick, 1);
    }
    assert_true(store_emptied_ns(store) > 0); /* the last one */
    store_close(store);
}

/* With another program's log in its place, writing the old one would damage the file. */
static void log_that_others_have_begun_anew_is_not_overwritten(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    cases_write(store, &tick, 1);
    pull_away(place, "-wal", false);
    char path[400];
    (void)snprintf(path, sizeof path, "%s-wal", place->file);
    support_write_file(path, "another program's", 17);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_non_null(strstr(error.text, "partly lost"));
    assert_true(store_emptied_ns(store) > 0);
    store_close(store);
}

static void folder_renamed_and_back_again_loses_nothing(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    struct ticker ticks[] = {cases_plain_tick("tBTCUSD", 1, 1), cases_plain_tick("tBTCUSD", 2, 1)};
    cases_write(store, &ticks[0], 1);
    char elsewhere[300];
    (void)snprintf(elsewhere, sizeof elsewhere, "%s.elsewhere", place->folder);
    assert_int_equal(rename(place->folder, elsewhere), 0);
    struct rejected_list rejected = {0};
    struct error error = {0};
    for (int i = 0; i < 3; i++) {
        assert_false(store_write(store, &(struct record_set){&ticker_kind, &ticks[1], 1, NULL},
                                 &rejected, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
    }
    assert_int_equal(rename(elsewhere, place->folder), 0);
    cases_write(store, &ticks[1], 1);
    assert_int_equal(points_after_a_kill(place), 2);
    assert_int_equal(store_emptied_ns(store), 0);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(removed_or_replaced_file_is_noticed_and_begun_again),
        WITH_PLACE(log_pulled_away_is_noticed_saved_and_begun_again),
        WITH_PLACE(log_cut_off_in_place_is_noticed_before_more_is_acknowledged),
        WITH_PLACE(log_that_others_went_on_with_behind_a_cut_is_noticed),
        WITH_PLACE(name_that_leads_elsewhere_is_noticed),
        WITH_PLACE(file_of_two_names_is_not_opened_to_be_written),
        WITH_PLACE(trigger_made_while_the_file_is_open_does_not_act),
        WITH_PLACE(file_pulled_away_during_a_write_is_noticed_before_it_is_acknowledged),
        WITH_PLACE(log_that_others_have_begun_anew_is_not_overwritten),
        WITH_PLACE(folder_renamed_and_back_again_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
