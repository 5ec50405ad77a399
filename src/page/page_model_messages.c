#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/waiting.h"
#include "page/page_model_parts.h"

enum {
    PATIENCE_S = 5, /* how long a request waits for the readers while another one uses them */
    SCHEMA_TIMEOUT_MS = 2000, /* for all messages of an answer together */
};

/* Finds the topic of that name, and whether it is one of dead letters; for NULL the first one. */
static bool find_topic(const struct page_model *model, const char *topic, struct open_topic *open,
                       struct error *error)
{
    const struct page_model_config *config = &model->config;
    for (size_t i = 0; i < config->stream_count; i++) {
        const struct stream *stream = &config->streams[i];
        bool letters = topic != NULL && strcmp(stream->dead_letter_topic, topic) == 0;
        if (letters || topic == NULL || strcmp(stream->topic, topic) == 0) {
            open->stream = i;
            open->name = letters ? stream->dead_letter_topic : stream->topic;
            open->viewer.dead_letters = letters;
            return true;
        }
    }
    return error_set(error, ERROR_REJECT,
                     "topic %.60s is not shown here: /api/status names those that are", topic);
}

/* Waits for the right to use the readers; fails with ERROR_RETRY when that takes too long. */
static bool take_readers(struct page_model *model, struct error *error)
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

static void give_readers_back(struct page_model *model)
{
    pthread_mutex_lock(&model->reader_lock);
    model->reader_taken = false;
    pthread_cond_signal(&model->reader_free);
    pthread_mutex_unlock(&model->reader_lock);
}

static bool read_ranges(struct open_topic *open, struct error *error)
{
    struct page_model *model = open->model;
    if (*open->reader == NULL) {
        *open->reader = reader_create_to_end(&model->config.kafka, open->name, error);
        if (*open->reader == NULL) {
            return false;
        }
        reader_heed(*open->reader, model->stop);
    }
    return reader_ranges(*open->reader, &open->ranges, &open->count, PAGE_KAFKA_TIMEOUT_MS, error);
}

bool page_model_open_topic(struct page_model *model, const char *topic, struct open_topic *open,
                           struct error *error)
{
    *open = (struct open_topic){.model = model};
    if (!find_topic(model, topic, open, error) || !take_readers(model, error)) {
        return false;
    }
    open->reader = &model->readers[open->stream][open->viewer.dead_letters ? 1 : 0];
    open->viewer.decoder = &model->message_decoders[open->stream];
    open->viewer.stop = model->stop;
    open->viewer.texts = &open->texts;
    open->viewer.schemas_until_ns = clock_monotonic_ns() + SCHEMA_TIMEOUT_MS * NS_PER_MS;
    if (!read_ranges(open, error)) {
        page_model_close_topic(open, error);
        return false;
    }
    return true;
}

void page_model_close_topic(struct open_topic *open, const struct error *error)
{
    if (error->kind == ERROR_RETRY) { /* the topic may have been deleted and created again: the next
                                         request connects anew */
        reader_destroy(*open->reader);
        *open->reader = NULL;
    }
    give_readers_back(open->model);
    text_arena_free(&open->texts);
    free(open->ranges);
}

bool page_model_topic_range(const struct open_topic *open, int32_t partition,
                            struct partition_range *range, struct error *error)
{
    if (partition < 0 || (size_t)partition >= open->count) {
        return error_set(error, ERROR_REJECT, "partition %d does not exist: %s has 0 to %zu",
                         (int)partition, open->name, open->count - 1);
    }
    *range = open->ranges[partition];
    return true;
}

struct rows {
    struct open_topic *open;
    struct strbuf *json;
    int left;
};

/* Appends a message. Returns whether a further one fits. */
static bool append_row(void *context, const struct message *message)
{
    struct rows *rows = context;
    struct strbuf *json = rows->json;
    struct message_view view;
    if (json->data[json->length - 1] != '[') {
        strbuf_append_char(json, ',');
    }
    message_view(&rows->open->viewer, message, &view);
    message_view_to_json(&view, json);
    return --rows->left > 0 && json->length < PAGE_MESSAGES_LONG_BYTES;
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

bool page_model_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                         int limit, struct strbuf *json, struct error *error)
{
    struct open_topic open;
    struct partition_range range;
    struct rows rows = {.open = &open, .json = json, .left = limit};
    if (!page_model_open_topic(context, topic, &open, error)) {
        return false;
    }
    strbuf_append_char(json, '[');
    bool answered = page_model_topic_range(&open, partition, &range, error);
    if (answered) {
        range = choose(range, offset, limit);
        answered = range.begin >= range.end || reader_read(*open.reader, &range, 1, append_row,
                                                           &rows, PAGE_KAFKA_TIMEOUT_MS, error);
    }
    page_model_close_topic(&open, error);
    strbuf_append_char(json, ']');
    return answered;
}

bool page_model_partitions(void *context, const char *topic, struct strbuf *json,
                           struct error *error)
{
    struct open_topic open;
    if (!page_model_open_topic(context, topic, &open, error)) {
        return false;
    }
    strbuf_append_char(json, '[');
    for (size_t i = 0; i < open.count; i++) {
        strbuf_append_format(json, "%s{\"partition\":%d,\"begin\":%lld,\"end\":%lld}",
                             i > 0 ? "," : "", (int)open.ranges[i].partition,
                             (long long)open.ranges[i].begin, (long long)open.ranges[i].end);
    }
    strbuf_append_char(json, ']');
    page_model_close_topic(&open, error);
    return true;
}
