/*
 * The opening handshake of a WebSocket client (RFC 6455, sections 4.1 and 4.2.2) on text in memory:
 * what is asked, and what the answer means. Pure functions but for websocket_make_key().
 */
#ifndef CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_HANDSHAKE_H
#define CANDLEWICK_BASE_WEBSOCKET_WEBSOCKET_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

enum {
    WEBSOCKET_KEY_SIZE = 25,         /* 16 bytes as base64, NUL included */
    WEBSOCKET_ACCEPT_SIZE = 29,      /* 20 bytes as base64, NUL included */
    WEBSOCKET_HEAD_LIMIT = 16 << 10, /* of the answer's head */
};

/* Makes a Sec-WebSocket-Key of random bytes. Returns false with ERROR_FATAL. */
NODISCARD bool websocket_make_key(char key[WEBSOCKET_KEY_SIZE], struct error *error);

/* Computes the Sec-WebSocket-Accept that answers `key`. Returns false with ERROR_FATAL. */
NODISCARD bool websocket_make_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE],
                                     struct error *error);

/* Appends the request for `target` ("/ws/2"; "" means "/") of `authority` ("host:port"). */
void websocket_append_request(struct strbuf *buf, struct str authority, struct str target,
                              const char *key);

/* Whether a header that is a list (RFC 9110, 5.6.1) has `token`, in any case. */
bool websocket_has_token(struct str list, const char *token);

/* Returns the length of the head at the front of `bytes`, up to and including its blank line; 0: it
 * is not whole. */
size_t websocket_head_length(struct str bytes);

/* Returns whether a whole head is an interim answer (1xx, RFC 9110, 15.2), after which the answer
 * still comes. 101 is none: it is the answer. */
bool websocket_is_interim(struct str head);

/* Returns true when `head` opens the WebSocket: 101, and `accept` for our key. Returns false with
 * ERROR_RETRY and the wait that the server asks for when it is anything else: the text says what
 * was answered, the first bytes of `body` (what has come behind the head) or that it is a page of
 * HTML, and of a redirect its target without credentials and query, which `option` has to name.
 * `url`, http(s), is the one that was asked; a relative target is told with it. */
NODISCARD bool websocket_check_answer(struct str head, struct str body, const char *accept,
                                      const char *url, const char *option, struct error *error);

#endif
