/* The tickers that fake-exchange serves, and how many it has served. Not thread-safe. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_DATA_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_DATA_H

#include "base/text/strbuf.h"
#include "fake_exchange/fake_exchange.h"

struct fake_data;

/* Reads a whole replay CSV or recorded body: see fake_exchange.h. Returns NULL with ERROR_USAGE for
 * an unusable file, and with ERROR_FATAL when memory runs out or gzip data is broken. */
NODISCARD struct fake_data *fake_data_load(const char *path, bool repeat, struct error *error);
void fake_data_free(struct fake_data *data); /* NULL is allowed */

/* Returns whether every symbol of a list such as "tBTCUSD,tETHUSD" (or "ALL") has a row in the
 * file. */
bool fake_data_knows(const struct fake_data *data, struct str symbols);

/* Appends the answer to a request for `symbols`. Advances to the next rows if `use_up` is set;
 * otherwise the next request gets the same ones. */
void fake_data_answer(struct fake_data *data, struct str symbols, bool use_up, struct strbuf *body);

/* Fills in the figures of a file of tickers. */
void fake_data_progress(const struct fake_data *data, struct fake_exchange_progress *progress);

#endif
