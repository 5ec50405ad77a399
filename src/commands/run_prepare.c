#include <stdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"

enum {
    ADMIN_TIMEOUT_MS = 3000, /* short, because a stop waits for it; a request that times out is
                                tried again */
    WAIT_MIN_MS = 200,
    WAIT_MAX_MS = 2000,
    LINES_LIMIT = 4096,
};

/* What to prepare, and the clients that do it. */
struct prepare {
    const struct options *options;
    struct kafka_settings kafka;
    struct wired_streams streams;
    struct topic_state topics[STREAMS_MAX][STREAM_TOPICS];
    bool topics_done[STREAMS_MAX];
    struct store *store;
    struct stop *stop;
    int64_t deadline_ns;
};

/* A task tries once and, on success, appends the lines to print. */
typedef bool (*prepare_task)(struct prepare *prepare, struct strbuf *lines, struct error *error);

static void describe_topic(const struct topic_spec *spec, const struct topic_state *state,
                           struct strbuf *lines)
{
    if (state->presence == TOPIC_MADE) {
        strbuf_append_format(lines, "topic %s: made, %d partition%s, replication %d, min ISR %d\n",
                             spec->name, spec->partitions, spec->partitions == 1 ? "" : "s",
                             spec->replication, spec->min_insync);
        return;
    }
    strbuf_append_format(lines, "topic %s: there already, %d partition%s, replication %d",
                         spec->name, state->partitions, state->partitions == 1 ? "" : "s",
                         state->replication);
    if (state->partitions != spec->partitions || state->replication != spec->replication) {
        strbuf_append_format(lines, " (warning: %d and %d were asked for; it is left as it is)",
                             spec->partitions, spec->replication);
    }
    strbuf_append_char(lines, '\n');
}

/* Creates a stream's topics. A cluster that is starting has too few brokers for a while, so that
 * failure is retried, too. */
static bool ensure_topics(const struct prepare *prepare,
                          const struct topic_spec topics[static STREAM_TOPICS],
                          struct topic_state states[static STREAM_TOPICS], struct error *error)
{
    bool done =
        topics_ensure(&prepare->kafka, topics, STREAM_TOPICS, ADMIN_TIMEOUT_MS, states, error);
    for (size_t i = 0; i < STREAM_TOPICS && !done; i++) {
        if (states[i].presence == TOPIC_TOO_FEW) {
            error->kind = ERROR_RETRY;
        }
    }
    return done;
}

/* Creates the topics of every stream, even if one stream's cannot be created; fails with the first
 * reason. */
static bool prepare_topics(struct prepare *prepare, struct strbuf *lines, struct error *error)
{
    bool all = true;
    for (size_t i = 0; i < prepare->streams.count; i++) {
        struct topic_spec topics[STREAM_TOPICS];
        struct error why = {0};
        bool *done = &prepare->topics_done[i];
        wiring_topics(prepare->options, &prepare->streams.items[i], topics);
        *done = *done || ensure_topics(prepare, topics, prepare->topics[i], &why);
        if (!*done) {
            *error = all ? why : *error;
            all = false;
        }
        for (size_t k = 0; k < STREAM_TOPICS && *done; k++) {
            describe_topic(&topics[k], &prepare->topics[i][k], lines);
        }
    }
    return all;
}

/* Registers the schema of every stream, even if one is refused; fails with the first reason. */
static bool prepare_schemas(struct prepare *prepare, struct strbuf *lines, struct error *error)
{
    bool all = true;
    for (size_t i = 0; i < prepare->streams.count; i++) {
        const struct stream *stream = &prepare->streams.items[i];
        char subject[REGISTRY_SUBJECT_SIZE];
        struct error why = {0};
        int32_t id = 0;
        registry_value_subject(stream->topic, subject);
        if (registry_register(prepare->streams.registries[i], subject, stream->kind->schema, &id,
                              &why)) {
            strbuf_append_format(lines, "schema %s: registered, id %d\n", subject, (int)id);
        } else {
            *error = all ? why : *error;
            all = false;
        }
    }
    return all;
}

static bool prepare_store(struct prepare *prepare, struct strbuf *lines, struct error *error)
{
    if (!store_prepare(prepare->store, error)) {
        return false;
    }
    strbuf_append_format(lines, "store %s: ready\n", store_name(prepare->store));
    return true;
}

