#include "commands/wiring.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret_file.h"
#include "base/stop.h"
#include "cli/options_named_sources.h"
#include "commands/ingests.h"
#include "record/ticker.h"

enum { NAMES_LIMIT = 100 }; /* limit for the list of names in a message */

struct kafka_settings wiring_kafka(const struct options *options, const char *client_id)
{
    return (struct kafka_settings){
        .brokers = options->brokers,
        .client_id = client_id != NULL ? client_id : options->client_id,
        .properties = options->properties,
        .property_count = options->property_count,
    };
}

struct store_config wiring_store(const struct options *options)
{
    return (struct store_config){
        .address = options->store,
        .database = options->database,
        .token_file = options->token_file,
        .ca_file = options->ca_file,
        .retention_ns = options->retention_ns,
        .gzip = options->gzip,
    };
}

const char *wiring_coin(const struct options *options)
{
    return strcmp(options->coin, "ALL") != 0 ? options->coin : NULL;
}

bool wiring_check_store(const struct options *options, struct error *error)
{
    struct store_config config = wiring_store(options);
    config.read_only = true; /* commands that only read must not create the store */
    struct store *store = store_open(&config, error);
    bool usable = store != NULL;
    store_close(store);
    return usable;
}

/* Returns whether the group has members, or committed offsets of the topic. */
static bool is_used(const struct group_status *status)
{
    bool used = status->member_count > 0;
    for (size_t i = 0; i < status->partition_count; i++) {
        used = used || status->partitions[i].committed >= 0;
    }
    return used;
}

bool wiring_group_known(const struct options *options, struct group_reader *reader,
                        const struct group_status *statuses, size_t count, int timeout_ms,
                        struct error *error)
{
    bool used = options_origin(options, "--group") != ORIGIN_FLAG;
    for (size_t i = 0; i < count; i++) {
        used = used || is_used(&statuses[i]);
    }
    if (used) {
        return true;
    }
    struct strbuf topics = strbuf_new(NAMES_LIMIT), names = strbuf_new(NAMES_LIMIT);
    for (size_t i = 0; i < count; i++) {
        strbuf_append_format(&topics, "%s%.60s", i > 0 ? ", " : "", statuses[i].topic);
    }
    group_reader_names(reader, &names, timeout_ms);
    error_set(error, ERROR_REJECT,
              "--group %.60s: it has neither members nor committed offsets of %s %s; groups of the "
              "cluster: %s",
              options->group, count > 1 ? "any of the topics" : "topic", strbuf_text(&topics),
              names.length > 0 ? strbuf_text(&names) : "not told");
    strbuf_free(&names);
    strbuf_free(&topics);
    return false;
}

void wiring_topics(const struct options *options, const struct stream *stream,
                   struct topic_spec topics[static STREAM_TOPICS])
{
    topics[0] = (struct topic_spec){
        .name = stream->topic,
        .partitions = options->topic_partitions,
        .replication = options->topic_replication,
        .min_insync = options->topic_min_isr,
        .retention_ms = options->topic_retention_ms,
    };
    topics[1] = topics[0];
    topics[1].name = stream->dead_letter_topic;
    topics[1].partitions = 1;
}

struct registry_client *wiring_registry(const struct options *options,
                                        const struct record_kind *kind,
                                        const struct registry_limits *limits, struct stop *stop,
                                        struct error *error)
{
    char *password = NULL;
    if (options->registry_password_file != NULL &&
        (password = secret_file_read(options->registry_password_file, error)) == NULL) {
        return NULL;
    }
    struct registry_config config = {
        .url = options->registry,
        .username = options->registry_user,
        .password = password,
        .ca_file = options->registry_ca_file,
        .cert_file = options->registry_cert_file,
        .key_file = options->registry_key_file,
        .columns = kind->columns,
        .reader_schema = kind->schema,
        .limits = limits,
        .stop = stop,
    };
    struct registry_client *client = registry_client_create(&config, error);
    secret_free(password);
    return client;
}

bool wiring_decoder(const struct options *options, const struct record_kind *kind,
                    struct stop *stop, struct record_decoder *decoder, struct error *error)
{
    decoder->kind = kind;
    decoder->registry = wiring_registry(options, kind, &registry_reader_limits, stop, error);
    return decoder->registry != NULL;
}

