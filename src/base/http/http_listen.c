#include "base/http/http_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/http/http_server.h"

enum { HOST_SIZE = 100, BACKLOG = 128, GIVE_UP_ON_PEER_MS = 30000 };

bool http_parse_address(const char *address, char *host, size_t host_size, unsigned short *port,
                        struct error *error)
{
    struct str text = str_from(address != NULL ? address : "");
    const char *colon = address != NULL ? strrchr(address, ':') : NULL;
    int64_t number = -1;
    bool good = false;
    if (colon != NULL) {
        struct str name = {address, (size_t)(colon - address)};
        struct str digits = str_from(colon + 1);
        bool bracketed =
            name.length > 2 && name.data[0] == '[' && name.data[name.length - 1] == ']';
        if (bracketed) {
            name = (struct str){name.data + 1, name.length - 2};
        }
        /* Without brackets, nobody could say which colon of an IPv6 address precedes the port. */
        good = name.length > 0 && (bracketed || strcspn(address, ":[]") >= name.length) &&
               str_copy(name, host, host_size) && digits.length > 0 && digits.data[0] != '-' &&
               str_to_int64(digits, &number) && number <= 65535;
    }
    if (!good) {
        return error_set(error, ERROR_USAGE,
                         "\"%.*s\" is not an address: give host:port, such as 127.0.0.1:8080 or "
                         "[::1]:8080",
                         (int)(text.length < 80 ? text.length : 80), text.data);
    }
    *port = (unsigned short)number;
    return true;
}

static void describe(int fd, char address[HTTP_ADDRESS_SIZE])
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    char host[HOST_SIZE] = "";
    char port[8] = "";
    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0) {
        (void)getnameinfo((struct sockaddr *)&bound, size, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV);
    }
    (void)snprintf(address, HTTP_ADDRESS_SIZE, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
                   host, port);
}

/* Accepted sockets inherit these options: a peer that has vanished is detected even if it never
 * closes the connection. */
static void set_options(int fd, int family)
{
    const int one = 1;
    const int give_up_ms = GIVE_UP_ON_PEER_MS;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up_ms, sizeof give_up_ms);
    if (family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
}

static int open_socket(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, where->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    where->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    set_options(fd, where->ai_family);
    if (bind(fd, where->ai_addr, where->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int why = errno;
        (void)close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

int http_listen(const char *listen_on, const char *flag, char address[HTTP_ADDRESS_SIZE],
                struct error *error)
{
    char host[HOST_SIZE];
    unsigned short port;
    if (!http_parse_address(listen_on, host, sizeof host, &port, error)) {
        return -1;
    }
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0) {
        (void)error_set(error, ERROR_USAGE, "cannot listen on %s: %s: give an address of this host",
                        listen_on, gai_strerror(code));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *where = found; where != NULL && fd < 0; where = where->ai_next) {
        fd = open_socket(where);
    }
    int why = errno;
    freeaddrinfo(found);
    if (fd < 0) {
        (void)error_set(error, ERROR_FATAL,
                        "cannot listen on %s: %s: %s, or name another address with %s", listen_on,
                        strerror(why),
                        why == EADDRINUSE ? "stop what uses it" : "choose one that this host has",
                        flag != NULL ? flag : "--listen");
        return -1;
    }
    describe(fd, address);
    return fd;
}
