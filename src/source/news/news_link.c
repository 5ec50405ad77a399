#include "source/news/news_link.h"

#include <string.h>
#include <strings.h>

#include "record/news.h"

static bool has_prefix(struct str text, const char *prefix)
{
    size_t length = strlen(prefix);
    return text.length >= length && strncasecmp(text.data, prefix, length) == 0;
}

static bool is_tracking(struct str parameter)
{
    static const char *const begins[] = {
        "utm_",     "mc_cid=",     "mc_eid=",      "fbclid=", "gclid=", "dclid=",
        "msclkid=", "yclid=",      "igshid=",      "twclid=", "wt_mc=", "_hsenc=",
        "_hsmi=",   "oly_enc_id=", "oly_anon_id=", "vero_id="};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (has_prefix(parameter, begins[i])) {
            return true;
        }
    }
    return false;
}

/* Returns whether the byte has to be percent-encoded in a URL. */
static bool is_encoded(unsigned char c)
{
    switch (c) {
    case '"':
    case '<':
    case '>':
    case '\\':
    case '^':
    case '`':
    case '{':
    case '|':
    case '}':
        return true;
    default:
        return c <= ' ' || c >= 0x7F;
    }
}

/* Appends text; bytes that a URL cannot have are percent-encoded. Line ends and tabs are left out
 * (WHATWG URL, 4.4). */
static void append_encoded(struct str text, bool lower, struct strbuf *url)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\t' || c == '\n' || c == '\r') {
            continue;
        }
        if (is_encoded(c)) {
            strbuf_append_format(url, "%%%02X", c);
        } else {
            strbuf_append_char(url,
                               lower && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : (char)c);
        }
    }
}

/* Appends the query without the parameters that only track. */
static void append_query(struct str query, struct strbuf *url)
{
    char separator = '?';
    struct str parameter;
    while (str_split(&query, '&', &parameter)) {
        if (has_prefix(parameter, "amp;")) { /* escaped once too often */
            parameter = (struct str){parameter.data + 4, parameter.length - 4};
        }
        if (!is_tracking(parameter)) {
            strbuf_append_char(url, separator);
            append_encoded(parameter, false, url);
            separator = '&';
        }
    }
}

/* Cuts `text` at the first of the marks; returns the rest from the mark on, or nothing. */
static struct str cut_at(struct str *text, const char *marks)
{
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] != '\0' && strchr(marks, text->data[i]) != NULL) {
            struct str rest = {.data = text->data + i, .length = text->length - i};
            text->length = i;
            return rest;
        }
    }
    return (struct str){.data = text->data + text->length};
}

static bool host_valid(struct str authority)
{
    bool valid = authority.length > 0 && authority.data[0] != ':' &&
                 memchr(authority.data, '@', authority.length) == NULL;
    for (size_t i = 0; valid && i < authority.length; i++) {
        unsigned char c = (unsigned char)authority.data[i];
        valid = c > ' ' && c != 0x7F && strchr("\"<>\\^`{|}%", c) == NULL;
    }
    return valid;
}

bool news_link_clean(struct str link, struct strbuf *url)
{
    strbuf_clear(url);
    link = str_trim(link);
    size_t scheme = has_prefix(link, "https://") ? 8 : has_prefix(link, "http://") ? 7 : 0;
    if (scheme == 0 || memchr(link.data, '\0', link.length) != NULL) {
        return false;
    }
    struct str authority = {.data = link.data + scheme, .length = link.length - scheme};
    struct str path = cut_at(&authority, "/?#");
    struct str fragment = cut_at(&path, "#");
    struct str query = cut_at(&path, "?");
    if (!host_valid(authority)) {
        return false;
    }
    append_encoded((struct str){.data = link.data, .length = scheme}, true, url);
    append_encoded(authority, true, url);
    append_encoded(path, false, url);
    if (query.length > 1) {
        append_query((struct str){.data = query.data + 1, .length = query.length - 1}, url);
    }
    if (fragment.length > 1 && !has_prefix(fragment, "#utm_")) {
        append_encoded(fragment, false, url);
    }
    bool clean = !url->failed && news_url_valid(strbuf_str(url));
    if (!clean) {
        strbuf_clear(url);
    }
    return clean;
}

bool news_link_is_page(struct str url)
{
    struct str rest = url;
    const char *host = url.length > 8 ? memmem(url.data, url.length, "//", 2) : NULL;
    if (host == NULL) {
        return false;
    }
    size_t before = (size_t)(host - url.data) + 2;
    rest = (struct str){.data = url.data + before, .length = url.length - before};
    struct str path = cut_at(&rest, "/?");
    return path.length > 1;
}
