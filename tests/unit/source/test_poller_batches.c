/* What a source may ask of the poller: batches of several kinds, barriers, no pacing, last words.
 */
#include "made_source.h"
#include "poller_fixture.h"

enum { HANDED_MAX = 64 };

/* What the sink was handed, and the state of the source at each barrier. */
struct handed {
    struct fixture *fixture;
    struct made_source made;
    const struct record_kind *kinds[HANDED_MAX];
    int64_t arrived_ns[HANDED_MAX];
    size_t count;
    size_t refuse_from; /* the sink takes no record from this one on; 0: it takes all */
    size_t settled[HANDED_MAX], settled_calls[HANDED_MAX]; /* records and calls by then */
    size_t settles, fail_from; /* barriers from this one on fail; 0: none */
};

static bool hand(void *context, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts, int64_t arrived_ns)
{
    struct handed *handed = context;
    require(handed->count < HANDED_MAX && kind->check(record, texts) == NULL);
    handed->kinds[handed->count] = kind;
    handed->arrived_ns[handed->count++] = arrived_ns;
    return handed->refuse_from == 0 || handed->count < handed->refuse_from;
}

static bool settle(void *context)
{
    struct handed *handed = context;
    require(handed->settles < HANDED_MAX);
    handed->settled[handed->settles] = handed->count;
    handed->settled_calls[handed->settles++] = atomic_load(&handed->made.calls);
    return handed->fail_from == 0 || handed->settles < handed->fail_from;
}

static void start_made(struct fixture *fixture, struct handed *handed)
{
    struct error error = {0};
    handed->fixture = fixture;
    handed->made.stop = fixture->stop;
    fixture->config.sink = hand;
    fixture->config.settle = settle;
    fixture->config.sink_context = handed;
    fixture->poller = poller_create(&fixture->config, made_source(&handed->made), &error);
    assert_non_null(fixture->poller);
}

static struct poller_stats run_made(struct fixture *fixture, struct handed *handed)
{
    start_made(fixture, handed);
    start_poller(fixture);
    return wait_for_end(fixture);
}

static void batches_of_several_kinds_keep_their_order_and_arrivals(void **state)
{
    static const struct made_step steps[] = {
        {.kind = &ticker_kind, .count = 2, .arrived_ns = 11},
        {.kind = &bar_kind, .count = 1},
        {.kind = &bar_kind, .count = 2, .arrived_ns = 12},
        {.kind = &ticker_kind, .count = 1, .arrived_ns = 13},
    };
    static const struct record_kind *const kinds[] = {&ticker_kind, &ticker_kind, &bar_kind,
                                                      &bar_kind,    &bar_kind,    &ticker_kind};
    static const int64_t arrived_ns[] = {11, 11, 0, 12, 12, 13};
    struct handed handed = {.made = {.steps = steps, .step_count = 4}};
    struct poller_stats stats = run_made(*state, &handed);
    assert_int_equal(stats.produced, 6);
    assert_int_equal(stats.rows.records, 6);
    assert_int_equal(handed.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_ptr_equal(handed.kinds[i], kinds[i]);
        assert_int_equal(handed.arrived_ns[i], arrived_ns[i]);
    }
    assert_int_equal(handed.settles, 0);
}

static void events_are_no_rows(void **state)
{
    static const struct made_step steps[] = {
        {.kind = &event_kind, .count = 3},
        {.kind = &ticker_kind, .count = 2},
    };
    static const struct made_step last[] = {{.kind = &event_kind, .count = 1}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 2, .last = last, .last_count = 1}};
    struct poller_stats stats = run_made(*state, &handed);
    assert_int_equal(handed.count, 6);
    assert_int_equal(stats.rows.records, 2);
    assert_int_equal(stats.produced, 2);
    assert_int_equal(stats.events, 4);
    assert_int_equal(stats.dropped + stats.events_dropped, 0);
}

static void events_that_are_refused_lower_no_rows(void **state)
{
    static const struct made_step steps[] = {
        {.kind = &event_kind, .count = 3, .odd = true},
        {.kind = &ticker_kind, .count = 2},
    };
    static const struct made_step last[] = {{.kind = &event_kind, .count = 1, .odd = true}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 2, .last = last, .last_count = 1}};
    struct poller_stats stats = run_made(*state, &handed);
    assert_int_equal(stats.rows.records, 2);
    assert_int_equal(stats.events, 2);
    assert_int_equal(stats.events_dropped, 2);
    for (int i = 0; i < ROW_FAULTS; i++) {
        assert_int_equal(stats.rows.rejected[i], 0);
    }
}

