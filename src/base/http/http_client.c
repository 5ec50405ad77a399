#include "base/http/http_client.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/http/http_gzip.h"
#include "base/http/http_transport.h"

enum {
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_BODY_LIMIT = 1 << 20,
    URL_LIMIT = 256 << 10,
    HEADER_LIMIT = 16 << 10,
    TARGET_LIMIT = 8 << 10, /* a longer target of a redirect counts as none */
    PACKED_LIMIT = 64 << 20,
};

struct http_client {
    CURLSH *kept; /* connection, TLS session and DNS results, shared by the requests. NULL after
                     a failed transfer; the next request then creates it anew */
    CURL *easy;   /* of the current request */
    struct http_transport transport;
    long timeout_ms;
    size_t body_limit;
    const char *kept_header; /* a literal; NULL: none */
    struct strbuf url;       /* of the current request */
    struct strbuf packed;    /* its body after gzip */
};

struct http_client *http_client_create(const struct http_client_config *config, struct error *error)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for an HTTP client");
        return NULL;
    }
    client->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : DEFAULT_TIMEOUT_MS;
    client->kept_header = config->kept_header;
    client->body_limit =
        config->body_limit_bytes > 0 ? config->body_limit_bytes : DEFAULT_BODY_LIMIT;
    client->url = strbuf_new(URL_LIMIT);
    client->packed = strbuf_new(PACKED_LIMIT);
    if (!http_transport_init(&client->transport, "http", config, error)) {
        http_client_destroy(client);
        return NULL;
    }
    return client;
}

void http_client_destroy(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    curl_share_cleanup(client->kept);
    http_transport_free(&client->transport);
    strbuf_free(&client->url);
    strbuf_free(&client->packed);
    free(client);
}

const char *http_client_url(const struct http_client *client)
{
    return client->transport.base.url;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_response *response = context;
    strbuf_append(&response->body, bytes, size * count);
    return response->body.failed ? 0 : size * count;
}

/* Each request has a separate easy handle; they share only the connection, so that nothing else of
 * one request can leak into the next. libcurl before 8.4 treats a folded line that precedes all
 * headers as a continuation of the last header that the handle has seen, whose memory is already
 * freed. */
static bool begin(struct http_client *client)
{
    if (client->kept == NULL) {
        client->kept = curl_share_init();
        if (client->kept == NULL ||
            curl_share_setopt(client->kept, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) !=
                CURLSHE_OK ||
            curl_share_setopt(client->kept, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) !=
                CURLSHE_OK ||
            curl_share_setopt(client->kept, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK) {
            return false;
        }
    }
    client->easy = curl_easy_init();
    return client->easy != NULL &&
           curl_easy_setopt(client->easy, CURLOPT_SHARE, client->kept) == CURLE_OK;
}

/* Drops the connection after an interrupted transfer: its state is unknown. */
static void end(struct http_client *client, bool done)
{
    curl_easy_cleanup(client->easy);
    client->easy = NULL;
    if (!done) {
        curl_share_cleanup(client->kept);
        client->kept = NULL;
    }
}

/* Sets the options that are the same for every request. */
static bool set_common(struct http_client *client, struct http_response *response)
{
    CURL *easy = client->easy;
    const struct http_base *base = &client->transport.base;
    CURLcode code = CURLE_OK;
#define SET(option, value) (code = code != CURLE_OK ? code : curl_easy_setopt(easy, option, value))
    SET(CURLOPT_USERAGENT, "candlewick");
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_MAXAGE_CONN, 60L);
    SET(CURLOPT_MAXCONNECTS, 1L);
    /* Keeps ".." in a path, also as "%2E%2E", which libcurl 8 would resolve too: a registry subject
     * may have that name. */
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, response);
    if (base->username != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, base->username);
        SET(CURLOPT_PASSWORD, base->password != NULL ? base->password : "");
    }
#undef SET
    return code == CURLE_OK && http_transport_apply(&client->transport, easy);
}

