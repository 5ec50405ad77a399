/* Identifies the items of feeds. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_ID_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_ID_H

#include "record/news.h"
#include "source/news/feed_parse.h"

enum { NEWS_ID_DIGITS = 32 };

/*
 * Fills in the item's id: the first 32 hexadecimal digits of the SHA-256 of what identifies it. In
 * Atom that is its id, which the specification (RFC 4287, 4.2.6) makes unique and lasting. In RSS
 * and RDF it is its guid and its date together, because some feeds use the same guid every day. An
 * item without an id or guid has its link and its date instead, and its title, too, if the link is
 * missing or only the site's own. Links are compared as news_link_clean() has them, with and
 * without TLS alike. `dated`: the feed gives a date, `second`. `title` is plain text. Returns false
 * when memory runs out.
 */
NODISCARD bool news_id_make(const struct feed_item *item, struct str title, bool dated,
                            int64_t second, char id[NEWS_ID_DIGITS + 1]);

#endif
