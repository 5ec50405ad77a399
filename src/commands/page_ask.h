/* Asks a page for its status, for what the cluster does not know. */
#ifndef CANDLEWICK_COMMANDS_PAGE_ASK_H
#define CANDLEWICK_COMMANDS_PAGE_ASK_H

#include <jansson.h>

/* Returns the answer of PAGE/api/status, which the caller frees with json_decref(); NULL if the
 * page does not answer within a few seconds, or not with JSON. */
json_t *page_ask_status(const char *page);

#endif
