/* The truth lags that a page has measured (page/truth_lag_json.h), for `status`. */
#ifndef CANDLEWICK_COMMANDS_TRUTH_TABLE_H
#define CANDLEWICK_COMMANDS_TRUTH_TABLE_H

#include <jansson.h>

#include "base/text/strbuf.h"

/* `status` is the answer of a page's /api/status; NULL: there is none. */

/* Appends a table with a line for each stream of which something was measured; nothing if there is
 * none. `columns` is the terminal's width; 0 leaves lines as long as they are. */
void truth_to_table(const json_t *status, int columns, struct strbuf *text);

/* Appends {"trade":{"frame_to_kafka":{…},…},…}, a member for each stream, with the figures as the
 * page gives them; null if there is no answer. */
void truth_to_json(const json_t *status, struct strbuf *json);

#endif