static const struct {
    const char *what;
    prepare_task task;
} steps[] = {
    {"the brokers", prepare_topics},
    {"the registry", prepare_schemas},
    {"the store", prepare_store},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static bool run_step(struct prepare *prepare, size_t step, struct error *error)
{
    struct strbuf lines = strbuf_new(LINES_LIMIT);
    bool done = steps[step].task(prepare, &lines, error) && output_write(&lines, error);
    strbuf_free(&lines);
    return done;
}

/* Fails and names the steps that are not done: "not ready after 60 s: the brokers 127.0.0.1:1, the
 * store …: REASON". */
static bool give_up(const struct prepare *prepare, const bool done[static STEPS],
                    const struct error *reason, struct error *error)
{
    const char *addresses[STEPS] = {prepare->options->brokers, prepare->options->registry,
                                    prepare->options->store};
    struct strbuf names = strbuf_new(LINES_LIMIT);
    for (size_t i = 0; i < STEPS; i++) {
        if (!done[i]) {
            strbuf_append_format(&names, "%s%s %s", names.length > 0 ? ", " : "", steps[i].what,
                                 addresses[i]);
        }
    }
    (void)error_set(error, ERROR_RETRY, "%s: %.170s (%s)",
                    stop_requested(prepare->stop) ? "stopped before all was made"
                                                  : "not ready in the time of --wait",
                    strbuf_text(&names), reason->text);
    error->remedy = stop_requested(prepare->stop) ? NULL : reason->remedy;
    strbuf_free(&names);
    return false;
}

/* Logs each reason once, because the rounds follow quickly. Errors with the same remedy count as
 * the same reason, even if each names another broker. */
static void note_waiting(const char *what, const struct error *why, struct error *last)
{
    bool same =
        why->remedy != NULL ? why->remedy == last->remedy : strcmp(why->text, last->text) == 0;
    if (!same) {
        log_warn("waiting", log_text("for", what), log_text("reason", why->text));
        *last = *why;
    }
}

/* Tries every step that is not done, round after round, so that every available system is prepared
 * and every unavailable one is named. */
static bool prepare_all(struct prepare *prepare, struct error *error)
{
    bool done[STEPS] = {false};
    struct error last[STEPS] = {{0}};
    struct backoff backoff = backoff_new(WAIT_MIN_MS, WAIT_MAX_MS, random_from_system());
    for (;;) {
        struct error reason = {0};
        for (size_t i = 0; i < STEPS; i++) {
            struct error why = {0};
            done[i] = done[i] || run_step(prepare, i, &why);
            if (!done[i] && why.kind != ERROR_RETRY) {
                *error = why;
                return false;
            }
            if (!done[i]) {
                note_waiting(steps[i].what, &why, &last[i]);
                reason = reason.kind == ERROR_NONE ? why : reason;
            }
        }
        if (reason.kind == ERROR_NONE) {
            return true;
        }
        int64_t left_ms = (prepare->deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
        int64_t wait_ms = backoff_next_ms(&backoff, 0);
        if (left_ms <= 0 || stop_wait_ms(prepare->stop, wait_ms < left_ms ? wait_ms : left_ms)) {
            return give_up(prepare, done, &reason, error);
        }
    }
}

bool run_prepare(const struct options *options, struct error *error)
{
    struct prepare prepare = {
        .options = options,
        .kafka = wiring_kafka(options, NULL),
        .deadline_ns = clock_monotonic_ns() + options->wait_ns,
    };
    struct store_config store = wiring_store(options);
    struct signal_watch *watch = NULL;
    prepare.stop = stop_create(error);
    store.stop = prepare.stop;
    bool done =
        prepare.stop != NULL && (watch = signal_watch_create(prepare.stop, 0, error)) != NULL &&
        (prepare.store = store_open(&store, error)) != NULL &&
        wiring_streams(options, &registry_reader_limits, prepare.stop, &prepare.streams, error) &&
        prepare_all(&prepare, error);
    wiring_streams_free(&prepare.streams);
    store_close(prepare.store);
    signal_watch_destroy(watch);
    stop_destroy(prepare.stop);
    return done;
}
