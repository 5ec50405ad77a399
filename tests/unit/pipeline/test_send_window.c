#include "pipeline/send_window.h"

#include <pthread.h>

#include "base/stop.h"
#include "cmocka_all.h"
#include "support.h"

static void send_window_open_counts_until_committed(void **state)
{
    (void)state;
    struct error error;
    struct send_window *send_window = send_window_create(2, 10, &error);
    struct stop *stop = stop_create(&error);
    for (int i = 0; i < 4; i++) {
        assert_true(send_window_acquire(send_window, stop));
    }
    assert_int_equal(send_window_open(send_window), 4);
    send_window_release(send_window);
    assert_int_equal(send_window_open(send_window), 3);
    send_window_delivered(send_window, 0, 0);
    send_window_delivered(send_window, 0, 1);
    send_window_delivered(send_window, 1, 0);
    assert_int_equal(send_window_open(send_window), 3);
    send_window_committed(send_window, 0, 2);
    assert_int_equal(send_window_open(send_window), 1);
    send_window_committed(send_window, 0, 1); /* an older commit that comes late changes nothing */
    assert_int_equal(send_window_open(send_window), 1);
    send_window_committed(send_window, 1, 1);
    assert_int_equal(send_window_open(send_window), 0);
    stop_destroy(stop);
    send_window_destroy(send_window);
}

struct taker {
    struct send_window *send_window;
    struct stop *stop;
    bool taken;
};

static void *take_one(void *context)
{
    struct taker *taker = context;
    taker->taken = send_window_acquire(taker->send_window, taker->stop);
    return NULL;
}

static void send_window_take_full_window_waits_for_commit(void **state)
{
    (void)state;
    struct error error;
    struct taker taker = {.send_window = send_window_create(1, 1, &error),
                          .stop = stop_create(&error)};
    assert_true(send_window_acquire(taker.send_window, taker.stop));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_one, &taker), 0);
    send_window_delivered(taker.send_window, 0, 0);
    assert_int_equal(send_window_open(taker.send_window),
                     1); /* delivered is not committed: still full */
    send_window_committed(taker.send_window, 0, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(taker.taken);
    stop_destroy(taker.stop);
    send_window_destroy(taker.send_window);
}

static void send_window_take_full_window_ends_on_stop(void **state)
{
    (void)state;
    struct error error;
    struct taker taker = {.send_window = send_window_create(1, 1, &error),
                          .stop = stop_create(&error),
                          .taken = true};
    assert_true(send_window_acquire(taker.send_window, taker.stop));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_one, &taker), 0);
    stop_request(taker.stop);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(taker.taken);
    assert_int_equal(send_window_open(taker.send_window), 1);
    stop_destroy(taker.stop);
    send_window_destroy(taker.send_window);
}

static void send_window_take_room_after_stop_is_given(void **state)
{
    (void)state;
    struct error error;
    struct send_window *send_window = send_window_create(1, 2, &error);
    struct stop *stop = stop_create(&error);
    stop_request(stop);
    /* The rest of an answer that has been stamped still goes. */
    assert_true(send_window_acquire(send_window, stop));
    assert_true(send_window_acquire(send_window, stop));
    assert_false(send_window_acquire(send_window, stop));
    stop_destroy(stop);
    send_window_destroy(send_window);
}

static void send_window_unknown_partition_frees_its_place(void **state)
{
    (void)state;
    struct error error;
    struct send_window *send_window = send_window_create(2, 1, &error);
    struct stop *stop = stop_create(&error);
    for (int32_t partition = -1; partition < 4; partition += 3) { /* -1 and 2: not of ours */
        assert_true(send_window_acquire(send_window, stop));
        send_window_delivered(send_window, partition, 1000);
        send_window_committed(send_window, partition, 1001);
        assert_int_equal(send_window_open(send_window), 0);
    }
    stop_destroy(stop);
    send_window_destroy(send_window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(send_window_open_counts_until_committed),
        cmocka_unit_test(send_window_take_full_window_waits_for_commit),
        cmocka_unit_test(send_window_take_full_window_ends_on_stop),
        cmocka_unit_test(send_window_take_room_after_stop_is_given),
        cmocka_unit_test(send_window_unknown_partition_frees_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
