#include "base/http_reply.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_BLOCK = 16 << 10 };

/* A reply without end, while it goes out. */
struct stream {
    int fd; /* the connection's; not ours to close */
    bool (*next)(void *context, struct strbuf *chunk);
    void (*free_context)(void *context);
    void *context;
    struct strbuf chunk;
    size_t sent; /* of `chunk` */
    bool ended;
};

/* Or the server is being destroyed: then libmicrohttpd has shut the socket down. */
static bool peer_has_gone(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0;
}

/* libmicrohttpd asks for the next bytes of a stream; it wants at least one, or the end. */
static ssize_t read_stream(void *context, uint64_t position, char *bytes, size_t size)
{
    (void)position;
    struct stream *stream = context;
    while (stream->sent == stream->chunk.length) {
        if (stream->ended || peer_has_gone(stream->fd)) {
            return MHD_CONTENT_READER_END_OF_STREAM;
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

struct MHD_Response *http_reply_body(struct http_reply *reply)
{
    if (reply->stream_free != NULL) { /* the answer to a HEAD, which never starts the stream */
        reply->stream_free(reply->stream_context);
    }
    if (reply->body.failed) {
        reply->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        strbuf_clear(&reply->body);
    }
    size_t length = reply->body.length;
    char *bytes = length > 0 ? strbuf_take(&reply->body) : NULL;
    strbuf_free(&reply->body);
    struct MHD_Response *response;
    if (bytes == NULL) {
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        response = MHD_create_response_from_buffer_with_free_callback(length, bytes, free);
        if (response == NULL) {
            free(bytes);
        }
    }
    return with_headers(response, reply);
}
