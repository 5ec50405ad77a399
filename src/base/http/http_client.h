/*
 * HTTP/1.1 by libcurl. One client keeps one connection alive; not thread-safe. Only http and https,
 * no redirects, no proxy from the environment, no signals, bodies capped.
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

/* Zero or NULL selects the default named here. Copies all text but `option` and `kept_header`. */
struct http_client_config {
    const char *base_url;    /* "http://host:port/prefix"; without a trailing slash */
    const char *option;      /* the option that sets base_url, a literal, for messages; NULL:
                                "the address" */
    int connect_timeout_ms;  /* 5,000 */
    int timeout_ms;          /* 30,000, for a whole request */
    size_t body_limit_bytes; /* 1 MiB, counted after decompression */
    const char *username;    /* basic auth; NULL: none */
    const char *password;
    const char *ca_file;   /* PEM; NULL: the system's certificates */
    const char *cert_file; /* client certificate, PEM */
    const char *key_file;
    const char *kept_header; /* header whose value in an answer is copied to http_response.kept;
                                a literal; NULL: none */
    struct stop *stop;       /* borrowed; a requested stop ends a running request early */
};

struct http_request {
    const char *method;       /* NULL: GET */
    const char *path;         /* appended to base_url; includes the query; already escaped */
    const char *content_type; /* NULL: none */
    const char *accept;       /* NULL: none */
    const char *bearer_token; /* NULL: none; never logged */
    const char *key_header;   /* name of a header for a service's key: "x-api-key" */
    const char *key;          /* its value; NULL: the header is not sent; never logged */
    /* Validators of an earlier answer, sent back as they came (RFC 9110, 13.1): if nothing has
     * changed since, the answer is 304 without a body. NULL or "": none. */
    const char *if_none_match, *if_modified_since;
    struct str body; /* borrowed for the call */
    bool gzip;       /* compress the body and send Content-Encoding */
    int timeout_ms;  /* for this request; 0: the client's */
};

struct http_response {
    long status;
    char content_type[64];
    char location[256]; /* target of the redirect as http_url_show() writes it, less the
                           request's path at its end: what is left is the base URL to configure;
                           "": no redirect */
    int retry_after_ms; /* from Retry-After, seconds or HTTP-date (RFC 9110 10.2.3); 0: none */
    int64_t date_ns;    /* from Date; 0: none or unreadable */
    char kept[32];      /* value of the client's kept_header, cut to what fits; "": none */
    /* Validators, as they came, for the next request; "": none, or too long. */
    char etag[256];
    char last_modified[64];
    struct strbuf target; /* a redirect's whole target, for a caller that follows it; never show
                             it: it may contain a token. Empty: none. Owned, like `body` */
    struct strbuf body;   /* owned by the response; reused by the next request */
};

/* Call once in main before threads start, and the cleanup at its end. Where libcurl can start while
 * threads run, the first client or WebSocket starts it, and the call only asks that. */
NODISCARD bool http_client_global_init(struct error *error);
void http_client_global_cleanup(void);

/* Returns NULL with ERROR_USAGE for a base URL that is not http(s) or has a query, and for a file
 * that cannot be read. Credentials in the base URL ("http://user:password@host") are removed from
 * it and used unless `username` and `password` are set; no error text shows them. */
NODISCARD struct http_client *http_client_create(const struct http_client_config *config,
                                                 struct error *error);
void http_client_destroy(struct http_client *client); /* NULL is allowed */

/* Returns the base URL for people, without credentials and trailing slash. Borrowed. */
const char *http_client_url(const struct http_client *client);

/* Blocks for at most the time-out; a requested stop ends it within about a second. `response`
 * starts zeroed and can be reused. Returns true when an answer arrived, whatever its status.
 * Returns false with ERROR_RETRY when no answer or a part of one arrived (whether the server acted
 * is unknown), when the body exceeded the cap and when the stop was requested; with ERROR_USAGE
 * when the request cannot be sent, such as a token with a line break; with ERROR_FATAL when memory
 * runs out. The text names method and URL without credentials and query. `response` then holds what
 * arrived of the answer's head: status 0 when nothing did. */
NODISCARD bool http_client_send(struct http_client *client, const struct http_request *request,
                                struct http_response *response, struct error *error);

void http_response_free(struct http_response *response);

/* Returns true unless the answer is a redirect (3xx). Redirects are not followed: the function then
 * fails with ERROR_RETRY, and the text names who answered, the target, and the `option` ("--store")
 * that has to be set to the target. */
NODISCARD bool http_client_refuse_redirect(const struct http_client *client,
                                           const struct http_response *response, const char *option,
                                           struct error *error);

/* Parses seconds or an IMF-fixdate, compared with `now_ns`. Returns 0 for invalid text and for the
 * past, and at most INT_MAX. */
int http_parse_retry_after_ms(const char *value, int64_t now_ns);

/* Parses "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110 5.6.7) into time since the epoch.
 * Returns false for any other text. */
NODISCARD bool http_parse_date(const char *value, int64_t *time_ns);

/* Appends `text` percent-encoded (RFC 3986, all but unreserved). */
void http_append_escaped(struct strbuf *buf, struct str text);

#endif
