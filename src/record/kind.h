/*
 * A kind of record: one topic carries it and one table stores it. From its columns follow the
 * codec's plans, the points of both stores, JSON, CSV and what verify compares.
 */
#ifndef CANDLEWICK_RECORD_KIND_H
#define CANDLEWICK_RECORD_KIND_H

#include "record/column.h"

enum {
    KIND_COLUMNS_MAX = 30,  /* limit for a point's columns, besides its key and time */
    COLUMN_NAME_MAX = 30,   /* limit for a column's name in the stores */
    RECORD_BYTES_MAX = 640, /* limit for the size of any kind's struct */
    RECORD_KEY_MAX = 64,    /* limit for the bytes of a key */
    RECORD_SERIES_MAX = 95, /* limit for the bytes of a series' name (series.h) */
    KIND_TAGS_MAX = 3,      /* limit for the key and the identity columns together */
    SOURCE_MAX = 15,        /* limit for the bytes of the name of a record's source */
};

/* The times of records are in the years 1678 to 2261. int64_t nanoseconds reach some months
 * further, but near their limit the begin or end of a candle, or the time after the last one, would
 * overflow. */
#define RECORD_TIME_BEGIN_NS (INT64_C(-9214560000) * 1000000000)
#define RECORD_TIME_END_NS (INT64_C(9214646400) * 1000000000) /* exclusive */

/* A column that is a tag of the stored point, and the rule for its values; no valid value contains
 * a blank. */
struct record_tag {
    const struct column *column;
    bool (*valid)(struct str value);
    /* The rule as text: the allowed bytes, as in the brackets of a regular expression, and the
     * least and greatest length. `valid` may accept less. */
    const char *class;
    int least, most;
};

struct record_kind {
    const char *name;             /* "ticker"; also the name of its table */
    const char *record, *records; /* the English words for one record and for several: "tick",
                                     "ticks" */
    const char *topic;            /* the default name of its topic: "tickers" */
    const char *schema;           /* the text of schemas/NAME.avsc */
    const struct column *columns; /* in the order of the schema; a NULL name ends them */
    const struct column *key;     /* one of `columns`: COLUMN_KEY, or COLUMN_FIELD for a kind whose
                                     series have many keys (kind_key_is_tag()) */
    const struct column *time;    /* COLUMN_TIME */
    const struct column *moment;  /* int64, ns since 1970 (UTC): the time that people are shown;
                                     the same as `time` unless that is derived */
    /* If the stored time is derived: a length (NS_PER_DAY, NS_PER_MS) such that the stored time and
     * the moment are always in the same span of this length, counted from 1970 (UTC). 0: the stored
     * time is the moment. */
    int64_t moment_span_ns;
    /* true: the records of a series can be in the log in any order of their times, because records
     * that were missed are sent later. false: their times increase. */
    bool any_order;
    const struct column *price;  /* a required double from which candles are made; NULL: the kind
                                    has no price */
    const struct column *amount; /* a required double: how much was traded at the price, below 0 in
                                    a sell; NULL: it is not known */
    /* Two columns of role COLUMN_RUN: the record's number in its run, and the run's id. Both are
     * NULL for kinds whose records have the service's own time and contain nothing of the run: such
     * a record has the same bytes whenever it is sent again. */
    const struct column *seq;
    const struct column *run;
    const struct column *source; /* text: the name of the service, file or program from which the
                                    record came */
    size_t size;                 /* bytes of the C struct; the stride of an array of records */
    /* The key, if it is a tag, then the identity columns (COLUMN_IDENTITY), in the order of the
     * schema. Together with the time they are the stored point's primary key. */
    struct record_tag tags[KIND_TAGS_MAX];
    size_t tag_count;
    /* Computes the derived columns from the others, whose values may be invalid: it is called
     * before `check`. NULL: the kind has no derived columns. */
    void (*complete)(void *record);
    /* Checks what must hold for every record of the kind, whatever its source. Returns NULL if it
     * holds, otherwise the reason, "bad_price: open is above high": a word for counters, and
     * behind a colon, if there is more to say, the column that is wrong. `texts` contains the
     * record's long texts; whoever set them has checked long_text_valid(). */
    const char *(*check)(const void *record, const struct text_arena *texts);
};

/* Returns whether the record is from a live service: false for one of a replay or of a synthetic
 * source, whose times can be any. */
bool record_is_live(const struct record_kind *kind, const void *record);

static inline bool record_time_valid(int64_t time_ns)
{
    return time_ns >= RECORD_TIME_BEGIN_NS && time_ns < RECORD_TIME_END_NS;
}

/* Widen a time range so that for each record it includes both the moment and the stored time, or
 * neither: these functions return its begin and its end (exclusive), moved outwards to whole spans
 * of moment_span_ns. INT64_MIN and INT64_MAX stay unchanged. */
int64_t kind_range_begin(const struct record_kind *kind, int64_t time_ns);
int64_t kind_range_end(const struct record_kind *kind, int64_t time_ns);

/* Returns whether candles are folded from records of the kind, by their stored times: the kind has
 * a price, and the stored time is the price's time, to the millisecond. A bar is itself a
 * candle. */
bool kind_folds(const struct record_kind *kind);

/* Returns whether the key is the first tag, so that all records of a series have one key, and are
 * in one partition. Otherwise the key is a field, and a series may be in every partition. */
bool kind_key_is_tag(const struct record_kind *kind);

/* Computes the derived columns of a record that was decoded or read from a file. */
void record_complete(const struct record_kind *kind, void *record);

/* All kinds that the program knows. */
enum { RECORD_KINDS = 5 };
extern const struct record_kind *const record_kinds[RECORD_KINDS];
int kind_number(const struct record_kind *kind); /* index in record_kinds, which must contain the
                                                    kind */
const struct record_kind *kind_named(struct str name); /* NULL: no kind has that name */
/* Returns whether any kind whose key is the coin can have a record with this key. */
bool kinds_coin_valid(struct str coin);

/* An array of records of one kind; borrowed. */
struct record_set {
    const struct record_kind *kind;
    const void *items;
    size_t count;
    const struct text_arena *texts; /* contains the records' long texts; may be NULL if the kind
                                       has none */
};
const void *record_set_at(const struct record_set *set, size_t index);

/* Returns how many columns of the kind are long texts. If the kind has any, functions that read or
 * write its records need the arena with these texts; otherwise the arena may be NULL. */
size_t kind_long_texts(const struct record_kind *kind);

/* Copies the record's long texts to another arena, and changes the record to refer to the copies.
 * Returns false when out of memory; the record is of no use then. */
NODISCARD bool record_move_texts(const struct record_kind *kind, void *record,
                                 const struct text_arena *from, struct text_arena *to);

/* Room for one record of any kind, zeroed before use. */
union record_room {
    max_align_t align;
    unsigned char bytes[RECORD_BYTES_MAX];
};

/* The columns of a point besides its key and time, in the order in which the stores write them:
 * first COLUMN_FIELD, then COLUMN_RUN. Computed once for many records. */
struct stored_columns {
    const struct record_kind *kind;
    const struct column *items[KIND_COLUMNS_MAX];
    size_t count;
};
struct stored_columns kind_stored_columns(const struct record_kind *kind);

/* Returns the column with that name in the schema; NULL: none. */
const struct column *kind_column(const struct record_kind *kind, struct str name);

/* Returns the newest version of the kind's schema. */
int kind_version(const struct record_kind *kind);

#endif
