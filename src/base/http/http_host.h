/* Whose name a request calls a server by, against DNS rebinding: a page from elsewhere whose own
 * host name is made to mean 127.0.0.1 would otherwise be let by the browser read what is served
 * there. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_HOST_H
#define CANDLEWICK_BASE_HTTP_HTTP_HOST_H

#include <stdbool.h>

/* `address` is numeric, "127.0.0.1:8080" or "[::1]:8080": nobody on another machine reaches it. */
bool http_host_is_loopback(const char *address);

/* `header` is a request's Host. Ours are: any IP address and "localhost" (and names that end in
 * ".localhost"), which nobody else can make mean this machine, and `own`, the host of --listen.
 * NULL, from a client that is no browser, counts as ours. */
bool http_host_is_ours(const char *header, const char *own);

#endif