static void a_barrier_comes_behind_its_batch_and_before_the_next_call(void **state)
{
    static const struct made_step steps[] = {
        {.kind = &ticker_kind, .count = 3},
        {.kind = &bar_kind, .count = 1, .settle = true},
        {.kind = &ticker_kind, .count = 1},
        {.settle = true}, /* an empty batch */
    };
    static const struct made_step last[] = {{.kind = &bar_kind, .count = 1, .settle = true}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 4, .last = last, .last_count = 1}};
    (void)run_made(*state, &handed);
    assert_int_equal(handed.settles, 3);
    assert_int_equal(handed.settled[0], 4);
    assert_int_equal(handed.settled_calls[0], 2);
    assert_int_equal(handed.settled[1], 5);
    assert_int_equal(handed.settled_calls[1], 4);
    assert_int_equal(handed.settled[2], 6);
}

static void what_is_not_acknowledged_after_the_stop_ends_the_source_without_last_words(void **state)
{
    static const struct made_step steps[] = {{.kind = &ticker_kind, .count = 1, .settle = true},
                                             {.kind = &ticker_kind, .count = 1}};
    static const struct made_step last[] = {{.kind = &bar_kind, .count = 1}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 2, .last = last, .last_count = 1}, .fail_from = 1};
    (void)run_made(*state, &handed);
    assert_int_equal(atomic_load(&handed.made.calls), 1);
    assert_int_equal(atomic_load(&handed.made.last_calls), 0);
    assert_int_equal(handed.count, 1);
}

static void a_live_source_delivers_all_of_its_batch_and_its_last_words_after_the_stop(void **state)
{
    static const struct made_step steps[] = {{.kind = &ticker_kind, .count = 5, .stop = true},
                                             {.kind = &ticker_kind, .count = 1}};
    static const struct made_step last[] = {{.kind = &bar_kind, .count = 1},
                                            {.kind = &bar_kind, .count = 2}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 2, .last = last, .last_count = 2}};
    struct poller_stats stats = run_made(*state, &handed);
    assert_int_equal(atomic_load(&handed.made.calls), 1);
    assert_int_equal(atomic_load(&handed.made.last_calls), 3);
    assert_int_equal(stats.produced, 8);
    assert_ptr_equal(handed.kinds[7], &bar_kind);
}

static void last_words_are_not_said_over_records_that_were_not_taken(void **state)
{
    static const struct made_step steps[] = {{.kind = &ticker_kind, .count = 5, .stop = true}};
    static const struct made_step last[] = {{.kind = &bar_kind, .count = 1}};
    struct handed handed = {
        .made = {.steps = steps, .step_count = 1, .last = last, .last_count = 1}, .refuse_from = 4};
    struct poller_stats stats = run_made(*state, &handed);
    assert_int_equal(stats.produced, 3);
    assert_int_equal(stats.dropped, 2);
    assert_int_equal(atomic_load(&handed.made.last_calls), 0);
}

static void one_that_pushes_is_called_again_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct made_step steps[200] = {{.kind = NULL}};
    steps[150] = (struct made_step){.kind = &ticker_kind, .count = 1};
    struct handed handed = {.made = {.steps = steps, .step_count = 200, .pushed = true}};
    fixture->config.interval_ns = 0;
    struct poller_stats stats = run_made(fixture, &handed);
    assert_int_equal(atomic_load(&handed.made.calls), 201);
    assert_int_equal(fixture->waits, 0);
    assert_int_equal(atomic_load(&fixture->now_ns), 0);
    assert_int_equal(stats.produced, 1);
    assert_int_equal(stats.requests, 0);
    assert_int_equal(stats.late_rounds, 0);
    assert_int_equal(stats.last_success_ns, WALL_NS);
}

static void note_time(void *context, size_t calls)
{
    struct fixture *fixture = context;
    fixture->asked_ns[calls] = atomic_load(&fixture->now_ns);
}

