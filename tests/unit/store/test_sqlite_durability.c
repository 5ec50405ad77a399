/* The SQLite end under locks, full disks, several writers, kills, and time. What happens to its
 * files is in test_sqlite_files.c. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bar_cases.h"
#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "sqlite_place.h"
#include "store_cases.h"
#include "support.h"

static void lock_held_by_another_means_retry(void **state)
{
    struct sqlite_place *place = *state;
    struct store *store = place_open_prepared(place);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(place->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "another program holds it"));
    assert_int_equal(cases_count(store), 0); /* reading goes on meanwhile */

    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    cases_write(store, &tick, 1);
    assert_int_equal(cases_count(store), 1);
    store_close(store);
}

/* A store's end has 10 s, so that a lock held by another must not keep it. */
static void *stop_soon(void *stop)
{
    nanosleep(&(struct timespec){.tv_nsec = 200 * NS_PER_MS}, NULL);
    stop_request(stop);
    return NULL;
}

static void stop_ends_the_wait_for_a_lock(void **state)
{
    struct sqlite_place *place = *state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    struct store *store =
        store_open(&(struct store_config){.address = place->address, .stop = stop}, &error);
    assert_non_null(store);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(place->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, stop), 0);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct rejected_list rejected = {0};
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_true(clock_monotonic_ns() - begin_ns < 2 * NS_PER_SECOND);
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(pthread_join(stopper, NULL), 0);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);

    /* Nothing in the way: what is written is still taken. */
    cases_write(store, &tick, 1);
    store_close(store);
    stop_destroy(stop);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    /* The write then fails instead of ending the process. */
    assert_true(signal(SIGXFSZ, bytes == RLIM_INFINITY ? SIG_DFL : SIG_IGN) != SIG_ERR);
}

/* What a full disk does: the batch is whole or not there. */
static void full_disk_means_retry_and_nothing_half(void **state)
{
    struct sqlite_place *place = *state;
    enum { TICKS = 5000 };
    struct ticker *ticks = calloc(TICKS, sizeof *ticks);
    assert_non_null(ticks);
    for (size_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i, (int64_t)i);
    }
    struct store *store = place_open_prepared(place);
    cases_write(store, ticks, 1);
    limit_file_size(64 * 1024);
    struct rejected_list rejected = {0};
    struct error error = {0};
    bool written = store_write(store, &(struct record_set){&ticker_kind, ticks, TICKS, NULL},
                               &rejected, &error);
    limit_file_size(RLIM_INFINITY);
    assert_false(written);
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(cases_count(store), 1);
    cases_write(store, ticks, TICKS);
    assert_int_equal(cases_count(store), TICKS);
    store_close(store);
    free(ticks);
}

enum { THREADS = 3, BATCHES = 40, BATCH = 50 };

struct writer {
    const struct sqlite_place *place;
    int number;
};

/* Two coins that all writers share, so that they also write the same points. */
static void *write_batches(void *argument)
{
    const struct writer *writer = argument;
    struct store *store = place_open_prepared(writer->place);
    struct ticker ticks[BATCH];
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < BATCH; i++) {
            int seq = batch * BATCH + i;
            ticks[i] = cases_plain_tick(i % 2 ? "tBTCUSD" : "tETHUSD",
                                        seq + (i % 5 == 0 ? writer->number * 1000000 : 0), seq);
        }
        cases_write(store, ticks, BATCH);
    }
    store_close(store);
    return NULL;
}

static void writers_and_reader_at_once_lose_nothing(void **state)
{
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){.place = *state, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_batches, &writers[i]), 0);
    }
    struct store *reader = place_open(*state, true);
    for (int i = 0; i < 50; i++) {
        struct series_summary *coins = NULL;
        size_t count = 0;
        struct error error = {0};
        if (!store_list_series(reader, &ticker_kind, &coins, &count, &error)) {
            if (strstr(error.text, "nothing stored yet") == NULL) {
                fail_msg("%s", error.text);
            }
        }
        free(coins);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    /* 4 of 5 ticks are the same in every thread. */
    int64_t ticks = BATCHES * BATCH;
    assert_int_equal(cases_count(reader), ticks * 4 / 5 + THREADS * (ticks / 5));
    store_close(reader);
}

/* Child: writes batch after batch and says which is durable, until it is killed. */
static void write_until_killed(const struct sqlite_place *place, int pipe_end)
{
    struct store *store = place_open_prepared(place);
    for (int batch = 0;; batch++) {
        struct ticker ticks[BATCH];
        for (int i = 0; i < BATCH; i++) {
            ticks[i] = cases_plain_tick("tBTCUSD", batch * BATCH + i, batch);
        }
        cases_write(store, ticks, BATCH);
        if (write(pipe_end, &batch, sizeof batch) != (ssize_t)sizeof batch) {
            _exit(1);
        }
    }
}

