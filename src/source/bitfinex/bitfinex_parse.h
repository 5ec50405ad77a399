/*
 * Reads the body of Bitfinex's GET /v2/tickers. Pure: no socket, no clock, no log.
 *
 * A trading row is ["tBTCUSD", BID, BID_SIZE, ASK, ASK_SIZE, DAILY_CHANGE, DAILY_CHANGE_RELATIVE,
 * LAST_PRICE, VOLUME, HIGH, LOW] and later versions may append columns; a funding row begins with
 * "f".
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PARSE_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PARSE_H

#include "source/bitfinex/bitfinex_answer.h"
#include "source/coins.h"
#include "source/source.h"

/*
 * Reads one answer into a batch of ticks. `status` is the HTTP status; Bitfinex reports a rate
 * limit with 429 or with 200. On BITFINEX_ROWS, appends a tick (symbol, source, last price,
 * figures) for each good row to `batch` and counts every row once in `counts`; `seen` (empty
 * before; the caller frees it) then holds each coin that the answer has a row of, good or bad.
 * `wanted` may be NULL: every coin is wanted. On any other result nothing is added anywhere and
 * `error` is filled.
 */
NODISCARD enum bitfinex_answer bitfinex_parse(long status, struct str body,
                                              const struct coin_table *wanted,
                                              struct coin_table *seen, struct source_batch *batch,
                                              struct row_counts *counts, struct error *error);

#endif
