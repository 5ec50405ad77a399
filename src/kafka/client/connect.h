/* Makes librdkafka's connections. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CONNECT_H
#define CANDLEWICK_KAFKA_CLIENT_CONNECT_H

#include <sys/socket.h>

/*
 * A callback for rd_kafka_conf_set_connect_cb(): connects a non-blocking socket with connect(2),
 * but never to itself. Returns 0 or an errno. Any thread.
 *
 * A broker on this machine may be down while its port is in the range for outgoing connections
 * (32768 to 60999 on Linux). The system may then assign that port to a connection to the broker,
 * which so connects to itself (a simultaneous open, RFC 9293, 3.5). It would look like a broker
 * that never answers, and the real one could not restart because its port is in use.
 */
int connect_to_another(int socket, const struct sockaddr *address, int length, const char *name,
                       void *opaque);

#endif
