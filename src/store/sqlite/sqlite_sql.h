/* The SQL of one kind's table. Pure. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_SQL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

enum sqlite_statement {
    STATEMENT_INSERT,         /* ?1 key, ?2 time, then the stored columns */
    STATEMENT_RANGE,          /* time, price of ?1 in [?2, ?3] */
    STATEMENT_NEWEST_BETWEEN, /* the newest time of ?1 in [?2, ?3] */
    STATEMENT_NEXT_COIN,      /* the first key behind ?1 */
    STATEMENT_FIRST_TIME,     /* of ?1 */
    STATEMENT_LAST_POINT,     /* time, stored columns of ?1 */
    STATEMENT_PRICE_AT,       /* of ?1 at or before ?2 */
    STATEMENT_ANY,            /* a row, when there is one */
    STATEMENT_COUNT,
    STATEMENT_ALL_POINTS,    /* the same of ?1 and its key, whatever its times are */
    STATEMENT_POINTS,        /* time, stored columns and key of ?1 in [?2, ?3] */
    STATEMENT_COUNT_BETWEEN, /* of ?1 in [?2, ?3] */
    STATEMENT_PURGE,         /* of ?1 what is before ?2, at most ?3 rows */
    STATEMENT_NUMBER,        /* how many */
};

/* As it is for a table of that version of the kind's schema: columns that came later are NULL when
 * read, and must not be written. */
void sqlite_append_statement(struct strbuf *sql, const struct record_kind *kind, int version,
                             enum sqlite_statement which);

/* Text with the kind's own words in the place of {table}, {key}, {columns}, {price}; {places}: "?3,
 * ?4, …" for the columns; {class}, {least} and {most}: which keys there can be. */
void sqlite_append_template(struct strbuf *sql, const struct record_kind *kind, int version,
                            const char *template);

/* The CREATE TABLE of that version, exactly as sqlite_schema keeps it, also where the table was
 * made in an older version and its later columns were added. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version);

#endif
