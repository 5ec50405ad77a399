/*
 * An HTTP server that takes what a store takes and only counts it:
 *
 *     sink [--port N] [--digest] [--keep FILE]
 *
 * One thread, on 127.0.0.1; prints its port (a free one unless --port names it) and serves until
 * SIGTERM. A POST is a write and is answered 204, but for those that prepare a store
 * (/api/v3/configure/…: 200) and questions (/api/v3/query_sql: a point with the newest time that
 * the question allows, so that a writer which looks whether its points are there finds each);
 * GET /counts tells what has been written, POST /reset begins anew. --digest adds up the hashes of
 * all lines; --keep writes each body that was written to a file, and behind it a comment with the
 * time (wall clock, ns) at which it was complete.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sink_counts.h"
#include "sink_reader.h"

enum { RECEIVE_BYTES = 1 << 18, EVENTS = 64, ANSWER_LIMIT = 4096, BODY_LIMIT = 64 << 20 };

struct sink {
    int epoll, listener, signals;
    bool hashed;
    FILE *kept; /* NULL: no bodies are */
    struct sink_counts counts;
    char received[RECEIVE_BYTES];
};

struct connection {
    int fd;
    bool writes, asks; /* what the request does; neither: something else */
    struct sink_line line;
    struct strbuf body; /* so far: of a question, or of a write that is kept */
    struct sink_reader reader;
};

static void begin_request(struct connection *connection)
{
    struct str path = str_from(connection->reader.path);
    connection->asks = str_starts_with(path, "/api/v3/query_sql");
    connection->writes = strcmp(connection->reader.method, "POST") == 0 && !connection->asks &&
                         !str_starts_with(path, "/reset") &&
                         !str_starts_with(path, "/api/v3/configure/");
    strbuf_clear(&connection->body);
}

/* False: the peer takes no answer, and such small ones always fit its window. */
static bool send_all(int fd, struct str text)
{
    return send(fd, text.data, text.length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)text.length;
}

/* InfluxDB's answer to "SELECT time, … AS price … AND time <= 'TIME'::TIMESTAMP …". */
static void answer_question(struct str question, struct strbuf *json)
{
    static const char bound[] = "time <= '";
    const char *time = memmem(question.data, question.length, bound, strlen(bound));
    struct str rest = {.data = NULL}, newest;
    if (time != NULL) {
        time += strlen(bound);
        rest =
            (struct str){.data = time, .length = question.length - (size_t)(time - question.data)};
    }
    if (!str_split(&rest, '\'', &newest)) {
        strbuf_append_text(json, "[]");
        return;
    }
    strbuf_append_text(json, "[{\"time\":");
    strbuf_append_json_string(json, newest);
    strbuf_append_text(json, ",\"price\":0.0}]");
}

static bool answer(struct sink *sink, struct connection *connection)
{
    const struct sink_reader *reader = &connection->reader;
    if (connection->writes) {
        return send_all(connection->fd, str_from("HTTP/1.1 204 No Content\r\n\r\n"));
    }
    struct strbuf body = strbuf_new(ANSWER_LIMIT), text = strbuf_new(ANSWER_LIMIT);
    if (strcmp(reader->path, "/counts") == 0) {
        sink_counts_json(&sink->counts, &body);
    } else if (strcmp(reader->path, "/reset") == 0) {
        sink->counts = (struct sink_counts){0};
    } else if (connection->asks) {
        answer_question(strbuf_str(&connection->body), &body);
    } else {
        strbuf_append_text(&body, "{\"status\":\"pass\",\"version\":\"sink\"}");
    }
    strbuf_append_format(&text,
                         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\n\r\n",
                         body.length);
    strbuf_append_str(&text, strbuf_str(&body));
    bool sent = !text.failed && send_all(connection->fd, strbuf_str(&text));
    strbuf_free(&text);
    strbuf_free(&body);
    return sent;
}

static bool take_body(struct sink *sink, struct connection *connection, struct str body)
{
    if (connection->writes) {
        sink_counts_add(&sink->counts, &connection->line, body, sink->hashed);
    }
    if (connection->asks || (connection->writes && sink->kept != NULL)) {
        strbuf_append_str(&connection->body, body);
    }
    return !connection->body.failed;
}

