/*
 * Takes the fields of a line of a CSV file apart (RFC 4180, with other separators) and parses their
 * numbers. Pure.
 *
 * A record is one line: a quoted field may hold separators and doubled quotes, but no line break,
 * so that an unclosed quote costs one line and not the rest of the file. Blanks around a field are
 * skipped.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_FIELD_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_FIELD_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* How a file writes its fields. */
struct csv_style {
    char separator;     /* between two fields: ',', ';', '\t' or '|' */
    bool decimal_comma; /* numbers are like 1.234,56, as in much of Europe; else like 1,234.56 */
};

/* Removes one field, up to the separator or the end, from the front of `rest`. Returns false for a
 * broken quote. */
NODISCARD bool csv_take_field(char separator, struct str *rest, struct str *field);

/* Removes one field, and the separator behind it if there is one; *more says whether there was.
 * Returns false for a broken quote. */
NODISCARD bool csv_next_field(char separator, struct str *rest, struct str *field, bool *more);

/* Accepts the same grammar and returns the same bits as str_to_double(), but is faster for short
 * decimals. */
NODISCARD bool csv_number(struct str text, double *value);

/* Like csv_number(), for a number written in the file's style: also with separators between groups
 * of three digits. */
NODISCARD bool csv_number_in(const struct csv_style *style, struct str text, double *value);

/* Returns whether the field is empty or one of the words that programs and spreadsheets write for
 * "no value": NULL, NaN, N/A, #N/A, NA, None (in any case), \N and a lone point. */
bool csv_says_none(struct str field);

#endif
