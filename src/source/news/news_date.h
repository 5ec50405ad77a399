/* Reads the dates of feeds. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_DATE_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_DATE_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* Reads a time in whole seconds since 1970; fractions are cut off. Known forms: RFC 822 and its
 * followers ("Sat, 15 Aug 2026 16:00:00 +0000", with or without weekday, seconds, and zone, which
 * is then UTC; named zones of North America and Europe), RFC 850 and asctime (RFC 9110, 5.6.7),
 * what clock_parse_time() reads (RFC 3339 and variants), also without an offset (UTC), and 9 or
 * more digits of seconds or milliseconds since 1970. Returns false for all else, and for a day or
 * hour that does not exist; a zone that is not known may be hours off, so it is refused, too. */
NODISCARD bool news_date_parse(struct str text, int64_t *second);

#endif
