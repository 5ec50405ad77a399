#include "base/waiting.h"

#include "base/clock.h"
#include "cmocka_all.h"

struct news {
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool there;
};

static void wait_ends_at_the_deadline_and_not_before(void **state)
{
    (void)state;
    struct news news = {.lock = PTHREAD_MUTEX_INITIALIZER};
    waiting_init(&news.change);
    static const int64_t ahead_ns[] = {-1 * NS_PER_SECOND, 0, 30 * NS_PER_MS};
    pthread_mutex_lock(&news.lock);
    for (size_t i = 0; i < sizeof ahead_ns / sizeof ahead_ns[0]; i++) {
        int64_t deadline_ns = clock_monotonic_ns() + ahead_ns[i];
        while (waiting_until(&news.change, &news.lock, deadline_ns)) {
            /* woken early, which is allowed */
        }
        assert_true(clock_monotonic_ns() >= deadline_ns);
    }
    pthread_mutex_unlock(&news.lock);
    pthread_cond_destroy(&news.change);
}

static void *tell(void *argument)
{
    struct news *news = argument;
    pthread_mutex_lock(&news->lock);
    news->there = true;
    pthread_cond_signal(&news->change);
    pthread_mutex_unlock(&news->lock);
    return NULL;
}

static void wait_without_end_ends_with_the_signal(void **state)
{
    (void)state;
    struct news news = {.lock = PTHREAD_MUTEX_INITIALIZER};
    waiting_init(&news.change);
    pthread_t thread;
    pthread_mutex_lock(&news.lock); /* so that the signal comes when it is waited for */
    assert_int_equal(pthread_create(&thread, NULL, tell, &news), 0);
    while (!news.there) {
        assert_true(waiting_until(&news.change, &news.lock, INT64_MAX));
    }
    pthread_mutex_unlock(&news.lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&news.change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_ends_at_the_deadline_and_not_before),
        cmocka_unit_test(wait_without_end_ends_with_the_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
