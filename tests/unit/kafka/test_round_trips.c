/* What librdkafka's statistics say of round trips: shapes made by hand, and a live client's. */
#include "kafka/client/round_trips.h"

#include "base/clock.h"
#include "cluster.h"
#include "kafka/producer/producer.h"

#define RTT(cnt, sum, p50, p99)                                                                    \
    "\"rtt\":{\"min\":1,\"max\":9,\"cnt\":" #cnt ",\"sum\":" #sum ",\"p50\":" #p50                 \
    ",\"p99\":" #p99 "},\"toppars\":{\"t-0\":{\"topic\":\"t\",\"partition\":0}}"
#define BROKER(name, node, source, rtt)                                                            \
    "\"" name "\":{\"name\":\"" name "\",\"nodeid\":" #node ",\"source\":\"" source "\"," rtt "}"

static bool read_text(struct round_trips *trips, const char *text)
{
    return round_trips_read(trips, text, strlen(text));
}

static void brokers_with_an_id_are_taken_once(void **state)
{
    (void)state;
    struct round_trips trips = {.count = 0};
    assert_true(read_text(
        &trips, "{\"name\":\"a \\\"brokers\\\":{\",\"brokers\":{" /* a name that looks like it */
        BROKER("h:1/bootstrap", -1, "configured", RTT(3, 30, 10, 10)) "," BROKER(
            "h:1/1", 1, "learned",
            RTT(4, 4000, 900,
                1500)) "," BROKER("GroupCoordinator", 1, "logical",
                                  RTT(9, 9, 9,
                                      9)) "," BROKER("h:{}3/3", 3, "learned",
                                                     RTT(0, 0, 0,
                                                         0)) "},\"topics\":{\"brokers\":1}}"));
    assert_int_equal(trips.count, 2);
    assert_int_equal(trips.brokers[0].broker, 1);
    assert_int_equal(trips.brokers[0].requests, 4);
    assert_int_equal(trips.brokers[0].sum_us, 4000);
    assert_int_equal(trips.brokers[0].p50_us, 900);
    assert_int_equal(trips.brokers[0].p99_us, 1500);
    assert_int_equal(trips.brokers[1].broker, 3);
    assert_int_equal(trips.brokers[1].newest_requests, 0);

    /* The next interval: counters go on, the quantiles are the newest's. */
    assert_true(read_text(
        &trips, "{\"brokers\":{" BROKER("h:3/3", 3, "learned", RTT(2, 500, 200, 300)) "}}"));
    assert_int_equal(trips.count, 2);
    assert_int_equal(trips.brokers[0].requests, 4);
    assert_int_equal(trips.brokers[0].newest_requests, 0);
    assert_int_equal(trips.brokers[1].requests, 2);
    assert_int_equal(trips.brokers[1].p99_us, 300);
}

static void what_is_no_statistics_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "{\"brokers\":",
                                        "{\"brokers\":{",
                                        "\"brokers\":{x}",
                                        "{\"brokers\":\"{\"",
                                        "{\"brokers\":{\"a\\"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct round_trips trips = {.count = 1, .brokers[0] = {.broker = 7, .newest_requests = 5}};
        assert_false(read_text(&trips, texts[i]));
        assert_int_equal(trips.count, 1);
        assert_int_equal(trips.brokers[0].newest_requests, 5);
    }
}

static void more_brokers_than_there_is_room_for_are_left_out(void **state)
{
    (void)state;
    struct round_trips trips = {.count = 0};
    for (int node = 0; node < ROUND_TRIPS_BROKERS + 5; node++) {
        char text[300];
        (void)snprintf(
            text, sizeof text,
            "{\"brokers\":{\"b\":{\"nodeid\":%d,\"source\":\"learned\"," RTT(1, 1, 1, 1) "}}}",
            node);
        assert_true(read_text(&trips, text));
    }
    assert_int_equal(trips.count, ROUND_TRIPS_BROKERS);
}

static void producer_tells_of_the_brokers_that_answered_it(void **state)
{
    (void)state;
    struct error error = {0};
    struct cluster cluster = cluster_start();
    const struct kafka_property often = {"statistics.interval.ms", "100"};
    cluster.settings.properties = &often;
    cluster.settings.property_count = 1;
    struct producer *producer =
        producer_create(&(struct producer_config){.kafka = cluster.settings}, &error);
    assert_non_null(producer);
    struct producer_stats stats = {.sent = 0};
    int64_t deadline_ns = clock_monotonic_ns() + SUPPORT_PATIENCE_MS * NS_PER_MS;
    int64_t requests = 0, sum_us = 0;
    for (int i = 0; stats.round_trips.count < 3 || requests < 10; i++) {
        const struct producer_message message = {
            .topic = CLUSTER_TOPIC, .value = str_from("x"), .partition = i % CLUSTER_PARTITIONS};
        assert_true(producer_send(producer, &message, &error));
        assert_true(producer_flush(producer, 5000));
        producer_stats(producer, &stats);
        requests = 0;
        for (size_t k = 0; k < stats.round_trips.count; k++) {
            requests += stats.round_trips.brokers[k].requests;
            sum_us += stats.round_trips.brokers[k].sum_us;
            assert_in_range(stats.round_trips.brokers[k].broker, 1, 3);
        }
        assert_true(clock_monotonic_ns() < deadline_ns);
    }
    assert_true(sum_us > 0);
    producer_destroy(producer, 0);
    cluster_stop(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brokers_with_an_id_are_taken_once),
        cmocka_unit_test(what_is_no_statistics_changes_nothing),
        cmocka_unit_test(more_brokers_than_there_is_room_for_are_left_out),
        cmocka_unit_test(producer_tells_of_the_brokers_that_answered_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