void wiring_decoder_free(struct record_decoder *decoder)
{
    record_decoder_release(decoder);
    registry_client_destroy(decoder->registry);
    decoder->registry = NULL;
}

static bool add_stream(const struct options *options, const struct stream *stream,
                       const struct registry_limits *limits, struct stop *stop,
                       struct wired_streams *streams, struct error *error)
{
    struct registry_client *registry = wiring_registry(options, stream->kind, limits, stop, error);
    if (registry == NULL) {
        return false;
    }
    streams->items[streams->count] = *stream;
    streams->registries[streams->count++] = registry;
    return true;
}

bool wiring_streams(const struct options *options, const struct registry_limits *limits,
                    struct stop *stop, struct wired_streams *streams, struct error *error)
{
    struct stream named[STREAMS_MAX];
    size_t count = options_streams(options, named);
    for (size_t i = 0; i < count; i++) {
        if (!add_stream(options, &named[i], limits, stop, streams, error)) {
            return false;
        }
    }
    return true;
}

size_t wiring_source_kinds(const struct source *source,
                           const struct record_kind *kinds[static INGEST_STREAMS_MAX])
{
    kinds[0] = source->kind;
    kinds[1] = kind_named(str_from("event"));
    return source->writes_events ? 2 : 1;
}

bool wiring_add_stream(const struct options *options, const struct record_kind *kind,
                       const struct registry_limits *limits, struct stop *stop,
                       struct wired_streams *streams, struct error *error)
{
    struct stream stream;
    options_stream(options, kind, &stream);
    return stream_of_kind(streams->items, streams->count, kind) != NULL ||
           add_stream(options, &stream, limits, stop, streams, error);
}

void wiring_streams_free(struct wired_streams *streams)
{
    for (size_t i = 0; i < streams->count; i++) {
        registry_client_destroy(streams->registries[i]);
        streams->registries[i] = NULL;
    }
}

struct poller_config wiring_poller(const struct options *options, const struct source *source)
{
    const struct source_row *row = source_row_named(str_from(source->name));
    return (struct poller_config){
        .interval_ns = options_poll_interval(options, source->name),
        .requests_per_minute = row != NULL && row->asks ? options->requests_per_minute : -1,
        .speed = options->speed,
        .run_id = clock_wall_ns() / NS_PER_MS,
    };
}

static enum source_nature nature_of(const struct source *source)
{
    const struct source_row *row = source_row_named(str_from(source->name));
    return row != NULL ? row->nature : NATURE_LIVE;
}

struct ingest_config wiring_ingest(const struct options *options,
                                   const struct wired_streams *streams, const struct source *source,
                                   struct stop *stop)
{
    const struct record_kind *kinds[INGEST_STREAMS_MAX];
    struct ingest_config config = {
        .kafka = wiring_kafka(options, NULL),
        .stream_count = wiring_source_kinds(source, kinds),
        .poller = wiring_poller(options, source),
        .tail = source->told_all                   ? INGEST_NEEDS_ALL
                : source->live                     ? INGEST_NEEDS_TAIL
                : nature_of(source) == NATURE_FILE ? INGEST_TRIES_TAIL
                                                   : INGEST_NO_TAIL,
        /* Do not watch replays and synthetic sources (see record_is_live()): several of them may
         * run at once. Two producers of records with their service's own times have no run ids
         * that could alternate; where one sends other figures for the same time, verify calls the
         * points conflicting. */
        .watch_overlap = source->live && source->kind->run != NULL && !source->own_times &&
                         nature_of(source) != NATURE_SYNTHETIC,
        .stop = stop,
    };
    for (size_t i = 0; i < config.stream_count; i++) {
        const struct stream *stream = stream_of_kind(streams->items, streams->count, kinds[i]);
        config.streams[i].kind = kinds[i];
        config.streams[i].registry = streams->registries[stream - streams->items];
        wiring_topics(options, stream, config.streams[i].topics);
    }
    return config;
}

