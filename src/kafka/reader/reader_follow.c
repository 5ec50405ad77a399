#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "kafka/admin/topic_watch.h"
#include "kafka/reader/reader_internal.h"

enum {
    BATCH_MESSAGES = 500,
    WAIT_MS = 50,   /* how often to check the stop */
    STEP_MS = 2000, /* how often to check it while the topic's offsets are requested */
    ANSWER_MS = 10000,
    WIDENING = 8, /* how many times more offsets are read if the newest ones contain too few
                     messages */
};

/* A copy of a message, for sorting by time. */
struct kept {
    struct message message; /* its topic is borrowed from the reader */
    int64_t sort_ms;        /* the newest timestamp in its partition up to this message */
    int64_t own_ns;         /* the newest time of reader_order(), likewise; 0: there is none */
    char bytes[];           /* key, value, schema header */
};

struct kept_list {
    struct kept **items;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/* Copies the bytes of `text` to `at` and makes `text` point to the copy. Returns the copy's end. */
static char *copy_text(struct str *text, char *at)
{
    if (text->length > 0) {
        memcpy(at, text->data, text->length);
    }
    text->data = text->data != NULL ? at : NULL;
    return at + text->length;
}

static struct kept *copy(const struct message *from)
{
    const struct encoded_message *encoded = &from->encoded;
    struct kept *kept = malloc(sizeof *kept + encoded->key.length + encoded->value.length +
                               encoded->schema_header.length);
    if (kept == NULL) {
        return NULL;
    }
    kept->message = *from;
    kept->message.headers = NULL; /* they are freed with librdkafka's message, before the copy */
    char *at = copy_text(&kept->message.encoded.key, kept->bytes);
    at = copy_text(&kept->message.encoded.value, at);
    (void)copy_text(&kept->message.encoded.schema_header, at);
    return kept;
}

static bool keep(void *context, const struct message *message)
{
    struct kept_list *list = context;
    struct kept **items = array_room(list->items, list->count, &list->capacity, sizeof *items);
    if (items == NULL) {
        list->failed = true;
        return false;
    }
    list->items = items;
    struct kept *kept = copy(message);
    if (kept == NULL) {
        list->failed = true;
        return false;
    }
    list->items[list->count++] = kept;
    return true;
}

static int compare_int64(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right;
}

static int compare_place(const void *left_item, const void *right_item)
{
    const struct message *left = &(*(struct kept *const *)left_item)->message;
    const struct message *right = &(*(struct kept *const *)right_item)->message;
    int order = compare_int64(left->partition, right->partition);
    return order != 0 ? order : compare_int64(left->offset, right->offset);
}

/* Compares when messages were written; of those of one timestamp, what they tell of. */
static int compare_written(const void *left_item, const void *right_item)
{
    const struct kept *left = *(struct kept *const *)left_item;
    const struct kept *right = *(struct kept *const *)right_item;
    int order = compare_int64(left->sort_ms, right->sort_ms);
    order = order != 0 ? order : compare_int64(left->own_ns, right->own_ns);
    return order != 0 ? order : compare_place(left_item, right_item);
}

static int compare_own(const void *left_item, const void *right_item)
{
    int order = compare_int64((*(struct kept *const *)left_item)->own_ns,
                              (*(struct kept *const *)right_item)->own_ns);
    return order != 0 ? order : compare_written(left_item, right_item);
}

static int64_t later(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* Sets the times by which messages are sorted. They never fall within a partition, so that its
 * messages keep the order of their offsets, even if their producers' clocks differ. */
static void set_times(const struct reader *reader, struct kept_list *list)
{
    qsort(list->items, list->count, sizeof *list->items, compare_place);
    for (size_t i = 0; i < list->count; i++) {
        struct kept *kept = list->items[i];
        const struct kept *before = i > 0 ? list->items[i - 1] : NULL;
        kept->sort_ms = kept->message.encoded.timestamp_ms;
        kept->own_ns =
            reader->time_of != NULL ? reader->time_of(reader->time_context, &kept->message) : 0;
        if (before != NULL && before->message.partition == kept->message.partition) {
            kept->sort_ms = later(kept->sort_ms, before->sort_ms);
            kept->own_ns = later(kept->own_ns, before->own_ns);
        }
    }
}

static void free_kept(struct kept_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct kept_list){0};
}

/* Keeps copies of the messages in the newest `offsets` offsets of each partition. Sets `*all` to
 * whether there are no older ones. */
static bool keep_newest(struct reader *reader, const struct partition_range *ranges, size_t count,
                        int64_t offsets, struct kept_list *list, bool *all, struct error *error)
{
    struct partition_range *tails = calloc(count + 1, sizeof *tails);
    if (tails == NULL) {
        return error_set(error, ERROR_FATAL, "reader: out of memory");
    }
    *all = true;
    for (size_t i = 0; i < count; i++) {
        tails[i] = ranges[i];
        if (tails[i].end - tails[i].begin > offsets) {
            tails[i].begin = tails[i].end - offsets;
            *all = false;
        }
    }
    bool done = reader_read(reader, tails, count, keep, list, ANSWER_MS, error);
    free(tails);
    return done && (!list->failed || error_set(error, ERROR_FATAL, "reader: out of memory"));
}

/* Passes the newest `last` messages before the ends of `ranges` to the callback. Sets `*more` to
 * false if the callback ended the reading. */
static bool pass_newest(struct reader *reader, const struct partition_range *ranges, size_t count,
                        int64_t last, message_callback callback, void *context, bool *more,
                        struct error *error)
{
    struct kept_list list = {0};
    bool done = true;
    bool all = false;
    /* There may be fewer messages than offsets, because transaction markers, and aborted or
     * compacted messages have offsets, too: then read more offsets. */
    for (int64_t offsets = last; done && !all && list.count < (size_t)last; offsets *= WIDENING) {
        free_kept(&list);
        done = keep_newest(reader, ranges, count, offsets, &list, &all, error);
    }
    if (done && list.count > 0) {
        set_times(reader, &list);
        qsort(list.items, list.count, sizeof *list.items, compare_written);
        size_t skip = list.count > (size_t)last ? list.count - (size_t)last : 0;
        qsort(list.items + skip, list.count - skip, sizeof *list.items, compare_own);
        for (size_t i = skip; *more && i < list.count; i++) {
            *more = callback(context, &list.items[i]->message);
        }
    }
    free_kept(&list);
    return done;
}

bool reader_newest(struct reader *reader, const struct partition_range *ranges, size_t count,
                   int64_t last, message_callback callback, void *context, struct error *error)
{
    bool more = true;
    last = last > READER_LAST_MAX ? READER_LAST_MAX : last;
    return last <= 0 || pass_newest(reader, ranges, count, last, callback, context, &more, error);
}

struct following {
    struct reader *reader;
    rd_kafka_queue_t *queue;
    int partitions; /* the partitions 0 to `partitions` - 1 are being fetched */
    struct topic_watch *watch;
    message_callback callback;
    void *context;
    bool more;
};

/* Starts to follow new partitions, from their start. */
static bool add_partitions(struct following *following, int there, struct error *error)
{
    while (following->partitions < there) {
        if (!reader_start(following->reader, following->queue, following->partitions,
                          RD_KAFKA_OFFSET_BEGINNING, error)) {
            return false;
        }
        following->partitions++;
    }
    return true;
}

static void stop_all(struct following *following)
{
    for (int i = 0; i < following->partitions; i++) {
        reader_stop(following->reader, i);
    }
    following->partitions = 0;
    rd_kafka_queue_destroy(following->queue);
    following->queue = NULL;
}

/* If the topic was deleted and created again, follows the new one from its start; if it got
 * partitions, those too. */
static bool look_at_topic(struct following *following, struct error *error)
{
    struct reader *reader = following->reader;
    struct topic_id_state state = topic_watch_newest(following->watch);
    if (!topic_id_known(&reader->topic_id)) {
        reader->topic_id = state.id; /* the first time that an id is known */
    }
    if (!topic_id_differs(&reader->topic_id, &state.id)) {
        return add_partitions(following, state.partitions, error);
    }
    log_warn("topic_made_again", log_text("topic", reader->name),
             log_text("was", reader->topic_id.text), log_text("is", state.id.text),
             log_text("meaning", "it is followed from its beginning"));
    stop_all(following);
    reader->topic_id = state.id;
    if (!reader_renew(reader, error)) {
        return false;
    }
    following->queue = rd_kafka_queue_new(reader->client);
    return add_partitions(following, state.partitions, error);
}

static bool take(struct following *following, const rd_kafka_message_t *message,
                 struct error *error)
{
    const char *name = following->reader->name;
    switch (kafka_error_kind(message->err)) {
    case ERROR_NONE:
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            struct message borrowed = reader_message(following->reader, message);
            following->more = following->callback(following->context, &borrowed);
        }
        return true;
    case ERROR_RETRY:
        log_debug("reader_waits", log_text("topic", name), log_int("partition", message->partition),
                  log_text("reason", rd_kafka_err2str(message->err)));
        return true;
    default:
        return error_set(error, kafka_error_kind(message->err), "%.100s partition %d: %s", name,
                         message->partition, rd_kafka_err2str(message->err));
    }
}

