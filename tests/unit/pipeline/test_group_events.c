#include "pipeline/group_events.h"

#include <stdlib.h>

#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"
#include "pipeline_rig.h"

#define TOPIC "events"

enum { SOON_MS = 20000 };

/* Two programs that see the same group. */
struct watched {
    struct app_rig rig;
    struct registry_client *registry;
    struct event_log *logs[2];
    struct group_events *events[2];
    size_t away, back; /* events in the topic */
    size_t of_a, of_b; /* of these, who wrote them */
};

static bool count_event(void *context, const struct message *message)
{
    struct watched *watched = context;
    struct record_decoder decoder = {.kind = &event_kind, .registry = watched->registry};
    union record_room record;
    struct text_arena texts = {0};
    struct error error = {0};
    assert_int_equal(record_decode_wait(&decoder, &message->encoded, SOON_MS, watched->rig.stop,
                                        &record, &texts, &error),
                     DECODE_RECORD);
    record_decoder_release(&decoder);
    text_arena_free(&texts);
    struct event event;
    memcpy(&event, &record, sizeof event);
    watched->away += strcmp(event.what, "broker_away") == 0;
    watched->back += strcmp(event.what, "broker_back") == 0;
    if (strcmp(event.what, "watching") != 0) {
        assert_string_equal(event.subject, "broker/2");
        watched->of_a += strcmp(event.source, "a") == 0;
        watched->of_b += strcmp(event.source, "b") == 0;
    }
    return true;
}

static void count_events(struct watched *watched)
{
    struct error error = {0};
    struct reader *reader = reader_create(&watched->rig.settings, TOPIC, &error);
    watched->away = watched->back = watched->of_a = watched->of_b = 0;
    assert_non_null(reader);
    if (!reader_tail(reader, 1000, count_event, watched, SOON_MS, &error)) {
        fail_msg("%s", error.text);
    }
    reader_destroy(reader);
}

/* Both see all brokers, then twice all but the second. */
static void lose_a_broker(struct watched *watched)
{
    struct broker_status brokers[] = {{.id = 1}, {.id = 3}, {.id = 2}};
    for (int look = 0; look < 3; look++) {
        struct group_status status = {.brokers = look == 0 ? 3 : 2, .broker_list = brokers};
        group_events_seen(watched->events[0], &status);
        group_events_seen(watched->events[1], &status);
    }
}

static bool is_written(void *context)
{
    struct watched *watched = context;
    lose_a_broker(watched);
    count_events(watched);
    return watched->away > 0;
}

static void a_broker_that_goes_away_is_written_by_one_of_two(void **state)
{
    (void)state;
    struct error error = {0};
    struct watched watched = {.rig = rig_start(1)};
    struct topic_spec spec = {.name = TOPIC, .partitions = 1, .replication = 3};
    assert_true(embedded_kafka_create_topic(watched.rig.kafka, &spec, &error));
    watched.registry = registry_client_create(
        &(struct registry_config){.url = registry_server_url(watched.rig.registry_server),
                                  .columns = event_kind.columns,
                                  .reader_schema = event_kind.schema,
                                  .stop = watched.rig.stop},
        &error);
    for (size_t i = 0; i < 2; i++) {
        watched.logs[i] = event_log_create(&(struct event_log_config){.kafka = watched.rig.settings,
                                                                      .topic = TOPIC,
                                                                      .registry = watched.registry,
                                                                      .source = i == 0 ? "a" : "b"},
                                           &error);
        assert_non_null(watched.logs[i]);
        watched.events[i] =
            group_events_create(&(struct group_events_config){.kafka = watched.rig.settings,
                                                              .topic = TOPIC,
                                                              .registry = watched.registry,
                                                              .log = watched.logs[i],
                                                              .group = "coins",
                                                              .client_id = i == 0 ? "a" : "b"},
                                &error);
        assert_non_null(watched.events[i]);
    }
    assert_true(support_wait(is_written, &watched, SOON_MS));
    for (size_t i = 0; i < 2; i++) {
        group_events_destroy(watched.events[i]);
        assert_true(event_log_end(watched.logs[i], SOON_MS));
        event_log_destroy(watched.logs[i]);
    }
    count_events(&watched);
    assert_true(watched.away - watched.back <= 1);
    assert_true(watched.of_a == 0 || watched.of_b == 0);
    assert_int_equal(watched.of_a + watched.of_b, watched.away + watched.back);
    registry_client_destroy(watched.registry);
    rig_end(&watched.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broker_that_goes_away_is_written_by_one_of_two),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
