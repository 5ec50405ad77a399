#include "kafka/consumer/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* How far `bytes` may grow beyond bytes_limit. Only a batch's last message can exceed the limit,
 * because the batch is closed then; and no message is larger than one fetch of librdkafka
 * (receive.message.max.bytes, 100 MB). */
enum { RECEIVED_BYTES_MAX = 128 * 1024 * 1024 };

struct batch *batch_create(const struct record_kind *kind, size_t records_limit, size_t bytes_limit)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->kind = kind;
    batch->records_limit = records_limit;
    batch->bytes_limit = bytes_limit;
    batch->bytes = strbuf_new(bytes_limit + RECEIVED_BYTES_MAX);
    batch->records = calloc(records_limit, kind->size);
    batch->origins = calloc(records_limit, sizeof *batch->origins);
    if (batch->records == NULL || batch->origins == NULL) {
        batch_destroy(batch);
        return NULL;
    }
    return batch;
}

void batch_destroy(struct batch *batch)
{
    if (batch == NULL) {
        return;
    }
    dead_letter_list_free(&batch->letters);
    strbuf_free(&batch->bytes);
    text_arena_free(&batch->texts);
    free(batch->spans);
    free(batch->origins);
    free(batch->records);
    free(batch);
}

void batch_reset(struct batch *batch)
{
    dead_letter_list_free(&batch->letters);
    /* A few huge messages must not keep their memory allocated for ever. */
    if (batch->bytes.capacity / 2 > batch->bytes_limit) {
        strbuf_free(&batch->bytes);
    }
    strbuf_clear(&batch->bytes);
    if (batch->texts.capacity / 2 > batch->bytes_limit) {
        text_arena_free(&batch->texts);
    }
    batch->texts.length = 0;
    batch->texts_kept = 0;
    batch->next = NULL;
    batch->count = 0;
    batch->letter_count = 0;
    batch->span_count = 0;
    batch->newest_span = 0;
    batch->opened_ns = 0;
    batch->topic_id = (struct topic_id){.text = ""};
    batch->state = BATCH_OPEN;
    batch->letters_left = 0;
}

bool batch_empty(const struct batch *batch)
{
    return batch->span_count == 0;
}

bool batch_full(const struct batch *batch)
{
    return batch->count + batch->letter_count >= batch->records_limit ||
           batch->bytes.length + batch->texts_kept >= batch->bytes_limit;
}

void *batch_slot(struct batch *batch)
{
    batch->texts.length = batch->texts_kept;
    return (char *)batch->records + batch->count * batch->kind->size;
}

/* Messages arrive in runs of one partition, so the search starts at the newest span. */
static struct span *find_span(struct batch *batch, int32_t partition, uint64_t epoch)
{
    for (size_t n = 0, i = batch->newest_span; n < batch->span_count; n++, i++) {
        if (i >= batch->span_count) {
            i = 0;
        }
        if (batch->spans[i].partition == partition && batch->spans[i].epoch == epoch) {
            batch->newest_span = i;
            return &batch->spans[i];
        }
    }
    return NULL;
}

static bool cover(struct batch *batch, const struct source_message *message)
{
    struct span *span = find_span(batch, message->place.partition, message->epoch);
    if (span == NULL) {
        struct span *spans =
            array_room(batch->spans, batch->span_count, &batch->span_capacity, sizeof *spans);
        if (spans == NULL) {
            return false;
        }
        batch->spans = spans;
        batch->newest_span = batch->span_count++;
        span = &batch->spans[batch->newest_span];
        *span = (struct span){.partition = message->place.partition, .epoch = message->epoch};
    }
    span->next_offset = message->place.offset + 1;
    return true;
}

bool batch_reach(struct batch *batch, int32_t partition, uint64_t epoch, int64_t next_offset)
{
    struct span *span = find_span(batch, partition, epoch);
    if (span != NULL && next_offset > span->next_offset) {
        span->next_offset = next_offset;
    }
    return span != NULL;
}

