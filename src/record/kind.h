/*
 * A kind of record: what one topic carries and one table holds. From its columns follow the codec's
 * plans, the points of both stores, JSON, CSV and what verify compares.
 */
#ifndef CANDLEWICK_RECORD_KIND_H
#define CANDLEWICK_RECORD_KIND_H

#include "record/column.h"

enum {
    KIND_COLUMNS_MAX = 30,  /* that a point has besides its key and time */
    COLUMN_NAME_MAX = 30,   /* bytes of a stored name */
    RECORD_BYTES_MAX = 512, /* no kind's struct is larger */
    RECORD_KEY_MAX = 64,    /* bytes of a key */
};

struct record_kind {
    const char *name;             /* "ticker": its table's, too */
    const char *schema;           /* the text of schemas/NAME.avsc */
    const struct column *columns; /* in the order of the schema; ended by a NULL name */
    const struct column *key;     /* one of `columns`, COLUMN_KEY */
    const struct column *time;    /* COLUMN_TIME */
    const struct column *price;   /* a required double that candles are made of; NULL: none */
    const struct column *seq;     /* COLUMN_RUN: the record's number in its run */
    const struct column *run;     /* COLUMN_RUN: the run */
    size_t size;                  /* of the C struct; records stand so far apart in an array */
    /* A key that a record of the kind can have, and the same rule in words: which bytes, as in a
     * regular expression's brackets, and how many. */
    bool (*key_valid)(struct str key);
    const char *key_class;
    int key_least, key_most;
    /* What every record of the kind must be, wherever it comes from. NULL when all is well, else
     * the reason, "bad_price", for counters and logs. */
    const char *(*check)(const void *record);
    /* Its time is that of the moment when it was made: not one of a replay or a synthetic source,
     * whose times may be any. */
    bool (*is_live)(const void *record);
};

/* All kinds that the program knows; ended by NULL. */
extern const struct record_kind *const record_kinds[];
enum { RECORD_KINDS = 1 };
int kind_number(const struct record_kind *kind); /* its place there */

/* Records of one kind, side by side; borrowed. */
struct record_set {
    const struct record_kind *kind;
    const void *items;
    size_t count;
};
const void *record_set_at(const struct record_set *set, size_t index);

/* Room for one record of any kind, zeroed before use. */
union record_room {
    max_align_t align;
    unsigned char bytes[RECORD_BYTES_MAX];
};

/* The columns that a point has besides its key and its time, in the order of the stores: the
 * fields, then those of the run. */
struct stored_columns {
    const struct column *items[KIND_COLUMNS_MAX];
    size_t count;
};
struct stored_columns kind_stored_columns(const struct record_kind *kind);

/* The column of that name in the schema; NULL: none. */
const struct column *kind_column(const struct record_kind *kind, struct str name);

/* The newest version of its schema. */
int kind_version(const struct record_kind *kind);

#endif
