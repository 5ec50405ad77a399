/* The addresses of feeds, as users give them. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_URL_H
#define CANDLEWICK_SOURCE_NEWS_FEED_URL_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "record/news.h"

enum { FEED_URL_MAX = 2000, FEED_URL_SHOWN = 200 };

/* An address in parts for the HTTP client. */
struct feed_url {
    char text[FEED_URL_MAX + 1];    /* the whole */
    char base[FEED_URL_MAX + 1];    /* "https://host:port" */
    size_t path_at;                 /* where in `text` the path begins */
    char host[NEWS_SOURCE_MAX + 1]; /* in lower case, without brackets */
    char shown[FEED_URL_SHOWN];     /* what may be shown: without the query */
    bool tls;
    bool loopback; /* a server on this machine */
};

/* Fails with ERROR_USAGE for what is no http(s) address of at most FEED_URL_MAX bytes, or has a
 * blank or a byte that is not ASCII, with a user or password in it, and for a host that news cannot
 * have as their source. */
NODISCARD bool feed_url_parse(struct str text, struct feed_url *url, struct error *error);

/* Returns the path with the query, "/feed?format=rss"; "": none. Borrowed. */
static inline const char *feed_url_path(const struct feed_url *url)
{
    return url->text + url->path_at;
}

/* Well-known feeds, for rss:default; comma-separated. */
extern const char feed_url_defaults[];

/* Returns whether a redirect from one address to the other is to be followed: not away from TLS,
 * and not from another machine to this one, whose services may trust requests from here. Fails with
 * ERROR_RETRY, whose text is to be read after "the feed: ". */
NODISCARD bool feed_url_leads_to(const struct feed_url *from, const struct feed_url *to,
                                 struct error *error);

#endif
