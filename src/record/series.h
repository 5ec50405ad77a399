/*
 * A series: the points of one kind that differ only in their time. Its name consists of the values
 * of the kind's tags, joined by one blank, which no valid value contains: "tBTCUSD" (a ticker),
 * "AAPL replay 1d" (a bar), "tBTCUSD bitfinex" (a trade), "www.coindesk.com" (news). The stored
 * points of a series are in time order, and no two have the same time.
 */
#ifndef CANDLEWICK_RECORD_SERIES_H
#define CANDLEWICK_RECORD_SERIES_H

#include "record/kind.h"

/* Writes the name of the record's series. The record must have passed its kind's check; then the
 * name fits. */
void series_of(const struct record_kind *kind, const void *record,
               char name[RECORD_SERIES_MAX + 1]);

/* Splits a name as series_split() does, but also accepts invalid values. Returns false if there are
 * fewer values than tags. */
NODISCARD bool series_cut(const struct record_kind *kind, struct str name,
                          struct str parts[KIND_TAGS_MAX]);

/* Splits a name into the values of the kind's tags, borrowed from `name`. Returns false if no
 * record of the kind can be in such a series: a value is not valid, or the number of values is
 * wrong. */
NODISCARD bool series_split(const struct record_kind *kind, struct str name,
                            struct str parts[KIND_TAGS_MAX]);
bool series_valid(const struct record_kind *kind, struct str name);

/* Joins one value for each tag, valid or not, to a name; a name that does not fit is cut. */
void series_join(const struct record_kind *kind, const struct str parts[],
                 char name[RECORD_SERIES_MAX + 1]);

/* Sets the record's tags to those of the series. Returns false if its name is not valid. */
bool series_set(const struct record_kind *kind, struct str name, void *record);

#endif
