/*
 * A WebSocket server for tests, over real sockets and TLS, made by hand: it shares no code with the
 * client, and sends what no proper server would. A function of the test plays each connection, one
 * after the other, on the server's thread; loopback only.
 */
#ifndef CANDLEWICK_TESTS_WEBSOCKET_SERVER_H
#define CANDLEWICK_TESTS_WEBSOCKET_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct websocket_server;
struct websocket_peer; /* a connection, as the play sees it */

typedef void (*websocket_play)(struct websocket_peer *peer, void *context);

/* Frames' first byte: FIN and the opcode (RFC 6455, 5.2). */
enum {
    FRAME_FIN = 0x80,
    FRAME_CONTINUED = 0x00,
    FRAME_TEXT = 0x81,
    FRAME_BINARY = 0x82,
    FRAME_CLOSE = 0x88,
    FRAME_PING = 0x89,
    FRAME_PONG = 0x8A,
};

/* Listens on a free port of 127.0.0.1 when it returns. With `tls` it has a certificate of its own
 * authority. Fails the test when it cannot. */
struct websocket_server *websocket_server_create(websocket_play play, void *context, bool tls);

/* Cuts the connection, waits for the play, and fails the test when an expectation of the play did
 * not hold. NULL is allowed. */
void websocket_server_destroy(struct websocket_server *server);

/* "ws://127.0.0.1:41235", "wss://…". Borrowed, as what follows. */
const char *websocket_server_url(const struct websocket_server *server);
const char *websocket_server_ca_file(const struct websocket_server *server); /* NULL: no TLS */

/* What follows is for the play. All return false once the connection is over. */

/* Reads the request's head and answers it with `answer`, in which "{accept}" stands for the right
 * Sec-WebSocket-Accept; NULL: a proper answer. */
bool websocket_peer_shake(struct websocket_peer *peer, const char *answer);
/* The request's head, after websocket_peer_shake(). */
const char *websocket_peer_request(const struct websocket_peer *peer);

bool websocket_peer_send(struct websocket_peer *peer, const void *bytes, size_t length);
/* The same, each byte as a write of its own. */
bool websocket_peer_drip(struct websocket_peer *peer, const void *bytes, size_t length);
/* Sends one frame, unmasked. */
bool websocket_peer_frame(struct websocket_peer *peer, int first, const void *payload,
                          size_t length);
bool websocket_peer_text(struct websocket_peer *peer, const char *text);

/* Reads one frame of the client; its payload, NUL-terminated, is written to `payload`, which has
 * `size` bytes. A frame that is not masked or does not fit fails the test. */
bool websocket_peer_read(struct websocket_peer *peer, int *first, char *payload, size_t size,
                         size_t *length);
/* Reads one frame, which has to be this one. */
bool websocket_peer_expect(struct websocket_peer *peer, int first, const char *payload,
                           size_t length);
/* Reads and forgets until the client ends the connection. */
void websocket_peer_wait_end(struct websocket_peer *peer);
/* Ends the connection with a reset. */
void websocket_peer_reset(struct websocket_peer *peer);

#endif
