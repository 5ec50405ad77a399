/* A plain socket to a server, for what no proper HTTP client would send. Fails the test when it
 * cannot connect. */
#ifndef CANDLEWICK_TESTS_RAW_CLIENT_H
#define CANDLEWICK_TESTS_RAW_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* `address` is "127.0.0.1:41235" or "[::1]:41235". close() it. */
int raw_connect(const char *address);

/* False when the peer has gone. */
bool raw_send(int fd, const char *text);

/* Reads on to `text`, which holds what came before, until it holds `until` (NULL: until the peer
 * closes), for at most `timeout_ms`. */
bool raw_read_until(int fd, const char *until, char *text, size_t size, int timeout_ms);

#endif
