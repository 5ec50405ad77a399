/* Makes XML of what feeds send that is nearly XML. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_REPAIR_H
#define CANDLEWICK_SOURCE_NEWS_FEED_REPAIR_H

#include "base/text/strbuf.h"

/*
 * Replaces what is in `xml` by the text (valid UTF-8) with what an XML parser stops at repaired,
 * as long as its meaning is clear: blanks before the declaration, and the declaration itself (the
 * text is in UTF-8 by now); comments; names of HTML's characters that XML does not know; a '&' that
 * begins no reference; characters that XML 1.0 does not have (2.2), which become U+FFFD or, as
 * control characters, blanks. The contents of CDATA sections stay.
 *
 * Returns false when memory runs out or the limit of `xml` is reached.
 */
NODISCARD bool feed_repair(struct str text, struct strbuf *xml);

#endif
