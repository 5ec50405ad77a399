/*
 * Ticks through our own exchange, registry and Kafka code, with a ledger of what Kafka persisted:
 *
 *     ledger_feed LEDGER OPTIONS…      OPTIONS are those of `candlewick produce`
 *
 * Ends when the source does, or on SIGTERM; then everything that was sent is waited for. The last
 * line on standard output are the figures, in JSON. Exit code 0: every tick that was taken is in
 * the ledger.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/stop.h"
#include "commands/sources/wired_sources.h"
#include "commands/wiring.h"
#include "ledger.h"
#include "record/ticker.h"
#include "registry/codec/frame.h"

enum { MESSAGE_LIMIT = 4096, DRAIN_MS = 120000, RETRY_MS = 100 };

struct feeder {
    const struct options *options;
    struct stop *stop;
    struct registry_client *registry;
    struct ledger *ledger;
    struct producer *producer;
    struct poller *poller;
    struct encode_plan *plan;
    struct strbuf message;
    int32_t schema_id;
    atomic_int_fast64_t last_ack_ns, longest_silence_ns; /* while ticks were on their way */
    atomic_int_fast64_t given_up;
};

/* On the producer's thread alone. */
static void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                        const struct error *error)
{
    struct feeder *feeder = context;
    struct ticker *tick = token;
    (void)partition;
    (void)error;
    if (offset >= 0) {
        int64_t now_ns = clock_monotonic_ns();
        int64_t silence_ns = now_ns - atomic_load(&feeder->last_ack_ns);
        if (silence_ns > atomic_load(&feeder->longest_silence_ns)) {
            atomic_store(&feeder->longest_silence_ns, silence_ns);
        }
        atomic_store(&feeder->last_ack_ns, now_ns);
        ledger_add(feeder->ledger, tick);
    } else {
        atomic_fetch_add(&feeder->given_up, 1);
    }
    free(tick);
}

static bool send_tick(void *context, const struct record_kind *kind, const void *record,
                      const struct text_arena *texts, int64_t arrived_ns)
{
    struct feeder *feeder = context;
    (void)texts;
    const struct ticker *tick = record;
    (void)arrived_ns;
    (void)kind;
    struct ticker *copy = malloc(sizeof *copy);
    strbuf_clear(&feeder->message);
    frame_append_header(&feeder->message, feeder->schema_id);
    if (copy == NULL || !encode_plan_run(feeder->plan, tick, NULL, &feeder->message)) {
        free(copy);
        return false;
    }
    *copy = *tick;
    struct producer_message message = {
        .topic = feeder->options->topic,
        .key = str_from(tick->symbol),
        .value = strbuf_str(&feeder->message),
        .partition = RD_KAFKA_PARTITION_UA,
        .token = copy,
    };
    struct error error;
    if (!producer_send(feeder->producer, &message, &error)) {
        free(copy);
        return false;
    }
    return true;
}

static void on_end(void *context)
{
    struct feeder *feeder = context;
    stop_request(feeder->stop);
}

static bool open_plan(struct feeder *feeder, struct error *error)
{
    struct schema *schema = schema_parse(str_from(ticker_schema_text), error);
    if (schema != NULL) {
        feeder->plan = encode_plan_compile(schema, ticker_columns, error);
        schema_destroy(schema);
    }
    return feeder->plan != NULL;
}

static bool register_schema(struct feeder *feeder, struct error *error)
{
    char subject[REGISTRY_SUBJECT_SIZE];
    registry_value_subject(feeder->options->topic, subject);
    while (!registry_register(feeder->registry, subject, ticker_schema_text, &feeder->schema_id,
                              error)) {
        if (error->kind != ERROR_RETRY || stop_wait_ms(feeder->stop, RETRY_MS)) {
            return false;
        }
    }
    return true;
}

