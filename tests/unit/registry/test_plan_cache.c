/* The client's cache of plans and verdicts, with a clock of our own. */
#include "registry/client/plan_cache.h"

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"

enum { MISSING_AFTER_MS = 10000, AGAIN_MS = 30000, WAITING_MS = 60000, HOLD_MS = 300000 };
static const struct registry_limits limits = {.missing_after_ms = MISSING_AFTER_MS,
                                              .ask_again_ms = AGAIN_MS,
                                              .waiting_ms = WAITING_MS,
                                              .waiting_window_ms = 3600000,
                                              .none_known_ms = HOLD_MS};
static const int64_t HOUR_NS = 3600 * NS_PER_SECOND;

struct world {
    struct plan_cache *cache;
    int64_t now_ns;
};

static int set_up(void **state)
{
    static struct world world;
    world.cache = plan_cache_create(&limits, random_seeded(1));
    world.now_ns = 10 * HOUR_NS;
    assert_non_null(world.cache);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    plan_cache_destroy(world->cache);
    plan_cache_destroy(NULL);
    return 0;
}

static struct decode_plan *new_plan(void)
{
    static const struct column none[] = {{.name = NULL}};
    struct schema *schema =
        schema_parse(str_from("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"), NULL);
    assert_non_null(schema);
    struct decode_plan *plan = decode_plan_compile(schema, schema, none, NULL);
    assert_non_null(plan);
    schema_destroy(schema);
    return plan;
}

/* A READY plan is released at once. */
static enum registry_answer look_up(struct world *world, int32_t id)
{
    bool queued;
    struct error error = {0};
    const struct decode_plan *plan = NULL;
    enum registry_answer answer =
        plan_cache_lookup(world->cache, id, world->now_ns, &plan, &queued, &error);
    assert_int_equal(answer == REGISTRY_READY, plan != NULL);
    if (answer == REGISTRY_READY) {
        plan_cache_release(world->cache, plan);
    } else {
        assert_int_equal(error.kind, answer == REGISTRY_PENDING ? ERROR_RETRY : ERROR_REJECT);
        assert_true(strlen(error.text) > 0);
    }
    return answer;
}

static const struct decode_plan *borrow(struct world *world, int32_t id)
{
    bool queued;
    const struct decode_plan *plan = NULL;
    assert_int_equal(plan_cache_lookup(world->cache, id, world->now_ns, &plan, &queued, NULL),
                     REGISTRY_READY);
    return plan;
}

/* Goes on to when the next id is due, and answers it. Gives the id; -1 when none is waiting. */
static int32_t answer_next(struct world *world, enum fetch_result result)
{
    int32_t id = -1;
    int64_t due_ns;
    if (!plan_cache_next(world->cache, world->now_ns, &id, &due_ns)) {
        if (due_ns == INT64_MAX) {
            return -1;
        }
        assert_true(due_ns > world->now_ns);
        world->now_ns = due_ns;
        assert_true(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
    }
    struct error why = {.kind = ERROR_RETRY, .text = "words"};
    plan_cache_store(world->cache, id, result, result == FETCH_PLAN ? new_plan() : NULL, &why,
                     world->now_ns);
    return id;
}

static void make_ready(struct world *world, int32_t id)
{
    assert_int_equal(look_up(world, id), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_PLAN), id);
    assert_int_equal(look_up(world, id), REGISTRY_READY);
}

static void lookup_of_a_new_id_queues_it_once(void **state)
{
    struct world *world = *state;
    const struct decode_plan *plan = NULL;
    for (int i = 0; i < 3; i++) {
        bool queued;
        assert_int_equal(plan_cache_lookup(world->cache, 7, world->now_ns, &plan, &queued, NULL),
                         REGISTRY_PENDING);
        assert_int_equal(queued, i == 0);
    }
    assert_int_equal(answer_next(world, FETCH_PLAN), 7);
    assert_int_equal(answer_next(world, FETCH_PLAN), -1);
    assert_int_equal(look_up(world, 7), REGISTRY_READY);
}

