/* Loopback sockets for targets that speak HTTP. Each connection ends with a reset, so that no
 * address is kept waiting: there are thousands a second. */
#ifndef CANDLEWICK_TESTS_FUZZ_SOCKETS_H
#define CANDLEWICK_TESTS_FUZZ_SOCKETS_H

#include "base/text/strbuf.h"

/* How long anything may take, so that only what hangs fails, however busy the machine is. */
enum { SOCKET_PATIENCE_MS = 60000 };

/* Sends `request` to 127.0.0.1:`port`, ends that side, and appends all that comes back. The peer
 * must end, too. */
void socket_exchange(unsigned short port, struct str request, struct strbuf *answer);

/* A thread that reads one request's head from each connection, sends the bytes that are set, and
 * ends the connection. Its port. */
unsigned short socket_answer_start(void);
/* For the next connection. Borrowed until there is another. */
void socket_answer_set(struct str bytes);

#endif
