/* What happened, the proof and the comparison with the exchange, made up for the page's tests; some
 * of it hostile. */
#ifndef CANDLEWICK_TESTS_BROWSER_PAGE_SIDE_H
#define CANDLEWICK_TESTS_BROWSER_PAGE_SIDE_H

#include "page_backend.h"

/* `context` is a struct page *. */
bool page_history(void *context, const struct web_history_wanted *wanted, struct strbuf *json,
                  struct error *error);
bool page_compare(void *context, const struct web_candles_wanted *wanted, struct strbuf *json,
                  struct error *error);
/* A proof runs for a second; then the books balance, but for two made-up faults in the mode of
 * streams. */
bool page_verify(void *context, struct strbuf *json, struct error *error);
bool page_verify_start(void *context, int *wait_s, struct strbuf *json, struct error *error);

#endif
