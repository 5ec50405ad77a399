#include "web/answer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define RETRY_AFTER_S "3"

void answer_header(struct http_reply *reply, const char *name, const char *value)
{
    const size_t most = sizeof reply->headers / sizeof reply->headers[0];
    size_t used = 0;
    while (used < most && reply->headers[used][0] != NULL) {
        ++used;
    }
    assert(used < most);
    if (used < most) {
        reply->headers[used][0] = name;
        reply->headers[used][1] = value;
    }
}

/* Allows only the page's own files to be loaded and run, and no other site to frame the page. */
void answer_secure(struct http_reply *reply)
{
    answer_header(reply, "Content-Security-Policy",
                  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
                  "frame-ancestors 'none'");
    answer_header(reply, "X-Content-Type-Options", "nosniff");
    answer_header(reply, "X-Frame-Options", "DENY");
    answer_header(reply, "Referrer-Policy", "no-referrer");
}

void answer_error(struct http_reply *reply, unsigned status, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reply->status = status;
    reply->content_type = "application/json";
    strbuf_clear(&reply->body);
    strbuf_append_text(&reply->body, "{\"error\":");
    strbuf_append_json_string(&reply->body, str_from(text));
    strbuf_append_char(&reply->body, '}');
}

void answer_busy(struct http_reply *reply, const char *text)
{
    answer_header(reply, "Retry-After", RETRY_AFTER_S);
    answer_header(reply, "Connection", "close");
    answer_error(reply, 503, "%s", text);
}

void answer_failure(struct http_reply *reply, const struct error *error)
{
    switch (error->kind) {
    case ERROR_REJECT:
    case ERROR_USAGE:
        answer_error(reply, 400, "%s", error->text);
        break;
    case ERROR_RETRY:
        answer_header(reply, "Retry-After", RETRY_AFTER_S);
        answer_error(reply, 503, "%s", error->text);
        break;
    case ERROR_NONE:
    case ERROR_FATAL:
        answer_error(reply, 500, "%s", error->text[0] != '\0' ? error->text : "unknown error");
        break;
    }
}
