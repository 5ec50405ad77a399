/* Writes records as InfluxDB's line protocol: one line per point, with the columns in the order of
 * kind_stored_columns(). */
#ifndef CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H
#define CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H

#include "base/text/strbuf.h"
#include "record/kind.h"

enum { LINE_LABEL_SIZE = 32 };

/* The parts of a kind's lines that are the same in every line, prepared once. */
struct line_plan {
    const struct record_kind *kind;
    char tags[KIND_TAGS_MAX][2 * LINE_LABEL_SIZE]; /* text before each tag's value:
                                                      "ticker,coin=", then ",source=" */
    size_t room; /* a bound for the bytes after the tags, without long texts, and a NUL */
    bool has_long_texts;
    struct line_field {
        char label[LINE_LABEL_SIZE]; /* "last_price=" */
        size_t length;
        const struct column *column;
    } fields[KIND_COLUMNS_MAX];
    size_t count;
};
void line_plan_init(struct line_plan *plan, const struct record_kind *kind);

/* Appends ticker,coin=tBTCUSD last_price=30000.1,bid=…,seq=7i,run_id=…i 1700000000000000000 and a
 * line feed; null columns are omitted. Bools are t or f. Texts are enclosed in double quotes, with
 * a backslash before each double quote and each backslash (InfluxDB, "Line protocol"). A line feed
 * in a text is kept, so one point may be several lines of the request. The same record always gives
 * the same bytes. `texts` contains the record's long texts; NULL if its kind has none. The record
 * must have passed its kind's check: InfluxDB would refuse a number that is not finite, and store
 * one out of range as infinite. Returns false if the buffer is full or a tag cannot be written. */
NODISCARD bool line_protocol_append(const struct line_plan *plan, const void *record,
                                    const struct text_arena *texts, struct strbuf *lines);

/* Appends a tag's value, with backslashes before commas, spaces and equals signs. Returns false and
 * appends nothing for a value that cannot be written: an empty one, or one with a line break or a
 * backslash (InfluxDB does not reliably read an escaped backslash back as one backslash). */
NODISCARD bool line_protocol_append_tag_value(struct strbuf *lines, struct str value);

#endif
