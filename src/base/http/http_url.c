#include "base/http/http_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/text/str.h"

/* Returns what may be shown of an invalid URL: what follows its last '@', where credentials end, up
 * to its query, which may be a token. */
static struct str without_credentials(const char *text)
{
    const char *at = strrchr(text, '@');
    const char *from = at != NULL ? at + 1 : text;
    return (struct str){.data = from, .length = strcspn(from, "?#")};
}

/* Copies a part of `url`, decoded, to `*copy` (free it), which stays NULL when the URL has no such
 * part and libcurl returns `none`. */
static CURLUcode get_part(CURLU *url, CURLUPart part, CURLUcode none, char **copy)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, CURLU_URLDECODE);
    if (code == CURLUE_OK) {
        *copy = strdup(text);
        code = *copy != NULL ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;
    }
    curl_free(text);
    return code == none ? CURLUE_OK : code;
}

static bool get_credentials(CURLU *url, struct http_base *base, struct str shown,
                            struct error *error)
{
    CURLUcode code = get_part(url, CURLUPART_USER, CURLUE_NO_USER, &base->username);
    if (code == CURLUE_OK) {
        code = get_part(url, CURLUPART_PASSWORD, CURLUE_NO_PASSWORD, &base->password);
    }
    if (code == CURLUE_URLDECODE) {
        return error_set(error, ERROR_USAGE,
                         "\"%.*s\" has a user name or password with a control byte: leave it out",
                         (int)shown.length, shown.data);
    }
    return code == CURLUE_OK || error_set(error, ERROR_FATAL, "no memory for a URL");
}

static bool copy_credentials(const char *username, const char *password, struct http_base *base,
                             struct error *error)
{
    base->username = strdup(username);
    base->password = strdup(password != NULL ? password : "");
    return (base->username != NULL && base->password != NULL) ||
           error_set(error, ERROR_FATAL, "no memory for a URL");
}

/* Returns whether the URL's scheme is `scheme` or the same with TLS: for "http", "http" and
 * "https". */
static bool has_scheme(CURLU *url, const char *scheme)
{
    char *found = NULL;
    size_t length = strlen(scheme);
    bool has = curl_url_get(url, CURLUPART_SCHEME, &found, 0) == CURLUE_OK &&
               strncmp(found, scheme, length) == 0 &&
               (found[length] == '\0' || strcmp(found + length, "s") == 0);
    curl_free(found);
    return has;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* Accepts a zone such as "eth0" in [fe80::1%eth0]. libcurl accepts any other text as a zone too,
 * and formats it so that it parses as another host. */
static bool has_plain_zone(CURLU *url)
{
    char *zone = NULL;
    bool plain = curl_url_get(url, CURLUPART_ZONEID, &zone, 0) != CURLUE_OK ||
                 zone[strspn(zone, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "._-")] == '\0';
    curl_free(zone);
    return plain;
}

/* Copies the URL's text, without credentials and trailing slashes, to `*copy`. Returns false if
 * that fails. */
static bool get_plain_url(CURLU *url, char **copy)
{
    char *text = NULL;
    if (curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK) {
        size_t length = strlen(text);
        while (length > 0 && text[length - 1] == '/') {
            text[--length] = '\0';
        }
        *copy = strdup(text);
    }
    curl_free(text);
    return *copy != NULL;
}

bool http_base_parse(struct http_base *base, const char *scheme, const char *text,
                     const char *username, const char *password, struct error *error)
{
    *base = (struct http_base){0};
    struct str shown = without_credentials(text != NULL ? text : "");
    CURLU *url = curl_url();
    bool done = false;
    if (url == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a URL");
        goto out;
    }
    /* CURLU_NON_SUPPORT_SCHEME: some versions of libcurl do not know ws:// and wss://. */
    if (text == NULL ||
        curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        !has_scheme(url, scheme) || !has_plain_zone(url)) {
        (void)error_set(error, ERROR_USAGE, "\"%.*s\" is not a URL: give %s(s)://host:port",
                        (int)shown.length, shown.data, scheme);
        goto out;
    }
    if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT)) {
        (void)error_set(error, ERROR_USAGE, "\"%.*s\" has a query or fragment: leave it out",
                        (int)shown.length, shown.data);
        goto out;
    }
    done = username != NULL ? copy_credentials(username, password, base, error)
                            : get_credentials(url, base, shown, error);
    if (done && !get_plain_url(url, &base->url)) {
        done = error_set(error, ERROR_FATAL, "no memory for a URL");
    }
out:
    curl_url_cleanup(url);
    return done;
}

void http_base_free(struct http_base *base)
{
    free(base->url);
    free(base->username);
    free(base->password);
    *base = (struct http_base){0};
}

void http_url_show_from(const char *base, const char *url, char *text, size_t size)
{
    char *plain = NULL;
    CURLU *parts = curl_url();
    if (parts != NULL && url != NULL &&
        (base == NULL || curl_url_set(parts, CURLUPART_URL, base, 0) == CURLUE_OK) &&
        curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        (void)get_plain_url(parts, &plain);
    }
    struct str shown = {.data = plain, .length = plain != NULL ? strcspn(plain, ";?#") : 0};
    (void)str_copy(shown, text, size);
    free(plain);
    curl_url_cleanup(parts);
}

void http_url_show(const char *url, char *text, size_t size)
{
    http_url_show_from(NULL, url, text, size);
}

char *http_url_authority(const char *url)
{
    char *host = NULL;
    char *port = NULL;
    char *both = NULL;
    CURLU *parts = curl_url();
    if (parts != NULL &&
        curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        (void)curl_url_get(parts, CURLUPART_PORT, &port, 0);
        size_t size = strlen(host) + (port != NULL ? strlen(port) : 0) + 2;
        both = malloc(size);
        if (both != NULL) {
            (void)snprintf(both, size, "%s%s%s", host, port != NULL ? ":" : "",
                           port != NULL ? port : "");
        }
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return both;
}

bool http_url_is_loopback(const char *url)
{
    static const char *const hosts[] = {"127.", "localhost:", "localhost/", "[::1]"};
    const char *scheme = strstr(url, "://");
    struct str host = str_from(scheme != NULL ? scheme + 3 : url);
    bool loopback = str_equal_text(host, "localhost");
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0] && !loopback; i++) {
        loopback = str_starts_with(host, hosts[i]);
    }
    return loopback;
}
