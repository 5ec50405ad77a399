/* Records as InfluxDB's line protocol: one point, one line, columns in the order of the stores. */
#ifndef CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H
#define CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

enum { LINE_LABEL_SIZE = 32 };

/* How the lines of one kind are written, made once. */
struct line_plan {
    char start[2 * LINE_LABEL_SIZE]; /* "ticker,coin=" */
    const struct record_kind *kind;
    struct line_field {
        char label[LINE_LABEL_SIZE]; /* "last_price=" */
        size_t length;
        const struct column *column;
    } fields[KIND_COLUMNS_MAX];
    size_t count;
};
void line_plan_init(struct line_plan *plan, const struct record_kind *kind);

/* Appends
 *     ticker,coin=tBTCUSD last_price=30000.1,bid=…,seq=7i,run_id=…i 1700000000000000000
 * and a line feed; columns that are null are left out. The same record gives the same bytes. It has
 * passed its kind's check: the text of a number that is not finite would be refused, and one out of
 * range would be stored as infinite. False: the buffer is full or the key has no spelling. */
NODISCARD bool line_protocol_append(const struct line_plan *plan, const void *record,
                                    struct strbuf *lines);

/* A tag's value with backslashes before commas, blanks and equals signs. False, and nothing is
 * appended, for what has no spelling: nothing at all, a line break, a backslash (InfluxDB takes it
 * for an escape before some characters, and never at the end). */
NODISCARD bool line_protocol_append_tag_value(struct strbuf *lines, struct str value);

#endif
