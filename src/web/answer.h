/* What every answer of the web server shares: security headers, errors as JSON. */
#ifndef CANDLEWICK_WEB_ANSWER_H
#define CANDLEWICK_WEB_ANSWER_H

#include "base/error.h"
#include "base/http/http_server.h"

/* Adds a header; `value` must live as long as the handler's call. */
void answer_header(struct http_reply *reply, const char *name, const char *value);

/* The headers that every answer has. */
void answer_secure(struct http_reply *reply);

/* {"error": text} with `status`, in place of what was there. */
PRINTF_LIKE(3, 4)
void answer_error(struct http_reply *reply, unsigned status, const char *format, ...);

/* A 503 that says when to come back, and closes the connection. */
void answer_busy(struct http_reply *reply, const char *text);

/* The same from a backend's error, with the status that its kind asks for. */
void answer_failure(struct http_reply *reply, const struct error *error);

#endif
