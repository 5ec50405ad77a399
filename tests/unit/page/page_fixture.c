#include "page_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* One member that owns them all. */
static void live(void *context, struct live_figures *figures)
{
    const struct fixture *fixture = context;
    figures->member_count = 1;
    (void)str_copy(str_from("all-mine"), figures->members[0].client_id, 128);
    figures->members[0].stats.healthy = true;
    struct consumer_measures *measures = &figures->members[0].measures;
    measures->partitions = calloc((size_t)fixture->partitions, sizeof *measures->partitions);
    for (int32_t i = 0; measures->partitions != NULL && i < fixture->partitions; i++) {
        measures->partitions[i] = (struct owned_partition){.topic = RIG_TOPIC, .partition = i};
        measures->partition_count++;
    }
}

/* Asks once more while brokers do not answer in time, as the page's 503 says: on a busy machine the
 * offsets of so many partitions take long. */
static void send_until_known(struct fixture *fixture, const char *path,
                             struct http_response *response)
{
    struct error error = {0};
    const struct http_request request = {.path = path};
    int64_t until_ns = clock_monotonic_ns() + 3 * SOON_MS * NS_PER_MS;
    do {
        http_response_free(response);
        *response = (struct http_response){0};
        if (!http_client_send(fixture->http, &request, response, &error)) {
            fail_msg("%s", error.text);
        }
    } while (response->status == 503 && clock_monotonic_ns() < until_ns);
}

json_t *page_ask(struct fixture *fixture, const char *path, long status)
{
    struct http_response response = {0};
    send_until_known(fixture, path, &response);
    if (response.status != status) {
        fail_msg("%s: %ld %s", path, response.status, strbuf_text(&response.body));
    }
    json_error_t where;
    json_t *json = json_loads(strbuf_text(&response.body), 0, &where);
    if (json == NULL) {
        fail_msg("%s: %s in %s", path, where.text, strbuf_text(&response.body));
    }
    http_response_free(&response);
    return json;
}

/* The ticks', bars, and bars whose topic is missing. */
static void make_streams(struct fixture *fixture)
{
    struct error error = {0};
    const struct topic_spec bars = {.name = "bars", .partitions = 2, .replication = 3};
    if (!embedded_kafka_create_topic(fixture->rig.kafka, &bars, &error)) {
        fail_msg("%s", error.text);
    }
    assert_true(stream_set(&fixture->streams[0], &ticker_kind, str_from(RIG_TOPIC)));
    assert_true(stream_set(&fixture->streams[1], &bar_kind, str_from("bars")));
    assert_true(stream_set(&fixture->streams[2], &bar_kind, str_from("nobars")));
    const struct registry_config config = {
        .url = registry_server_url(fixture->rig.registry_server),
        .columns = bar_kind.columns,
        .reader_schema = bar_kind.schema,
        .stop = fixture->rig.stop,
    };
    fixture->registries[0] = fixture->rig.registry;
    fixture->registries[1] = registry_client_create(&config, &error);
    assert_non_null(fixture->registries[1]);
    fixture->registries[2] = fixture->registries[1];
}

int page_set_up(void **state, int partitions)
{
    static struct fixture fixture;
    struct error error = {0};
    int32_t owned[PARTITIONS];
    assert_true(partitions <= PARTITIONS);
    fixture = (struct fixture){.rig = rig_start(partitions), .partitions = partitions};
    fixture.ownership = ownership_create(2 * (size_t)partitions, &error);
    for (int32_t i = 0; i < partitions; i++) {
        owned[i] = i;
    }
    ownership_assigned(fixture.ownership, "all-mine", RIG_TOPIC, owned, (size_t)partitions,
                       clock_wall_ns());
    ownership_topic_seen(fixture.ownership, "bars", "its-former-id", 1);
    make_streams(&fixture);
    support_make_folder(fixture.folder, sizeof fixture.folder);
    (void)snprintf(fixture.store, sizeof fixture.store, "sqlite:%s/market.db", fixture.folder);
    (void)snprintf(fixture.lab_results, sizeof fixture.lab_results, "%s/lab.json", fixture.folder);
    struct page_model_config config = {
        .listen = "127.0.0.1:0",
        .kafka = fixture.rig.settings,
        .streams = fixture.streams,
        .registries = fixture.registries,
        .stream_count = 3,
        .group = "coins",
        .store = {.address = fixture.store},
        .lab_results = fixture.lab_results,
        .ownership = fixture.ownership,
        .live = live,
        .live_context = &fixture,
    };
    fixture.model = page_model_create(&config, &error);
    if (fixture.model == NULL) {
        fail_msg("%s", error.text);
    }
    fixture.http =
        http_client_create(&(struct http_client_config){.base_url = page_model_url(fixture.model),
                                                        .timeout_ms = SOON_MS,
                                                        .body_limit_bytes = 32 << 20},
                           &error);
    assert_non_null(fixture.http);
    *state = &fixture;
    return 0;
}

int page_tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_client_destroy(fixture->http);
    page_model_destroy(fixture->model);
    registry_client_destroy(fixture->registries[1]);
    ownership_destroy(fixture->ownership);
    support_remove_folder(fixture->folder);
    rig_end(&fixture->rig);
    return 0;
}
