/* Ticks out of the JSON of a service of prices, which has their times. Pure. */
#ifndef CANDLEWICK_SOURCE_SERVICE_TICK_JSON_H
#define CANDLEWICK_SOURCE_SERVICE_TICK_JSON_H

#include <jansson.h>

#include "record/ticker.h"
#include "source/coins.h"
#include "source/source.h"

/* How answers are parsed: a whole number of any size, and a NUL in a text, must not make the rest
 * unreadable. Numbers are doubles then. */
#define TICK_JSON_FLAGS (JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL)

/* A member of an object that has a figure of a tick. */
struct tick_member {
    const char *name;
    enum ticker_figure figure;
    bool per_cent; /* the figure is a hundredth of it */
};

/* Reads the member's value; null, or a market cap of 0, is unknown. Returns ROW_FAULTS, or
 * ROW_BAD_FIGURE for what is no finite number. */
enum row_fault tick_json_figure(const json_t *json, const struct tick_member *member,
                                struct ticker *tick);
/* Reads the members that the object has, up to the first fault. */
enum row_fault tick_json_figures(const json_t *object, const struct tick_member *members,
                                 size_t count, struct ticker *tick);
/* Each returns ROW_FAULTS, or the fault. */
enum row_fault tick_json_price(const json_t *json, struct ticker *tick);
enum row_fault tick_json_time(const json_t *json, struct ticker *tick);
/* The coin is the prefix and the text. */
enum row_fault tick_json_coin(const char *prefix, const json_t *json, struct ticker *tick);

/* Returns a whole number of at most 2^53 in size; 0 for all else. */
int64_t tick_json_whole(const json_t *json);

/* The text of a string; NULL data: it is none. Borrowed. */
struct str tick_json_text(const json_t *json);

/* Where the rows of one answer go: each is added to the batch, or counted with its fault. */
struct tick_rows {
    struct source_batch *batch; /* begun */
    bool one_a_coin;            /* a second row of a coin is a duplicate */
    bool failed;                /* memory has run out */
    struct row_counts counts;   /* without `records`, which the caller of the parser counts */
    struct coin_table seen;
};
void tick_rows_take(struct tick_rows *rows, enum row_fault fault, const struct ticker *tick);
/* Adds the rows to `counts`, and frees. Returns false, with an empty batch and `counts` unchanged,
 * when memory ran out. */
NODISCARD bool tick_rows_end(struct tick_rows *rows, struct row_counts *counts);

#endif
