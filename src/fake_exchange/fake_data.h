/* The tickers that fake-exchange has to give, and how far it is. One thread at a time. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_DATA_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_DATA_H

#include "base/text/strbuf.h"
#include "fake_exchange/fake_exchange.h"

struct fake_data;

/* Reads a replay CSV or a recorded body whole: see fake_exchange.h. NULL: ERROR_USAGE, or
 * ERROR_FATAL without memory or for broken gzip. */
NODISCARD struct fake_data *fake_data_load(const char *path, bool repeat, struct error *error);
void fake_data_free(struct fake_data *data); /* NULL is allowed */

/* Whether every symbol of "tBTCUSD,tETHUSD" (or "ALL") has a row in the file. */
bool fake_data_knows(const struct fake_data *data, struct str symbols);

/* Appends the answer to a request for `symbols`. Goes on to the next rows when `use_up` is set:
 * without it the next request gets the same ones. */
void fake_data_answer(struct fake_data *data, struct str symbols, bool use_up, struct strbuf *body);

/* All but `requests`. */
void fake_data_progress(const struct fake_data *data, struct fake_exchange_progress *progress);

#endif
