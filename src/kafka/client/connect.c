#include "kafka/client/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

static bool same_address(const struct sockaddr_storage *own, const struct sockaddr *other)
{
    if (own->ss_family != other->sa_family) {
        return false;
    }
    if (other->sa_family == AF_INET) {
        struct sockaddr_in left, right;
        memcpy(&left, own, sizeof left);
        memcpy(&right, other, sizeof right);
        return left.sin_port == right.sin_port && left.sin_addr.s_addr == right.sin_addr.s_addr;
    }
    if (other->sa_family == AF_INET6) {
        struct sockaddr_in6 left, right;
        memcpy(&left, own, sizeof left);
        memcpy(&right, other, sizeof right);
        return left.sin6_port == right.sin6_port &&
               memcmp(&left.sin6_addr, &right.sin6_addr, sizeof left.sin6_addr) == 0;
    }
    return false;
}

int connect_to_another(int socket, const struct sockaddr *address, int length, const char *name,
                       void *opaque)
{
    (void)name;
    (void)opaque;
    if (connect(socket, address, (socklen_t)length) != 0 && errno != EINPROGRESS) {
        return errno;
    }
    struct sockaddr_storage own;
    socklen_t own_length = sizeof own;
    memset(&own, 0, sizeof own);
    if (getsockname(socket, (struct sockaddr *)&own, &own_length) != 0 ||
        !same_address(&own, address)) {
        return 0;
    }
    /* A linger time of 0 makes close() free the port at once. */
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return ECONNREFUSED;
}