bool wiring_event_log(const struct options *options, const struct wired_streams *streams,
                      struct send_window *const *send_windows, const char *source,
                      struct event_log **log, struct error *error)
{
    const struct stream *stream = stream_of_kind(streams->items, streams->count, &event_kind);
    if (stream == NULL) {
        return true;
    }
    char client_id[300];
    (void)snprintf(client_id, sizeof client_id, "%.250s-events", options->client_id);
    const struct event_log_config config = {
        .kafka = wiring_kafka(options, client_id),
        .topic = stream->topic,
        .registry = streams->registries[stream - streams->items],
        .source = source,
        .send_window = send_windows != NULL ? send_windows[stream - streams->items] : NULL,
    };
    *log = event_log_create(&config, error);
    return *log != NULL;
}

bool wiring_group_events(const struct options *options, const struct wired_streams *streams,
                         struct event_log *log, struct group_events **events, struct error *error)
{
    const struct stream *stream = stream_of_kind(streams->items, streams->count, &event_kind);
    if (log == NULL || stream == NULL) {
        return true;
    }
    const struct group_events_config config = {
        .kafka = wiring_kafka(options, NULL),
        .topic = stream->topic,
        .registry = streams->registries[stream - streams->items],
        .log = log,
        .group = options->group,
        .client_id = options->client_id,
    };
    *events = group_events_create(&config, error);
    return *events != NULL;
}

struct producer *wiring_dead_letters(const struct options *options, struct error *error)
{
    char client_id[300];
    (void)snprintf(client_id, sizeof client_id, "%s-dlq", options->client_id);
    struct producer_config config = {
        .kafka = wiring_kafka(options, client_id),
        .on_delivery = consumer_dead_letter_delivered,
    };
    return producer_create(&config, error);
}

struct group_member_config wiring_member(const struct options *options, const char *client_id,
                                         const struct wired_streams *streams,
                                         struct producer *dead_letters)
{
    struct group_member_config config = {
        .consumer =
            {
                .kafka = wiring_kafka(options, client_id),
                .streams = streams->items,
                .stream_count = streams->count,
                .group = options->group,
                .strategy = options->strategy,
                .writers = options->batches_in_flight,
                .batch_ticks = options->batch_ticks,
                .batch_bytes = options->batch_bytes,
                .batch_age_ms = options->batch_age_ms,
                .queue_batches = 2 * (size_t)options->batches_in_flight,
                .drain_timeout_ms = options->drain_timeout_ms,
                .dead_letters = dead_letters,
            },
        .store = wiring_store(options),
    };
    memcpy(config.registries, streams->registries, sizeof config.registries);
    return config;
}

static bool check_kafka(const struct options *options, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    rd_kafka_conf_t *conf =
        options->command == COMMAND_CONSUME
            ? kafka_consumer_conf(&kafka, options->group, options->strategy, error)
            : kafka_reader_conf(&kafka, NULL, error);
    if (conf != NULL) {
        rd_kafka_conf_destroy(conf);
    }
    return conf != NULL;
}

static bool check_source(const struct options *options, struct error *error)
{
    struct ingests ingests = {.count = 0};
    struct stop *stop = stop_create(error);
    bool usable = stop != NULL && ingests_open(&ingests, options, stop, error);
    (void)ingests_destroy(&ingests, 0, NULL);
    stop_destroy(stop);
    return usable;
}

static bool check_registry(const struct options *options, struct error *error)
{
    struct registry_client *client =
        wiring_registry(options, &ticker_kind, &registry_reader_limits, NULL, error);
    bool usable = client != NULL;
    registry_client_destroy(client);
    return usable;
}

bool wiring_check(const struct options *options, struct error *error)
{
    switch (options->command) {
    case COMMAND_PREPARE:
    case COMMAND_SERVE:
    case COMMAND_CONSUME:
        return check_kafka(options, error) && check_registry(options, error) &&
               wiring_check_store(options, error);
    case COMMAND_PRODUCE:
        return check_kafka(options, error) && check_registry(options, error) &&
               check_source(options, error);
    case COMMAND_DEMO:
        return check_kafka(options, error) && check_source(options, error);
    default:
        return true;
    }
}
