#include "base/log.h"
#include "base/stop.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/metrics.h"
#include "pipeline/summary.h"

enum {
    FLUSH_MS = 2000,
    LOOK_MS = 500,
    ADMIN_TIMEOUT_MS = 3000,
};

struct consume {
    struct kafka_settings kafka;
    struct member *member;
};

static void live_figures(void *context, struct live_figures *figures)
{
    const struct consume *consume = context;
    live_figures_add(figures, consume->member);
}

/* Creates the topics if they are missing, so that a consumer may be started before the producer.
 * Returns true while that fails and the member has to go on waiting for them. */
static bool topics_missing(const struct consume *consume,
                           const struct topic_spec topics[static STREAM_TOPICS])
{
    struct error error = {0};
    if (topics_ensure(&consume->kafka, topics, 2, ADMIN_TIMEOUT_MS, NULL, &error)) {
        return false;
    }
    log_warn("waiting", log_text("for", "the topics in Kafka"), log_text("reason", error.text));
    return true;
}

/* Waits for the stop (a signal or --duration) or for a member that cannot go on. */
static bool wait_for_end(const struct consume *consume,
                         const struct topic_spec topics[static STREAM_TOPICS], struct stop *stop,
                         struct error *error)
{
    struct consumer_stats stats = {0};
    bool missing = true;
    while (!stats.fatal && !stop_wait_ms(stop, LOOK_MS)) {
        missing = missing && topics_missing(consume, topics);
        member_stats(consume->member, &stats);
    }
    return !stats.fatal ||
           error_set(error, ERROR_FATAL, "the member cannot go on: %s", stats.reason);
}

bool run_consume(const struct options *options, struct error *error)
{
    struct consume consume = {.kafka = wiring_kafka(options, NULL)};
    struct registry_client *registry = NULL;
    struct producer *dead_letters = NULL;
    struct metrics_server *metrics = NULL;
    struct signal_watch *watch = NULL;
    struct consumer_stats stats;
    struct stream stream;
    struct topic_spec topics[STREAM_TOPICS];
    bool done = false;
    options_stream(options, &ticker_kind, &stream);
    wiring_topics(options, &stream, topics);
    struct stop *stop = stop_create(error);
    if (stop == NULL || !wiring_check_store(options, error) ||
        (watch = signal_watch_create(stop, options->duration_ns, error)) == NULL ||
        (registry = wiring_registry(options, &ticker_kind, &registry_member_limits, stop, error)) ==
            NULL ||
        (dead_letters = wiring_dead_letters(options, error)) == NULL) {
        goto out;
    }
    struct member_config config = wiring_member(options, options->client_id, registry, dead_letters,
                                                stream.dead_letter_topic);
    consume.member = member_create(&config, error);
    if (consume.member == NULL ||
        !metrics_serve(options->metrics, live_figures, &consume, &metrics, error)) {
        goto out;
    }
    log_info("consuming", log_text("topic", options->topic), log_text("group", options->group),
             log_text("strategy", strategy_names[options->strategy]),
             log_text("store", options->store), log_text("brokers", options->brokers));
    done = wait_for_end(&consume, topics, stop, error);
out:
    metrics_server_destroy(metrics);
    if (consume.member != NULL) {
        member_destroy(consume.member, &stats);
        summary_log(&(struct summary){.members = &stats, .member_count = 1, .lag = -1});
    }
    producer_destroy(dead_letters, FLUSH_MS);
    registry_client_destroy(registry);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
