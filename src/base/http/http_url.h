/* The base URL of an HTTP client, taken apart: what may be shown, and the credentials. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_URL_H
#define CANDLEWICK_BASE_HTTP_HTTP_URL_H

#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct http_base {
    char *url;      /* without credentials and without a slash at the end: safe to show */
    char *username; /* NULL: none */
    char *password; /* NULL: none */
};

/* Credentials in `text` are used when `username` is NULL. All is copied. False: ERROR_USAGE when it
 * is not an http or https URL with a host and without query or fragment (the text shows it without
 * credentials), ERROR_FATAL without memory. Either way free with http_base_free(). */
NODISCARD bool http_base_parse(struct http_base *base, const char *text, const char *username,
                               const char *password, struct error *error);
void http_base_free(struct http_base *base);

/* What of a URL may be shown: no credentials, nothing behind ';', '?' or '#', which may be a token.
 * Cut to `size`; "" for NULL and what is no URL. */
void http_url_show(const char *url, char *text, size_t size);

#endif
