#include "fake_exchange/fake_reply.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { SLOW_PIECES = 10, BODY_LIMIT = 16 << 20 };

/* A body that is sent in pieces. */
struct pieces {
    struct strbuf body;
    size_t sent;
    size_t piece;
    int64_t pause_ms;
    size_t cut; /* offset at which the connection is cut; SIZE_MAX: never */
};

static bool next_piece(void *context, struct strbuf *chunk)
{
    struct pieces *pieces = context;
    size_t end = pieces->cut < pieces->body.length ? pieces->cut : pieces->body.length;
    if (pieces->sent == end) {
        chunk->failed = end == pieces->cut;
        return false;
    }
    if (pieces->pause_ms > 0) {
        struct timespec pause = {.tv_sec = pieces->pause_ms / 1000,
                                 .tv_nsec = pieces->pause_ms % 1000 * NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
    size_t left = end - pieces->sent;
    size_t length = left < pieces->piece ? left : pieces->piece;
    strbuf_append(chunk, pieces->body.data + pieces->sent, length);
    pieces->sent += length;
    return true;
}

static void free_pieces(void *context)
{
    struct pieces *pieces = context;
    strbuf_free(&pieces->body);
    free(pieces);
}

/* Sends the body of `reply` in pieces, or whole if memory runs out. */
static void send_in_pieces(struct http_reply *reply, size_t count, int64_t pause_ms, size_t cut)
{
    struct pieces *pieces = calloc(1, sizeof *pieces);
    if (pieces == NULL) {
        return;
    }
    *pieces = (struct pieces){
        .body = reply->body,
        .piece = reply->body.length / count + 1,
        .pause_ms = pause_ms,
        .cut = cut,
    };
    reply->body = strbuf_new(BODY_LIMIT);
    reply->stream_next = next_piece;
    reply->stream_free = free_pieces;
    reply->stream_context = pieces;
}

void fake_reply_give(struct http_reply *reply, unsigned status, const char *type, const char *body)
{
    reply->status = status;
    reply->content_type = type;
    strbuf_append_text(&reply->body, body);
}

void fake_reply_json(struct http_reply *reply, unsigned status, const char *body)
{
    fake_reply_give(reply, status, "application/json; charset=utf-8", body);
}

void fake_reply_no_path(struct http_reply *reply)
{
    fake_reply_give(reply, 404, "text/html",
                    "<!DOCTYPE html>\n<html><body><pre>No such path</pre></body></html>\n");
}

void fake_reply_rate_limit(struct http_reply *reply, int64_t number)
{
    switch (number % 3) {
    case 0:
        fake_reply_json(reply, 429, "{\"error\":\"ERR_RATE_LIMIT\"}");
        break;
    case 1:
        fake_reply_json(reply, 429, "[\"error\",11010,\"ratelimit: error\"]");
        break;
    default:
        fake_reply_json(reply, 200, "[\"error\", 11010, \"ratelimit: error\"]");
        break;
    }
}

void fake_reply_fault(struct http_reply *reply, struct fake_hit hit)
{
    switch ((int)hit.fault) {
    case FAKE_429:
        strbuf_clear(&reply->body);
        fake_reply_rate_limit(reply, hit.number);
        break;
    case FAKE_408:
        strbuf_clear(&reply->body);
        fake_reply_give(reply, 408, "text/plain", "Request Timeout");
        break;
    case FAKE_500:
        strbuf_clear(&reply->body);
        fake_reply_json(reply, 500, "[\"error\",10001,\"unknown error\"]");
        break;
    case FAKE_MAINTENANCE:
        strbuf_clear(&reply->body);
        fake_reply_json(reply, 503, "[\"error\",20060,\"maintenance\"]");
        break;
    case FAKE_HTML:
        strbuf_clear(&reply->body);
        fake_reply_give(reply, 502, "text/html",
                        "<!DOCTYPE html>\n<html><head><title>502 Bad gateway</title></head>"
                        "<body><h1>Bad gateway</h1></body></html>\n");
        break;
    case FAKE_TRUNCATED:
        send_in_pieces(reply, 1, 0, reply->body.length / 2);
        break;
    case FAKE_SLOW:
        send_in_pieces(reply, SLOW_PIECES, hit.value / SLOW_PIECES, SIZE_MAX);
        break;
    default:
        break;
    }
}
