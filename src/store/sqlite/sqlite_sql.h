/* The SQL statements for one kind's table. Pure. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

/* The statements' parameters: first the tags of a series (?1, …), in the order of the kind, then
 * "a" and "b". */
enum sqlite_statement {
    STATEMENT_INSERT,         /* inserts a point; the parameters are its tags, its time and its
                                 stored columns */
    STATEMENT_RANGE,          /* time and price in [a, b], and the amount if the kind has one */
    STATEMENT_NEWEST_BETWEEN, /* the newest time in [a, b] */
    STATEMENT_NEXT_SERIES,    /* the tags of the first series after the one that is bound */
    STATEMENT_FIRST_TIME,
    STATEMENT_LAST_POINT,    /* time and stored columns of a series' newest point */
    STATEMENT_PRICE_AT,      /* the last price of a series at or before a */
    STATEMENT_PRICE_BETWEEN, /* the last price of a series in [a, b] */
    STATEMENT_ANY,           /* one row of any series, if there is any */
    STATEMENT_COUNT,         /* how many points all series have */
    STATEMENT_ALL_POINTS,    /* as STATEMENT_POINTS, for any time, even one that is not a number */
    STATEMENT_POINTS_FROM,   /* as STATEMENT_POINTS, for times from a on, or that are no number */
    STATEMENT_POINTS,        /* points in [a, b]: calls SQLITE_READ_POINT with time, stored columns
                                and tags before it returns each row */
    STATEMENT_COUNT_SERIES,  /* how many rows a series has, whatever their times are */
    STATEMENT_COUNT_BETWEEN,
    STATEMENT_PURGE,  /* deletes at most b rows before a */
    STATEMENT_NUMBER, /* number of statements */
};

/* The name of the SQL function that reads a point. */
#define SQLITE_READ_POINT "candlewick_read_point"

/* Returns the number of the parameter "a"; "b" has the next number. */
int sqlite_place_a(const struct record_kind *kind);

enum { SQLITE_SQL_LIMIT = 1 << 14 }; /* limit for the bytes of any of the texts below */

/* Returns the template of the statement, for sqlite_append_template(). */
const char *sqlite_statement_template(enum sqlite_statement which);

/* Appends `template`, with a value in place of each name in braces. {name}, {table}, {tags},
 * {columns} and {price} are names of the kind's; {amount} is ", " and its name, or nothing;
 * {cells} are the columns as values, and {ordered} is the table, read in the order of its primary
 * key; {identity} are the columns of the primary key. {places} are the parameters of
 * STATEMENT_INSERT; {this} is "coin = ?1 AND …"; {later} means that the tags are those of a later
 * series; {valid} that each tag matches the text form of the kind's rule; {a} and {b} are the
 * parameters after the tags. `version` is that of the table: columns that are newer are read as
 * NULL and cannot be written. Version 0 means that there is no table: {table} is then a query
 * without rows. */
void sqlite_append_template(struct strbuf *sql, const struct record_kind *kind, int version,
                            const char *template);

/* Appends the CREATE TABLE of that version. It is the text that sqlite_schema has, also for an
 * older table after ALTER TABLE has added the later columns. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version);

#endif
