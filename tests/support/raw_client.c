#include "raw_client.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"

int raw_connect(const char *address)
{
    struct error error = {0};
    char host[64];
    char service[8];
    unsigned short port;
    assert_true(http_parse_address(address, host, sizeof host, &port, &error));
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo *found;
    assert_int_equal(
        getaddrinfo(host, service, &(struct addrinfo){.ai_socktype = SOCK_STREAM}, &found), 0);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, found->ai_addr, found->ai_addrlen), 0);
    freeaddrinfo(found);
    return fd;
}

bool raw_send(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

bool raw_read_until(int fd, const char *until, char *text, size_t size, int timeout_ms)
{
    size_t length = strlen(text);
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    while (until == NULL || strstr(text, until) == NULL) {
        int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
        if (left_ms <= 0 ||
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)left_ms) < 1) {
            return false;
        }
        ssize_t got = recv(fd, text + length, size - 1 - length, 0);
        if (got <= 0) {
            return until == NULL;
        }
        length += (size_t)got;
        text[length] = '\0';
    }
    return true;
}
