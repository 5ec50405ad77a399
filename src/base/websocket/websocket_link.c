/* The connection under a WebSocket: libcurl's connection on a client, a plain socket on a
 * server. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/websocket/websocket_parts.h"

enum { DEFAULT_MESSAGE_LIMIT = 1 << 20, DEFAULT_UNSENT_LIMIT = 256 << 10 };

/* Turns the result of send(2) or recv(2) into libcurl's form: EAGAIN is CURLE_AGAIN, and the end of
 * the stream is CURLE_OK with 0 bytes. */
static CURLcode socket_result(ssize_t moved, CURLcode failure, size_t *count)
{
    *count = moved > 0 ? (size_t)moved : 0;
    bool again = moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return again ? CURLE_AGAIN : moved < 0 ? failure : CURLE_OK;
}

CURLcode websocket_link_send(struct websocket *websocket, const void *bytes, size_t length,
                             size_t *sent)
{
    if (websocket->easy != NULL) {
        return curl_easy_send(websocket->easy, bytes, length, sent);
    }
    ssize_t moved = send(websocket->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    return socket_result(moved, CURLE_SEND_ERROR, sent);
}

static CURLcode link_receive(struct websocket *websocket, void *bytes, size_t size, size_t *got)
{
    if (websocket->easy != NULL) {
        return curl_easy_recv(websocket->easy, bytes, size, got);
    }
    return socket_result(recv(websocket->fd, bytes, size, MSG_DONTWAIT), CURLE_RECV_ERROR, got);
}

/* Reads bytes for websocket_frames: first those that arrived with the handshake, then those of the
 * connection. */
static ssize_t receive(void *context, void *bytes, size_t size)
{
    struct websocket *websocket = context;
    size_t got = websocket->head.length - websocket->head_taken;
    if (got > 0) {
        got = got < size ? got : size;
        memcpy(bytes, websocket->head.data + websocket->head_taken, got);
        websocket->head_taken += got;
        return (ssize_t)got;
    }
    CURLcode code = link_receive(websocket, bytes, size, &got);
    if (code == CURLE_AGAIN) {
        return 0;
    }
    if (code != CURLE_OK || got == 0) {
        websocket->receive_code = code;
        return -1;
    }
    websocket->read_ns = clock_monotonic_ns();
    websocket->read_wall_ns = clock_wall_ns();
    return (ssize_t)got;
}

bool websocket_make_frames(struct websocket *websocket, enum websocket_role role,
                           size_t message_limit_bytes, size_t unsent_limit_bytes,
                           struct error *error)
{
    const struct websocket_frames_config frames = {
        .role = role,
        .message_limit_bytes =
            message_limit_bytes > 0 ? message_limit_bytes : DEFAULT_MESSAGE_LIMIT,
        .unsent_limit_bytes = unsent_limit_bytes > 0 ? unsent_limit_bytes : DEFAULT_UNSENT_LIMIT,
        .receive = receive,
        .context = websocket,
    };
    websocket->peer = role == WEBSOCKET_CLIENT ? "server" : "client";
    websocket->frames = websocket_frames_create(&frames, error);
    return websocket->frames != NULL;
}

void websocket_destroy(struct websocket *websocket)
{
    if (websocket == NULL) {
        return;
    }
    websocket_frames_destroy(websocket->frames);
    curl_easy_cleanup(websocket->easy);
    http_transport_free(&websocket->transport);
    strbuf_free(&websocket->shown);
    strbuf_free(&websocket->address);
    strbuf_free(&websocket->head);
    free(websocket);
}
