#include "base/handover.h"

#include <semaphore.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "cmocka_all.h"

enum { RECORDS = 100000, NONE = -1 };

/* What the other thread took. */
struct taken {
    int64_t next;     /* the number that must come next */
    int64_t least;    /* the first one that is refused; NONE: none is */
    int64_t disorder; /* records that were not the next */
};

static bool take(void *context, const void *record)
{
    struct taken *taken = context;
    int64_t number;
    memcpy(&number, record, sizeof number);
    taken->disorder += number != taken->next;
    if (taken->least != NONE && number >= taken->least) {
        return false;
    }
    taken->next = number + 1;
    return true;
}

static struct handover *start(struct taken *taken)
{
    struct error error = {.kind = ERROR_NONE};
    struct handover *handover = handover_create(sizeof(int64_t), take, taken, &error);
    assert_non_null(handover);
    return handover;
}

static bool put(struct handover *handover, int64_t number)
{
    memcpy(handover_room(handover), &number, sizeof number);
    return handover_put(handover);
}

static void all_records_arrive_in_order(void **state)
{
    (void)state;
    struct taken taken = {.least = NONE};
    struct handover *handover = start(&taken);
    assert_true(handover_drain(handover));
    for (int64_t i = 0; i < RECORDS; i++) {
        assert_true(put(handover, i));
        if (i % 7777 == 0) {
            assert_true(handover_drain(handover));
            assert_int_equal(taken.next, i + 1);
        }
    }
    assert_true(handover_drain(handover));
    assert_int_equal(taken.next, RECORDS);
    assert_int_equal(taken.disorder, 0);
    handover_destroy(handover);
}

static bool take_and_tell(void *context, const void *record)
{
    (void)record;
    return sem_post(context) == 0;
}

/* No other record comes that would fill the block. */
static void record_that_is_passed_on_arrives_at_once(void **state)
{
    (void)state;
    enum { PASSED = 50, PATIENCE_S = 60 };
    struct error error = {.kind = ERROR_NONE};
    struct timespec until;
    sem_t arrived;
    assert_int_equal(sem_init(&arrived, 0, 0), 0);
    struct handover *handover = handover_create(sizeof(int64_t), take_and_tell, &arrived, &error);
    assert_non_null(handover);
    for (int64_t i = 0; i < PASSED; i++) {
        memcpy(handover_room(handover), &i, sizeof i);
        assert_true(handover_pass(handover));
        assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
        until.tv_sec += PATIENCE_S;
        assert_int_equal(sem_timedwait(&arrived, &until), 0);
    }
    handover_destroy(handover);
    assert_int_equal(sem_destroy(&arrived), 0);
}

static void record_that_is_not_taken_ends_it(void **state)
{
    (void)state;
    static const int64_t cases[] = {0, 1, 255, 256, 257, 5000, RECORDS - 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct taken taken = {.least = cases[i]};
        struct handover *handover = start(&taken);
        bool fine = true;
        for (int64_t k = 0; fine && k < RECORDS; k++) {
            fine = put(handover, k);
        }
        assert_false(handover_drain(handover));
        assert_int_equal(taken.next, cases[i]);
        assert_false(put(handover, 0) && handover_drain(handover));
        handover_destroy(handover);
    }
}

static void what_is_left_is_dropped_at_the_end(void **state)
{
    (void)state;
    struct taken taken = {.least = NONE};
    struct handover *handover = start(&taken);
    assert_true(put(handover, 0));
    handover_destroy(handover);
    assert_int_equal(taken.next, 0);
    handover_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_records_arrive_in_order),
        cmocka_unit_test(record_that_is_passed_on_arrives_at_once),
        cmocka_unit_test(record_that_is_not_taken_ends_it),
        cmocka_unit_test(what_is_left_is_dropped_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
