#include "fuzz/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fuzz/fuzz.h"

static struct sockaddr_in loopback(unsigned short port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void reset(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)close(fd);
}

/* The fuzzer's alarm interrupts what waits: TEMP_FAILURE_RETRY() goes on. As much as the peer
 * takes: it may have had enough before the end. */
static void send_some(int fd, struct str *bytes)
{
    ssize_t sent = send(fd, bytes->data, bytes->length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        sent = (ssize_t)bytes->length;
    }
    if (sent > 0) {
        bytes->data += sent;
        bytes->length -= (size_t)sent;
    }
}

void socket_exchange(unsigned short port, struct str request, struct strbuf *answer)
{
    struct sockaddr_in address = loopback(port);
    int64_t end_ns = clock_monotonic_ns() + SOCKET_PATIENCE_MS * NS_PER_MS;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool sending = true;
    MUST(fd >= 0);
    MUST(TEMP_FAILURE_RETRY(connect(fd, (struct sockaddr *)&address, sizeof address)) == 0);
    for (;;) {
        if (sending && request.length == 0) {
            (void)shutdown(fd, SHUT_WR);
            sending = false;
        }
        struct pollfd ready = {.fd = fd, .events = (short)(sending ? POLLIN | POLLOUT : POLLIN)};
        int left_ms = (int)((end_ns - clock_monotonic_ns()) / NS_PER_MS);
        MUST(left_ms > 0 && TEMP_FAILURE_RETRY(poll(&ready, 1, left_ms)) >= 0);
        if (sending && (ready.revents & POLLOUT) != 0) {
            send_some(fd, &request);
        }
        if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            char bytes[4096];
            ssize_t got = TEMP_FAILURE_RETRY(recv(fd, bytes, sizeof bytes, 0));
            if (got <= 0) {
                break;
            }
            strbuf_append(answer, bytes, (size_t)got);
        }
    }
    reset(fd);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* protects `answer` */
static struct str answer;

/* Up to the blank line. */
static void read_head(int fd)
{
    char head[4096];
    size_t length = 0;
    while (length < sizeof head) {
        ssize_t got = TEMP_FAILURE_RETRY(recv(fd, head + length, sizeof head - length, 0));
        if (got <= 0) {
            return;
        }
        length += (size_t)got;
        if (memmem(head, length, "\r\n\r\n", 4) != NULL) {
            return;
        }
    }
}

static void *serve(void *context)
{
    int listener = *(const int *)context;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        read_head(fd);
        (void)pthread_mutex_lock(&lock);
        char *copy = fuzz_text(answer);
        struct str bytes = {copy, answer.length};
        (void)pthread_mutex_unlock(&lock);
        while (bytes.length > 0) {
            ssize_t sent = TEMP_FAILURE_RETRY(send(fd, bytes.data, bytes.length, MSG_NOSIGNAL));
            if (sent <= 0) {
                break;
            }
            bytes.data += sent;
            bytes.length -= (size_t)sent;
        }
        free(copy);
        (void)shutdown(fd, SHUT_WR);
        char rest[256];
        while (TEMP_FAILURE_RETRY(recv(fd, rest, sizeof rest, 0)) > 0) {
            /* until the client has ended too */
        }
        reset(fd);
    }
    return NULL;
}

unsigned short socket_answer_start(void)
{
    static int listener;
    pthread_t thread;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    MUST(listen(listener, 64) == 0);
    MUST(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    MUST(pthread_create(&thread, NULL, serve, &listener) == 0);
    MUST(pthread_detach(thread) == 0);
    return ntohs(address.sin_port);
}

void socket_answer_set(struct str bytes)
{
    (void)pthread_mutex_lock(&lock);
    answer = bytes;
    (void)pthread_mutex_unlock(&lock);
}
