#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/waiting.h"
#include "market/json.h"
#include "page/page_model_parts.h"
#include "record/record_json.h"

enum {
    PATIENCE_S = 5, /* how long a request waits for the readers while another one uses them */
    KAFKA_TIMEOUT_MS = 3000,
    SCHEMA_TIMEOUT_MS = 2000, /* for all messages of an answer together */
    /* An answer of this length gets no further row: a key or a text may be long, and a reply has
     * its limit (HTTP_REPLY_LIMIT). */
    ANSWER_LONG_BYTES = 4 << 20,
};

struct rows {
    struct page_model *model;
    size_t stream; /* index in the model's streams */
    struct strbuf *json;
    struct text_arena texts; /* the long texts of the record that is being written */
    int left;
    int64_t schemas_until_ns; /* monotonic */
};

/* Appends {"partition","offset","timestamp","key","size","schema_id","value":{…} or
 * null,"error":text or null}. Returns whether a further row fits. */
static bool append_row(void *context, const struct message *message)
{
    struct rows *rows = context;
    struct strbuf *json = rows->json;
    if (json->data[json->length - 1] != '[') {
        strbuf_append_char(json, ',');
    }
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(message->encoded.timestamp_ms * NS_PER_MS, time);
    strbuf_append_format(json, "{\"partition\":%d,\"offset\":%lld,\"timestamp\":\"%s\",\"key\":",
                         (int)message->partition, (long long)message->offset, time);
    if (message->encoded.key.data == NULL) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_json_string(json, message->encoded.key);
    }
    struct record_decoder *decoder = &rows->model->message_decoders[rows->stream];
    union record_room record;
    struct error error = {0};
    rows->texts.length = 0;
    bool decoded =
        record_decode_wait(decoder, &message->encoded, deadline_left_ms(rows->schemas_until_ns),
                           rows->model->stop, &record, &rows->texts, &error) == DECODE_RECORD;
    strbuf_append_format(json, ",\"size\":%zu,\"schema_id\":", message->encoded.value.length);
    if (decoder->schema_id < 0) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_int64(json, decoder->schema_id);
    }
    strbuf_append_text(json, ",\"value\":");
    if (decoded) {
        record_to_json(decoder->kind, &record, &rows->texts, json);
        strbuf_append_text(json, ",\"error\":null}");
    } else {
        strbuf_append_text(json, "null,\"error\":");
        if (message->encoded.value.data == NULL) {
            strbuf_append_text(json, "null"); /* a message without a value is not an error */
        } else {
            strbuf_append_json_string(json, str_from(error.text));
        }
        strbuf_append_char(json, '}');
    }
    return --rows->left > 0 && json->length < ANSWER_LONG_BYTES;
}

/* Returns the requested part of `range`: `limit` messages from `offset`, or the newest `limit`
 * messages if `offset` is < 0. */
static struct partition_range choose(struct partition_range range, int64_t offset, int limit)
{
    if (offset < 0) {
        offset = range.end - limit;
    }
    if (offset > range.begin) {
        range.begin = offset < range.end ? offset : range.end;
    }
    if (range.end - range.begin > limit) {
        range.end = range.begin + limit;
    }
    return range;
}

static bool read_rows(struct page_model *model, int32_t partition, int64_t offset,
                      struct rows *rows, struct error *error)
{
    const char *topic = model->config.streams[rows->stream].topic;
    struct reader **reader = &model->readers[rows->stream];
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (*reader == NULL) {
        *reader = reader_create(&model->config.kafka, topic, error);
    }
    if (*reader == NULL || !reader_ranges(*reader, &ranges, &count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    bool read = true;
    if (partition < 0 || (size_t)partition >= count) {
        read = error_set(error, ERROR_REJECT, "partition %d does not exist: %s has 0 to %zu",
                         (int)partition, topic, count - 1);
    } else {
        struct partition_range range = choose(ranges[partition], offset, rows->left);
        read = range.begin >= range.end ||
               reader_read(*reader, &range, 1, append_row, rows, KAFKA_TIMEOUT_MS, error);
    }
    free(ranges);
    return read;
}

/* Waits for the right to use the readers; fails with ERROR_RETRY when that takes too long. */
static bool take_reader(struct page_model *model, struct error *error)
{
    int64_t until_ns = clock_monotonic_ns() + PATIENCE_S * NS_PER_SECOND;
    pthread_mutex_lock(&model->reader_lock);
    while (model->reader_taken && clock_monotonic_ns() < until_ns) {
        waiting_until(&model->reader_free, &model->reader_lock, until_ns);
    }
    bool taken = !model->reader_taken;
    model->reader_taken = true;
    pthread_mutex_unlock(&model->reader_lock);
    return taken ||
           error_set(error, ERROR_RETRY, "others are reading messages: ask again in a few seconds");
}

static void give_reader_back(struct page_model *model)
{
    pthread_mutex_lock(&model->reader_lock);
    model->reader_taken = false;
    pthread_cond_signal(&model->reader_free);
    pthread_mutex_unlock(&model->reader_lock);
}

/* Finds the stream of `topic`; for NULL the first one. Fails if no stream has the topic. */
static bool find_stream(const struct page_model *model, const char *topic, size_t *stream,
                        struct error *error)
{
    const struct page_model_config *config = &model->config;
    *stream = 0;
    while (topic != NULL && *stream < config->stream_count &&
           strcmp(config->streams[*stream].topic, topic) != 0) {
        ++*stream;
    }
    return *stream < config->stream_count ||
           error_set(error, ERROR_REJECT,
                     "topic %.60s is not shown here: /api/status names those that are", topic);
}

bool page_model_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                         int limit, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    struct rows rows = {.model = model, .json = json, .left = limit};
    if (!find_stream(model, topic, &rows.stream, error) || !take_reader(model, error)) {
        return false;
    }
    strbuf_append_char(json, '[');
    rows.schemas_until_ns = clock_monotonic_ns() + SCHEMA_TIMEOUT_MS * NS_PER_MS;
    bool answered = read_rows(model, partition, offset, &rows, error);
    if (!answered && error->kind == ERROR_RETRY) { /* the topic may have been deleted and created
                                                      again: the next request connects anew */
        reader_destroy(model->readers[rows.stream]);
        model->readers[rows.stream] = NULL;
    }
    give_reader_back(model);
    text_arena_free(&rows.texts);
    strbuf_append_char(json, ']');
    return answered;
}
