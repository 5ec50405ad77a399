#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/producer/producer_record.h"

bool record_pool_init(struct record_pool *pool)
{
    return pthread_mutex_init(&pool->lock, NULL) == 0;
}

void record_pool_free(struct record_pool *pool)
{
    struct record *record;
    while ((record = record_list_take(&pool->free)) != NULL) {
        free(record);
    }
    pthread_mutex_destroy(&pool->lock);
}

static struct record *take_room(struct record_pool *pool, size_t bytes)
{
    bool pooled = bytes <= RECORD_POOLED_BYTES;
    struct record *record = NULL;
    if (pooled) {
        pthread_mutex_lock(&pool->lock);
        record = record_list_take(&pool->free);
        pthread_mutex_unlock(&pool->lock);
    }
    if (record == NULL) {
        record = malloc(pooled ? RECORD_POOLED_BYTES : bytes);
    }
    if (record != NULL) {
        *record = (struct record){.pooled = pooled};
    }
    return record;
}

void record_destroy_all(struct record_pool *pool, struct record_list *list)
{
    struct record_list rest = {0};
    struct record *record;
    pthread_mutex_lock(&pool->lock);
    while ((record = record_list_take(list)) != NULL) {
        if (record->pooled && pool->free.count < RECORD_POOL_MAX) {
            record_list_prepend(&pool->free, record); /* first, because its memory is probably
                                                         still in the cache */
        } else {
            record_list_append(&rest, record);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    while ((record = record_list_take(&rest)) != NULL) {
        free(record);
    }
}

void record_destroy(struct record_pool *pool, struct record *record)
{
    struct record_list one = {0};
    record_list_append(&one, record);
    record_destroy_all(pool, &one);
}

static size_t headers_length(const struct producer_message *message)
{
    size_t length = 0;
    for (size_t i = 0; i < message->header_count; i++) {
        const struct producer_header *header = &message->headers[i];
        length += sizeof(struct record_header) + strlen(header->name) + 1 + header->value.length;
    }
    return length;
}

/* Copies the headers in the format that struct record describes. */
static void copy_headers(const struct producer_message *message, char *to)
{
    for (size_t i = 0; i < message->header_count; i++) {
        const struct producer_header *header = &message->headers[i];
        const struct record_header head = {
            .name_length = (uint32_t)strlen(header->name),
            .value_length = header->value.data != NULL ? (int32_t)header->value.length : -1,
        };
        memcpy(to, &head, sizeof head);
        to += sizeof head;
        memcpy(to, header->name, head.name_length + 1U);
        to += head.name_length + 1U;
        if (header->value.length > 0) {
            memcpy(to, header->value.data, header->value.length);
            to += header->value.length;
        }
    }
}

struct record *record_create(struct record_pool *pool, const struct producer_message *message,
                             uint32_t topic)
{
    size_t key_length = message->key.length, value_length = message->value.length;
    size_t header_bytes = headers_length(message);
    struct record *record =
        take_room(pool, offsetof(struct record, bytes) + key_length + value_length + header_bytes);
    if (record == NULL) {
        return NULL;
    }
    record->token = message->token;
    record->timestamp_ms = clock_wall_ns() / NS_PER_MS;
    record->topic = topic;
    record->key_length = (uint32_t)key_length;
    record->value_length = (uint32_t)value_length;
    record->partition = message->partition;
    record->has_key = message->key.data != NULL;
    record->has_value = message->value.data != NULL;
    record->once = message->once;
    if (key_length > 0) {
        memcpy(record->bytes, message->key.data, key_length);
    }
    if (value_length > 0) {
        memcpy(record->bytes + key_length, message->value.data, value_length);
    }
    record->header_count = (uint32_t)message->header_count;
    record->headers_length = (uint32_t)header_bytes;
    copy_headers(message, record->bytes + key_length + value_length);
    return record;
}
