#include "pipeline/flow.h"

#include <pthread.h>

#include "base/stop.h"
#include "cmocka_all.h"
#include "support.h"

static void flow_open_counts_until_committed(void **state)
{
    (void)state;
    struct error error;
    struct flow *flow = flow_create(2, 10, &error);
    struct stop *stop = stop_create(&error);
    for (int i = 0; i < 4; i++) {
        assert_true(flow_take(flow, stop));
    }
    assert_int_equal(flow_open(flow), 4);
    flow_give_back(flow);
    assert_int_equal(flow_open(flow), 3);
    flow_delivered(flow, 0, 0);
    flow_delivered(flow, 0, 1);
    flow_delivered(flow, 1, 0);
    assert_int_equal(flow_open(flow), 3);
    flow_committed(flow, 0, 2);
    assert_int_equal(flow_open(flow), 1);
    flow_committed(flow, 0, 1); /* an older commit that comes late changes nothing */
    assert_int_equal(flow_open(flow), 1);
    flow_committed(flow, 1, 1);
    assert_int_equal(flow_open(flow), 0);
    stop_destroy(stop);
    flow_destroy(flow);
}

struct taker {
    struct flow *flow;
    struct stop *stop;
    bool taken;
};

static void *take_one(void *context)
{
    struct taker *taker = context;
    taker->taken = flow_take(taker->flow, taker->stop);
    return NULL;
}

static void flow_take_full_window_waits_for_commit(void **state)
{
    (void)state;
    struct error error;
    struct taker taker = {.flow = flow_create(1, 1, &error), .stop = stop_create(&error)};
    assert_true(flow_take(taker.flow, taker.stop));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_one, &taker), 0);
    flow_delivered(taker.flow, 0, 0);
    assert_int_equal(flow_open(taker.flow), 1); /* delivered is not committed: still full */
    flow_committed(taker.flow, 0, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(taker.taken);
    stop_destroy(taker.stop);
    flow_destroy(taker.flow);
}

static void flow_take_full_window_ends_on_stop(void **state)
{
    (void)state;
    struct error error;
    struct taker taker = {
        .flow = flow_create(1, 1, &error), .stop = stop_create(&error), .taken = true};
    assert_true(flow_take(taker.flow, taker.stop));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_one, &taker), 0);
    stop_request(taker.stop);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(taker.taken);
    assert_int_equal(flow_open(taker.flow), 1);
    stop_destroy(taker.stop);
    flow_destroy(taker.flow);
}

static void flow_take_room_after_stop_is_given(void **state)
{
    (void)state;
    struct error error;
    struct flow *flow = flow_create(1, 2, &error);
    struct stop *stop = stop_create(&error);
    stop_request(stop);
    /* The rest of an answer that has been stamped still goes. */
    assert_true(flow_take(flow, stop));
    assert_true(flow_take(flow, stop));
    assert_false(flow_take(flow, stop));
    stop_destroy(stop);
    flow_destroy(flow);
}

static void flow_unknown_partition_frees_its_place(void **state)
{
    (void)state;
    struct error error;
    struct flow *flow = flow_create(2, 1, &error);
    struct stop *stop = stop_create(&error);
    for (int32_t partition = -1; partition < 4; partition += 3) { /* -1 and 2: not of ours */
        assert_true(flow_take(flow, stop));
        flow_delivered(flow, partition, 1000);
        flow_committed(flow, partition, 1001);
        assert_int_equal(flow_open(flow), 0);
    }
    stop_destroy(stop);
    flow_destroy(flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flow_open_counts_until_committed),
        cmocka_unit_test(flow_take_full_window_waits_for_commit),
        cmocka_unit_test(flow_take_full_window_ends_on_stop),
        cmocka_unit_test(flow_take_room_after_stop_is_given),
        cmocka_unit_test(flow_unknown_partition_frees_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
