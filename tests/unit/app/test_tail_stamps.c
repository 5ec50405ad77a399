#include "app/tail_stamps.h"

#include "app_rig.h"
#include "base/clock.h"
#include "exchange/sources.h"

static bool ignore(void *context, const struct ticker *tick)
{
    (void)context;
    (void)tick;
    return true;
}

static struct poller *idle_poller(struct stop *stop)
{
    struct error error = {0};
    struct source *source = synthetic_source_create(
        &(struct synthetic_config){
            .coins = "tBTCUSD", .seed = 1, .step_ns = NS_PER_SECOND, .live = true},
        &error);
    assert_non_null(source);
    struct poller *poller = poller_create(
        &(struct poller_config){
            .interval_ns = 10 * NS_PER_MS, .requests_per_minute = -1, .sink = ignore, .stop = stop},
        source, &error);
    assert_non_null(poller);
    return poller;
}

static bool asked_thrice(void *context)
{
    struct poller_stats stats;
    poller_stats(context, &stats);
    return stats.produced + stats.held_back >= 3;
}

/* Only what consumers take for ticks binds the clock: else one broken message in the log would hold
 * back every tick for good. */
static void tail_stamps_read_broken_messages_bind_nobody(void **state)
{
    (void)state;
    const int64_t future_ns = clock_wall_ns() + 3600 * NS_PER_SECOND;
    const struct {
        double price;
        int64_t time_ns;
        bool held;
    } cases[] = {
        {100, clock_wall_ns() - NS_PER_SECOND, false},
        {-1, future_ns, false}, /* a dead letter */
        {100, future_ns, true}, /* a tick of a clock that is ahead of ours */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct app_rig rig = rig_start(1);
        struct ticker tick = rig_tick("tBTCUSD", cases[i].time_ns, cases[i].price);
        struct strbuf message = rig_message(rig_schema(&rig), &tick);
        const struct str values[] = {
            strbuf_str(&message), str_from("no frame"), {"\0\0\0\0\1x", 6}, {NULL, 0}};
        rig_send(&rig, values, sizeof values / sizeof values[0]);
        struct poller *poller = idle_poller(rig.stop);
        if (!tail_stamps_read(&rig.settings, RIG_TOPIC, rig.registry, poller, rig.stop, &error)) {
            fail_msg("%s", error.text);
        }
        assert_true(poller_start(poller, &error));
        assert_true(support_wait(asked_thrice, poller, 10000));
        struct poller_stats stats;
        poller_stats(poller, &stats);
        assert_int_equal(stats.held_back > 0, cases[i].held);
        stop_request(rig.stop);
        poller_destroy(poller);
        strbuf_free(&message);
        rig_end(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tail_stamps_read_broken_messages_bind_nobody),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
