/*
 * The connections of an HTTP server, and the deadlines by which each must make progress. A separate
 * thread cuts those that are late, even if they keep sending single bytes (libmicrohttpd's own
 * time-out restarts with each byte). A new connection to a full server is accepted: of those that
 * have not sent a whole request yet, the one that has waited longest is cut for it.
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
/* The connection's next request must have arrived whole within `within_ms`. */
void http_connections_await(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
/* A request of the connection is being served, without a deadline. Returns how many connections are
 * being served, including this one. */
unsigned http_connections_serve(struct http_connections *all, struct http_connection *connection);
/* Cuts the connection after `within_ms`; 0 removes the deadline. */
void http_connections_allow(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
/* The connection leaves HTTP, without a deadline. Returns false after
 * http_connections_end_upgraded(): then it must be closed at once. */
NODISCARD bool http_connections_upgrade(struct http_connections *all,
                                        struct http_connection *connection);
/* What it left HTTP for is over. */
void http_connections_upgrade_over(struct http_connections *all,
                                   struct http_connection *connection);
/* Shuts down all connections that have left HTTP, lets no more leave it, and returns when all are
 * over. */
void http_connections_end_upgraded(struct http_connections *all);
void http_connections_remove(struct http_connections *all, struct http_connection *connection);

#endif
