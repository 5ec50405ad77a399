/* Turns a feed's bytes into UTF-8. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_CHARSET_H
#define CANDLEWICK_SOURCE_NEWS_FEED_CHARSET_H

#include "base/text/strbuf.h"

/*
 * Fills `utf8` with the body as valid UTF-8, without a byte order mark. The first of these that
 * names a character set which iconv knows decides: the byte order mark, the HTTP header
 * Content-Type, the XML declaration. UTF-8 decides only for bytes that are valid UTF-8. If none
 * decides, the bytes are UTF-8 where they are valid, else windows-1252. Latin-1 and ASCII are read
 * as windows-1252, as browsers do (WHATWG Encoding, 4.2). Bytes that mean nothing in the character
 * set become U+FFFD.
 *
 * Returns false when memory runs out or the limit of `utf8` is reached.
 */
NODISCARD bool feed_charset_utf8(struct str body, struct str content_type, struct strbuf *utf8);

#endif
