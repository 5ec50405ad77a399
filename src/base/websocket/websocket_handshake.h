/*
 * The client's opening handshake of a WebSocket (RFC 6455, sections 4.1 and 4.2.2) on text in
 * memory: writes the request and checks the answer. All functions are pure but
 * websocket_make_key().
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
    WEBSOCKET_HEAD_LIMIT = 16 << 10, /* limit for the head of an answer */
};

/* Makes a Sec-WebSocket-Key of random bytes. Returns false with ERROR_FATAL. */
NODISCARD bool websocket_make_key(char key[WEBSOCKET_KEY_SIZE], struct error *error);

/* Computes the Sec-WebSocket-Accept that answers `key`. Returns false with ERROR_FATAL. */
NODISCARD bool websocket_make_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE],
                                     struct error *error);

/* Appends the request for `target` ("/ws/2"; "" means "/") of `authority` ("host:port"). */
void websocket_append_request(struct strbuf *buf, struct str authority, struct str target,
                              const char *key);

/* Returns whether a header that is a list (RFC 9110, 5.6.1) contains `token`; ignores case. */
bool websocket_has_token(struct str list, const char *token);

/* Returns the length of the head at the front of `bytes`, including its blank line; 0: the head is
 * not complete. */
size_t websocket_head_length(struct str bytes);

/* Returns whether a complete head is an interim answer (1xx, RFC 9110, 15.2), which the final
 * answer follows. 101 is not interim here: it is the final answer. */
bool websocket_is_interim(struct str head);

/* Returns true when `head` opens the WebSocket: status 101, and `accept` for our key. Otherwise
 * returns false with ERROR_RETRY, and with the wait that the server asks for. The text then says
 * what the server answered: the first bytes of `body` (what follows the head), or that it is an
 * HTML page; for a redirect, its target without credentials and query, to which `option` has to be
 * set. `url`, http(s), is the requested one; it completes a relative target. */
NODISCARD bool websocket_check_answer(struct str head, struct str body, const char *accept,
                                      const char *url, const char *option, struct error *error);

#endif
