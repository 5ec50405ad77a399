#include "base/http/http_reply.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_BLOCK = 16 << 10 };

/* A streamed reply. */
struct stream {
    int fd; /* the connection's socket; not closed here */
    bool endless;
    bool (*next)(void *context, struct strbuf *chunk);
    void (*free_context)(void *context);
    void *context;
    struct strbuf chunk;
    size_t sent; /* bytes of `chunk` that are sent */
    bool ended;
};

/* Returns whether the client has gone, or libmicrohttpd has shut the socket down because the server
 * is being destroyed. A client that has only closed its sending half (POLLRDHUP) still reads a
 * finite stream. With an endless stream it counts as gone, because nothing else shows that while
 * the stream is silent. */
static bool peer_has_gone(const struct stream *stream)
{
    struct pollfd look = {.fd = stream->fd, .events = stream->endless ? POLLRDHUP : 0};
    return poll(&look, 1, 0) > 0; /* poll(2) always reports POLLHUP and POLLERR */
}

/* libmicrohttpd calls this for the next bytes of a stream; it must return at least one, or the
 * end. */
static ssize_t read_stream(void *context, uint64_t position, char *bytes, size_t size)
{
    (void)position;
    struct stream *stream = context;
    while (stream->sent == stream->chunk.length) {
        if (stream->ended) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        if (peer_has_gone(stream)) {
            return stream->endless ? MHD_CONTENT_READER_END_OF_STREAM
                                   : MHD_CONTENT_READER_END_WITH_ERROR;
        }
        strbuf_clear(&stream->chunk);
        stream->sent = 0;
        stream->ended = !stream->next(stream->context, &stream->chunk);
        if (stream->chunk.failed) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    size_t left = stream->chunk.length - stream->sent;
    size_t taken = left < size ? left : size;
    memcpy(bytes, stream->chunk.data + stream->sent, taken);
    stream->sent += taken;
    return (ssize_t)taken;
}

static void free_stream(void *context)
{
    struct stream *stream = context;
    if (stream->free_context != NULL) {
        stream->free_context(stream->context);
    }
    strbuf_free(&stream->chunk);
    free(stream);
}

static bool add_headers(struct MHD_Response *response, const struct http_reply *reply)
{
    bool done = reply->content_type == NULL ||
                MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                        reply->content_type) == MHD_YES;
    const size_t most = sizeof reply->headers / sizeof reply->headers[0];
    for (size_t i = 0; done && i < most && reply->headers[i][0] != NULL; ++i) {
        done = MHD_add_response_header(response, reply->headers[i][0], reply->headers[i][1]) ==
               MHD_YES;
    }
    return done;
}

static struct MHD_Response *with_headers(struct MHD_Response *response,
                                         const struct http_reply *reply)
{
    if (response != NULL && !add_headers(response, reply)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

struct MHD_Response *http_reply_stream(struct http_reply *reply, int fd)
{
    strbuf_free(&reply->body);
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        if (reply->stream_free != NULL) {
            reply->stream_free(reply->stream_context);
        }
        return NULL;
    }
    *stream = (struct stream){
        .fd = fd,
        .endless = reply->stream_endless,
        .next = reply->stream_next,
        .free_context = reply->stream_free,
        .context = reply->stream_context,
        .chunk = strbuf_new(HTTP_REPLY_LIMIT),
    };
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, stream, free_stream);
    if (response == NULL) {
        free_stream(stream);
    }
    return with_headers(response, reply);
}

struct MHD_Response *http_reply_upgrade(struct http_reply *reply, MHD_UpgradeHandler handler,
                                        void *context)
{
    strbuf_free(&reply->body);
    return with_headers(MHD_create_response_for_upgrade(handler, context), reply);
}

/* A body on the heap, freed when it is sent. */
struct body {
    struct http_bodies *bodies;
    size_t counted;
    char *bytes;
};

static void free_body(void *context)
{
    struct body *body = context;
    (void)atomic_fetch_sub(&body->bodies->bytes, body->counted);
    free(body->bytes);
    free(body);
}

static bool has_room(struct http_bodies *bodies, size_t bytes)
{
    bool fits = atomic_fetch_add(&bodies->bytes, bytes) + bytes <= bodies->limit_bytes;
    if (!fits) {
        (void)atomic_fetch_sub(&bodies->bytes, bytes);
    }
    return fits;
}

static struct MHD_Response *fixed_response(struct str content)
{
    /* MHD_RESPMEM_PERSISTENT: libmicrohttpd only reads the bytes. */
    return MHD_create_response_from_buffer(content.length, (void *)(uintptr_t)content.data,
                                           MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *refused_for_room(struct http_reply *reply)
{
    static const char words[] = "{\"error\":\"too many answers are still being read: ask again\"}";
    struct MHD_Response *response = fixed_response(str_from(words));
    reply->status = MHD_HTTP_SERVICE_UNAVAILABLE;
    reply->content_type = "application/json";
    if (response != NULL &&
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "2") != MHD_YES) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

/* Takes ownership of `bytes`, of which `length` are already counted in `bodies`. */
static struct MHD_Response *heap_response(char *bytes, size_t length, struct http_bodies *bodies)
{
    struct body *body = calloc(1, sizeof *body);
    if (body == NULL) {
        (void)atomic_fetch_sub(&bodies->bytes, length);
        free(bytes);
        return NULL;
    }
    char *fitting = realloc(bytes, length); /* release the buffer's spare room */
    *body = (struct body){bodies, length, fitting != NULL ? fitting : bytes};
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
        length, body->bytes, free_body, body);
    if (response == NULL) {
        free_body(body);
    }
    return response;
}

struct MHD_Response *http_reply_body(struct http_reply *reply, struct http_bodies *bodies)
{
    if (reply->stream_free != NULL) { /* a reply to HEAD never starts the stream, so nobody else
                                         frees it */
        reply->stream_free(reply->stream_context);
    }
    if (reply->body.failed) {
        reply->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        strbuf_clear(&reply->body);
    }
    size_t length = reply->body.length;
    struct MHD_Response *response;
    if (length == 0) {
        response = fixed_response(reply->fixed_body);
    } else if (has_room(bodies, length)) {
        response = heap_response(strbuf_take(&reply->body), length, bodies);
    } else {
        response = refused_for_room(reply);
    }
    strbuf_free(&reply->body);
    return with_headers(response, reply);
}