/* Copies the message's bytes into the batch and fills in `origin`. */
static bool keep_bytes(struct batch *batch, const struct source_message *message,
                       struct origin *origin)
{
    const struct encoded_message *encoded = &message->encoded;
    if (!strbuf_reserve(&batch->bytes, encoded->key.length + encoded->value.length +
                                           encoded->schema_header.length)) {
        batch->bytes.failed = false; /* nothing was appended, so the buffer is still good */
        return false;
    }
    *origin = (struct origin){
        .place = message->place,
        .timestamp_ms = encoded->timestamp_ms,
        .arrived_ns = message->arrived_ns,
        .at = batch->bytes.length,
        .key_length = encoded->key.length,
        .value_length = encoded->value.length,
        .schema_header_length = encoded->schema_header.length,
        .has_key = encoded->key.data != NULL,
        .has_value = encoded->value.data != NULL,
        .has_schema_header = encoded->schema_header.data != NULL,
    };
    strbuf_append_str(&batch->bytes, encoded->key);
    strbuf_append_str(&batch->bytes, encoded->value);
    strbuf_append_str(&batch->bytes, encoded->schema_header);
    return true;
}

bool batch_add_record(struct batch *batch, const struct source_message *message)
{
    if (!keep_bytes(batch, message, &batch->origins[batch->count]) || !cover(batch, message)) {
        return false;
    }
    batch->origins[batch->count].span = batch->newest_span;
    batch->spans[batch->newest_span].stored++;
    batch->texts_kept = batch->texts.length;
    batch->count++;
    return true;
}

static struct dead_letter *make_letter(struct batch *batch, const struct origin *origin,
                                       enum dead_letter_kind kind, const char *reason)
{
    struct dead_letter *letter = dead_letter_create(batch, origin, kind, reason);
    if (letter != NULL) {
        letter->stream = batch->stream;
        letter->topic_id = batch->topic_id;
    }
    return letter;
}

bool batch_add_letter(struct batch *batch, const struct source_message *message,
                      enum dead_letter_kind kind, const char *reason)
{
    struct origin origin;
    if (!keep_bytes(batch, message, &origin)) {
        return false;
    }
    struct dead_letter *letter = make_letter(batch, &origin, kind, reason);
    if (letter == NULL || !cover(batch, message)) {
        free(letter);
        return false;
    }
    dead_letter_list_append(&batch->letters, letter);
    batch->letter_count++;
    return true;
}

/* Sets the dead letter's pointers to its bytes, which do not move any more because the batch is
 * closed. */
static void resolve(const struct batch *batch, struct dead_letter *letter)
{
    const struct origin *origin = &letter->origin;
    const char *key = strbuf_text(&batch->bytes) + origin->at;
    const char *value = key + origin->key_length;
    letter->encoded = (struct encoded_message){.timestamp_ms = origin->timestamp_ms};
    if (origin->has_key) {
        letter->encoded.key = (struct str){key, origin->key_length};
    }
    if (origin->has_value) {
        letter->encoded.value = (struct str){value, origin->value_length};
    }
    if (origin->has_schema_header) {
        letter->encoded.schema_header =
            (struct str){value + origin->value_length, origin->schema_header_length};
    }
}

struct dead_letter *batch_refused_letter(struct batch *batch, size_t index, const char *reason)
{
    struct dead_letter *letter =
        make_letter(batch, &batch->origins[index], DEAD_LETTER_REFUSED, reason);
    if (letter != NULL) {
        resolve(batch, letter);
    }
    return letter;
}

void batch_refuse(struct batch *batch, const struct dead_letter_list *letters)
{
    for (const struct dead_letter *letter = letters->first; letter != NULL; letter = letter->next) {
        struct span *span = &batch->spans[letter->origin.span];
        span->stored -= span->stored > 0 ? 1 : 0; /* an answer may name a record twice */
    }
}

struct dead_letter_list batch_take_letters(struct batch *batch)
{
    struct dead_letter_list letters = batch->letters;
    batch->letters = (struct dead_letter_list){0};
    for (struct dead_letter *letter = letters.first; letter != NULL; letter = letter->next) {
        resolve(batch, letter);
    }
    return letters;
}
