/*
 * HTTP/1.1 by libcurl. One client is one kept-alive easy handle: use it from one thread at a time.
 * Only http and https, no redirects, no proxy from the environment, no signals, bodies capped.
 */
#ifndef CANDLEWICK_BASE_HTTP_HTTP_CLIENT_H
#define CANDLEWICK_BASE_HTTP_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

struct http_client;
struct stop;

/* Zero or NULL means the default named here. All text is copied. */
struct http_client_config {
    const char *base_url;    /* "http://host:port/prefix"; without a trailing slash */
    const char *option;      /* that names it, a literal; NULL: "the address" */
    int connect_timeout_ms;  /* 5,000 */
    int timeout_ms;          /* 30,000 for a whole request */
    size_t body_limit_bytes; /* 1 MiB, counted after gzip is undone */
    const char *username;    /* basic auth; NULL: none */
    const char *password;
    const char *ca_file;   /* PEM; NULL: the system's */
    const char *cert_file; /* client certificate, PEM */
    const char *key_file;
    struct stop *stop; /* borrowed; a request under way ends early when it is requested */
};

struct http_request {
    const char *method;       /* NULL: GET */
    const char *path;         /* appended to base_url; with its query; already escaped */
    const char *content_type; /* NULL: none */
    const char *accept;       /* NULL: none */
    const char *bearer_token; /* NULL: none; never logged */
    struct str body;          /* borrowed for the call */
    bool gzip;                /* compress the body and say so */
    int timeout_ms;           /* for this request; 0: the client's */
};

struct http_response {
    long status;
    char content_type[64];
    char location[256]; /* where a redirect leads, as http_url_show() shows it, without the path
                           that was asked for at its end: the base URL to use; "": nowhere */
    int retry_after_ms; /* from Retry-After, seconds or HTTP-date (RFC 9110 10.2.3); 0: none */
    int64_t date_ns;    /* from Date; 0: none or unreadable */
    struct strbuf body; /* owned by the response; reused by the next request with it */
};

/* Call once in main before threads start, and at its end. */
NODISCARD bool http_client_global_init(struct error *error);
void http_client_global_cleanup(void);

/* NULL on failure: ERROR_USAGE for a base URL that is not http(s), has a query, or a file that
 * cannot be read. Credentials in the base URL ("http://user:password@host") are taken out of it and
 * used like `username` and `password`, which go before them; no error text shows them. */
NODISCARD struct http_client *http_client_create(const struct http_client_config *config,
                                                 struct error *error);
void http_client_destroy(struct http_client *client); /* NULL is allowed */

/* The base URL without credentials and slash at its end, for people. Borrowed. */
const char *http_client_url(const struct http_client *client);

/* Blocks for at most the time-out; a requested stop ends it within about a second. `response`
 * starts zeroed and may be used again and again. True when an answer came, whatever its status.
 * False: nothing or half of it came (ERROR_RETRY: whether the server acted is unknown), the body
 * passed the cap (ERROR_RETRY), the stop was requested (ERROR_RETRY), or the request itself cannot
 * be sent, such as a token with a line break (ERROR_USAGE). The text names method and URL without
 * credentials and without the query. `response` then has what came of the answer's head: status 0
 * when none did. */
NODISCARD bool http_client_send(struct http_client *client, const struct http_request *request,
                                struct http_response *response, struct error *error);

void http_response_free(struct http_response *response);

/* True, but for a redirect (3xx), which is not followed: ERROR_RETRY, and the text says who
 * answered, where it leads to, and that `option` ("--store") has to name that. */
NODISCARD bool http_client_refuse_redirect(const struct http_client *client,
                                           const struct http_response *response, const char *option,
                                           struct error *error);

/* Seconds or an IMF-fixdate against `now_ns`; garbage and the past give 0; never over INT_MAX. */
int http_parse_retry_after_ms(const char *value, int64_t now_ns);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110 5.6.7) as time since the epoch. False when
 * it is not one. */
NODISCARD bool http_parse_date(const char *value, int64_t *time_ns);

/* Appends `text` percent-encoded (RFC 3986, all but unreserved). */
void http_append_escaped(struct strbuf *buf, struct str text);

#endif
