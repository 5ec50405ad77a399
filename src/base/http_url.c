#include "base/http_url.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

/* What of an unreadable URL may be shown: all behind its last '@', where credentials end. */
static const char *without_credentials(const char *text)
{
    const char *at = strrchr(text, '@');
    return at != NULL ? at + 1 : text;
}

/* A part of `url`, decoded, to free(); NULL when it has none. False without memory. */
static bool get_part(CURLU *url, CURLUPart part, char **copy)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, CURLU_URLDECODE);
    *copy = code == CURLUE_OK ? strdup(text) : NULL;
    bool done = code != CURLUE_OUT_OF_MEMORY && (code != CURLUE_OK || *copy != NULL);
    curl_free(text);
    return done;
}

static bool is_http(CURLU *url)
{
    char *scheme = NULL;
    bool http = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    return http;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* The URL's text without credentials and slashes at the end. */
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

bool http_base_parse(struct http_base *base, const char *text, const char *username,
                     const char *password, struct error *error)
{
    *base = (struct http_base){0};
    const char *shown = text != NULL ? without_credentials(text) : "";
    CURLU *url = curl_url();
    bool done = false;
    if (url == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a URL");
        goto out;
    }
    if (text == NULL || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK || !is_http(url)) {
        (void)error_set(error, ERROR_USAGE, "\"%s\" is not a URL: give http(s)://host:port", shown);
        goto out;
    }
    if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT)) {
        (void)error_set(error, ERROR_USAGE, "\"%s\" has a query or fragment: leave it out", shown);
        goto out;
    }
    if (username != NULL) {
        base->username = strdup(username);
        base->password = strdup(password != NULL ? password : "");
        done = base->username != NULL && base->password != NULL;
    } else {
        done = get_part(url, CURLUPART_USER, &base->username) &&
               get_part(url, CURLUPART_PASSWORD, &base->password);
    }
    done = done && get_plain_url(url, &base->url);
    if (!done) {
        (void)error_set(error, ERROR_FATAL, "no memory for a URL");
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
