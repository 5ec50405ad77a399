/* The SQL statements for one kind's table. Pure. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

enum sqlite_statement {
    STATEMENT_INSERT,         /* ?1 key, ?2 time, then the stored columns */
    STATEMENT_RANGE,          /* time, price of ?1 in [?2, ?3] */
    STATEMENT_NEWEST_BETWEEN, /* the newest time of ?1 in [?2, ?3] */
    STATEMENT_NEXT_COIN,      /* the first key after ?1 */
    STATEMENT_FIRST_TIME,     /* of ?1 */
    STATEMENT_LAST_POINT,     /* time, stored columns of ?1 */
    STATEMENT_PRICE_AT,       /* of ?1 at or before ?2 */
    STATEMENT_ANY,            /* one row, if there is any */
    STATEMENT_COUNT,
    STATEMENT_ALL_POINTS,    /* as STATEMENT_POINTS, at any time or none */
    STATEMENT_POINTS,        /* time, stored columns and key of ?1 in [?2, ?3] */
    STATEMENT_COUNT_BETWEEN, /* of ?1 in [?2, ?3] */
    STATEMENT_PURGE,         /* deletes at most ?3 rows of ?1 before ?2 */
    STATEMENT_NUMBER,        /* how many */
};

enum { SQLITE_SQL_LIMIT = 1 << 14 }; /* bytes of any of the texts below */

/* The template of the statement, for sqlite_append_template(). */
const char *sqlite_statement_template(enum sqlite_statement which);

/* Appends `template` with the kind's words in place of {table}, {key}, {columns}, {price};
 * {places}: "?3, ?4, …" for the columns; {class}, {least} and {most}: the rule for valid keys.
 * `version` is that of the table: later columns read as NULL, and cannot be written. */
void sqlite_append_template(struct strbuf *sql, const struct record_kind *kind, int version,
                            const char *template);

/* Appends the CREATE TABLE of that version, exactly as sqlite_schema keeps it; it keeps the same
 * text for an older table to which the later columns were added. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version);

#endif
