#include "commands/page/proof_runner.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_host.h"
#include "base/stop.h"
#include "cli/options_streams.h"
#include "commands/stream_proof.h"
#include "verify/verify_text.h"

enum {
    INTERVAL_MIN = 5, /* length of the candles, as that of `candlewick verify` */
    JSON_LIMIT = 4 << 20,
};

const struct proof_limits proof_limits_usual = {
    .every_ms = 60000, .within_ms = 60000, .group_wait_ms = 10000, .memory_bytes = 128 << 20};

enum outcome { OUTCOME_NONE, OUTCOME_DONE, OUTCOME_STOPPED, OUTCOME_FAILED };

/* What a proof found. */
struct result {
    enum outcome outcome;
    int64_t ended_ns, took_ns; /* wall clock; duration */
    int64_t aged_from_ns;      /* monotonic time of the end */
    size_t streams, balanced, unbalanced;
    size_t former_only; /* streams with no fault but points of a former log */
    char words[1024];   /* the verdict on all streams */
    struct strbuf json; /* the objects of the streams, with commas between */
};

struct proof_runner {
    struct options options; /* those of a verify of all coins, within the limits */
    struct proof_limits limits;

    pthread_mutex_t lock; /* protects all below */
    pthread_t thread;
    bool started;             /* the thread is to be joined */
    bool running;             /* it has not ended */
    struct stop *stop;        /* of the proof that was started last */
    struct stream_proof *now; /* the stream's proof that is running; NULL: none */
    int64_t begun_ns;         /* monotonic time of the last start; 0: none */
    struct result last;
};

/* Ends a proof that takes too long. */
struct time_limit {
    struct stop *stop;
    int within_ms;
    pthread_t thread;
    atomic_bool reached;
};

static void *watch(void *context)
{
    struct time_limit *limit = context;
    if (!stop_wait_ms(limit->stop, limit->within_ms)) {
        atomic_store(&limit->reached, true);
        stop_request(limit->stop);
    }
    return NULL;
}

static void set_now(struct proof_runner *runner, struct stream_proof *proof)
{
    pthread_mutex_lock(&runner->lock);
    runner->now = proof;
    pthread_mutex_unlock(&runner->lock);
}

static void append_failure(const struct stream *stream, const char *why, struct result *result)
{
    strbuf_append_format(&result->json, "{\"stream\":\"%s\",\"topic\":", stream->kind->name);
    strbuf_append_json_string(&result->json, str_from(stream->topic));
    strbuf_append_text(&result->json, ",\"error\":");
    strbuf_append_json_string(&result->json, str_from(why));
    strbuf_append_char(&result->json, '}');
}

/* Says why the proof ended before its end, and where. */
static void conclude_early(struct stream_proof *proof, const struct time_limit *limit,
                           const struct error *error, struct result *result)
{
    char place[256];
    stream_proof_progress(proof, place, sizeof place);
    bool late = atomic_load(&limit->reached);
    bool stopped = late || error->kind == ERROR_FATAL;
    result->outcome = stopped ? OUTCOME_STOPPED : OUTCOME_FAILED;
    if (late) {
        (void)snprintf(result->words, sizeof result->words,
                       "Stopped after %g s at %s. candlewick verify has no such limit.",
                       limit->within_ms / 1000.0, place);
    } else if (stopped) {
        (void)snprintf(result->words, sizeof result->words,
                       "Stopped at %s: %s. candlewick verify takes as much as --memory says.",
                       place, error->text);
    } else {
        (void)snprintf(result->words, sizeof result->words, "Not proved: %s", error->text);
    }
}

/* Proves one stream. Returns false if the others are not to be looked at. */
static bool prove_stream(struct proof_runner *runner, const struct stream *stream,
                         const struct time_limit *limit, struct result *result)
{
    struct stream_proof proof = {
        .options = &runner->options, .stream = stream, .stop = limit->stop, .in_background = true};
    struct error error = {.kind = ERROR_NONE};
    set_now(runner, &proof);
    bool proved = stream_proof_run(&proof, &error);
    set_now(runner, NULL);
    strbuf_append_text(&result->json, result->json.length > 0 ? "," : "");
    if (proved) {
        const struct verify_report *report = verify_report(proof.reading.verify);
        const struct verify_source source = stream_proof_source(&proof);
        verify_to_summary(report, &source, &result->json);
        result->balanced += report->balanced ? 1 : 0;
        result->unbalanced += report->balanced ? 0 : 1;
        result->former_only += verify_former_only(report) ? 1 : 0;
    } else {
        append_failure(stream, error.text, result);
    }
    bool others = proved || error.kind == ERROR_REJECT; /* the topic is missing, say */
    if (!others) {
        conclude_early(&proof, limit, &error, result);
    }
    stream_proof_free(&proof);
    return others;
}

