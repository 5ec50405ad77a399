/*
 * How the HTTP client and the WebSocket client connect. Both set address, credentials, TLS,
 * time-out and stop through this file, and explain a failure to connect in the same words.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_TRANSPORT_H
#define CANDLEWICK_BASE_HTTP_HTTP_TRANSPORT_H

#include <curl/curl.h>

#include "base/http/http_client.h"
#include "base/http/http_url.h"

struct http_transport {
    struct http_base base;
    char *ca_file; /* NULL: the system's certificates */
    char *cert_file;
    char *key_file;
    const char *option; /* the option that sets the address, for messages; a literal */
    long connect_timeout_ms;
    struct stop *stop;            /* borrowed; may be NULL */
    char detail[CURL_ERROR_SIZE]; /* libcurl's text for the last failure; clear it before each
                                     transfer */
};

/* Copies the settings for connecting from `config`. `scheme` is "http" or "ws", see
 * http_base_parse(). The first call starts libcurl. Fails with ERROR_USAGE for a bad URL and for a
 * file that cannot be read, with ERROR_FATAL when memory runs out or libcurl cannot start. Free
 * with http_transport_free() in either case. Thread-safe. */
NODISCARD bool http_transport_init(struct http_transport *transport, const char *scheme,
                                   const struct http_client_config *config, struct error *error);
void http_transport_free(struct http_transport *transport);

/* Applies these settings to `easy`, which must not outlive `transport`. No redirects, no proxy from
 * the environment, TLS 1.2 at least, no signals. Returns false when memory runs out. */
NODISCARD bool http_transport_apply(struct http_transport *transport, CURL *easy);

/* Fills `error` with what `code` means and what to do; its text shows no credentials. `answered`
 * says whether a part of an answer has arrived. Always returns false, so that callers can return
 * its result. */
bool http_transport_explain(const struct http_transport *transport, CURL *easy, CURLcode code,
                            bool answered, struct error *error);

/* Returns libcurl's text for the last failure, whose code was `code`. Borrowed. */
const char *http_transport_detail(const struct http_transport *transport, CURLcode code);

#endif
