/* Writes the results of `compare` as text. */
#ifndef CANDLEWICK_COMMANDS_COMPARE_REPORT_H
#define CANDLEWICK_COMMANDS_COMPARE_REPORT_H

#include "base/text/strbuf.h"
#include "market/compare_json.h"

/* Appends a table with a line for each pair, and a table of the newest candles that differ in the
 * judged pair. `columns` is the terminal's width; 0 leaves lines as long as they are. */
void compare_to_table(const struct compare_report *report, int columns, struct strbuf *text);

#endif
