#include "source/news/feed_url.h"

#include <string.h>
#include <strings.h>

#include "base/http/http_url.h"

const char feed_url_defaults[] =
    "https://www.coindesk.com/arc/outboundfeeds/rss/,https://cointelegraph.com/rss,"
    "https://decrypt.co/feed,https://bitcoinmagazine.com/feed";

static bool bytes_valid(struct str text)
{
    bool valid = text.length <= FEED_URL_MAX;
    for (size_t i = 0; valid && i < text.length; i++) {
        valid = text.data[i] > ' ' && text.data[i] < 0x7F;
    }
    return valid;
}

/* Copies the host of an authority, "[::1]:80". */
static bool take_host(struct str rest, char host[NEWS_SOURCE_MAX + 1])
{
    bool bracket = rest.length > 0 && rest.data[0] == '[';
    size_t begin = bracket ? 1 : 0, end = begin;
    while (end < rest.length && rest.data[end] != (bracket ? ']' : ':')) {
        end++;
    }
    struct str name = {.data = rest.data + begin, .length = end - begin};
    bool valid = news_source_valid(name) && str_copy(name, host, NEWS_SOURCE_MAX + 1);
    for (char *c = host; valid && *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    return valid;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

/* Writes what may be shown of a text that is no address: nothing behind a '?', which may be a
 * token, and nothing of one with an '@', which may follow a password. */
static void show_given(struct str text, char shown[FEED_URL_SHOWN])
{
    size_t length = 0;
    while (length < text.length && length + 1 < FEED_URL_SHOWN && text.data[length] != '?') {
        char c = text.data[length];
        shown[length++] = c > ' ' && c <= '~' ? c : '_';
    }
    shown[memchr(text.data, '@', text.length) != NULL ? 0 : length] = '\0';
}

bool feed_url_parse(struct str text, struct feed_url *url, struct error *error)
{
    *url = (struct feed_url){.path_at = 0};
    text = str_trim(text);
    size_t scheme = text.length > 8 && strncasecmp(text.data, "https://", 8) == 0  ? 8
                    : text.length > 7 && strncasecmp(text.data, "http://", 7) == 0 ? 7
                                                                                   : 0;
    if (scheme == 0 || !bytes_valid(text) || !str_copy(text, url->text, sizeof url->text)) {
        show_given(text, url->shown);
        return error_set(error, ERROR_USAGE,
                         "\"%.60s\" is no feed's address: http:// or https://, at most %d bytes of "
                         "ASCII; a comma in it is written %%2C",
                         url->shown, FEED_URL_MAX);
    }
    url->text[strcspn(url->text, "#")] = '\0';
    size_t authority = strcspn(url->text + scheme, "/?");
    url->path_at = scheme + authority;
    (void)str_copy((struct str){url->text, scheme + authority}, url->base, sizeof url->base);
    url->tls = scheme == 8;
    http_url_show(url->text, url->shown, sizeof url->shown);
    if (memchr(url->text + scheme, '@', authority) != NULL) {
        return error_set(error, ERROR_USAGE,
                         "%.100s: with a user or password, which everybody on "
                         "this machine could read in the list of its processes",
                         url->shown);
    }
    if (!take_host((struct str){url->text + scheme, authority}, url->host)) {
        return error_set(error, ERROR_USAGE,
                         "%.100s: its host cannot be a source of news: "
                         "[A-Za-z0-9:._-]{1,%d}",
                         url->shown, NEWS_SOURCE_MAX);
    }
    url->loopback = is_loopback(url->host);
    return true;
}

bool feed_url_leads_to(const struct feed_url *from, const struct feed_url *to, struct error *error)
{
    const char *fault = from->tls && !to->tls             ? "without TLS"
                        : !from->loopback && to->loopback ? "which is on this machine"
                                                          : NULL;
    return fault == NULL || error_set(error, ERROR_RETRY,
                                      "it redirects to %.100s, %s: name that address with --source "
                                      "if it is right",
                                      to->shown, fault);
}
