/*
 * What a record holds, as 16 bytes that no one who does not know the run's key can give to another:
 * SipHash-2-4-128 (Aumasson and Bernstein 2012, its 128-bit variant) of the cells, each with its
 * type and its length before it. So another value, another type, and no value at all differ, as do
 * 0.0 and -0.0 and each NaN.
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_MARK_H
#define CANDLEWICK_VERIFY_VERIFY_MARK_H

#include "base/error.h"
#include "kafka/client/encoded_message.h"
#include "record/kind.h"

struct verify_mark {
    unsigned char bytes[16];
};

bool verify_mark_equal(const struct verify_mark *left, const struct verify_mark *right);

/* Makes marks with a key of its own, from the system. One thread at a time. */
struct verify_marker;

/* NULL: ERROR_FATAL. */
NODISCARD struct verify_marker *verify_marker_create(const struct record_kind *kind,
                                                     struct error *error);
void verify_marker_destroy(struct verify_marker *marker); /* NULL is allowed */

/* Of all that is stored of a record besides its key and time. False: ERROR_FATAL. */
NODISCARD bool verify_marker_mark(struct verify_marker *marker, const void *record,
                                  struct verify_mark *mark, struct error *error);

/* Of a message's key and value, and of which it has none. False: ERROR_FATAL. */
NODISCARD bool verify_marker_mark_message(struct verify_marker *marker,
                                          const struct encoded_message *message,
                                          struct verify_mark *mark, struct error *error);

#endif
