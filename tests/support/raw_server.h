/*
 * A TCP server that plays scripted bytes, for what no proper HTTP server would do: half answers,
 * resets, silence, dripping. One connection at a time, on a thread of its own; loopback only.
 */
#ifndef CANDLEWICK_TESTS_RAW_SERVER_H
#define CANDLEWICK_TESTS_RAW_SERVER_H

#include <stddef.h>

struct raw_server;

enum raw_end {
    RAW_KEEP,  /* the next request may come on the same connection */
    RAW_CLOSE, /* FIN */
    RAW_RESET, /* RST */
    RAW_HANG,  /* nothing more, until the peer closes or the server is destroyed */
};

/* What is done with one request. */
struct raw_answer {
    const char *bytes; /* borrowed until destroy; NULL: none */
    size_t length;     /* 0: strlen(bytes) */
    int delay_ms;      /* before the first byte */
    int drip_ms;       /* > 0: a pause after every single byte */
    enum raw_end end;
};

/* Listens on a free port of 127.0.0.1 when it returns; fails the test when it cannot. The n-th
 * request gets the n-th answer, later ones the last. `answers` are borrowed until destroy. */
struct raw_server *raw_server_create(const struct raw_answer *answers, size_t count);
void raw_server_destroy(struct raw_server *server); /* NULL is allowed */

/* "http://127.0.0.1:41235". Borrowed. */
const char *raw_server_url(const struct raw_server *server);

size_t raw_server_connections(struct raw_server *server);
size_t raw_server_requests(struct raw_server *server);

/* The n-th request as it came, head and body, to free(); NULL when there was none. */
char *raw_server_request(struct raw_server *server, size_t n);

#endif
