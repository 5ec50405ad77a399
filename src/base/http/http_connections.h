/*
 * Who is connected to an HTTP server, and until when each must have moved on. A thread of its own
 * cuts those that are late, however busily they drip bytes (libmicrohttpd's own time-out starts
 * anew with each byte). A newcomer on a full server is let in: of those that have sent no whole
 * request yet, the one that has been at it for longest is cut for it.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_CONNECTIONS_H
#define CANDLEWICK_BASE_HTTP_HTTP_CONNECTIONS_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct http_connections;
struct http_connection;

/* `most`: how many may be connected before newcomers push others out. NULL: ERROR_FATAL. */
NODISCARD struct http_connections *http_connections_create(unsigned most, struct error *error);
/* Joins the thread; all connections must have been removed. NULL is allowed. */
void http_connections_destroy(struct http_connections *all);

/* A connection begins by waiting for a request, for at most `within_ms`. `fd` stays the caller's,
 * who removes the connection before closing it. NULL without memory. Any thread, as for all below.
 */
NODISCARD struct http_connection *http_connections_add(struct http_connections *all, int fd,
                                                       int64_t within_ms);
/* Its next request has to be here whole within `within_ms`. */
void http_connections_await(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
/* A request of it is being served, without a deadline. How many connections are, this one included.
 */
unsigned http_connections_serve(struct http_connections *all, struct http_connection *connection);
/* From now on `within_ms` until it is cut; 0: it has time. */
void http_connections_allow(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms);
void http_connections_remove(struct http_connections *all, struct http_connection *connection);

#endif
