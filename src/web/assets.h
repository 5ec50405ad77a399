/* The page's files, embedded in the program. */
#ifndef CANDLEWICK_WEB_ASSETS_H
#define CANDLEWICK_WEB_ASSETS_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum { ETAG_SIZE = 20 };

struct asset {
    const char *path; /* "/", "/assets/js/main.js" */
    const char *content_type;
    struct str content;
    char etag[ETAG_SIZE]; /* of the content, with the quotes */
};

struct assets;

/* Computes the ETags. Returns NULL when memory runs out. */
NODISCARD struct assets *assets_create(struct error *error);
void assets_destroy(struct assets *assets); /* NULL is allowed */

/* Returns NULL when there is no such file. The asset lives as long as `assets`. */
const struct asset *assets_find(const struct assets *assets, const char *path);

/* Returns whether `if_none_match` (the header's value, or NULL) matches the asset's ETag (RFC 9110
 * 13.1.2). */
bool asset_is_known(const struct asset *asset, const char *if_none_match);

#endif
