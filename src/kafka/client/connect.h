/* How librdkafka's connections are made. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CONNECT_H
#define CANDLEWICK_KAFKA_CLIENT_CONNECT_H

#include <sys/socket.h>

/*
 * For rd_kafka_conf_set_connect_cb: connect(2) on a socket that does not block, but never with
 * itself. 0, or an errno. Any thread.
 *
 * Where a broker of this machine is away and its port is one that the system gives to outgoing
 * connections (32768 to 60999 on Linux), a connection to it may get that very port and meet itself
 * (a simultaneous open, RFC 9293, 3.5). It would look like a broker that says nothing, and the real
 * one could not come back, as its port is taken.
 */
int connect_to_another(int socket, const struct sockaddr *address, int length, const char *name,
                       void *opaque);

#endif
