/*
 * A kind of record: what one topic carries and one table holds. Its columns determine the codec's
 * plans, the points of both stores, JSON, CSV and what verify compares.
 */
#ifndef CANDLEWICK_RECORD_KIND_H
#define CANDLEWICK_RECORD_KIND_H

#include "record/column.h"

enum {
    KIND_COLUMNS_MAX = 30,  /* of a point, besides its key and time */
    COLUMN_NAME_MAX = 30,   /* bytes of a name in the stores */
    RECORD_BYTES_MAX = 512, /* the most that any kind's struct takes */
    RECORD_KEY_MAX = 64,    /* bytes of a key */
};

struct record_kind {
    const char *name;             /* "ticker"; also the name of its table */
    const char *record, *records; /* what people call one and several: "tick", "ticks" */
    const char *topic;            /* the usual name of its topic: "tickers" */
    const char *schema;           /* the text of schemas/NAME.avsc */
    const struct column *columns; /* in the order of the schema; a NULL name ends them */
    const struct column *key;     /* one of `columns`, COLUMN_KEY */
    const struct column *time;    /* COLUMN_TIME */
    const struct column *price;   /* a required double that candles are made from; NULL: none */
    const struct column *seq;     /* COLUMN_RUN: the record's number in its run */
    const struct column *run;     /* COLUMN_RUN: the run */
    const struct column *source;  /* text: the name of the service, file or program it came from */
    size_t size;                  /* bytes of the C struct; the stride of an array of records */
    /* Whether a record of the kind can have this key, and the same rule as text: the allowed bytes,
     * as in the brackets of a regular expression, and the least and greatest length. */
    bool (*key_valid)(struct str key);
    const char *key_class;
    int key_least, key_most;
    /* Checks what must hold for every record of the kind, wherever it comes from. Returns NULL if
     * it holds, otherwise the reason ("bad_price") for counters and logs. */
    const char *(*check)(const void *record);
    /* Whether the record's time is the moment at which it was made: not so in a replay or a
     * synthetic source, whose times may be anything. */
    bool (*is_live)(const void *record);
};

/* All kinds that the program knows. */
enum { RECORD_KINDS = 1 };
extern const struct record_kind *const record_kinds[RECORD_KINDS];
int kind_number(const struct record_kind *kind); /* index in record_kinds; it is one of them */
const struct record_kind *kind_named(struct str name); /* NULL: there is none */

/* An array of records of one kind; borrowed. */
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

/* The columns that a point has besides its key and time, in the order of the stores: first the
 * fields, then those of the run. Determined once for many records. */
struct stored_columns {
    const struct record_kind *kind;
    const struct column *items[KIND_COLUMNS_MAX];
    size_t count;
};
struct stored_columns kind_stored_columns(const struct record_kind *kind);

/* The column with that name in the schema; NULL: none. */
const struct column *kind_column(const struct record_kind *kind, struct str name);

/* The newest version of the kind's schema. */
int kind_version(const struct record_kind *kind);

#endif