static void the_least_recently_used_plan_goes_when_there_are_64(void **state)
{
    struct world *world = *state;
    for (int32_t id = 0; id < PLAN_CACHE_PLANS; id++) {
        make_ready(world, id);
    }
    assert_int_equal(look_up(world, 0), REGISTRY_READY);
    make_ready(world, 100);
    assert_int_equal(look_up(world, 0), REGISTRY_READY);
    assert_int_equal(look_up(world, 2), REGISTRY_READY);
    assert_int_equal(look_up(world, 1), REGISTRY_PENDING);
}

static void a_borrowed_plan_stays_until_it_is_released(void **state)
{
    struct world *world = *state;
    const struct decode_plan *plans[PLAN_CACHE_PLANS];
    for (int32_t id = 0; id < PLAN_CACHE_PLANS; id++) {
        make_ready(world, id);
        plans[id] = borrow(world, id);
    }
    const struct decode_plan *twice = borrow(world, 5);
    assert_ptr_equal(twice, plans[5]);
    assert_int_equal(look_up(world, 100), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_PLAN), 100);
    assert_int_equal(look_up(world, 100), REGISTRY_PENDING); /* no room */

    plan_cache_release(world->cache, twice);
    assert_int_equal(answer_next(world, FETCH_PLAN), 100);
    assert_int_equal(look_up(world, 100), REGISTRY_PENDING); /* borrowed once more still */

    plan_cache_release(world->cache, plans[5]);
    assert_int_equal(answer_next(world, FETCH_PLAN), 100);
    assert_int_equal(look_up(world, 100), REGISTRY_READY);
    assert_int_equal(look_up(world, 5), REGISTRY_PENDING);
    for (int32_t id = 0; id < PLAN_CACHE_PLANS; id++) {
        if (id != 5) {
            plan_cache_release(world->cache, plans[id]);
        }
    }
}

static void an_id_is_missing_only_after_nothing_else_for_ten_seconds(void **state)
{
    struct world *world = *state;
    int64_t start_ns = world->now_ns;
    int answers = 0;
    while (look_up(world, 9) == REGISTRY_PENDING) {
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
        answers++;
        assert_true(answers < 200);
    }
    assert_int_equal(look_up(world, 9), REGISTRY_MISSING);
    int64_t took_ns = world->now_ns - start_ns;
    assert_true(took_ns >= MISSING_AFTER_MS * NS_PER_MS);
    assert_true(took_ns < 2 * MISSING_AFTER_MS * NS_PER_MS);
    assert_true(answers >= 3);
}

static void any_other_answer_begins_the_ten_seconds_anew(void **state)
{
    struct world *world = *state;
    int64_t start_ns = world->now_ns;
    while (world->now_ns - start_ns < 8 * NS_PER_SECOND) {
        assert_int_equal(look_up(world, 9), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
    }
    assert_int_equal(answer_next(world, FETCH_LATER), 9);
    start_ns = world->now_ns;
    while (look_up(world, 9) == REGISTRY_PENDING) {
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
    }
    assert_true(world->now_ns - start_ns >= MISSING_AFTER_MS * NS_PER_MS);
}

/* Two registries behind one address, of which one is ill, say so for ever. */
static void an_id_that_is_unknown_to_every_second_answer_costs_the_budget_and_no_more(void **state)
{
    struct world *world = *state;
    int64_t start_ns = world->now_ns;
    for (int i = 0; look_up(world, 9) == REGISTRY_PENDING; i++) {
        assert_int_equal(answer_next(world, i % 2 == 0 ? FETCH_UNKNOWN : FETCH_LATER), 9);
        assert_true(world->now_ns - start_ns < 5 * WAITING_MS * NS_PER_MS);
    }
    assert_true(world->now_ns - start_ns >= WAITING_MS * NS_PER_MS);
    assert_int_equal(look_up(world, 9), REGISTRY_MISSING);
    /* Then, as ever, one answer is enough. */
    assert_int_equal(look_up(world, 10), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_UNKNOWN), 10);
    assert_int_equal(look_up(world, 10), REGISTRY_MISSING);
}

