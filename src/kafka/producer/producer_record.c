#include "kafka/producer/producer_record.h"

#include <string.h>

size_t record_size(const struct record *record)
{
    return sizeof *record + record->key_length + record->value_length + record->headers_length;
}

/* Returns the record's headers as librdkafka's list; NULL if out of memory. */
static rd_kafka_headers_t *make_headers(const struct record *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    const char *at = record->bytes + record->key_length + record->value_length;
    for (uint32_t i = 0; headers != NULL && i < record->header_count; i++) {
        struct record_header header;
        memcpy(&header, at, sizeof header);
        const char *name = at + sizeof header;
        const char *value = name + header.name_length + 1;
        bool has_value = header.value_length >= 0;
        if (rd_kafka_header_add(headers, name, (ssize_t)header.name_length,
                                has_value ? value : NULL, has_value ? header.value_length : 0) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_headers_destroy(headers);
            return NULL;
        }
        at = value + (has_value ? header.value_length : 0);
    }
    return headers;
}

rd_kafka_resp_err_t record_produce(struct record *record, rd_kafka_t *client,
                                   rd_kafka_topic_t *topic)
{
    char *key = record->bytes, *value = record->bytes + record->key_length;
    rd_kafka_vu_t parts[7] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {.ptr = record->has_key ? key : NULL, .size = record->key_length}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {.ptr = record->has_value ? value : NULL, .size = record->value_length}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->timestamp_ms},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = record},
    };
    size_t count = 6;
    /* librdkafka owns the headers only on success. */
    rd_kafka_headers_t *headers = NULL;
    if (record->header_count > 0) {
        headers = make_headers(record);
        if (headers == NULL) {
            return RD_KAFKA_RESP_ERR__QUEUE_FULL; /* out of memory, so it may be retried */
        }
        parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
    }
    rd_kafka_error_t *failure = rd_kafka_produceva(client, parts, count);
    if (failure == NULL) {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    rd_kafka_resp_err_t code = rd_kafka_error_code(failure);
    rd_kafka_error_destroy(failure);
    if (headers != NULL) {
        rd_kafka_headers_destroy(headers);
    }
    return code;
}

bool record_is_bad(const struct record *record, rd_kafka_resp_err_t code)
{
    return kafka_error_kind(code) == ERROR_REJECT &&
           (code != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
            record->partition != RD_KAFKA_PARTITION_UA);
}

void record_list_append(struct record_list *list, struct record *record)
{
    record->next = NULL;
    if (list->last != NULL) {
        list->last->next = record;
    } else {
        list->first = record;
    }
    list->last = record;
    list->count++;
}

void record_list_prepend(struct record_list *list, struct record *record)
{
    record->next = list->first;
    list->first = record;
    if (list->last == NULL) {
        list->last = record;
    }
    list->count++;
}

struct record *record_list_take(struct record_list *list)
{
    struct record *record = list->first;
    if (record != NULL) {
        list->first = record->next;
        list->count--;
        if (list->first == NULL) {
            list->last = NULL;
        }
    }
    return record;
}

static void append_all(struct record_list *list, struct record_list *tail)
{
    while (tail->first != NULL) {
        record_list_append(list, record_list_take(tail));
    }
}

/* Removes the longest run at the front of `list` that is already in order, and returns it. */
static struct record_list take_run(struct record_list *list)
{
    struct record_list run = {0};
    do {
        record_list_append(&run, record_list_take(list));
    } while (list->first != NULL && list->first->seq > run.last->seq);
    return run;
}

static struct record_list merge(struct record_list left, struct record_list right)
{
    struct record_list merged = {0};
    while (left.first != NULL && right.first != NULL) {
        bool from_left = left.first->seq < right.first->seq;
        record_list_append(&merged, record_list_take(from_left ? &left : &right));
    }
    append_all(&merged, &left);
    append_all(&merged, &right);
    return merged;
}

/* A natural merge sort: the records that librdkafka returns consist of a few long runs, one for
 * each partition. */
void record_list_sort(struct record_list *list)
{
    enum { LEVELS = 40 };
    struct record_list levels[LEVELS] = {{0}};
    while (list->first != NULL) {
        struct record_list run = take_run(list);
        size_t level = 0;
        for (; level < LEVELS - 1 && levels[level].first != NULL; level++) {
            run = merge(levels[level], run);
            levels[level] = (struct record_list){0};
        }
        levels[level] = merge(levels[level], run);
    }
    struct record_list sorted = {0};
    for (size_t level = 0; level < LEVELS; level++) {
        sorted = merge(levels[level], sorted);
    }
    *list = sorted;
}