/* Sets what depends on the request, except its headers. */
static bool set_method(struct http_client *client, const struct http_request *request)
{
    CURL *easy = client->easy;
    const char *method = request->method != NULL ? request->method : "GET";
    struct str body = request->gzip ? strbuf_str(&client->packed) : request->body;
    long timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : client->timeout_ms;
    if (curl_easy_setopt(easy, CURLOPT_URL, strbuf_text(&client->url)) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK) {
        return false;
    }
    if (strcmp(method, "HEAD") == 0) {
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    bool has_body = body.length > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
                    strcmp(method, "PATCH") == 0;
    if (has_body &&
        (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length) != CURLE_OK ||
         curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.length > 0 ? body.data : "") !=
             CURLE_OK)) {
        return false;
    }
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

/* Adds "name: value" to `list`. A NULL value adds nothing; an empty one removes the header that
 * libcurl would send by default. Returns false when memory runs out or the value contains a line
 * break. */
static bool add_header(struct curl_slist **list, struct strbuf *line, const char *name,
                       const char *value)
{
    if (value == NULL) {
        return true;
    }
    if (strpbrk(value, "\r\n") != NULL) {
        return false;
    }
    strbuf_clear(line);
    strbuf_append_format(line, *value != '\0' ? "%s %s" : "%s%s", name, value);
    struct curl_slist *longer = line->failed ? NULL : curl_slist_append(*list, strbuf_text(line));
    if (longer == NULL) {
        return false;
    }
    *list = longer;
    return true;
}

static bool add_validator(struct curl_slist **list, struct strbuf *line, const char *name,
                          const char *value)
{
    return value == NULL || *value == '\0' || add_header(list, line, name, value);
}

static bool make_headers(const struct http_request *request, struct curl_slist **list)
{
    struct strbuf line = strbuf_new(HEADER_LIMIT);
    struct strbuf bearer = strbuf_new(HEADER_LIMIT), key = strbuf_new(HEADER_LIMIT);
    if (request->bearer_token != NULL) {
        strbuf_append_format(&bearer, "Bearer %s", request->bearer_token);
    }
    if (request->key != NULL) {
        strbuf_append_format(&key, "%s:", request->key_header);
    }
    bool done =
        !bearer.failed && !key.failed &&
        /* Otherwise libcurl waits a second for "100 Continue" before each larger body. */
        add_header(list, &line, "Expect:", "") &&
        add_header(list, &line,
                   "Content-Type:", request->content_type != NULL ? request->content_type : "") &&
        add_header(list, &line, "Accept:", request->accept) &&
        add_header(list, &line, "Content-Encoding:", request->gzip ? "gzip" : NULL) &&
        add_header(list, &line, "Authorization:", bearer.length > 0 ? bearer.data : NULL) &&
        add_validator(list, &line, "If-None-Match:", request->if_none_match) &&
        add_validator(list, &line, "If-Modified-Since:", request->if_modified_since) &&
        add_header(list, &line, strbuf_text(&key), request->key);
    strbuf_free(&line);
    strbuf_free(&bearer);
    strbuf_free(&key);
    return done;
}

static const char *header_value(CURL *easy, const char *name)
{
    struct curl_header *header;
    CURLHcode code = curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header);
    return code == CURLHE_OK ? header->value : NULL;
}

/* Copies a validator. A value that does not fit counts as none: a cut one would be wrong. */
static void read_validator(CURL *easy, const char *name, char *text, size_t size)
{
    const char *value = header_value(easy, name);
    if (!str_copy(str_from(value != NULL ? value : ""), text, size)) {
        text[0] = '\0';
    }
}

static void read_head(CURL *easy, const char *kept_header, struct http_response *response)
{
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    if (response->status < 100 || response->status > 999) { /* libcurl accepts any number */
        response->status = 0;
    }
    const char *target = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
    http_url_show(target, response->location, sizeof response->location);
    strbuf_append_text(&response->target, target != NULL ? target : "");
    read_validator(easy, "ETag", response->etag, sizeof response->etag);
    read_validator(easy, "Last-Modified", response->last_modified, sizeof response->last_modified);
    const char *type = header_value(easy, "Content-Type");
    (void)str_copy(str_from(type != NULL ? type : ""), response->content_type,
                   sizeof response->content_type);
    const char *kept = kept_header != NULL ? header_value(easy, kept_header) : NULL;
    (void)str_copy(str_from(kept != NULL ? kept : ""), response->kept, sizeof response->kept);
    if (!http_parse_date(header_value(easy, "Date"), &response->date_ns)) {
        response->date_ns = 0;
    }
    /* Compare the server's dates with the server's own clock, if it sends a Date. */
    int64_t now_ns = response->date_ns > 0 ? response->date_ns : clock_wall_ns();
    response->retry_after_ms = http_parse_retry_after_ms(header_value(easy, "Retry-After"), now_ns);
}

