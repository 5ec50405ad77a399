/*
 * HTTP/1.1 server over libmicrohttpd: binds to one address, a bounded number of connections, a body
 * cap, time-outs. The handler runs on the server's threads, several at a time.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_SERVER_H
#define CANDLEWICK_BASE_HTTP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

struct http_server;

/* What came in. Everything is borrowed for the handler's call. */
struct http_exchange {
    const char *method; /* a HEAD comes as "GET": the server leaves the body out */
    bool head;          /* and says so here, for handlers that use something up */
    const char *path;   /* decoded, without the query */
    /* The same as it was sent, for handlers whose names may hold an encoded slash: to be split
     * first and decoded then, with http_unescape(). */
    const char *sent_path;
    struct str body;
    unsigned serving; /* requests that the server is at, this one included; a stream is one too */
    void *connection; /* for the functions below */
};

/* NULL when the request has none ("" for "?name" without a value; decoded). Borrowed for the call.
 * Names of both kinds ignore case. */
const char *http_exchange_query(const struct http_exchange *exchange, const char *name);
const char *http_exchange_header(const struct http_exchange *exchange, const char *name);

/* Decodes "%20" and the like in place (RFC 3986, 2.1), and gives the new length. */
size_t http_unescape(char *text);

struct http_reply {
    unsigned status;           /* 200 at first */
    const char *content_type;  /* static or outlives the call; "application/json" at first */
    const char *headers[8][2]; /* extra ones, names and values, ended by NULL; copied */
    struct strbuf body;        /* at most 16 MiB; freed by the server */
    struct str fixed_body;     /* in its place: outlives the server, is sent without a copy */

    /* Set for a body that is made while it goes out, instead of `body`. The server calls it on a
     * thread of the connection's own again and again: it blocks until there is something, appends
     * to `chunk`, and returns true; false ends the stream, and a chunk that failed cuts the
     * connection without a proper end. `stream_free` is called once at the end. */
    bool (*stream_next)(void *context, struct strbuf *chunk);
    void (*stream_free)(void *context);
    void *stream_context;
    bool stream_endless; /* server-sent events: the client may read for as long as it likes */
};

typedef void (*http_handler)(void *context, const struct http_exchange *exchange,
                             struct http_reply *reply);

struct http_server_config {
    const char *listen;      /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
    size_t body_limit_bytes; /* 1 MiB when 0; a larger request gets 413 */
    /* 64 when 0. A newcomer beyond it pushes out who has been without a whole request for longest;
     * twice as many are the end. What too many requests get is for the handler to say (`serving`).
     */
    unsigned connection_limit;
    /* Bytes of all bodies that clients have yet to read; 64 MiB when 0. A further one is replaced
     * by a 503 that says when to come back. Streams are not counted. */
    size_t bodies_limit_bytes;
    /* 15 when 0: for a request to come in whole, and between two of them on one connection; four
     * times that for an answer to be taken. However slowly bytes drip, then the connection is cut.
     * A handler may take its time, and an endless stream lasts as long as it likes. */
    unsigned idle_timeout_s;
    /* Of a server on a loopback address: who calls it by another host's name gets 421 (see
     * base/http/http_host.h). */
    bool own_host_only;
    http_handler handler;
    void *context; /* borrowed until the server is destroyed */
};

/* Listens when it returns. NULL on failure: ERROR_USAGE for an address that cannot be parsed,
 * ERROR_FATAL for one that cannot be bound (the text names it and the flag to change it). */
NODISCARD struct http_server *http_server_create(const struct http_server_config *config,
                                                 struct error *error);
/* Ends all streams' connections and joins the threads. A `stream_next` that blocks must return
 * by itself within a second or when its owner says so. NULL is allowed. */
void http_server_destroy(struct http_server *server);

/* "127.0.0.1:41235", with the port that was bound. Borrowed, lives as long as the server. */
const char *http_server_address(const struct http_server *server);

/* Splits "host:port" or "[v6]:port" (copied into `host`, without the brackets). Port 0 to 65535.
 * False: ERROR_USAGE. */
NODISCARD bool http_parse_address(const char *address, char *host, size_t host_size,
                                  unsigned short *port, struct error *error);

#endif
