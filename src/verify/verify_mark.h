/*
 * A 16-byte keyed hash of a record's values: SipHash-2-4-128 (Aumasson and Bernstein 2012, the
 * 128-bit variant) of the cells, each preceded by its type and, if that does not say it, its
 * length; long texts are hashed after all other cells. Without the run's key nobody can make
 * another record with the same hash. Another value, another type and an absent value all have
 * different hashes, as have 0.0 and -0.0, and each NaN.
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_MARK_H
#define CANDLEWICK_VERIFY_VERIFY_MARK_H

#include "base/error.h"
#include "kafka/client/encoded_message.h"
#include "record/kind.h"

struct verify_mark {
    unsigned char bytes[16];
};

/* In place of a hash: the record has the values of the stored point of its series and time (see
 * verify_stored.c). */
extern const struct verify_mark VERIFY_MARK_STORED;

bool verify_mark_equal(const struct verify_mark *left, const struct verify_mark *right);

/* Computes marks with a random key of its own. For one thread at a time. */
struct verify_marker;

/* Returns NULL on failure (ERROR_FATAL). */
NODISCARD struct verify_marker *verify_marker_create(const struct record_kind *kind,
                                                     struct error *error);
void verify_marker_destroy(struct verify_marker *marker); /* NULL is allowed */

/* Marks all stored columns of a record except its key and time. `texts` contains its long texts;
 * NULL if its kind has none. Returns false with ERROR_FATAL. */
NODISCARD bool verify_marker_mark(struct verify_marker *marker, const void *record,
                                  const struct text_arena *texts, struct verify_mark *mark,
                                  struct error *error);

/* Marks a message's key and value, and whether each is null. Returns false with ERROR_FATAL. */
NODISCARD bool verify_marker_mark_message(struct verify_marker *marker,
                                          const struct encoded_message *message,
                                          struct verify_mark *mark, struct error *error);

#endif
