/*
 * An HTTP/1.1 server on libmicrohttpd: binds to one address and limits connections, bodies and
 * times. The handler runs on the server's threads, several at a time.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_SERVER_H
#define CANDLEWICK_BASE_HTTP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

struct http_server;

/* The request. Everything is borrowed for the handler's call. */
struct http_exchange {
    const char *method; /* "GET" also for a HEAD: the server omits the body */
    bool head;          /* true for a HEAD, for handlers with side effects */
    const char *path;   /* decoded, without the query */
    /* The path as it was sent, for handlers whose names may contain an encoded slash: split it
     * first, then decode the parts with http_unescape(). */
    const char *sent_path;
    struct str body;
    unsigned serving; /* requests that are being served, including this one; a stream counts too */
    void *connection; /* for the functions below */
};

/* Return NULL when the request has no such query parameter or header ("" for "?name" without a
 * value; decoded). Borrowed for the call. Names of both kinds ignore case. */
const char *http_exchange_query(const struct http_exchange *exchange, const char *name);
const char *http_exchange_header(const struct http_exchange *exchange, const char *name);

/* Decodes "%20" and the like in place (RFC 3986, 2.1) and returns the new length. */
size_t http_unescape(char *text);

/* What the server does with a connection after its upgrade to another protocol (RFC 9110, 7.8).
 * Only for servers whose config allows upgrades. */
struct http_upgrade {
    /* Speaks the other protocol. Called once after the 101 was sent, on the connection's thread;
     * the connection is closed when it returns. `fd` is the socket, and `early` holds the bytes
     * that the client has sent after its request; both are borrowed for the call.
     * http_server_destroy() shuts the socket down; the function must then return soon. NULL: the
     * connection stays with HTTP. */
    void (*run)(void *context, int fd, struct str early);
    void (*free_context)(void *context); /* called once, also if the answer could not be sent */
    void *context;
};

struct http_reply {
    unsigned status;            /* initially 200 */
    const char *content_type;   /* static or outlives the call; initially "application/json" */
    const char *headers[12][2]; /* further headers, names and values, ended by NULL; copied */
    struct strbuf body;         /* at most 16 MiB; freed by the server */
    struct str fixed_body; /* sent without a copy if `body` is empty; must outlive the server */

    /* Set it to stream the body, instead of `body`. The server calls it repeatedly on the
     * connection's thread. It blocks until there is content, appends that to `chunk` and returns
     * true. It returns false to end the stream; a failed chunk (strbuf.failed) cuts the connection
     * without a proper end. `stream_free` is called once at the end. */
    bool (*stream_next)(void *context, struct strbuf *chunk);
    void (*stream_free)(void *context);
    void *stream_context;
    bool stream_endless; /* server-sent events: no time limit for the client to read */

    struct http_upgrade upgrade; /* set it, with status 101 and the header Upgrade, to switch to
                                    another protocol */
};

typedef void (*http_handler)(void *context, const struct http_exchange *exchange,
                             struct http_reply *reply);

struct http_server_config {
    const char *listen;      /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
    const char *flag;        /* by which a user names another address; NULL: --listen */
    size_t body_limit_bytes; /* 0: 1 MiB; a larger request gets 413 */
    /* How many connections may be open; 0: 64. Beyond that a new one displaces the connection that
     * has waited longest without having sent a whole request; the hard limit is twice as many. A
     * handler that wants to refuse requests under load looks at `serving`. */
    unsigned connection_limit;
    /* Limit for the bytes of all bodies that clients have yet to read; 0: 64 MiB. A body beyond it
     * is replaced by a 503 with Retry-After. Streams are not counted. */
    size_t bodies_limit_bytes;
    /* Time in which a request must arrive whole, counted for each request of a connection; 0: 15. A
     * client has four times as long to read an answer. A connection that takes longer is shut down,
     * even if bytes still trickle. A handler and an endless stream have no time limit. */
    unsigned idle_timeout_s;
    /* For a server on a loopback address: a request whose Host is another host gets 421 (see
     * base/http/http_host.h). */
    bool own_host_only;
    bool upgrades; /* replies may set `upgrade` */
    http_handler handler;
    void *context; /* borrowed until the server is destroyed */
};

/* Listens when it returns. Returns NULL with ERROR_USAGE for an address that cannot be parsed and
 * ERROR_FATAL for one that cannot be bound (the text names it and the flag to change it). */
NODISCARD struct http_server *http_server_create(const struct http_server_config *config,
                                                 struct error *error);
/* Shuts down all streams and upgraded connections, and joins the threads. A `stream_next` that
 * blocks must return within a second by itself, or its owner must make it return. NULL is
 * allowed. */
void http_server_destroy(struct http_server *server);

/* Returns the address, such as "127.0.0.1:41235", with the port that was bound. Borrowed for the
 * server's life. */
const char *http_server_address(const struct http_server *server);

/* Splits "host:port" or "[v6]:port" (the host is copied without the brackets). The port is 0 to
 * 65535. Fails with ERROR_USAGE. */
NODISCARD bool http_parse_address(const char *address, char *host, size_t host_size,
                                  unsigned short *port, struct error *error);

#endif