/* Returns whether all that keeps the books from balancing is that the store outlived a log. */
static bool is_former_only(const struct result *result)
{
    return result->former_only > 0 && result->balanced + result->former_only == result->streams;
}

static void conclude(struct result *result)
{
    result->outcome = OUTCOME_DONE;
    if (is_former_only(result)) {
        (void)snprintf(result->words, sizeof result->words,
                       "The books of this log balance; the store also has points of a former log.");
    } else {
        (void)snprintf(result->words, sizeof result->words,
                       "The books of %zu of %zu topics balance.", result->balanced,
                       result->streams);
    }
}

static void prove_all(struct proof_runner *runner, const struct time_limit *limit,
                      struct result *result)
{
    struct stream streams[STREAMS_MAX];
    result->streams = options_streams(&runner->options, streams);
    bool all = true;
    for (size_t i = 0; i < result->streams && all; i++) {
        all = prove_stream(runner, &streams[i], limit, result);
    }
    if (all) {
        conclude(result);
    }
    if (result->json.failed) {
        strbuf_clear(&result->json);
        result->outcome = OUTCOME_FAILED;
        (void)snprintf(result->words, sizeof result->words, "No memory for the report.");
    }
}

static void *run(void *context)
{
    struct proof_runner *runner = context;
    struct time_limit limit = {.stop = runner->stop, .within_ms = runner->limits.within_ms};
    struct result result = {.json = strbuf_new(JSON_LIMIT)};
    int64_t since_ns = clock_monotonic_ns();
    (void)pthread_setname_np(pthread_self(), "page-proof");
    atomic_init(&limit.reached, false);
    if (pthread_create(&limit.thread, NULL, watch, &limit) == 0) {
        prove_all(runner, &limit, &result);
        stop_request(limit.stop);
        pthread_join(limit.thread, NULL);
    } else {
        result.outcome = OUTCOME_FAILED;
        (void)snprintf(result.words, sizeof result.words, "No thread for the proof can be made.");
    }
    result.ended_ns = clock_wall_ns();
    result.aged_from_ns = clock_monotonic_ns();
    result.took_ns = result.aged_from_ns - since_ns;
    pthread_mutex_lock(&runner->lock);
    strbuf_free(&runner->last.json);
    runner->last = result;
    runner->running = false;
    pthread_mutex_unlock(&runner->lock);
    return NULL;
}

/* Returns how many seconds to wait before a proof may start; 0: none. Call with the lock held. */
static int seconds_to_wait(const struct proof_runner *runner)
{
    if (runner->begun_ns == 0) {
        return 0;
    }
    int64_t gone_ns = clock_monotonic_ns() - runner->begun_ns;
    int64_t left_ns = runner->limits.every_ms * NS_PER_MS - gone_ns;
    int left_s = left_ns > 0 ? (int)((left_ns - 1) / NS_PER_SECOND) + 1 : 0;
    return left_s == 0 && runner->running ? 1 : left_s;
}

static void append_result(const struct result *result, struct strbuf *json)
{
    char ended[CLOCK_TEXT_SIZE] = "";
    if (result->outcome == OUTCOME_NONE) {
        strbuf_append_text(json,
                           ",\"ended\":null,\"age_s\":null,\"took_ms\":null,\"balanced\":null,"
                           "\"former_only\":false,\"words\":null,\"streams\":[]");
        return;
    }
    clock_format_rfc3339(result->ended_ns, ended);
    bool whole = result->outcome == OUTCOME_DONE && result->balanced == result->streams;
    strbuf_append_format(json,
                         ",\"ended\":\"%s\",\"age_s\":%lld,\"took_ms\":%lld,\"balanced\":%s,"
                         "\"former_only\":%s,\"words\":",
                         ended,
                         (long long)((clock_monotonic_ns() - result->aged_from_ns) / NS_PER_SECOND),
                         (long long)(result->took_ns / NS_PER_MS),
                         whole                    ? "true"
                         : result->unbalanced > 0 ? "false"
                                                  : "null",
                         is_former_only(result) ? "true" : "false");
    strbuf_append_json_string(json, str_from(result->words));
    strbuf_append_text(json, ",\"streams\":[");
    strbuf_append_str(json, strbuf_str(&result->json));
    strbuf_append_char(json, ']');
}

