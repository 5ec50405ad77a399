/* Opens a listening TCP socket, with errors that people understand. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_LISTEN_H
#define CANDLEWICK_BASE_HTTP_HTTP_LISTEN_H

#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum { HTTP_ADDRESS_SIZE = 128 };

/* Returns a non-blocking socket that listens on `listen` ("127.0.0.1:8080", "[::1]:0",
 * "localhost:80"), or -1. Writes the numeric address, with the port that was bound, to `address`.
 * Fails with ERROR_USAGE for an invalid address and with ERROR_FATAL for one that cannot be
 * bound; the text names `flag`, by which a user names another (NULL: --listen). */
NODISCARD int http_listen(const char *listen, const char *flag, char address[HTTP_ADDRESS_SIZE],
                          struct error *error);

#endif
