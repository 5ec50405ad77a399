/* Whether a request that changes something was sent by this server's own page, and not by one of
 * another site that is open in the same browser (cross-site request forgery). */
#ifndef CANDLEWICK_WEB_ORIGIN_H
#define CANDLEWICK_WEB_ORIGIN_H

#include <stdbool.h>

/* Takes the request's headers Origin (RFC 6454, 7), Host and Sec-Fetch-Site (W3C Fetch Metadata);
 * NULL: the request has none. Returns true if Origin is http or https with exactly the asked host
 * and port, and Sec-Fetch-Site, which older browsers and plain HTTP lack, is "same-origin". */
bool origin_is_own(const char *origin, const char *host, const char *fetch_site);

#endif
