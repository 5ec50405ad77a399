/*
 * Who is connected to an HTTP server, and until when each must have moved on. A thread of its own
 * cuts those that are late, however busily they drip bytes (libmicrohttpd's own time-out starts
 * anew with each byte).
 */
#ifndef CANDLEWICK_BASE_HTTP_CONNECTIONS_H
#define CANDLEWICK_BASE_HTTP_CONNECTIONS_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

struct http_connections;
struct http_connection;

/* NULL on failure: ERROR_FATAL. */
NODISCARD struct http_connections *http_connections_create(struct error *error);
/* Joins the thread; all connections must have been removed. NULL is allowed. */
void http_connections_destroy(struct http_connections *all);

/* `fd` stays the caller's, who removes the connection before closing it. `within_ms` as below.
 * NULL without memory. Any thread, as for the other two. */
NODISCARD struct http_connection *http_connections_add(struct http_connections *all, int fd,
                                                       int64_t within_ms);
/* From now on `within_ms` until the connection is shut down; 0: it has time. */
void http_connections_allow(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
void http_connections_remove(struct http_connections *all, struct http_connection *connection);

#endif
