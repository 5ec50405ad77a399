#include "web/origin.h"

#include <string.h>
#include <strings.h>

#include "base/text/str.h"

/* Returns what follows the scheme, or NULL for any other than the web's. */
static const char *after_scheme(const char *origin)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (str_starts_with(str_from(origin), schemes[i])) {
            return origin + strlen(schemes[i]);
        }
    }
    return NULL;
}

bool origin_is_own(const char *origin, const char *host, const char *fetch_site)
{
    const char *named = origin != NULL ? after_scheme(origin) : NULL;
    return named != NULL && host != NULL && host[0] != '\0' && strcasecmp(named, host) == 0 &&
           (fetch_site == NULL || strcmp(fetch_site, "same-origin") == 0);
}
