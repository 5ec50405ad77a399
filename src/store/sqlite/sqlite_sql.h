/* The SQL statements for one kind's table. Pure. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

/* The first parameters are the tags of a series (?1, …), in the order of the kind; "a" and "b" are
 * the two that follow. */
enum sqlite_statement {
    STATEMENT_INSERT,         /* the tags, then the time and the stored columns */
    STATEMENT_RANGE,          /* time, price in [a, b] */
    STATEMENT_NEWEST_BETWEEN, /* the newest time in [a, b] */
    STATEMENT_NEXT_SERIES,    /* the tags of the first series after this one */
    STATEMENT_FIRST_TIME,
    STATEMENT_LAST_POINT, /* time, stored columns */
    STATEMENT_PRICE_AT,   /* at or before a */
    STATEMENT_ANY,        /* one row of any series, if there is any */
    STATEMENT_COUNT,      /* of all series */
    STATEMENT_ALL_POINTS, /* as STATEMENT_POINTS, at any time or none */
    STATEMENT_POINTS,     /* time, stored columns and tags in [a, b] */
    STATEMENT_COUNT_BETWEEN,
    STATEMENT_PURGE,  /* deletes at most b rows before a */
    STATEMENT_NUMBER, /* how many */
};

enum { SQLITE_SQL_LIMIT = 1 << 14 }; /* bytes of any of the texts below */

/* The template of the statement, for sqlite_append_template(). */
const char *sqlite_statement_template(enum sqlite_statement which);

/* Appends `template` with the kind's words in place of {name}, {table}, {tags}, {columns}, {price};
 * {places}: the parameters of STATEMENT_INSERT; {this}: "coin = ?1 AND …"; {later}: the tags are
 * those of a later series; {valid}: each tag keeps the rule of the kind; {a} and {b}: the
 * parameters behind the tags. `version` is that of the table: later columns read as NULL, and
 * cannot be written; of version 0, which means that there is no table, {table} is one without rows.
 */
void sqlite_append_template(struct strbuf *sql, const struct record_kind *kind, int version,
                            const char *template);

/* Appends the CREATE TABLE of that version, exactly as sqlite_schema keeps it; it keeps the same
 * text for an older table to which the later columns were added. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version);

#endif
