#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmocka_all.h"

enum { REQUESTS_MAX = 64, REQUEST_LIMIT = 1 << 20 };

struct raw_server {
    const struct raw_answer *answers;
    size_t count;
    int listener;
    int stop; /* an eventfd: readable once the thread has to end */
    char url[64];
    pthread_t thread;

    pthread_mutex_t lock; /* protects what follows */
    size_t connections;
    size_t requests;
    char *seen[REQUESTS_MAX];
};

/* Waits until `fd` has one of `events` (0: only for time or stop). False on stop or after the time.
 */
static bool wait_for(struct raw_server *server, int fd, short events, int timeout_ms)
{
    struct pollfd both[] = {{.fd = server->stop, .events = POLLIN}, {.fd = fd, .events = events}};
    return poll(both, events != 0 ? 2 : 1, timeout_ms) > 0 && both[0].revents == 0;
}

static bool stopped(struct raw_server *server)
{
    struct pollfd stop = {.fd = server->stop, .events = POLLIN};
    return poll(&stop, 1, 0) > 0;
}

/* The body's length that the head promises, 0 when it says none. */
static size_t content_length(const char *head)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");
    return field != NULL ? strtoul(field + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* One whole request, to free(); NULL when the peer closed, or on stop. */
static char *read_request(struct raw_server *server, int fd)
{
    char *text = calloc(1, REQUEST_LIMIT + 1);
    size_t length = 0;
    while (text != NULL && length < REQUEST_LIMIT && wait_for(server, fd, POLLIN, -1)) {
        ssize_t got = recv(fd, text + length, REQUEST_LIMIT - length, 0);
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
        const char *end = strstr(text, "\r\n\r\n");
        if (end != NULL && length >= (size_t)(end - text) + 4 + content_length(text)) {
            return text;
        }
    }
    free(text);
    return NULL;
}

/* Keeps the request and gives the answer that it gets. */
static const struct raw_answer *take_request(struct raw_server *server, char *request)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t n = server->requests++;
    if (n < REQUESTS_MAX) {
        server->seen[n] = request;
    } else {
        free(request);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return &server->answers[n < server->count ? n : server->count - 1];
}

static bool send_bytes(struct raw_server *server, int fd, const char *bytes, size_t length)
{
    size_t sent = 0;
    while (sent < length && wait_for(server, fd, POLLOUT, -1)) {
        ssize_t more = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (more < 0) {
            return false;
        }
        sent += (size_t)more;
    }
    return sent == length;
}

static bool play(struct raw_server *server, int fd, const struct raw_answer *answer)
{
    if (answer->delay_ms > 0) {
        (void)wait_for(server, -1, 0, answer->delay_ms);
    }
    const char *bytes = answer->bytes != NULL ? answer->bytes : "";
    size_t length = answer->length > 0 ? answer->length : strlen(bytes);
    if (answer->drip_ms <= 0) {
        return send_bytes(server, fd, bytes, length);
    }
    for (size_t i = 0; i < length && !stopped(server); ++i) {
        if (!send_bytes(server, fd, bytes + i, 1)) {
            return false;
        }
        (void)wait_for(server, -1, 0, answer->drip_ms);
    }
    return true;
}

/* Reads and forgets until the peer closes. */
static void hang(struct raw_server *server, int fd)
{
    char bytes[256];
    while (wait_for(server, fd, POLLIN, -1) && recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
}

static void serve(struct raw_server *server, int fd)
{
    char *request = read_request(server, fd);
    while (request != NULL) {
        const struct raw_answer *answer = take_request(server, request);
        request = NULL;
        bool played = play(server, fd, answer);
        if (played && answer->end == RAW_KEEP) {
            request = read_request(server, fd);
        } else if (played && answer->end == RAW_HANG) {
            hang(server, fd);
        } else if (answer->end == RAW_RESET) {
            const struct linger now = {.l_onoff = 1, .l_linger = 0};
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
    }
}

static void *run(void *context)
{
    struct raw_server *server = context;
    while (wait_for(server, server->listener, POLLIN, -1)) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        (void)pthread_mutex_lock(&server->lock);
        server->connections++;
        (void)pthread_mutex_unlock(&server->lock);
        serve(server, fd);
        (void)close(fd);
    }
    return NULL;
}

struct raw_server *raw_server_create(const struct raw_answer *answers, size_t count)
{
    struct raw_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    assert_true(count > 0);
    server->answers = answers;
    server->count = count;
    server->stop = eventfd(0, EFD_CLOEXEC);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->stop >= 0 && server->listener >= 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    assert_int_equal(bind(server->listener, (struct sockaddr *)&where, size), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&where, &size), 0);
    (void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u",
                   (unsigned)ntohs(where.sin_port));
    assert_int_equal(pthread_mutex_init(&server->lock, NULL), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
    return server;
}

void raw_server_destroy(struct raw_server *server)
{
    if (server == NULL) {
        return;
    }
    assert_int_equal(eventfd_write(server->stop, 1), 0);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    (void)close(server->listener);
    (void)close(server->stop);
    (void)pthread_mutex_destroy(&server->lock);
    for (size_t i = 0; i < REQUESTS_MAX; ++i) {
        free(server->seen[i]);
    }
    free(server);
}

const char *raw_server_url(const struct raw_server *server)
{
    return server->url;
}

size_t raw_server_connections(struct raw_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->connections;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

size_t raw_server_requests(struct raw_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    size_t count = server->requests;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

char *raw_server_request(struct raw_server *server, size_t n)
{
    (void)pthread_mutex_lock(&server->lock);
    char *copy = n < server->requests && n < REQUESTS_MAX ? strdup(server->seen[n]) : NULL;
    (void)pthread_mutex_unlock(&server->lock);
    return copy;
}
