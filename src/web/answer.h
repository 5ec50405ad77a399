/* What all answers of the web server share: security headers, and errors as JSON. */
#ifndef CANDLEWICK_WEB_ANSWER_H
#define CANDLEWICK_WEB_ANSWER_H

#include "base/error.h"
#include "base/http/http_server.h"

/* Adds a header; `value` must live as long as the handler's call. */
void answer_header(struct http_reply *reply, const char *name, const char *value);

/* Adds the security headers that every answer has. */
void answer_secure(struct http_reply *reply);

/* Replaces the body with {"error": text} and sets `status`. */
PRINTF_LIKE(3, 4)
void answer_error(struct http_reply *reply, unsigned status, const char *format, ...);

/* Answers 503 with a Retry-After header, and closes the connection. */
void answer_busy(struct http_reply *reply, const char *text);

/* Answers with a backend's error; its kind determines the status. */
void answer_failure(struct http_reply *reply, const struct error *error);

#endif
