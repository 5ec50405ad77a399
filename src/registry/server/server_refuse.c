/* The answers to refused requests, in the form of Confluent's API. */
#include "registry/server/server_call.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned status_of(enum call_error code)
{
    unsigned status = (unsigned)code;
    return status > 999 ? status / 100 : status;
}

bool call_refuse(struct call *call, enum call_error code, const char *format, ...)
{
    char message[640];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof message, format, arguments) < 0) {
        message[0] = '\0';
    }
    va_end(arguments);
    call->reply->status = status_of(code);
    struct strbuf *body = &call->reply->body;
    strbuf_clear(body);
    strbuf_append_format(body, "{\"error_code\":%d,\"message\":", (int)code);
    strbuf_append_json_string(body, str_from(message));
    strbuf_append_char(body, '}');
    return false;
}

bool call_store_failed(struct call *call, const struct error *error)
{
    return call_refuse(call, CALL_STORE_FAILED, "%s", error->text);
}

bool call_bad_body(struct call *call, const char *message)
{
    call->reply->status = status_of(CALL_BAD_BODY);
    struct strbuf *body = &call->reply->body;
    strbuf_clear(body);
    strbuf_append_text(body, "{\"error_code\":422,\"message\":[{\"loc\":[\"body\"],\"msg\":");
    strbuf_append_json_string(body, str_from(message));
    strbuf_append_text(body, "}]}");
    return false;
}
