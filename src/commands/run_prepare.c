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
    ADMIN_TIMEOUT_MS = 3000, /* short, since a stop waits for it; the request is retried anyway */
    WAIT_MIN_MS = 200,
    WAIT_MAX_MS = 2000,
    LINES_LIMIT = 4096,
};

/* A stream, and what is known of its parts. */
struct prepared_stream {
    struct stream stream;
    struct topic_state topics[STREAM_TOPICS];
    bool topics_done;
    struct registry_client *registry; /* for the schema of its kind */
    int32_t schema_id;
};

/* What to prepare, and the clients that do it. */
struct prepare {
    const struct options *options;
    struct kafka_settings kafka;
    struct prepared_stream streams[STREAMS_MAX];
    size_t stream_count;
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

/* Makes a stream's topics. A cluster that is starting has too few brokers for a while: that is
 * retried, too. */
static bool ensure_topics(const struct prepare *prepare, struct prepared_stream *stream,
                          const struct topic_spec topics[static STREAM_TOPICS], struct error *error)
{
    stream->topics_done =
        stream->topics_done || topics_ensure(&prepare->kafka, topics, STREAM_TOPICS,
                                             ADMIN_TIMEOUT_MS, stream->topics, error);
    for (size_t i = 0; i < STREAM_TOPICS && !stream->topics_done; i++) {
        if (stream->topics[i].presence == TOPIC_TOO_FEW) {
            error->kind = ERROR_RETRY;
        }
    }
    return stream->topics_done;
}

/* Tries every stream's topics, so that one that cannot be made holds up no other one; fails with
 * the first reason. */
static bool prepare_topics(struct prepare *prepare, struct strbuf *lines, struct error *error)
{
    bool done = true;
    for (size_t i = 0; i < prepare->stream_count; i++) {
        struct prepared_stream *stream = &prepare->streams[i];
        struct topic_spec topics[STREAM_TOPICS];
        struct error why = {0};
        wiring_topics(prepare->options, &stream->stream, topics);
        if (!ensure_topics(prepare, stream, topics, &why)) {
            *error = done ? why : *error;
            done = false;
        }
        for (size_t k = 0; k < STREAM_TOPICS && stream->topics_done; k++) {
            describe_topic(&topics[k], &stream->topics[k], lines);
        }
    }
    return done;
}

/* Registers every stream's schema, so that one that is refused holds up no other one; fails with
 * the first reason. */
static bool prepare_schemas(struct prepare *prepare, struct strbuf *lines, struct error *error)
{
    bool done = true;
    for (size_t i = 0; i < prepare->stream_count; i++) {
        struct prepared_stream *stream = &prepare->streams[i];
        char subject[REGISTRY_SUBJECT_SIZE];
        struct error why = {0};
        registry_value_subject(stream->stream.topic, subject);
        if (!registry_register(stream->registry, subject, stream->stream.kind->schema,
                               &stream->schema_id, &why)) {
            *error = done ? why : *error;
            done = false;
            continue;
        }
        strbuf_append_format(lines, "schema %s: registered, id %d\n", subject,
                             (int)stream->schema_id);
    }
    return done;
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

/* Fails with the steps that are not done: "not ready after 60 s: the brokers 127.0.0.1:1, the store
 * …: REASON". */
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

/* Logs each reason once, as the rounds follow quickly. Errors with the same remedy count as one
 * reason, even if one round names this broker and the next round another. */
static void note_waiting(const char *what, const struct error *why, struct error *last)
{
    bool same =
        why->remedy != NULL ? why->remedy == last->remedy : strcmp(why->text, last->text) == 0;
    if (!same) {
        log_warn("waiting", log_text("for", what), log_text("reason", why->text));
        *last = *why;
    }
}

/* Each round tries every step that is not done, so that whatever is available gets prepared and all
 * that is unavailable is named. */
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

static bool create_streams(struct prepare *prepare, struct error *error)
{
    struct stream streams[STREAMS_MAX];
    prepare->stream_count = options_streams(prepare->options, streams);
    for (size_t i = 0; i < prepare->stream_count; i++) {
        struct prepared_stream *stream = &prepare->streams[i];
        stream->stream = streams[i];
        stream->registry = wiring_registry(prepare->options, streams[i].kind,
                                           &registry_reader_limits, prepare->stop, error);
        if (stream->registry == NULL) {
            return false;
        }
    }
    return true;
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
    bool done = prepare.stop != NULL &&
                (watch = signal_watch_create(prepare.stop, 0, error)) != NULL &&
                (prepare.store = store_open(&store, error)) != NULL &&
                create_streams(&prepare, error) && prepare_all(&prepare, error);
    for (size_t i = 0; i < prepare.stream_count; i++) {
        registry_client_destroy(prepare.streams[i].registry);
    }
    store_close(prepare.store);
    signal_watch_destroy(watch);
    stop_destroy(prepare.stop);
    return done;
}
