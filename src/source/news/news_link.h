/* Links of news. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_LINK_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_LINK_H

#include "base/text/strbuf.h"

/*
 * Fills `url` with the link as it may be stored: http or https, with a host, without credentials;
 * scheme and host in lower case; without the parameters that say only where a reader came from
 * (utm_source, fbclid and the like), so that links with and without them are the same; bytes that a
 * URL cannot have percent-encoded (RFC 3986, 2.1); at most NEWS_URL_MAX bytes. Returns false, with
 * an empty `url`, for every other link.
 */
bool news_link_clean(struct str link, struct strbuf *url);

/* Returns whether a cleaned link leads to a page below the site's own: one that may name an
 * item. */
bool news_link_is_page(struct str url);

#endif
