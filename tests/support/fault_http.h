/* The fault store's own small HTTP/1.1: one request read whole, one answer sent. Blocking. */
#ifndef CANDLEWICK_TESTS_FAULT_HTTP_H
#define CANDLEWICK_TESTS_FAULT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum { FAULT_HEAD_MAX = 8192, FAULT_BODY_MAX = 64 << 20 };

struct fault_connection {
    int fd;
    char *bytes; /* read, not yet used */
    size_t length, capacity;
};

struct fault_request {
    char method[16];
    char path[1024];          /* with its query */
    char authorization[1024]; /* "" where there was none */
    char *body;               /* of `length`, unpacked, with a NUL behind it; free() it */
    size_t length;
};

/* False: the peer has closed, or does not speak HTTP. */
bool fault_read_request(struct fault_connection *connection, struct fault_request *request);

/* Sends all of it; a broken connection is no matter. */
void fault_send(int fd, const char *bytes, size_t length);

/* Head and body of an answer; `headers` are lines that end in CR LF, or "". */
void fault_answer(int fd, int status, const char *headers, const char *body);

/* `mebibytes` of blanks in a small gzip body. */
void fault_answer_bomb(int fd, int mebibytes);

void fault_reset(int fd); /* RST instead of FIN; closes */

#endif
