#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "kafka/client/connect.h"

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t length_of(int family)
{
    return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

/* Bound to a free port of loopback; a negative number: this machine has none of that family. */
static int bound_socket(int family, union address *address)
{
    int made = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    memset(address, 0, sizeof *address);
    address->any.sa_family = (sa_family_t)family;
    if (family == AF_INET) {
        address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        address->v6.sin6_addr = in6addr_loopback;
    }
    socklen_t length = length_of(family);
    if (made < 0 || bind(made, &address->any, length) != 0) {
        (void)close(made);
        return -1;
    }
    assert_int_equal(getsockname(made, &address->any, &length), 0);
    return made;
}

static void a_socket_never_meets_itself_and_frees_the_port(void **state)
{
    (void)state;
    const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        union address address;
        socklen_t length = length_of(families[i]);
        int alone = bound_socket(families[i], &address);
        if (alone < 0 && families[i] == AF_INET6) {
            continue;
        }
        assert_true(alone >= 0);
        assert_int_equal(connect_to_another(alone, &address.any, (int)length, "broker", NULL),
                         ECONNREFUSED);
        assert_int_equal(close(alone), 0);
        int broker = socket(families[i], SOCK_STREAM, 0);
        assert_int_equal(bind(broker, &address.any, length), 0);
        assert_int_equal(listen(broker, 1), 0);
        assert_int_equal(close(broker), 0);
    }
}

static void a_socket_meets_who_listens(void **state)
{
    (void)state;
    union address address;
    int broker = bound_socket(AF_INET, &address);
    assert_int_equal(listen(broker, 1), 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect_to_another(client, &address.any, sizeof address.v4, "broker", NULL),
                     0);
    struct pollfd ready = {.fd = client, .events = POLLOUT};
    assert_int_equal(poll(&ready, 1, 5000), 1);
    assert_int_equal(send(client, "x", 1, MSG_NOSIGNAL), 1);
    (void)close(client);
    (void)close(broker);
}

static void a_port_that_nobody_listens_on_refuses(void **state)
{
    (void)state;
    union address address;
    int reserved = bound_socket(AF_INET, &address); /* and listens not */
    int client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect_to_another(client, &address.any, sizeof address.v4, "broker", NULL),
                     ECONNREFUSED);
    (void)close(client);
    (void)close(reserved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_never_meets_itself_and_frees_the_port),
        cmocka_unit_test(a_socket_meets_who_listens),
        cmocka_unit_test(a_port_that_nobody_listens_on_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