static bool follow(struct following *following, struct stop *stop, struct error *error)
{
    rd_kafka_message_t *messages[BATCH_MESSAGES];
    bool fine = true;
    while (fine && following->more && !stop_requested(stop)) {
        size_t got = reader_take(following->queue, WAIT_MS, messages, BATCH_MESSAGES);
        (void)rd_kafka_poll(following->reader->client, 0); /* calls the callbacks that log errors */
        for (size_t i = 0; i < got; i++) {
            fine = fine && (!following->more || take(following, messages[i], error));
            rd_kafka_message_destroy(messages[i]);
        }
        if (got < BATCH_MESSAGES && fine && following->more) {
            following->more = following->callback(following->context, NULL);
        }
        fine = fine && look_at_topic(following, error);
    }
    return fine;
}

/* Requests the topic's current offsets, in steps, so that a stop is noticed while brokers do not
 * answer. */
static bool first_ranges(struct reader *reader, struct partition_range **ranges, size_t *count,
                         const struct stop *stop, struct error *error)
{
    int64_t deadline_ns = clock_monotonic_ns() + ANSWER_MS * NS_PER_MS;
    while (!reader_ranges(reader, ranges, count, STEP_MS, error)) {
        if (error->kind != ERROR_RETRY || stop_requested(stop) ||
            clock_monotonic_ns() >= deadline_ns) {
            return false;
        }
    }
    return true;
}

bool reader_follow(struct reader *reader, int64_t last, message_callback callback, void *context,
                   struct stop *stop, struct error *error)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct following following = {
        .reader = reader, .callback = callback, .context = context, .more = true};
    if (!first_ranges(reader, &ranges, &count, stop, error)) {
        return stop_requested(stop);
    }
    last = last > READER_LAST_MAX ? READER_LAST_MAX : last;
    const struct stop *heeded = reader->stop;
    reader_heed(reader, stop);
    bool done = last <= 0 ||
                pass_newest(reader, ranges, count, last, callback, context, &following.more, error);
    reader_heed(reader, heeded);
    following.queue = rd_kafka_queue_new(reader->client);
    for (; done && (size_t)following.partitions < count; following.partitions++) {
        const struct partition_range *range = &ranges[following.partitions];
        done = reader_start(reader, following.queue, range->partition, range->end, error);
    }
    following.watch = done ? topic_watch_create(reader->settings, reader->name, error) : NULL;
    done = following.watch != NULL && follow(&following, stop, error);
    topic_watch_destroy(following.watch);
    if (following.queue != NULL) {
        stop_all(&following);
    }
    free(ranges);
    return done || stop_requested(stop);
}
