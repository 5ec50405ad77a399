#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/demo_parts.h"
#include "app/folder.h"
#include "base/log.h"
#include "exchange/sources.h"

enum {
    BROKERS = 3,
    SPANS_KEPT = 2000,
    /* The embedded cluster forgets what passes 5 MiB of a partition. A tick takes some 170 bytes
     * there at most, and all may be of one partition. */
    WINDOW_MESSAGES = 20000,
};

/* Where the store lies when the user named none: a file for each kind of source, so that synthetic
 * prices never mix with real ones, nor one replayed file with another. */
static void choose_store(struct demo *demo)
{
    static const char replay[] = "replay:";
    const char *source = demo->options.source;
    bool replayed = strncmp(source, replay, strlen(replay)) == 0;
    const char *path = replayed ? source + strlen(replay) : source;
    const char *file = strrchr(path, '/');
    char name[256];
    (void)snprintf(name, sizeof name, "%s%s", replayed ? "replay-" : "",
                   file != NULL ? file + 1 : path);
    (void)snprintf(demo->store, sizeof demo->store, "sqlite:%s/%s.sqlite", demo->options.data_dir,
                   name);
    demo->options.store = demo->store;
}

/* Asked for nothing, and Bitfinex cannot be reached: synthetic ticks. */
static bool create_source(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    demo->source = wiring_source(options, demo->feed_stop, error);
    if (demo->source == NULL || options_origin(options, "--source") != ORIGIN_DEFAULT) {
        return demo->source != NULL;
    }
    struct bitfinex_config config = {
        .base_url = options->exchange_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .stop = demo->feed_stop,
    };
    struct error unreachable = {0};
    if (bitfinex_reachable(&config, &unreachable)) {
        return true;
    }
    log_warn("exchange_unreachable", log_text("reason", unreachable.text),
             log_text("instead", "synthetic data"));
    source_destroy(demo->source);
    options->source = "synthetic";
    demo->source = wiring_source(options, demo->feed_stop, error);
    return demo->source != NULL;
}

static bool create_stops(struct demo *demo, struct error *error)
{
    return (demo->stop = stop_create(error)) != NULL &&
           (demo->feed_stop = stop_create(error)) != NULL;
}

/*
 * The embedded cluster lets a rebalance wait for the session time-out less a second, and all its
 * members live in this process: short sessions cost nothing here and make joins quick. What the
 * user sets with -X comes later, and wins.
 */
static bool shorten_sessions(struct demo *demo, struct error *error)
{
    static const struct kafka_property ours[] = {
        {"session.timeout.ms", "3000"},
        {"heartbeat.interval.ms", "500"},
    };
    struct options *options = &demo->options;
    if (options->strategy == STRATEGY_CONSUMER) {
        return true; /* KIP-848: the brokers set the session's time */
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
    wiring_topics(options, demo->dead_letter_topic, demo->topics);
    for (int i = 0; i < 2; i++) {
        if (!embedded_kafka_create_topic(demo->kafka, &demo->topics[i], error)) {
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
    demo->registry = wiring_registry(options, demo->feed_stop, error);
    return demo->registry != NULL;
}

bool demo_ends_create(struct demo *demo, struct error *error)
{
    struct options *options = &demo->options;
    if (!create_stops(demo, error) || !create_source(demo, error) ||
        !folder_make(options->data_dir, error)) {
        return false;
    }
    if (options_origin(options, "--store") == ORIGIN_DEFAULT) {
        choose_store(demo);
    }
    return wiring_check_store(options, error) && shorten_sessions(demo, error) &&
           create_kafka(demo, error) && create_registry(demo, error) &&
           (demo->flow = flow_create(options->topic_partitions, WINDOW_MESSAGES, error)) != NULL &&
           (demo->ownership = ownership_create(SPANS_KEPT, error)) != NULL &&
           (demo->dead_letters = wiring_dead_letters(options, error)) != NULL;
}

void demo_ends_destroy(struct demo *demo)
{
    source_destroy(demo->source);
    producer_destroy(demo->dead_letters, 0);
    registry_client_destroy(demo->registry);
    registry_server_destroy(demo->registry_server);
    embedded_kafka_destroy(demo->kafka);
    ownership_destroy(demo->ownership);
    flow_destroy(demo->flow);
    free(demo->properties);
    stop_destroy(demo->feed_stop);
    stop_destroy(demo->stop);
}
