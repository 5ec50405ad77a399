/*
 * The connections of an HTTP server, and their deadlines. A separate thread shuts down the
 * connections that miss their deadline, even if they keep sending single bytes (libmicrohttpd's own
 * time-out restarts with each byte). When the server is full, a new connection is accepted, and of
 * those that have not sent a whole request yet, the one that has waited longest is shut down for
 * it.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_CONNECTIONS_H
#define CANDLEWICK_BASE_HTTP_HTTP_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct http_connections;
struct http_connection;

/* `most` is how many may be open before new connections displace others. Returns NULL with
 * ERROR_FATAL. */
NODISCARD struct http_connections *http_connections_create(unsigned most, struct error *error);
/* Joins the thread. All connections must have been removed. NULL is allowed. */
void http_connections_destroy(struct http_connections *all);

/* Adds a connection, which must send a whole request within `within_ms`. The caller keeps `fd` and
 * removes the connection before closing it. Returns NULL when memory runs out. Any thread, as for
 * all functions below. */
NODISCARD struct http_connection *http_connections_add(struct http_connections *all, int fd,
                                                       int64_t within_ms);
/* Sets the deadline for the connection's next request: it must have arrived whole within
 * `within_ms`. */
void http_connections_await(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
/* Says that a request of the connection is being served now, which has no deadline. Returns how
 * many connections are being served, including this one. */
unsigned http_connections_serve(struct http_connections *all, struct http_connection *connection);
/* Gives the connection `within_ms` from now before it is shut down; 0 removes the deadline. */
void http_connections_allow(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
/* Says that the connection was upgraded (HTTP 101), and removes its deadline. Returns false after
 * http_connections_end_upgraded(): the caller must then close the connection at once. */
NODISCARD bool http_connections_upgrade(struct http_connections *all,
                                        struct http_connection *connection);
/* Says that the protocol to which the connection was upgraded has ended. */
void http_connections_upgrade_over(struct http_connections *all,
                                   struct http_connection *connection);
/* Shuts down all upgraded connections, refuses further upgrades, and returns when the last upgraded
 * connection has ended. */
void http_connections_end_upgraded(struct http_connections *all);
void http_connections_remove(struct http_connections *all, struct http_connection *connection);

#endif
