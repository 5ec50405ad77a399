#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "cli/folder.h"
#include "cli/options_named_sources.h"
#include "commands/demo/demo_parts.h"
#include "commands/wiring.h"
#include "record/ticker.h"
#include "source/sources.h"
#include "store/store.h"

enum {
    BROKERS = 3,
    SPANS_KEPT = 2000,
    /* The send window. The in-process cluster keeps 5 MiB of a partition and deletes the oldest
     * messages beyond that, read or not. A tick takes at most about 170 bytes there, so this many
     * fit even into one partition. */
    WINDOW_MESSAGES = 20000,
};

enum { STORE_NAME_SIZE = 300 };

/* Writes the name replay-FILE-HASH, or loop-FILE-HASH for a file that is repeated. The hash is of
 * the full path, the size and the modification time, so that two files of the same name, or two
 * versions of one file, have different stores. */
static void name_of_replay(const char *path, bool loop, char name[static STORE_NAME_SIZE])
{
    char *real = realpath(path, NULL);
    const char *whole = real != NULL ? real : path;
    const char *slash = strrchr(whole, '/');
    uint64_t hash = hash_bytes(HASH_START, whole, strlen(whole));
    struct stat info;
    if (stat(whole, &info) == 0) {
        const int64_t version[] = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
        hash = hash_bytes(hash, version, sizeof version);
    }
    (void)snprintf(name, STORE_NAME_SIZE, "%s-%s-%08" PRIx32, loop ? "loop" : "replay",
                   slash != NULL ? slash + 1 : whole, (uint32_t)hash);
    free(real);
}

/* With --start the tick times do not depend on the seed, so the seed must be part of the file
 * name. */
static void name_of_walk(const struct options *options, char name[static STORE_NAME_SIZE])
{
    if (options->start_ns == 0) {
        (void)snprintf(name, STORE_NAME_SIZE, "synthetic");
        return;
    }
    const int64_t walk[] = {options->seed, options->start_ns, options->step_ns};
    uint64_t hash = hash_bytes(HASH_START, walk, sizeof walk);
    (void)snprintf(name, STORE_NAME_SIZE, "synthetic-%08" PRIx32, (uint32_t)hash);
}

/* Earlier versions kept real prices in bitfinex.sqlite. If that file exists and live.sqlite does
 * not, the demo goes on using it. */
static void name_of_live(const struct options *options, char name[static STORE_NAME_SIZE])
{
    static const char former[] = "bitfinex", now[] = "live";
    char former_path[PATH_MAX], path[PATH_MAX];
    (void)snprintf(former_path, sizeof former_path, "%s/%s.sqlite", options->data_dir, former);
    (void)snprintf(path, sizeof path, "%s/%s.sqlite", options->data_dir, now);
    bool goes_on = access(former_path, F_OK) == 0 && access(path, F_OK) != 0;
    (void)snprintf(name, STORE_NAME_SIZE, "%s", goes_on ? former : now);
}

/* Chooses the store's file when the user named none. Live sources share one file, and each replayed
 * file (twice: repeated, and not) and each --start of the synthetic source has its own, so that
 * real, replayed and synthetic prices never mix. */
static bool choose_store(struct demo *demo, struct error *error)
{
    struct named_sources sources;
    char name[STORE_NAME_SIZE] = "live";
    if (source_names_parse(str_from(demo->options.source), &sources, NULL) != SOURCES_NAMED) {
        return error_set(error, ERROR_USAGE, "--source: there is none");
    }
    switch (source_rows[sources.items[0].id].nature) {
    case NATURE_FILE:
        name_of_replay(sources.items[0].argument.data, demo->options.replay_loop, name);
        break;
    case NATURE_SYNTHETIC:
        name_of_walk(&demo->options, name);
        break;
    case NATURE_LIVE:
    default:
        name_of_live(&demo->options, name);
    }
    int length = snprintf(demo->store, sizeof demo->store, "sqlite:%s/%s.sqlite",
                          demo->options.data_dir, name);
    if (length < 0 || (size_t)length >= sizeof demo->store) {
        return error_set(error, ERROR_USAGE, "--data-dir is too long");
    }
    demo->options.store = demo->store;
    return true;
}

/* Returns whether the store has ticks; false also if it does not answer, or is yet to be made. */
static bool has_ticks(const struct demo *demo)
{
    struct error ignored;
    struct store_config config = wiring_store(&demo->options);
    config.read_only = true;
    config.stop = demo->stop;
    struct store *store = store_open(&config, &ignored);
    bool any = false;
    bool known = store != NULL && store_any(store, &ticker_kind, &any, &ignored);
    store_close(store);
    return known && any;
}

/* Chooses the store, then creates the sources that --source names. Each start makes up another past
 * of synthetic ticks, so there is none if the store has ticks of an earlier start. */
static bool open_sources(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    if (options_origin(options, "--store") == ORIGIN_DEFAULT && !choose_store(demo, error)) {
        return false;
    }
    options->has_ticks = source_names_synthetic(str_from(options->source)) && has_ticks(demo);
    return ingests_open(&demo->ingests, options, demo->ingest_stop, error);
}

