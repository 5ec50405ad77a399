/* HTTP as bytes on a socket, so that tests see exactly what the server sent. Failing asserts. */
#ifndef CANDLEWICK_TESTS_WEB_WIRE_H
#define CANDLEWICK_TESTS_WEB_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/* One answer, read to the connection's end. */
struct wire_answer {
    int status;
    char *head; /* status line and headers, with the empty line's CRLF */
    char *body; /* NUL-terminated, chunks joined */
    size_t body_length;
};

/* Sends `method` `target` with `headers` (whole lines with CRLF, or "") to "127.0.0.1:PORT". */
struct wire_answer wire_ask(const char *address, const char *method, const char *target,
                            const char *headers);
void wire_answer_free(struct wire_answer *answer);

/* A header's value, copied to `value`; false when the answer has none. */
bool wire_header(const struct wire_answer *answer, const char *name, char *value, size_t size);

/* A stream that stays open. */
struct wire_stream {
    int fd;
    char *text; /* all that came so far, head and chunk sizes included */
    size_t length, size;
    bool ended;
};
struct wire_stream wire_open(const char *address, const char *target, const char *headers);
/* Reads until `text` holds `wanted`, at most `timeout_ms`. */
bool wire_until(struct wire_stream *stream, const char *wanted, int timeout_ms);
/* Reads until the server ends it, at most `timeout_ms`. */
bool wire_until_end(struct wire_stream *stream, int timeout_ms);
/* How often `wanted` came. */
size_t wire_count(const struct wire_stream *stream, const char *wanted);
void wire_close(struct wire_stream *stream);

#endif