static void errors_of_one_that_pushes_back_off_until_it_brings_records(void **state)
{
    struct fixture *fixture = *state;
    struct made_step steps[44] = {{.kind = NULL}};
    for (int i = 0; i < 40; i += 2) { /* with an empty batch behind each */
        steps[i].error = (struct error){.kind = ERROR_RETRY, .text = "refused"};
    }
    steps[40] = (struct made_step){.kind = &ticker_kind, .count = 1};
    steps[41].error = (struct error){.kind = ERROR_RETRY, .text = "refused"};
    struct handed handed = {.made = {.steps = steps,
                                     .step_count = 44,
                                     .pushed = true,
                                     .before = note_time,
                                     .before_context = fixture}};
    struct poller_stats stats = run_made(fixture, &handed);
    bool long_one = false;
    for (int i = 0; i < 40; i += 2) {
        int64_t wait_ns = fixture->asked_ns[i + 1] - fixture->asked_ns[i];
        assert_true(wait_ns >= SECOND && wait_ns <= 60 * SECOND);
        long_one = long_one || wait_ns > 30 * SECOND;
        assert_int_equal(fixture->asked_ns[i + 2], fixture->asked_ns[i + 1]);
    }
    assert_true(long_one); /* 15 waits, even in 1 to 60 s */
    int64_t wait_ns = fixture->asked_ns[42] - fixture->asked_ns[41];
    assert_true(wait_ns >= SECOND && wait_ns <= 2 * SECOND);
    assert_int_equal(stats.request_errors, 21);
}

static void what_the_log_has_is_told_in_its_order(void **state)
{
    struct fixture *fixture = *state;
    struct handed handed = {.made = {.endless = false}};
    start_made(fixture, &handed);
    struct ticker tick = made_tick("made", 1);
    struct bar bar = made_bar("made", 2);
    const struct poller_place place = {.text = "partition 0"};
    assert_true(poller_restore(fixture->poller, &ticker_kind, &tick, NULL, &place));
    (void)str_copy(str_from("tETHUSD"), bar.symbol, sizeof bar.symbol);
    assert_true(poller_restore(fixture->poller, &bar_kind, &bar, NULL, &place));
    assert_true(poller_restore(fixture->poller, &ticker_kind, &tick, NULL, &place));
    start_poller(fixture);
    (void)wait_for_end(fixture);
    static const struct record_kind *const kinds[] = {&ticker_kind, &bar_kind, &ticker_kind};
    assert_int_equal(handed.made.told, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(handed.made.told_kinds[i], kinds[i]);
        assert_string_equal(handed.made.told_keys[i], i == 1 ? "tETHUSD" : "tBTCUSD");
    }
}

static bool has_produced(void *context)
{
    struct poller_stats stats;
    poller_stats(context, &stats);
    return stats.produced > 0;
}

static void what_the_source_reports_is_in_the_figures(void **state)
{
    struct fixture *fixture = *state;
    static const struct made_step steps[] = {{.kind = &ticker_kind, .count = 1}};
    struct handed handed = {.made = {.steps = steps,
                                     .step_count = 1,
                                     .endless = true,
                                     .pushed = true,
                                     .trouble = "no connection",
                                     .requests = 4,
                                     .request_errors = 1}};
    start_made(fixture, &handed);
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    assert_int_equal(stats.figure_count, 2);
    assert_string_equal(stats.figures[0].name, "open_holes");
    assert_int_equal(stats.figures[0].value, 3);
    assert_false(stats.figures[0].grows);
    assert_int_equal(stats.figures[1].value, 7);
    assert_int_equal(stats.requests, 4);
    assert_int_equal(stats.request_errors, 1);
    assert_true(stats.figures[1].grows);
    assert_string_not_equal(stats.reason,
                            "no connection"); /* it has not begun, which comes first */
    start_poller(fixture);
    assert_true(support_wait(has_produced, fixture->poller, 20000));
    poller_stats(fixture->poller, &stats);
    assert_false(stats.healthy);
    assert_string_equal(stats.reason, "no connection");
    stop_request(fixture->stop);
    (void)wait_for_end(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(batches_of_several_kinds_keep_their_order_and_arrivals),
        TEST(events_are_no_rows),
        TEST(events_that_are_refused_lower_no_rows),
        TEST(a_barrier_comes_behind_its_batch_and_before_the_next_call),
        TEST(what_is_not_acknowledged_after_the_stop_ends_the_source_without_last_words),
        TEST(a_live_source_delivers_all_of_its_batch_and_its_last_words_after_the_stop),
        TEST(last_words_are_not_said_over_records_that_were_not_taken),
        TEST(one_that_pushes_is_called_again_at_once),
        TEST(errors_of_one_that_pushes_back_off_until_it_brings_records),
        TEST(what_the_log_has_is_told_in_its_order),
        TEST(what_the_source_reports_is_in_the_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
