/* The setting that makes zlib read and write gzip (RFC 1952). */
#ifndef CANDLEWICK_BASE_GZIP_H
#define CANDLEWICK_BASE_GZIP_H

/* For inflateInit2() and deflateInit2(), see zlib.h: a window of 2^15 bytes, the largest, and 16
 * more for a gzip instead of a zlib header. */
enum { GZIP_WINDOW_BITS = 15 + 16 };

#endif
