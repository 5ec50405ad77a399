#include "app/tail_stamps.h"

#include "app/decode.h"
#include "app_rig.h"
#include "base/clock.h"
#include "exchange/sources.h"
#include "raw_server.h"

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

/* A registry that takes the question and never answers. */
static void decode_message_wait_ends_by_deadline_and_by_stop(void **state)
{
    (void)state;
    struct error error = {0};
    const struct raw_answer silence = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&silence, 1);
    struct stop *stop = stop_create(&error);
    struct registry_client *registry = rig_registry(raw_server_url(server), stop);
    struct ticker tick = rig_tick("tBTCUSD", 1, 1);
    struct strbuf message = rig_message(1, &tick);
    for (int stopped = 0; stopped < 2; stopped++) {
        int32_t id = 0;
        int64_t begin_ns = clock_monotonic_ns();
        int64_t wait_ns = stopped != 0 ? 60 * NS_PER_SECOND : 50 * NS_PER_MS;
        assert_false(decode_message_wait(registry, strbuf_str(&message), begin_ns + wait_ns, stop,
                                         &id, &tick, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_int_equal(id, 1);
        assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
        stop_request(stop);
    }
    strbuf_free(&message);
    registry_client_destroy(registry);
    stop_destroy(stop);
    raw_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tail_stamps_read_broken_messages_bind_nobody),
        cmocka_unit_test(decode_message_wait_ends_by_deadline_and_by_stop),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
