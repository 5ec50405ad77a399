#include "base/http/http_gzip.h"

#include <limits.h>

#define ZLIB_CONST /* makes zlib accept const input */
#include <zlib.h>

#include "base/gzip.h"

bool http_gzip(struct str plain, struct strbuf *packed)
{
    enum { MEMORY_LEVEL = 8 };
    z_stream stream = {0};
    if (plain.length > UINT_MAX ||
        deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    bool done = false;
    size_t bound = deflateBound(&stream, plain.length);
    if (bound <= UINT_MAX && strbuf_reserve(packed, bound)) {
        stream.next_in = (const Bytef *)plain.data;
        stream.avail_in = (uInt)plain.length;
        stream.next_out = (Bytef *)packed->data + packed->length;
        stream.avail_out = (uInt)bound;
        done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
        packed->length += done ? stream.total_out : 0;
        packed->data[packed->length] = '\0';
    }
    (void)deflateEnd(&stream);
    return done;
}