static void a_pause_that_was_asked_for_is_no_reason_for_a_verdict(void **state)
{
    struct world *world = *state;
    const struct error why = {.kind = ERROR_RETRY, .retry_after_ms = 20000, .text = "busy"};
    for (int i = 0; i < 5; i++) {
        int32_t id;
        int64_t due_ns;
        assert_int_equal(look_up(world, 9), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
        assert_false(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
        world->now_ns = due_ns;
        assert_true(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
        plan_cache_store(world->cache, id, FETCH_LATER, NULL, &why, world->now_ns);
    }
    assert_int_equal(look_up(world, 9), REGISTRY_PENDING);
}

/* Until it has its verdict; what else is due gets the same answer. Gives how often it was fetched.
 */
static int judge(struct world *world, int32_t id, enum fetch_result result)
{
    int answers = 0;
    while (look_up(world, id) == REGISTRY_PENDING) {
        answers += answer_next(world, result) == id ? 1 : 0;
        assert_true(answers < 200);
    }
    return answers;
}

static void a_verdict_is_told_while_its_id_is_asked_again_ever_more_seldom(void **state)
{
    static const struct {
        enum fetch_result result;
        enum registry_answer want;
    } cases[] = {{FETCH_UNKNOWN, REGISTRY_MISSING}, {FETCH_TOO_LARGE, REGISTRY_UNUSABLE}};
    static const int64_t waits_s[] = {30, 60, 120, 240, 480, 960, 1920, 3840, 3840};
    struct world *world = *state;
    for (int32_t id = 0; id < 2; id++) {
        (void)judge(world, id, cases[id].result);
        for (size_t i = 0; i < sizeof waits_s / sizeof waits_s[0]; i++) {
            int64_t before_ns = world->now_ns;
            assert_int_equal(look_up(world, id), cases[id].want);
            assert_int_equal(answer_next(world, cases[id].result), id);
            assert_int_equal(world->now_ns - before_ns, waits_s[i] * NS_PER_SECOND);
            assert_int_equal(look_up(world, id), cases[id].want);
        }
        /* the registry is away: no reason to doubt the verdict, nor to wait longer than before */
        int64_t before_ns = world->now_ns;
        assert_int_equal(answer_next(world, FETCH_LATER), id);
        assert_int_equal(look_up(world, id), cases[id].want);
        assert_int_equal(answer_next(world, FETCH_PLAN), id);
        assert_int_equal(world->now_ns - before_ns, 2 * 3840 * NS_PER_SECOND);
        assert_int_equal(look_up(world, id), REGISTRY_READY);
    }
}

static void while_an_id_is_asked_again_its_verdict_is_told(void **state)
{
    struct world *world = *state;
    int32_t id;
    int64_t due_ns;
    (void)judge(world, 7, FETCH_UNKNOWN);
    world->now_ns += AGAIN_MS * NS_PER_MS;
    assert_true(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
    assert_int_equal(look_up(world, 7), REGISTRY_MISSING);
    assert_false(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
}

static void an_id_that_was_ever_there_is_never_judged_again(void **state)
{
    struct world *world = *state;
    make_ready(world, 500);
    for (int32_t id = 0; id < PLAN_CACHE_PLANS; id++) {
        make_ready(world, id); /* 500 is put out */
    }
    int64_t start_ns = world->now_ns;
    while (world->now_ns - start_ns < 2 * HOUR_NS) {
        assert_int_equal(look_up(world, 500), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 500);
    }
    bool queued;
    struct error error = {0};
    const struct decode_plan *plan;
    (void)plan_cache_lookup(world->cache, 500, world->now_ns, &plan, &queued, &error);
    assert_non_null(strstr(error.text, "gave this schema before"));
    assert_int_equal(answer_next(world, FETCH_PLAN), 500);
    assert_int_equal(look_up(world, 500), REGISTRY_READY);
}

static void distinct_ids_cost_a_minute_in_an_hour_then_one_answer_each(void **state)
{
    struct world *world = *state;
    int64_t start_ns = world->now_ns;
    for (int32_t id = 0; id < 1000; id++) {
        (void)judge(world, id, FETCH_UNKNOWN);
    }
    assert_true(world->now_ns - start_ns <= WAITING_MS * NS_PER_MS);
    assert_true(world->now_ns - start_ns > WAITING_MS * NS_PER_MS * 9 / 10);
    world->now_ns = start_ns + HOUR_NS - 2 * NS_PER_SECOND;
    assert_int_equal(judge(world, 2000, FETCH_UNKNOWN), 1);
    world->now_ns += HOUR_NS;
    assert_true(judge(world, 2001, FETCH_UNKNOWN) > 1);
}

static void ids_that_are_expected_are_judged_side_by_side(void **state)
{
    struct world *world = *state;
    make_ready(world, 5000);
    int64_t start_ns = world->now_ns;
    for (int32_t id = 0; id < 1000; id++) {
        assert_true(plan_cache_expect(world->cache, id, world->now_ns));
        assert_false(plan_cache_expect(world->cache, id, world->now_ns));
    }
    plan_cache_saw(world->cache, 5000, 1000); /* it knows some */
    for (int32_t id = 0; id < 1000; id++) {
        int answers = judge(world, id, FETCH_UNKNOWN);
        assert_true(id == 0 ? answers >= 3 : answers <= 1);
    }
    assert_true(world->now_ns - start_ns < 2 * MISSING_AFTER_MS * NS_PER_MS);
}

/* So many messages of an unknown id, of so many in all. */
static enum registry_answer share(struct world *world, size_t unknown, size_t all)
{
    plan_cache_saw(world->cache, 8, all - unknown);
    plan_cache_saw(world->cache, 9, unknown);
    world->now_ns += NS_PER_SECOND;
    return look_up(world, 9);
}

static void a_registry_that_knows_next_to_none_is_given_five_minutes(void **state)
{
    struct world *world = *state;
    make_ready(world, 8);
    (void)judge(world, 9, FETCH_UNKNOWN);
    assert_int_equal(share(world, 99, 99), REGISTRY_MISSING); /* of too few to say so */
    assert_int_equal(share(world, 500, 1000), REGISTRY_MISSING);
    int64_t start_ns = world->now_ns;
    assert_int_equal(share(world, 501, 1000), REGISTRY_PENDING);
    int asked = 0;
    while (look_up(world, 9) == REGISTRY_PENDING) {
        asked += answer_next(world, FETCH_UNKNOWN) == 9 ? 1 : 0;
    }
    int64_t took_ns = world->now_ns - start_ns;
    assert_true(took_ns >= HOLD_MS * NS_PER_MS && took_ns < (HOLD_MS + 10000) * NS_PER_MS);
    assert_true(asked >= 50); /* it may be restored at any time */
    assert_int_equal(share(world, 1000, 1000), REGISTRY_MISSING);
    assert_int_equal(share(world, 0, 1000), REGISTRY_MISSING);
    assert_int_equal(share(world, 1000, 1000), REGISTRY_MISSING); /* not twice in an hour */
    world->now_ns += HOUR_NS;
    assert_int_equal(share(world, 1000, 1000), REGISTRY_PENDING);
}

static void after_the_five_minutes_an_id_is_asked_again_as_after_any_verdict(void **state)
{
    static const int64_t waits_s[] = {30, 60, 120, 240};
    struct world *world = *state;
    plan_cache_saw(world->cache, 9, 1000);
    while (look_up(world, 9) == REGISTRY_PENDING) {
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
    }
    /* the newest answer of the five minutes was to be followed 30 s later */
    for (size_t i = 0; i < sizeof waits_s / sizeof waits_s[0]; i++) {
        int64_t before_ns = world->now_ns;
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
        assert_int_equal(world->now_ns - before_ns, waits_s[i] * NS_PER_SECOND);
        assert_int_equal(look_up(world, 9), REGISTRY_MISSING);
    }
}

static void a_registry_that_goes_away_in_the_five_minutes_is_not_asked_without_pause(void **state)
{
    struct world *world = *state;
    (void)judge(world, 9, FETCH_UNKNOWN);
    plan_cache_saw(world->cache, 9, 1000);
    for (int i = 0; i < 20; i++) {
        world->now_ns += NS_PER_MS;
        int64_t before_ns = world->now_ns;
        assert_int_equal(look_up(world, 9), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_LATER), 9);
        assert_true(world->now_ns - before_ns > 4 * NS_PER_SECOND);
    }
}

static void a_restored_registry_ends_the_five_minutes(void **state)
{
    struct world *world = *state;
    plan_cache_saw(world->cache, 9, 1000);
    while (world->now_ns < 10 * HOUR_NS + 100 * NS_PER_SECOND) {
        assert_int_equal(look_up(world, 9), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_UNKNOWN), 9);
    }
    bool queued;
    struct error error = {0};
    const struct decode_plan *plan;
    (void)plan_cache_lookup(world->cache, 9, world->now_ns, &plan, &queued, &error);
    assert_non_null(strstr(error.text, "the registry knows none of these ids (schema 9"));
    assert_int_equal(answer_next(world, FETCH_PLAN), 9);
    assert_int_equal(look_up(world, 9), REGISTRY_READY);
}

static void an_unusable_schema_stays_so(void **state)
{
    struct world *world = *state;
    assert_int_equal(look_up(world, 3), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_UNUSABLE), 3);
    assert_int_equal(look_up(world, 3), REGISTRY_UNUSABLE);
    world->now_ns += 365 * 86400 * NS_PER_SECOND;
    assert_int_equal(look_up(world, 3), REGISTRY_UNUSABLE);
}

static void tries_of_an_absent_registry_slow_down_and_end_with_the_first_answer(void **state)
{
    struct world *world = *state;
    int64_t longest_ns = 0;
    for (int i = 0; i < 60; i++) {
        int64_t before_ns = world->now_ns;
        assert_int_equal(look_up(world, 3), REGISTRY_PENDING);
        assert_int_equal(answer_next(world, FETCH_LATER), 3);
        int64_t waited_ns = world->now_ns - before_ns;
        assert_true(waited_ns <= 5 * NS_PER_SECOND);
        longest_ns = waited_ns > longest_ns ? waited_ns : longest_ns;
    }
    assert_true(longest_ns > 2 * NS_PER_SECOND);
    assert_int_equal(answer_next(world, FETCH_PLAN), 3);
    assert_int_equal(look_up(world, 3), REGISTRY_READY);
}

static void a_wait_that_the_registry_asks_for_is_kept(void **state)
{
    struct world *world = *state;
    int32_t id;
    int64_t due_ns;
    struct error why = {.kind = ERROR_RETRY, .retry_after_ms = 20000, .text = "busy"};
    assert_int_equal(look_up(world, 3), REGISTRY_PENDING);
    assert_true(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
    plan_cache_store(world->cache, id, FETCH_LATER, NULL, &why, world->now_ns);
    assert_false(plan_cache_next(world->cache, world->now_ns, &id, &due_ns));
    assert_true(due_ns >= world->now_ns + 20 * NS_PER_SECOND);
}

static void ids_that_wait_are_bounded_and_verdicts_make_room(void **state)
{
    struct world *world = *state;
    make_ready(world, 5000);
    for (int32_t id = 0; id < PLAN_CACHE_OTHERS; id++) {
        assert_int_equal(look_up(world, id), REGISTRY_PENDING);
    }
    assert_int_equal(look_up(world, 10000), REGISTRY_PENDING); /* not taken in */
    assert_int_equal(answer_next(world, FETCH_UNUSABLE), 0);
    assert_int_equal(look_up(world, 0), REGISTRY_UNUSABLE);
    assert_int_equal(look_up(world, 10000), REGISTRY_PENDING); /* taken in, for id 0 */
    for (int i = 0; i < PLAN_CACHE_OTHERS; i++) {
        assert_int_not_equal(answer_next(world, FETCH_UNUSABLE), -1);
    }
    assert_int_equal(answer_next(world, FETCH_UNUSABLE), -1);
    assert_int_equal(look_up(world, 0), REGISTRY_PENDING); /* it had to go for id 10000 */
    assert_int_equal(look_up(world, 10000), REGISTRY_UNUSABLE);
    assert_int_equal(look_up(world, 5000), REGISTRY_READY);
}

static void an_id_that_nobody_asks_for_is_forgotten(void **state)
{
    struct world *world = *state;
    assert_int_equal(look_up(world, 3), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_LATER), 3);
    world->now_ns += 61 * NS_PER_SECOND;
    assert_int_equal(answer_next(world, FETCH_LATER), -1);
    assert_int_equal(look_up(world, 3), REGISTRY_PENDING);
    assert_int_equal(answer_next(world, FETCH_PLAN), 3);
}

static void what_the_caller_forgot_makes_room_at_once(void **state)
{
    struct world *world = *state;
    (void)judge(world, -5, FETCH_UNKNOWN);
    assert_int_equal(answer_next(world, FETCH_FORGOTTEN), -5);
    assert_int_equal(answer_next(world, FETCH_PLAN), -1);
    bool queued;
    const struct decode_plan *plan = NULL;
    assert_int_equal(plan_cache_lookup(world->cache, -5, world->now_ns, &plan, &queued, NULL),
                     REGISTRY_PENDING);
    assert_true(queued);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lookup_of_a_new_id_queues_it_once),
        TEST(the_least_recently_used_plan_goes_when_there_are_64),
        TEST(a_borrowed_plan_stays_until_it_is_released),
        TEST(an_id_is_missing_only_after_nothing_else_for_ten_seconds),
        TEST(any_other_answer_begins_the_ten_seconds_anew),
        TEST(an_id_that_is_unknown_to_every_second_answer_costs_the_budget_and_no_more),
        TEST(a_pause_that_was_asked_for_is_no_reason_for_a_verdict),
        TEST(a_verdict_is_told_while_its_id_is_asked_again_ever_more_seldom),
        TEST(while_an_id_is_asked_again_its_verdict_is_told),
        TEST(an_id_that_was_ever_there_is_never_judged_again),
        TEST(distinct_ids_cost_a_minute_in_an_hour_then_one_answer_each),
        TEST(ids_that_are_expected_are_judged_side_by_side),
        TEST(a_registry_that_knows_next_to_none_is_given_five_minutes),
        TEST(after_the_five_minutes_an_id_is_asked_again_as_after_any_verdict),
        TEST(a_registry_that_goes_away_in_the_five_minutes_is_not_asked_without_pause),
        TEST(a_restored_registry_ends_the_five_minutes),
        TEST(an_unusable_schema_stays_so),
        TEST(tries_of_an_absent_registry_slow_down_and_end_with_the_first_answer),
        TEST(a_wait_that_the_registry_asks_for_is_kept),
        TEST(ids_that_wait_are_bounded_and_verdicts_make_room),
        TEST(an_id_that_nobody_asks_for_is_forgotten),
        TEST(what_the_caller_forgot_makes_room_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
