/* Compresses answers with gzip for clients that accept it. */
#ifndef CANDLEWICK_WEB_COMPRESS_H
#define CANDLEWICK_WEB_COMPRESS_H

#include "base/http/http_server.h"

enum { COMPRESS_LEAST = 1024 }; /* shorter content is sent as it is */

/* Returns whether the header Accept-Encoding (RFC 9110, 12.5.3) allows gzip. NULL, a missing
 * header, does not. */
bool compress_accepted(const char *accept_encoding);

/* Compresses the reply's body, or what its stream will return, if the client accepts gzip and it is
 * worth it; adds the headers Vary and Content-Encoding. Leaves alone endless streams, `fixed_body`,
 * and replies that are encoded already. When memory runs out, the reply stays as it is. */
void compress_reply(const struct http_exchange *exchange, struct http_reply *reply);

#endif
