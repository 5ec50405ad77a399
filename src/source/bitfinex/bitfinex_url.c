#include "source/bitfinex/bitfinex_url.h"

#include <string.h>

#include "base/text/str.h"

const char *bitfinex_version_path(const char *base_url)
{
    struct str base = str_from(base_url != NULL ? base_url : "");
    while (base.length > 0 && base.data[base.length - 1] == '/') {
        base.length--;
    }
    bool versioned = base.length >= 3 && memcmp(base.data + base.length - 3, "/v2", 3) == 0;
    return versioned ? "" : "/v2";
}
