/* Checks the Host header, against DNS rebinding: a foreign page whose host name is made to resolve
 * to 127.0.0.1 could otherwise read what is served there. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_HOST_H
#define CANDLEWICK_BASE_HTTP_HTTP_HOST_H

#include <stdbool.h>

/* `address` is numeric, "127.0.0.1:8080" or "[::1]:8080". Returns whether other machines cannot
 * reach it. */
bool http_host_is_loopback(const char *address);

/* Returns whether `header`, a request's Host, names this server: any IP address, "localhost" (and
 * names that end in ".localhost"), which nobody else can make resolve to this machine, and `own`,
 * the host of --listen. NULL, which only clients other than browsers send, counts too. */
bool http_host_is_ours(const char *header, const char *own);

#endif
