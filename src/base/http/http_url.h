/* Parses the base URL of an HTTP client into what may be shown and the credentials. */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_URL_H
#define CANDLEWICK_BASE_HTTP_HTTP_URL_H

#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct http_base {
    char *url;      /* without credentials and trailing slash: safe to show */
    char *username; /* NULL: none */
    char *password; /* NULL: none */
};

/* Credentials in `text` are used when `username` is NULL. Everything is copied. Fails with
 * ERROR_USAGE for anything but a URL of `scheme` ("http", "ws") or the same with TLS ("https",
 * "wss") with a host and without query or fragment (the text shows it without credentials), and
 * with ERROR_FATAL when memory runs out. Free with http_base_free() in either case. */
NODISCARD bool http_base_parse(struct http_base *base, const char *scheme, const char *text,
                               const char *username, const char *password, struct error *error);
void http_base_free(struct http_base *base);

/* Writes what may be shown of a URL: no credentials, and nothing after ';', '?' or '#', which may
 * be a token. Cut to `size`; "" for NULL and for an invalid URL. */
void http_url_show(const char *url, char *text, size_t size);
/* Does the same for a URL that may be relative to `base`, as in a Location header. */
void http_url_show_from(const char *base, const char *url, char *text, size_t size);

/* Returns whether a URL with a scheme and without credentials names this machine: "localhost" or a
 * loopback address. */
bool http_url_is_loopback(const char *url);

/* Returns the host, with the port if the URL has one, as a Host header names them (RFC 9110, 7.2):
 * an IPv6 address in brackets, without its zone. `url` must have been accepted by
 * http_base_parse(). Free the result; NULL: no memory. */
NODISCARD char *http_url_authority(const char *url);

#endif
