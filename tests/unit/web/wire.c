#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "support.h"

enum { LIMIT = 64 << 20, READ_MOST = 65536 };

struct wire_stream wire_open(const char *address, const char *target, const char *headers)
{
    char host[64];
    unsigned short port;
    struct error error = {0};
    assert_true(http_parse_address(address, host, sizeof host, &port, &error));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, host, &to.sin_addr), 1);
    struct wire_stream stream = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(stream.fd >= 0);
    assert_int_equal(connect(stream.fd, (const struct sockaddr *)&to, sizeof to), 0);
    struct strbuf request = strbuf_new(LIMIT);
    bool whole = strchr(target, ' ') != NULL; /* "HEAD /path" */
    strbuf_append_format(&request, "%s%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
                         whole ? "" : "GET ", target, headers);
    assert_int_equal(send(stream.fd, request.data, request.length, MSG_NOSIGNAL), request.length);
    strbuf_free(&request);
    return stream;
}

/* Reads what is there; false after the end, or when nothing came in time. */
static bool read_some(struct wire_stream *stream, int64_t deadline_ns)
{
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    struct pollfd look = {.fd = stream->fd, .events = POLLIN};
    if (stream->ended || left_ms < 0 || poll(&look, 1, (int)left_ms) <= 0) {
        return false;
    }
    if (stream->size < stream->length + READ_MOST + 1) {
        stream->size = 2 * stream->size + READ_MOST + 1;
        stream->text = realloc(stream->text, stream->size);
        assert_non_null(stream->text);
    }
    ssize_t got = recv(stream->fd, stream->text + stream->length, READ_MOST, 0);
    stream->ended = got <= 0;
    stream->length += got > 0 ? (size_t)got : 0;
    stream->text[stream->length] = '\0';
    assert_true(stream->length < LIMIT);
    return !stream->ended;
}

bool wire_until(struct wire_stream *stream, const char *wanted, int timeout_ms)
{
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    size_t looked = 0; /* so far, and in vain */
    while (stream->text == NULL || strstr(stream->text + looked, wanted) == NULL) {
        looked = stream->length > strlen(wanted) ? stream->length - strlen(wanted) : 0;
        if (!read_some(stream, deadline_ns)) {
            return false;
        }
    }
    return true;
}

bool wire_until_end(struct wire_stream *stream, int timeout_ms)
{
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    while (read_some(stream, deadline_ns)) {
    }
    return stream->ended;
}

size_t wire_count(const struct wire_stream *stream, const char *wanted)
{
    size_t count = 0;
    const char *at = stream->text;
    while (at != NULL && (at = strstr(at, wanted)) != NULL) {
        ++count;
        at += strlen(wanted);
    }
    return count;
}

void wire_close(struct wire_stream *stream)
{
    (void)close(stream->fd);
    free(stream->text);
    *stream = (struct wire_stream){.fd = -1};
}

/* Joins the chunks of a body (RFC 9112, 7.1). */
static void join_chunks(struct wire_answer *answer)
{
    const char *from = answer->body;
    const char *end = answer->body + answer->body_length;
    char *to = answer->body;
    size_t size = 0;
    do {
        char *data = NULL;
        size = strtoul(from, &data, 16);
        assert_true(data != from && data + 2 + size <= end);
        data += 2; /* CRLF */
        memmove(to, data, size);
        to += size;
        from = data + size + 2;
    } while (size > 0);
    *to = '\0';
    answer->body_length = (size_t)(to - answer->body);
}

struct wire_answer wire_ask(const char *address, const char *method, const char *target,
                            const char *headers)
{
    char line[2048];
    char all[1024];
    assert_true(snprintf(line, sizeof line, "%s %s", method, target) < (int)sizeof line);
    assert_true(snprintf(all, sizeof all, "%sConnection: close\r\n", headers) < (int)sizeof all);
    struct wire_stream stream = wire_open(address, line, all);
    assert_true(wire_until_end(&stream, SUPPORT_PATIENCE_MS));
    assert_non_null(stream.text);
    char *end = strstr(stream.text, "\r\n\r\n");
    assert_non_null(end);
    size_t head_length = (size_t)(end - stream.text) + 4;
    struct wire_answer answer = {.body_length = stream.length - head_length};
    answer.head = strndup(stream.text, head_length);
    answer.body = malloc(answer.body_length + 1);
    assert_true(answer.head != NULL && answer.body != NULL);
    memcpy(answer.body, stream.text + head_length, answer.body_length + 1);
    assert_int_equal(strncmp(answer.head, "HTTP/1.1 ", 9), 0);
    answer.status = (int)strtol(answer.head + 9, NULL, 10);
    if (strcasestr(answer.head, "\r\nTransfer-Encoding: chunked") != NULL &&
        answer.body_length > 0) {
        join_chunks(&answer);
    }
    wire_close(&stream);
    return answer;
}

void wire_answer_free(struct wire_answer *answer)
{
    free(answer->head);
    free(answer->body);
}

bool wire_header(const struct wire_answer *answer, const char *name, char *value, size_t size)
{
    char start[128];
    assert_true(snprintf(start, sizeof start, "\r\n%s: ", name) < (int)sizeof start);
    const char *at = strcasestr(answer->head, start);
    if (at == NULL) {
        return false;
    }
    at += strlen(start);
    struct str text = {at, strcspn(at, "\r")};
    assert_true(str_copy(text, value, size));
    return true;
}