static bool start_poller(struct feeder *feeder, struct error *error)
{
    const struct options *options = feeder->options;
    struct named_sources named;
    if (source_names_parse(str_from(options->source), &named, NULL) != SOURCES_NAMED) {
        return error_set(error, ERROR_USAGE, "--source: %.100s is none", options->source);
    }
    struct source *source = wired_source(options, &named.items[0], feeder->stop, error);
    if (source == NULL) {
        return false;
    }
    struct poller_config poller = wiring_poller(options, source);
    poller.sink = send_tick;
    poller.sink_context = feeder;
    poller.stop = feeder->stop;
    poller.on_end = on_end;
    poller.on_end_context = feeder;
    feeder->poller = poller_create(&poller, source, error);
    if (feeder->poller == NULL) {
        source_destroy(source);
        return false;
    }
    atomic_store(&feeder->last_ack_ns, clock_monotonic_ns());
    return poller_start(feeder->poller, error);
}

static bool open_feeder(struct feeder *feeder, const char *ledger, struct error *error)
{
    struct producer_config producer = {.kafka = wiring_kafka(feeder->options, NULL),
                                       .on_delivery = on_delivery,
                                       .context = feeder};
    feeder->message = strbuf_new(MESSAGE_LIMIT);
    feeder->stop = stop_create(error);
    producer.stop = feeder->stop;
    return feeder->stop != NULL &&
           (feeder->registry = wiring_registry(feeder->options, &ticker_kind,
                                               &registry_reader_limits, feeder->stop, error)) !=
               NULL &&
           (feeder->ledger = ledger_create(ledger, error)) != NULL && open_plan(feeder, error) &&
           register_schema(feeder, error) &&
           (feeder->producer = producer_create(&producer, error)) != NULL &&
           start_poller(feeder, error);
}

/* True when all that was taken was acknowledged. */
static bool drain(struct feeder *feeder)
{
    struct poller_stats read = {0};
    struct producer_stats sent = {0};
    bool complete = false;
    stop_request(feeder->stop);
    if (feeder->poller != NULL) {
        poller_join(feeder->poller);
        poller_stats(feeder->poller, &read);
    }
    if (feeder->producer != NULL) {
        complete = producer_flush(feeder->producer, DRAIN_MS);
        producer_stats(feeder->producer, &sent);
    }
    producer_destroy(feeder->producer, 0);
    bool written = ledger_destroy(feeder->ledger);
    printf("{\"ticks\": %" PRId64 ", \"produced\": %" PRId64 ", \"dropped\": %" PRId64
           ", \"acknowledged\": %" PRId64 ", \"given_up\": %" PRId64 ", \"recreated\": %" PRId64
           ", \"longest_silence_ms\": %" PRId64 ", \"ledger_complete\": %s}\n",
           read.rows.records, read.produced, read.dropped, sent.acknowledged,
           (int64_t)atomic_load(&feeder->given_up), sent.recreated,
           (int64_t)atomic_load(&feeder->longest_silence_ns) / NS_PER_MS,
           written ? "true" : "false");
    return complete && written && sent.acknowledged == read.produced;
}

int main(int argc, char **argv)
{
    struct options_input input = {.argc = argc - 1, .argv = argv + 1, .environment = environ};
    struct options options;
    struct error error = {0};
    stop_block_signals();
    if (argc < 3 || !options_parse(&input, &options, &error)) {
        fprintf(stderr, "ledger_feed LEDGER produce OPTIONS: %s\n", error.text);
        return 2;
    }
    struct feeder feeder = {.options = &options};
    bool done = http_client_global_init(&error) && open_feeder(&feeder, argv[1], &error);
    if (done) {
        stop_wait_signals(feeder.stop, options.duration_ns);
        done = drain(&feeder);
    } else {
        fprintf(stderr, "ledger_feed: %s\n", error.text);
    }
    poller_destroy(feeder.poller);
    encode_plan_destroy(feeder.plan);
    strbuf_free(&feeder.message);
    registry_client_destroy(feeder.registry);
    stop_destroy(feeder.stop);
    options_free(&options);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