static bool keep(struct sink *sink, struct connection *connection)
{
    struct str body = strbuf_str(&connection->body);
    return fwrite(body.data, 1, body.length, sink->kept) == body.length &&
           fprintf(sink->kept, "%s# %lld\n", connection->line.open ? "\n" : "",
                   (long long)clock_wall_ns()) > 0 &&
           fflush(sink->kept) == 0;
}

static bool end_request(struct sink *sink, struct connection *connection)
{
    if (connection->writes) {
        if (sink->kept != NULL && !keep(sink, connection)) {
            return false;
        }
        sink_counts_end(&sink->counts, &connection->line);
    }
    return answer(sink, connection) && !connection->reader.last;
}

/* False: the connection is over. */
static bool take_bytes(struct sink *sink, struct connection *connection, struct str bytes)
{
    for (;;) {
        struct str body = {.data = NULL};
        bool going = true;
        switch (sink_reader_next(&connection->reader, &bytes, &body)) {
        case SINK_MORE:
            return true;
        case SINK_BROKEN:
            return false;
        case SINK_BEGUN:
            begin_request(connection);
            going = !connection->reader.expects_continue ||
                    send_all(connection->fd, str_from("HTTP/1.1 100 Continue\r\n\r\n"));
            break;
        case SINK_BODY:
            going = take_body(sink, connection, body);
            break;
        case SINK_ENDED:
            going = end_request(sink, connection);
            break;
        }
        if (!going) {
            return false;
        }
    }
}

static void drop(struct connection *connection)
{
    (void)close(connection->fd);
    strbuf_free(&connection->body);
    free(connection);
}

/* Once for each time that there is something: no connection keeps the others waiting. */
static void receive(struct sink *sink, struct connection *connection)
{
    ssize_t count = recv(connection->fd, sink->received, sizeof sink->received, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    struct str bytes = {.data = sink->received, .length = count > 0 ? (size_t)count : 0};
    if (count <= 0 || !take_bytes(sink, connection, bytes)) {
        drop(connection);
    }
}

static bool watch(const struct sink *sink, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void accept_one(struct sink *sink)
{
    int fd = accept4(sink->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        (void)close(fd);
        return;
    }
    connection->fd = fd;
    connection->body = strbuf_new(BODY_LIMIT);
    if (!watch(sink, fd, connection)) {
        drop(connection);
    }
}

static void serve(struct sink *sink)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(sink->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (what == &sink->signals) {
                return;
            }
            if (what == &sink->listener) {
                accept_one(sink);
            } else {
                receive(sink, what);
            }
        }
    }
}

static int listen_on(int64_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) != 0 ||
        bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    (void)printf("%d\n", ntohs(address.sin_port));
    return fflush(stdout) == 0 ? fd : -1;
}

static bool open_sink(struct sink *sink, int64_t port)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    sink->signals = signalfd(-1, &set, SFD_CLOEXEC);
    sink->epoll = epoll_create1(EPOLL_CLOEXEC);
    sink->listener = sink->signals >= 0 && sink->epoll >= 0 ? listen_on(port) : -1;
    return sink->listener >= 0 && watch(sink, sink->signals, &sink->signals) &&
           watch(sink, sink->listener, &sink->listener);
}

static bool read_options(struct sink *sink, int64_t *port, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--digest") == 0) {
            sink->hashed = true;
        } else if (strcmp(argv[i], "--port") == 0 && more) {
            if (!str_to_int64(str_from(argv[++i]), port) || *port < 0 || *port > UINT16_MAX) {
                return false;
            }
        } else if (strcmp(argv[i], "--keep") == 0 && more) {
            sink->kept = fopen(argv[++i], "we");
            if (sink->kept == NULL) {
                perror(argv[i]);
                return false;
            }
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct sink sink;
    int64_t port = 0;
    if (!read_options(&sink, &port, argc, argv)) {
        (void)fputs("usage: sink [--port N] [--digest] [--keep FILE]\n", stderr);
        return 2;
    }
    if (!open_sink(&sink, port)) {
        perror("sink");
        return 1;
    }
    serve(&sink);
    return sink.kept == NULL || fclose(sink.kept) == 0 ? 0 : 1;
}