/* If the user chose no source and Bitfinex is unreachable, falls back to synthetic prices. */
static bool create_sources(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    if (!open_sources(demo, error)) {
        return false;
    }
    if (options_origin(options, "--source") != ORIGIN_DEFAULT) {
        return true;
    }
    struct bitfinex_config config = {
        .base_url = options->exchange_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .stop = demo->stop,
    };
    struct error unreachable = {0};
    bool reachable = bitfinex_reachable(&config, &unreachable);
    if (stop_requested(demo->stop)) {
        return error_set(error, ERROR_NONE, "stopped before it began"); /* no failure: see main.c */
    }
    if (reachable) {
        return true;
    }
    log_warn("exchange_unreachable", log_text("reason", unreachable.text),
             log_text("instead", "synthetic data"));
    (void)ingests_destroy(&demo->ingests, 0, NULL);
    options->source = OPTIONS_SYNTHETIC_ALL;
    return open_sources(demo, error);
}

/* Adds the kinds that the sources write to --streams; otherwise no member would read them. */
static bool add_kinds(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    const struct record_kind *kinds[RECORD_KINDS];
    size_t count = ingests_kinds(&demo->ingests, kinds);
    (void)str_copy(str_from(options->streams), demo->kinds, sizeof demo->kinds);
    options->streams = demo->kinds;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(demo->kinds);
        if (!options_name_stream(options, kinds[i])) {
            (void)snprintf(demo->kinds + length, sizeof demo->kinds - length, ",%s",
                           kinds[i]->name);
        }
    }
    return options_streams_check(options, error);
}

static bool create_send_windows(struct demo *demo, struct error *error)
{
    for (size_t i = 0; i < demo->streams.count; i++) {
        demo->send_windows[i] =
            send_window_create(demo->options.topic_partitions, WINDOW_MESSAGES, error);
        if (demo->send_windows[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool create_stops(struct demo *demo, struct error *error)
{
    return (demo->stop = stop_create(error)) != NULL &&
           (demo->ingest_stop = stop_create(error)) != NULL &&
           (demo->watch = signal_watch_create(demo->stop, 0, error)) != NULL;
}

/*
 * Sets short session timeouts. The embedded cluster delays a rebalance by up to the session timeout
 * minus a second. All members live in this process, so short sessions do no harm, and they make
 * joins quick. Properties that the user sets with -X are applied later, and so override these.
 */
static bool shorten_sessions(struct demo *demo, struct error *error)
{
    static const struct kafka_property ours[] = {
        {"session.timeout.ms", "3000"},
        {"heartbeat.interval.ms", "500"},
    };
    struct options *options = &demo->options;
    if (options->strategy == STRATEGY_CONSUMER) {
        return true; /* KIP-848: the brokers set the session timeout */
    }
    enum { OURS = sizeof ours / sizeof ours[0] };
    demo->properties = calloc(OURS + options->property_count, sizeof *demo->properties);
    if (demo->properties == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    memcpy(demo->properties, ours, sizeof ours);
    for (size_t i = 0; i < options->property_count; i++) {
        demo->properties[OURS + i] = options->properties[i];
    }
    options->properties = demo->properties;
    options->property_count += OURS;
    return true;
}

static bool create_kafka(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    demo->kafka = embedded_kafka_create(BROKERS, error);
    if (demo->kafka == NULL) {
        return false;
    }
    options->brokers = embedded_kafka_brokers(demo->kafka);
    struct stream streams[STREAMS_MAX];
    size_t count = options_streams(options, streams);
    for (size_t i = 0; i < count; i++) {
        struct topic_spec topics[STREAM_TOPICS];
        wiring_topics(options, &streams[i], topics);
        if (!embedded_kafka_create_topic(demo->kafka, &topics[0], error) ||
            !embedded_kafka_create_topic(demo->kafka, &topics[1], error)) {
            return false;
        }
    }
    return true;
}

static bool create_registry(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    struct registry_server_config config = {
        .listen = "127.0.0.1:0",
        .path = options->registry_data,
    };
    demo->registry_server = registry_server_create(&config, error);
    if (demo->registry_server == NULL) {
        return false;
    }
    options->registry = registry_server_url(demo->registry_server);
    return wiring_streams(options, &registry_member_limits, demo->ingest_stop, &demo->streams,
                          error);
}

bool demo_ends_create(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    if (!create_stops(demo, error) || !create_sources(demo, error) || !add_kinds(demo, error) ||
        !folder_make(options->data_dir, error) ||
        (demo->lock = folder_lock(options->data_dir, error)) < 0) {
        return false;
    }
    return wiring_check_store(options, error) && shorten_sessions(demo, error) &&
           create_kafka(demo, error) && create_registry(demo, error) &&
           create_send_windows(demo, error) &&
           (demo->ownership = ownership_create(SPANS_KEPT, error)) != NULL &&
           wiring_event_log(options, &demo->streams, demo->send_windows, "demo", &demo->events,
                            error) &&
           wiring_group_events(options, &demo->streams, demo->events, &demo->group_events, error) &&
           (demo->dead_letters = wiring_dead_letters(options, error)) != NULL;
}

void demo_ends_destroy(struct demo *demo)
{
    (void)ingests_destroy(&demo->ingests, 0, NULL);
    group_events_destroy(demo->group_events);
    event_log_destroy(demo->events);
    producer_destroy(demo->dead_letters, 0);
    wiring_streams_free(&demo->streams);
    registry_server_destroy(demo->registry_server);
    embedded_kafka_destroy(demo->kafka);
    ownership_destroy(demo->ownership);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        send_window_destroy(demo->send_windows[i]);
    }
    free(demo->properties);
    signal_watch_destroy(demo->watch);
    stop_destroy(demo->ingest_stop);
    stop_destroy(demo->stop);
    if (demo->lock >= 0) {
        (void)close(demo->lock);
    }
}
