/*
 * A poller whose source follows a script and whose time is made up: a wait passes at once, by
 * moving the time on, so that what takes minutes is tested in milliseconds.
 */
#ifndef CANDLEWICK_TESTS_POLLER_FIXTURE_H
#define CANDLEWICK_TESTS_POLLER_FIXTURE_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "source/poller.h"
#include "support.h"

#define SECOND NS_PER_SECOND
#define WALL_NS INT64_C(1767225600000000000) /* at the start; the monotonic time is 0 then */

enum { STEPS_MAX = 64, TICKS_MAX = 4096 };

/* Tells of a tick in the log. */
static inline bool tell_stamp(struct poller *poller, const char *symbol, int64_t time_ns)
{
    struct ticker tick = {.source = "bitfinex", .event_time_ns = time_ns};
    (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
    static const struct poller_place place = {.text = "tickers, partition 3, offset 17"};
    return poller_restore(poller, &ticker_kind, &tick, NULL, &place);
}

/* One call of the source's `next`. */
struct step {
    enum source_next result;
    const char *symbols[4]; /* of a batch, ended by NULL */
    int64_t times_ns[4];    /* has_time, when the first is not 0 */
    double price;           /* 0: 1.5 */
    int64_t takes_ms;
    int64_t wall_step_ms; /* the wall clock alone is set */
    struct error error;
    bool stop; /* the stop is requested meanwhile */
};

struct fixture {
    struct poller *poller;
    struct stop *stop;
    struct poller_config config;
    struct poller_clock clock;
    bool live, own_times;
    const char *service; /* of the source; its ticks are of "script" */
    atomic_llong now_ns;
    atomic_llong wall_ns;
    atomic_int ends; /* calls of on_end */

    /* The poller thread's until on_end was called. */
    struct step steps[STEPS_MAX];
    size_t step;
    int64_t asked_ns[STEPS_MAX]; /* monotonic */
    struct ticker ticks[TICKS_MAX];
    int64_t taken_ns[TICKS_MAX]; /* monotonic */
    size_t count;
    int64_t sink_takes_ms; /* for each tick */
    size_t refuse_from;    /* the sink takes no tick from this one on; 0: it takes all */
    int64_t begun_ns;      /* what `begin` was told */
    int waits;
    int64_t look_from_ns;       /* the first wait that ends after this... */
    struct poller_stats looked; /* ... sees these */
    bool has_looked;
};

/* On the poller's thread, where cmocka cannot take a failed assertion. */
static inline void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static inline void pass(struct fixture *fixture, int64_t ns)
{
    (void)atomic_fetch_add(&fixture->now_ns, ns);
    (void)atomic_fetch_add(&fixture->wall_ns, ns);
}

static inline int64_t fake_monotonic_ns(void *context)
{
    struct fixture *fixture = context;
    return atomic_load(&fixture->now_ns);
}

static inline int64_t fake_wall_ns(void *context)
{
    struct fixture *fixture = context;
    return atomic_load(&fixture->wall_ns);
}

static inline bool fake_wait_ms(void *context, struct stop *stop, int64_t ms)
{
    struct fixture *fixture = context;
    int64_t end_ns = atomic_load(&fixture->now_ns) + ms * NS_PER_MS;
    fixture->waits++;
    if (!fixture->has_looked && fixture->look_from_ns > 0 && end_ns > fixture->look_from_ns) {
        fixture->has_looked = true;
        pass(fixture, fixture->look_from_ns - atomic_load(&fixture->now_ns));
        poller_stats(fixture->poller, &fixture->looked);
    }
    pass(fixture, end_ns - atomic_load(&fixture->now_ns));
    return stop_requested(stop);
}

static inline void script_begin(void *state, int64_t newest_stamp_ns)
{
    struct fixture *fixture = state;
    fixture->begun_ns = newest_stamp_ns;
}

static inline enum source_next script_next(void *state, struct source_batch *batch,
                                           struct row_counts *counts, struct error *error)
{
    struct fixture *fixture = state;
    require(fixture->step < STEPS_MAX);
    fixture->asked_ns[fixture->step] = atomic_load(&fixture->now_ns);
    const struct step *step = &fixture->steps[fixture->step++];
    pass(fixture, step->takes_ms * NS_PER_MS);
    (void)atomic_fetch_add(&fixture->wall_ns, step->wall_step_ms * NS_PER_MS);
    source_batch_begin(batch, &ticker_kind, step->times_ns[0] != 0);
    for (size_t i = 0; i < 4 && step->symbols[i] != NULL; i++) {
        struct ticker *tick = source_batch_add(batch);
        require(tick != NULL);
        (void)str_copy(str_from(step->symbols[i]), tick->symbol, sizeof tick->symbol);
        (void)str_copy(str_from("script"), tick->source, sizeof tick->source);
        tick->last_price = step->price == 0 ? 1.5 : step->price;
        tick->event_time_ns = step->times_ns[i];
        counts->rows++;
        counts->records++;
    }
    if (step->stop) {
        stop_request(fixture->stop);
    }
    *error = step->error;
    return step->result;
}

static inline bool keep_tick(void *context, const struct record_kind *kind, const void *record,
                             const struct text_arena *texts, int64_t arrived_ns)
{
    struct fixture *fixture = context;
    (void)texts;
    (void)arrived_ns;
    const struct ticker *tick = record;
    require(kind == &ticker_kind); /* the fixture keeps nothing else */
    require(fixture->count < TICKS_MAX);
    fixture->taken_ns[fixture->count] = atomic_load(&fixture->now_ns);
    fixture->ticks[fixture->count++] = *tick;
    pass(fixture, fixture->sink_takes_ms * NS_PER_MS);
    return fixture->refuse_from == 0 || fixture->count < fixture->refuse_from;
}

static inline void count_end(void *context)
{
    struct fixture *fixture = context;
    (void)atomic_fetch_add(&fixture->ends, 1);
}

static inline bool has_ended(void *context)
{
    struct fixture *fixture = context;
    return atomic_load(&fixture->ends) > 0;
}

static inline int set_up(void **state)
{
    struct error error = {0};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->stop = stop_create(&error);
    assert_non_null(fixture->stop);
    atomic_store(&fixture->wall_ns, WALL_NS);
    fixture->live = true;
    fixture->clock = (struct poller_clock){.wall_ns = fake_wall_ns,
                                           .monotonic_ns = fake_monotonic_ns,
                                           .wait_ms = fake_wait_ms,
                                           .context = fixture};
    fixture->config = (struct poller_config){.interval_ns = 5 * SECOND,
                                             .run_id = 42,
                                             .sink = keep_tick,
                                             .sink_context = fixture,
                                             .stop = fixture->stop,
                                             .on_end = count_end,
                                             .on_end_context = fixture,
                                             .clock = &fixture->clock};
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    stop_request(fixture->stop);
    poller_destroy(fixture->poller);
    stop_destroy(fixture->stop);
    free(fixture);
    return 0;
}

/* `steps` ends with a SOURCE_END of its own or the zeroed ones after it, which are empty batches.
 */
static inline void create_poller(struct fixture *fixture, const struct step *steps, size_t count)
{
    struct error error = {0};
    struct source *source = calloc(1, sizeof *source);
    assert_non_null(source);
    *source = (struct source){.name = "script",
                              .kind = &ticker_kind,
                              .service = fixture->service,
                              .live = fixture->live,
                              .own_times = fixture->own_times,
                              .state = fixture,
                              .begin = script_begin,
                              .next = script_next};
    assert_true(count <= STEPS_MAX);
    memcpy(fixture->steps, steps, count * sizeof *steps);
    fixture->poller = poller_create(&fixture->config, source, &error);
    if (fixture->poller == NULL) {
        source_destroy(source);
        fail_msg("%s", error.text);
    }
}

static inline void start_poller(struct fixture *fixture)
{
    struct error error = {0};
    assert_true(poller_start(fixture->poller, &error));
}

static inline struct poller_stats wait_for_end(struct fixture *fixture)
{
    struct poller_stats stats;
    if (!support_wait(has_ended, fixture, 20000)) {
        fail_msg("the loop has not ended");
    }
    poller_stats(fixture->poller, &stats);
    assert_int_equal(atomic_load(&fixture->ends), 1);
    return stats;
}

static inline struct poller_stats run_script(struct fixture *fixture, const struct step *steps,
                                             size_t count)
{
    create_poller(fixture, steps, count);
    start_poller(fixture);
    return wait_for_end(fixture);
}

#define RUN(fixture, steps) run_script(fixture, steps, sizeof(steps) / sizeof((steps)[0]))
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
