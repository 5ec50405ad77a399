/* The poller with the sources that it is for: what comes out is what went in. */
#include <stdio.h>

#include "poller_fixture.h"
#include "record/bar.h"
#include "source/sources.h"

static void start_with(struct fixture *fixture, struct source *source)
{
    struct error error = {0};
    assert_non_null(source);
    fixture->poller = poller_create(&fixture->config, source, &error);
    assert_non_null(fixture->poller);
    start_poller(fixture);
}

static void forget_run(struct fixture *fixture)
{
    poller_destroy(fixture->poller);
    fixture->poller = NULL;
    fixture->count = 0;
    atomic_store(&fixture->ends, 0);
}

static void a_replay_gives_every_row_and_the_same_each_time(void **state)
{
    struct fixture *fixture = *state;
    enum { ROWS = 3000 };
    char folder[128];
    char path[160];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/prices.csv", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("time,symbol,last_price\n", file) >= 0);
    for (int i = 0; i < ROWS; i++) {
        assert_true(fprintf(file, "%d,t%dUSD,%d\n", 1767225600 + i / 7, i % 7, i) > 0);
    }
    assert_int_equal(fclose(file), 0);
    struct ticker *first = calloc(ROWS, sizeof *first);
    assert_non_null(first);
    for (int run = 0; run < 2; run++) {
        struct replay_config config = {.path = path, .coins = "ALL"};
        struct error error = {0};
        start_with(fixture, replay_source_create(&config, &error));
        struct poller_stats stats = wait_for_end(fixture);
        assert_true(stats.ended && stats.healthy);
        assert_int_equal(stats.rows.rows, ROWS);
        assert_int_equal(stats.rows.rejected[ROW_BAD_PRICE], 1); /* row 0 */
        assert_int_equal(stats.produced, ROWS - 1);
        assert_int_equal(fixture->count, ROWS - 1);
        if (run == 0) {
            memcpy(first, fixture->ticks, fixture->count * sizeof *first);
        }
        assert_memory_equal(first, fixture->ticks, fixture->count * sizeof *first);
        forget_run(fixture);
    }
    free(first);
    support_remove_folder(folder);
}

/* The records that a sink was handed, and when. */
struct handed {
    const struct fixture *fixture;
    const struct record_kind *kind;
    int64_t moments_ns[8], at_ns[8]; /* monotonic */
    size_t count;
};

static bool note(void *context, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts, int64_t arrived_ns)
{
    struct handed *handed = context;
    (void)texts;
    (void)arrived_ns;
    require(handed->count < 8);
    handed->kind = kind;
    handed->moments_ns[handed->count] = column_int64(kind->moment, record);
    handed->at_ns[handed->count++] = atomic_load(&handed->fixture->now_ns);
    return true;
}

static void bars_are_handed_on_as_they_are_and_paced_by_their_open_times(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "open_time,symbol,timeframe,open,high,low,close\n"
                               "2024-01-01T00:00:00Z,AAPL,1h,1,2,1,2\n"
                               "2024-01-01T01:00:00Z,AAPL,1h,1,2,1,2\n"
                               "2024-01-01T03:00:00Z,AAPL,1h,1,2,1,2\n";
    static const int64_t hours[] = {0, 1, 3};
    char folder[128];
    char path[160];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/bars.csv", folder);
    support_write_file(path, text, sizeof text - 1);
    struct handed handed = {.fixture = fixture};
    struct error error = {0};
    fixture->config.sink = note;
    fixture->config.sink_context = &handed;
    fixture->config.speed = 60;
    start_with(fixture,
               replay_source_create(&(struct replay_config){.path = path, .coins = "ALL"}, &error));
    struct poller_stats stats = wait_for_end(fixture);
    assert_true(stats.ended && stats.healthy);
    assert_string_equal(stats.reason, "replay is used up: all its bars were handed on");
    assert_int_equal(stats.produced, 3);
    assert_ptr_equal(handed.kind, &bar_kind);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(handed.moments_ns[i] - handed.moments_ns[0], hours[i] * 3600 * SECOND);
        assert_int_equal(handed.at_ns[i] - handed.at_ns[0], hours[i] * 60 * SECOND);
    }
    support_remove_folder(folder);
}

static void live_synthetic_ticks_get_new_identities_in_every_run(void **state)
{
    struct fixture *fixture = *state;
    int64_t last_ns = INT64_MIN;
    for (int run = 0; run < 2; run++) {
        struct synthetic_config config = {
            .coins = "tBTCUSD", .step_ns = 5 * SECOND, .live = true, .limit = 10};
        struct error error = {0};
        fixture->config.run_id = 100 + run;
        start_with(fixture, synthetic_source_create(&config, &error));
        struct poller_stats stats = wait_for_end(fixture);
        assert_int_equal(stats.requests, 11);
        assert_int_equal(fixture->count, 10);
        for (size_t i = 0; i < 10; i++) {
            assert_true(fixture->ticks[i].event_time_ns > last_ns);
            last_ns = fixture->ticks[i].event_time_ns;
            assert_int_equal(fixture->ticks[i].run_id, 100 + run);
            assert_int_equal(fixture->ticks[i].seq, i + 1);
        }
        forget_run(fixture);
        pass(fixture, SECOND);
    }
}

static void fast_synthetic_ticks_begin_after_the_log(void **state)
{
    struct fixture *fixture = *state;
    struct synthetic_config config = {.coins = "tBTCUSD", .step_ns = SECOND, .limit = 50};
    struct error error = {0};
    struct source *source = synthetic_source_create(&config, &error);
    assert_non_null(source);
    fixture->poller = poller_create(&fixture->config, source, &error);
    assert_non_null(fixture->poller);
    int64_t newest_ns = clock_wall_ns() + 3600 * SECOND;
    assert_true(tell_stamp(fixture->poller, "tETHUSD", newest_ns));
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_int_equal(stats.produced, 50);
    assert_int_equal(stats.held_back, 0);
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(fixture->ticks[i].event_time_ns, newest_ns + 1 + (int64_t)i * SECOND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_replay_gives_every_row_and_the_same_each_time),
        TEST(bars_are_handed_on_as_they_are_and_paced_by_their_open_times),
        TEST(live_synthetic_ticks_get_new_identities_in_every_run),
        TEST(fast_synthetic_ticks_begin_after_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
