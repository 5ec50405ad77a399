/* Repairs what feeds send that is nearly XML. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_REPAIR_H
#define CANDLEWICK_SOURCE_NEWS_FEED_REPAIR_H

#include "base/text/strbuf.h"

/*
 * Fills `xml` with the text (valid UTF-8), repaired where an XML parser would stop although the
 * meaning is clear. Left out are blanks before the declaration, the declaration itself (the text is
 * in UTF-8 by now) and comments. Replaced are names of HTML's characters that XML does not know; a
 * '&' that begins no reference; and, also in CDATA sections, characters that XML 1.0 does not have
 * (2.2), by U+FFFD or, if they are control characters, by blanks.
 *
 * Returns false when memory runs out or the limit of `xml` is reached.
 */
NODISCARD bool feed_repair(struct str text, struct strbuf *xml);

#endif
