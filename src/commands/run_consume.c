#include "base/log.h"
#include "base/stop.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "page/metrics.h"
#include "pipeline/run_summary.h"

enum {
    FLUSH_MS = 2000,
    LOOK_MS = 500,
    ADMIN_TIMEOUT_MS = 3000,
};

struct consume {
    const struct options *options;
    struct kafka_settings kafka;
    struct wired_streams streams;
    bool topics_there[STREAMS_MAX];
    struct group_member *member;
    struct event_log *events; /* NULL: no stream of events */
};

static void live_figures(void *context, struct live_figures *figures)
{
    const struct consume *consume = context;
    live_figures_add(figures, consume->member);
    live_figures_add_events(figures, consume->events);
}

/* Creates the topics that are missing, so that a consumer may be started before the producer. If
 * one cannot be created, the member reads the other streams while it waits for that one. */
static void make_topics(struct consume *consume, struct stop *stop)
{
    for (size_t i = 0; i < consume->streams.count && !stop_requested(stop); i++) {
        struct error error = {0};
        struct topic_spec topics[STREAM_TOPICS];
        if (consume->topics_there[i]) {
            continue;
        }
        wiring_topics(consume->options, &consume->streams.items[i], topics);
        consume->topics_there[i] =
            topics_ensure(&consume->kafka, topics, STREAM_TOPICS, ADMIN_TIMEOUT_MS, NULL, &error);
        if (!consume->topics_there[i]) {
            log_warn("waiting", log_text("for", "the topics in Kafka"),
                     log_text("topic", topics[0].name), log_text("reason", error.text));
        }
    }
}

/* Waits for the stop (a signal or --duration) or for the failure of a member. */
static bool wait_for_end(struct consume *consume, struct stop *stop, struct error *error)
{
    struct consumer_stats stats = {0};
    while (!stats.fatal && !stop_wait_ms(stop, LOOK_MS)) {
        make_topics(consume, stop);
        group_member_stats(consume->member, &stats);
    }
    return !stats.fatal ||
           error_set(error, ERROR_FATAL, "the member cannot go on: %s", stats.reason);
}

static void log_consuming(const struct consume *consume)
{
    const struct options *options = consume->options;
    struct strbuf topics = strbuf_new(STREAMS_MAX * STREAM_TOPIC_SIZE);
    for (size_t i = 0; i < consume->streams.count; i++) {
        strbuf_append_text(&topics, i > 0 ? "," : "");
        strbuf_append_text(&topics, consume->streams.items[i].topic);
    }
    log_info("consuming", log_text("topic", strbuf_text(&topics)),
             log_text("group", options->group),
             log_text("strategy", strategy_names[options->strategy]),
             log_text("store", options->store), log_text("brokers", options->brokers));
    strbuf_free(&topics);
}

bool run_consume(const struct options *options, struct error *error)
{
    struct consume consume = {.options = options, .kafka = wiring_kafka(options, NULL)};
    struct producer *dead_letters = NULL;
    struct metrics_server *metrics = NULL;
    struct signal_watch *watch = NULL;
    struct consumer_stats stats;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || !wiring_check_store(options, error) ||
        (watch = signal_watch_create(stop, options->duration_ns, error)) == NULL ||
        !wiring_streams(options, &registry_member_limits, stop, &consume.streams, error) ||
        !wiring_event_log(options, &consume.streams, NULL, "consume", &consume.events, error) ||
        (dead_letters = wiring_dead_letters(options, error)) == NULL) {
        goto out;
    }
    struct group_member_config config =
        wiring_member(options, options->client_id, &consume.streams, dead_letters);
    config.events = consume.events;
    consume.member = group_member_create(&config, error);
    if (consume.member == NULL ||
        !metrics_serve(options->metrics, live_figures, &consume, &metrics, error)) {
        goto out;
    }
    log_consuming(&consume);
    done = wait_for_end(&consume, stop, error);
out:
    metrics_server_destroy(metrics);
    if (consume.member != NULL) {
        group_member_destroy(consume.member, &stats);
        run_summary_log(&(struct run_summary){.members = &stats, .member_count = 1, .lag = -1});
    }
    (void)event_log_end(consume.events, FLUSH_MS); /* it logs how many events were not sent */
    event_log_destroy(consume.events);
    producer_destroy(dead_letters, FLUSH_MS);
    wiring_streams_free(&consume.streams);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