/* Cuts the request's path off the redirect's target: what is left is the server's new base URL, if
 * it only moved. */
static void keep_base(struct http_response *response, const char *path)
{
    size_t length = strlen(response->location);
    size_t asked = strcspn(path, ";?");
    if (length >= asked && memcmp(response->location + length - asked, path, asked) == 0) {
        response->location[length - asked] = '\0';
    }
}

static bool explain(const struct http_client *client, const struct http_response *response,
                    CURLcode code, struct error *error)
{
    if (code == CURLE_WRITE_ERROR && response->body.failed) {
        return error_set(error, ERROR_RETRY, "the answer is larger than the %zu bytes allowed here",
                         client->body_limit);
    }
    return http_transport_explain(&client->transport, client->easy, code, response->status != 0,
                                  error);
}

static bool transfer(struct http_client *client, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct curl_slist *headers = NULL;
    bool done = false;
    if (!begin(client) || !set_common(client, response) || !set_method(client, request)) {
        (void)error_set(error, ERROR_FATAL, "libcurl refuses the request: out of memory?");
        goto out;
    }
    if (!make_headers(request, &headers) ||
        curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK) {
        (void)error_set(error, ERROR_USAGE,
                        "a token or header that is too long or has a line break in it");
        goto out;
    }
    client->transport.detail[0] = '\0';
    CURLcode code = curl_easy_perform(client->easy);
    read_head(client->easy, client->kept_header, response);
    code = code == CURLE_OK && response->status == 0 ? CURLE_WEIRD_SERVER_REPLY : code;
    done = code == CURLE_OK;
    if (!done) {
        (void)explain(client, response, code, error);
    }
out:
    end(client, done);
    curl_slist_free_all(headers);
    return done;
}

bool http_client_send(struct http_client *client, const struct http_request *request,
                      struct http_response *response, struct error *error)
{
    const char *method = request->method != NULL ? request->method : "GET";
    const char *path = request->path != NULL ? request->path : "";
    response->status = 0;
    response->content_type[0] = '\0';
    response->location[0] = '\0';
    response->retry_after_ms = 0;
    response->date_ns = 0;
    response->etag[0] = '\0';
    response->last_modified[0] = '\0';
    strbuf_clear(&response->target);
    response->target.limit = TARGET_LIMIT;
    response->kept[0] = '\0';
    strbuf_clear(&response->body);
    response->body.limit = client->body_limit;
    strbuf_clear(&client->url);
    strbuf_append_text(&client->url, client->transport.base.url);
    strbuf_append_text(&client->url, path);
    strbuf_clear(&client->packed);
    bool done = false;
    if (client->url.failed) {
        (void)error_set(error, ERROR_USAGE, "the address is longer than %d bytes", URL_LIMIT);
    } else if (request->gzip && !http_gzip(request->body, &client->packed)) {
        (void)error_set(error, ERROR_FATAL, "no memory to compress %zu bytes",
                        request->body.length);
    } else {
        done = transfer(client, request, response, error);
        keep_base(response, path);
    }
    if (!done) {
        (void)error_prefix(error, "%s %s%.*s", method, client->transport.base.url,
                           (int)strcspn(path, "?"), path);
    }
    return done;
}

void http_response_free(struct http_response *response)
{
    strbuf_free(&response->body);
    strbuf_free(&response->target);
}

bool http_client_refuse_redirect(const struct http_client *client,
                                 const struct http_response *response, const char *option,
                                 struct error *error)
{
    bool redirect = response->status >= 300 && response->status < 400;
    return !redirect ||
           error_set(error, ERROR_RETRY,
                     "%.80s answered %ld, a redirect to %.120s: name its target with %s",
                     client->transport.base.url, response->status,
                     response->location[0] != '\0' ? response->location : "nowhere", option);
}