/* Appends the answer of /api/verify. Call with the lock held. */
static void append_state(const struct proof_runner *runner, struct strbuf *json)
{
    static const char *const states[] = {[OUTCOME_NONE] = "never",
                                         [OUTCOME_DONE] = "done",
                                         [OUTCOME_STOPPED] = "stopped",
                                         [OUTCOME_FAILED] = "failed"};
    char progress[256] = "";
    if (runner->now != NULL) {
        stream_proof_progress(runner->now, progress, sizeof progress);
    }
    strbuf_append_format(json, "{\"state\":\"%s\",\"again_in_s\":%d",
                         runner->running ? "running" : states[runner->last.outcome],
                         seconds_to_wait(runner));
    strbuf_append_json_member(json, "progress", progress);
    append_result(&runner->last, json);
    strbuf_append_char(json, '}');
}

static bool last_proof(void *context, struct strbuf *json, struct error *error)
{
    struct proof_runner *runner = context;
    (void)error;
    pthread_mutex_lock(&runner->lock);
    append_state(runner, json);
    pthread_mutex_unlock(&runner->lock);
    return true;
}

/* Starts the thread. Call with the lock held, and no proof running. */
static bool begin(struct proof_runner *runner, struct error *error)
{
    if (runner->started) {
        pthread_join(runner->thread, NULL);
        runner->started = false;
    }
    stop_destroy(runner->stop);
    runner->stop = stop_create(error);
    if (runner->stop == NULL) {
        return false;
    }
    runner->begun_ns = clock_monotonic_ns();
    runner->started = runner->running = pthread_create(&runner->thread, NULL, run, runner) == 0;
    return runner->started ||
           error_set(error, ERROR_RETRY, "no thread for the proof can be made: ask again");
}

static bool start_proof(void *context, int *wait_s, struct strbuf *json, struct error *error)
{
    struct proof_runner *runner = context;
    pthread_mutex_lock(&runner->lock);
    *wait_s = seconds_to_wait(runner);
    bool well = *wait_s > 0 || begin(runner, error);
    if (well && *wait_s == 0) {
        append_state(runner, json);
    }
    pthread_mutex_unlock(&runner->lock);
    return well;
}

bool proof_runner_is_offered(const struct options *options)
{
    return options->page_verify || http_host_is_loopback(options->listen) ||
           str_starts_with(str_from(options->listen), "localhost:");
}

struct proof_runner *proof_runner_create(const struct options *options,
                                         const struct proof_limits *limits, struct error *error)
{
    struct proof_runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&runner->lock, NULL);
    runner->limits = *limits;
    runner->options = *options;
    runner->options.coin = "ALL";
    runner->options.interval_ns = INTERVAL_MIN * 60 * NS_PER_SECOND;
    runner->options.from_ns = INT64_MIN;
    runner->options.to_ns = INT64_MAX;
    runner->options.wait_ns = limits->group_wait_ms * NS_PER_MS;
    runner->options.memory_bytes = limits->memory_bytes;
    return runner;
}

void proof_runner_destroy(struct proof_runner *runner)
{
    if (runner == NULL) {
        return;
    }
    if (runner->started) {
        stop_request(runner->stop);
        pthread_join(runner->thread, NULL);
    }
    stop_destroy(runner->stop);
    strbuf_free(&runner->last.json);
    pthread_mutex_destroy(&runner->lock);
    free(runner);
}

struct page_proofs proof_runner_functions(struct proof_runner *runner)
{
    return runner == NULL
               ? (struct page_proofs){.context = NULL}
               : (struct page_proofs){.context = runner, .last = last_proof, .start = start_proof};
}