static void killed_writer_loses_no_written_batch(void **state)
{
    for (int round = 0; round < 3; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(ends[0]); /* so that it ends when this process does */
            write_until_killed(*state, ends[1]);
        }
        int last = -1;
        int batch = 0;
        assert_int_equal(close(ends[1]), 0);
        while (last < 5 + round * 7 && read(ends[0], &batch, sizeof batch) == sizeof batch) {
            last = batch;
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(ends[0], &batch, sizeof batch) == sizeof batch) {
            last = batch;
        }
        assert_int_equal(close(ends[0]), 0);

        struct store *store = place_open_prepared(*state);
        int64_t points = cases_count(store);
        assert_true(points >= (int64_t)(last + 1) * BATCH);
        assert_int_equal(points % BATCH, 0); /* a batch is there as a whole or not at all */
        store_close(store);
    }
}

static struct store *open_with_retention(const struct sqlite_place *place)
{
    struct error error = {0};
    struct store *store = store_open(
        &(struct store_config){.address = place->address, .retention_ns = 3600 * NS_PER_SECOND},
        &error);
    assert_non_null(store);
    return store;
}

static void retention_deletes_by_event_time(void **state)
{
    enum { OLD = 4500 }; /* more than one step's */
    struct ticker *ticks = calloc(OLD + 2, sizeof *ticks);
    assert_non_null(ticks);
    int64_t now_ns = clock_wall_ns();
    for (size_t i = 0; i < OLD; i++) {
        ticks[i] = cases_plain_tick(i % 3 ? "tBTCUSD" : "tOLD",
                                    now_ns - 7200 * NS_PER_SECOND + (int64_t)i, (int64_t)i);
    }
    ticks[OLD] = cases_plain_tick("tBTCUSD", now_ns - 1800 * NS_PER_SECOND, 1);
    ticks[OLD + 1] = cases_plain_tick("tBTCUSD", now_ns, 2);
    struct error error = {0};
    struct store *store = open_with_retention(*state);
    cases_write(store, ticks, OLD + 2);
    assert_int_equal(cases_count(store), 2);
    struct series_summary *coins = NULL;
    size_t count = 0;
    assert_true(store_list_series(store, &ticker_kind, &coins, &count, &error));
    assert_int_equal(count, 1);
    assert_int_equal(coins[0].first_time_ns, now_ns - 1800 * NS_PER_SECOND);
    free(coins);

    /* At most once a minute: what is written now stays for a while. */
    cases_write(store, ticks, 10);
    assert_int_equal(cases_count(store), 12);
    store_close(store);
    free(ticks);
}

/* Each has few old points, and there are more series than one purge has steps. */
static void retention_reaches_all_of_many_series(void **state)
{
    enum { COINS = 100 };
    struct ticker ticks[COINS];
    int64_t old_ns = clock_wall_ns() - 7200 * NS_PER_SECOND;
    for (int i = 0; i < COINS; i++) {
        char coin[SYMBOL_MAX + 1];
        (void)snprintf(coin, sizeof coin, "tC%03dUSD", i);
        ticks[i] = cases_plain_tick(coin, old_ns + i, i);
    }
    struct store *store = open_with_retention(*state);
    cases_write(store, ticks, COINS);
    assert_int_equal(cases_count(store), 0);
    store_close(store);
}

/* All bars of a day are stored at its beginning: none goes before its own time is over. */
static void retention_deletes_whole_days_of_bars(void **state)
{
    const int64_t minute_ns = 60 * NS_PER_SECOND;
    int64_t now_ns = clock_wall_ns() / minute_ns * minute_ns;
    const struct bar bars[] = {
        cases_bar("AAPL", "replay", "1m", now_ns - 72 * 60 * minute_ns, 1),
        cases_bar("AAPL", "replay", "1m", now_ns - 30 * minute_ns, 2),
        cases_bar("AAPL", "replay", "1m", now_ns, 3),
    };
    int64_t points = 0;
    struct error error = {0};
    struct store *store = open_with_retention(*state);
    cases_write_bars(store, bars, sizeof bars / sizeof bars[0]);
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, 2);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(lock_held_by_another_means_retry),
        WITH_PLACE(stop_ends_the_wait_for_a_lock),
        WITH_PLACE(full_disk_means_retry_and_nothing_half),
        WITH_PLACE(writers_and_reader_at_once_lose_nothing),
        WITH_PLACE(killed_writer_loses_no_written_batch),
        WITH_PLACE(retention_deletes_by_event_time),
        WITH_PLACE(retention_reaches_all_of_many_series),
        WITH_PLACE(retention_deletes_whole_days_of_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
