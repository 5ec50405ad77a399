#include "web/candle_answer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "market/coverage.h"
#include "market/json.h"
#include "record/kind.h"

enum {
    PATIENCE_MS = 5000,  /* how long to wait for memory; after an error browsers ask again */
    TEXT_CANDLES = 1000, /* up to this many candles are sent as one body; more are streamed */
    CHUNK_CANDLES = 512,
};

struct candle_answer {
    struct room *room;
    size_t room_bytes; /* what this answer has reserved in `room` */
    char coin[RECORD_KEY_MAX + 1];
    struct candle_list candles;
    struct coverage coverage; /* without a source: not known */
    struct candle_marks marks;
    size_t sent;
};

struct candle_answer *candle_answer_create(struct room *room,
                                           const struct web_candles_wanted *wanted,
                                           struct error *error)
{
    size_t limit = wanted->limit > 0 ? wanted->limit : WEB_CANDLES_MOST;
    size_t bytes = limit * sizeof(struct candle);
    if (!room_take(room, bytes, PATIENCE_MS)) {
        (void)error_set(error, ERROR_RETRY,
                        "too many large answers are still being read: ask for less (limit), or "
                        "again in a few seconds");
        return NULL;
    }
    struct candle_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL) {
        room_give(room, bytes);
        (void)error_set(error, ERROR_RETRY, "no memory for candles");
        return NULL;
    }
    answer->room = room;
    answer->room_bytes = bytes;
    answer->marks = (struct candle_marks){
        .interval_ns = wanted->interval_ns, .now_ns = clock_wall_ns(), .coverage_only = true};
    (void)str_copy(str_from(wanted->coin), answer->coin, sizeof answer->coin);
    return answer;
}

void candle_answer_destroy(struct candle_answer *answer)
{
    if (answer != NULL) {
        candle_list_free(&answer->candles);
        coverage_free(&answer->coverage);
        room_give(answer->room, answer->room_bytes);
        free(answer);
    }
}

struct candle_list *candle_answer_list(struct candle_answer *answer)
{
    return &answer->candles;
}

struct coverage *candle_answer_coverage(struct candle_answer *answer)
{
    return &answer->coverage;
}

static bool next_chunk(void *context, struct strbuf *chunk)
{
    struct candle_answer *answer = context;
    const struct candle_list *candles = &answer->candles;
    size_t left = candles->count - answer->sent;
    size_t count = left < CHUNK_CANDLES ? left : CHUNK_CANDLES;
    const struct candle_list part = {.items = candles->items + answer->sent, .count = count};
    strbuf_append_char(chunk, answer->sent == 0 ? '[' : ',');
    candles_append_json(&part, answer->coin, &answer->marks, chunk);
    answer->sent += count;
    if (answer->sent < candles->count) {
        return true;
    }
    strbuf_append_char(chunk, ']');
    return false;
}

static void destroy(void *context)
{
    candle_answer_destroy(context);
}

/* Releases the part of the reserved memory that the answer does not need: the store had fewer
 * candles. */
static void release_unused(struct candle_answer *answer)
{
    struct candle_list *candles = &answer->candles;
    size_t bytes = candles->count * sizeof candles->items[0];
    struct candle *fitting = realloc(candles->items, bytes);
    if (fitting != NULL) {
        candles->items = fitting;
        candles->capacity = candles->count;
    }
    if (bytes < answer->room_bytes) {
        room_give(answer->room, answer->room_bytes - bytes);
        answer->room_bytes = bytes;
    }
}

void candle_answer_send(struct candle_answer *answer, struct http_reply *reply)
{
    if (answer->coverage.source[0] != '\0') {
        answer->marks.coverage = &answer->coverage;
    }
    if (answer->candles.count <= TEXT_CANDLES) {
        candles_to_json(&answer->candles, answer->coin, &answer->marks, &reply->body);
        candle_answer_destroy(answer);
        return;
    }
    release_unused(answer);
    reply->stream_next = next_chunk;
    reply->stream_free = destroy;
    reply->stream_context = answer;
}
