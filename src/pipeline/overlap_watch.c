#include "pipeline/overlap_watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"

enum {
    TAIL_MESSAGES = 1000, /* limit for each partition and check: some polling rounds of a few
                             hundred coins */
    KAFKA_TIMEOUT_MS = 1000,
    SCHEMAS_TIMEOUT_MS = 1000, /* for all messages of a check; short, because the schema of this
                                  producer is known already */
    COINS_REMEMBERED = 10000,
};

struct overlap_watch {
    struct overlap_watch_config config;
    struct reader *reader; /* NULL until the first check, and after a failed one */
    struct record_decoder decoder;
    struct text_arena texts; /* the long texts of the record that was decoded last; not used */
    struct log_coins coins;
    int64_t *next; /* for each partition, the first offset that was not read yet; owned */
    size_t partitions;
    int64_t now_ns, schemas_until_ns; /* monotonic; set for each check */
    struct error *error;
    bool failed;
};

struct overlap_watch *overlap_watch_create(const struct overlap_watch_config *config,
                                           struct error *error)
{
    struct overlap_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    watch->config = *config;
    watch->decoder.kind = config->kind;
    watch->decoder.registry = config->registry;
    return watch;
}

/* Drops what was read, after a failed check: the topic may have been created again, or its
 * partitions are unknown. */
static void begin_anew(struct overlap_watch *watch)
{
    reader_destroy(watch->reader);
    log_coins_free(&watch->coins);
    free(watch->next);
    watch->reader = NULL;
    watch->next = NULL;
    watch->partitions = 0;
}

void overlap_watch_destroy(struct overlap_watch *watch)
{
    if (watch != NULL) {
        begin_anew(watch);
        record_decoder_release(&watch->decoder);
        text_arena_free(&watch->texts);
        free(watch);
    }
}

static bool take(void *context, const struct message *message)
{
    struct overlap_watch *watch = context;
    union record_room record;
    struct error ignored;
    watch->texts.length = 0;
    if (record_decode_wait(&watch->decoder, &message->encoded,
                           deadline_left_ms(watch->schemas_until_ns), watch->config.stop, &record,
                           &watch->texts, &ignored) != DECODE_RECORD ||
        !record_is_live(watch->config.kind, &record)) {
        return true;
    }
    if (watch->coins.coins.count >= COINS_REMEMBERED) {
        log_coins_free(&watch->coins); /* runs that continue will be found again */
    }
    watch->failed = !log_coins_record(&watch->coins, watch->config.kind, message->partition,
                                      &record, watch->now_ns, watch->error);
    return !watch->failed;
}

/* Reduces each range to the messages to read. A partition that is new since the last check is read
 * from its start, within the limit. */
static bool narrow(struct overlap_watch *watch, struct partition_range *ranges, size_t count)
{
    if (count > watch->partitions) {
        int64_t *next = reallocarray(watch->next, count, sizeof *next);
        if (next == NULL) {
            return error_set(watch->error, ERROR_FATAL, "out of memory");
        }
        for (size_t i = watch->partitions; i < count; i++) {
            next[i] = 0;
        }
        watch->next = next;
        watch->partitions = count;
    }
    for (size_t i = 0; i < count; i++) {
        struct partition_range *range = &ranges[i];
        int64_t first = range->end - TAIL_MESSAGES;
        first = watch->next[i] > first ? watch->next[i] : first;
        range->begin = first > range->begin ? first : range->begin;
    }
    return true;
}

static bool read_news(struct overlap_watch *watch, struct error *error)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(watch->reader, &ranges, &count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    watch->failed = false;
    watch->error = error;
    watch->now_ns = clock_monotonic_ns();
    watch->schemas_until_ns = watch->now_ns + SCHEMAS_TIMEOUT_MS * NS_PER_MS;
    bool read = narrow(watch, ranges, count) &&
                reader_read(watch->reader, ranges, count, take, watch, KAFKA_TIMEOUT_MS, error) &&
                !watch->failed;
    for (size_t i = 0; read && i < count; i++) {
        watch->next[i] = ranges[i].end;
    }
    free(ranges);
    return read;
}

bool overlap_watch_check(struct overlap_watch *watch, struct log_overlap *overlap,
                         struct error *error)
{
    if (watch->reader == NULL) {
        watch->reader = reader_create(watch->config.kafka, watch->config.topic, error);
        if (watch->reader == NULL) {
            return false;
        }
        reader_heed(watch->reader, watch->config.stop);
    }
    if (!read_news(watch, error)) {
        begin_anew(watch);
        return false;
    }
    *overlap = log_coins_overlap(&watch->coins, &watch->config.run_id, watch->now_ns);
    return true;
}

void log_overlap_describe(const struct log_overlap *overlap, char *text, size_t size)
{
    char coins[LOG_OVERLAP_COINS_SIZE];
    text[0] = '\0';
    if (overlap->coins > 0) {
        log_overlap_coins(overlap, coins);
        (void)snprintf(text, size,
                       "another producer (run id %lld, source %s) sends %s as well: stop one of "
                       "the two, or give one other --coins",
                       (long long)overlap->earlier.run_id, overlap->earlier.source, coins);
    }
}
