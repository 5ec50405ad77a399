/*
 * The requests of one HTTP/1.1 connection, as their bytes come (RFC 9112): head, then a body by
 * Content-Length or in chunks. Pure: no socket is touched. One thread at a time.
 */
#ifndef CANDLEWICK_BENCH_SINK_READER_H
#define CANDLEWICK_BENCH_SINK_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text/str.h"

enum { SINK_HEAD_MAX = 16384 };

struct sink_reader {
    enum {
        SINK_IN_HEAD,
        SINK_IN_BODY,
        SINK_IN_SIZE,  /* the line before a chunk */
        SINK_IN_CHUNK, /* its bytes */
        SINK_IN_GAP,   /* the line end behind them */
        SINK_IN_TRAILER,
        SINK_AT_END,
    } state;
    bool chunked, expects_continue, last; /* last: "Connection: close" */
    uint64_t left;                        /* of the body or chunk */
    char method[8], path[512];            /* with its query; cut when longer */
    size_t length;
    char text[SINK_HEAD_MAX]; /* the head, or a line of the chunks, as far as it has come */
};

enum sink_event {
    SINK_MORE,  /* all bytes are used up */
    SINK_BEGUN, /* the head is complete: method, path and flags are set */
    SINK_BODY,  /* `body` borrows some of its bytes from `bytes` */
    SINK_ENDED, /* the request is complete */
    SINK_BROKEN /* not HTTP, or too long: close the connection */
};

/* Takes bytes off the front of `bytes` up to the next event; call it until SINK_MORE. Begin with a
 * zeroed reader. */
enum sink_event sink_reader_next(struct sink_reader *reader, struct str *bytes, struct str *body);

#endif
