/*
 * Reads the body of CoinGecko's GET /coins/ID/market_chart (docs.coingecko.com, "Coin Historical
 * Chart Data by ID"): the arrays prices, market_caps and total_volumes of [milliseconds, value].
 * Points of one day are five minutes apart, those of up to 90 days an hour, at no round times; the
 * last one is the price of now and no point of the past. total_volumes is the volume of the 24
 * hours before, as in /coins/markets. Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINGECKO_COINGECKO_CHART_H
#define CANDLEWICK_SOURCE_COINGECKO_COINGECKO_CHART_H

#include "source/coingecko/coingecko_answer.h"
#include "source/source.h"

/*
 * Fills `batch` (emptied first) with the ticks of the coin, in the order of time, and counts all
 * points and the bad ones in `counts`: the caller counts each tick. The last point counts as `now`,
 * a market cap or volume of a time that has no price as `no_price`. Returns false with ERROR_RETRY
 * for anything else than a chart, `refusal` filled, and with ERROR_FATAL when memory runs out;
 * nothing is counted then.
 */
NODISCARD bool coingecko_chart_read(const struct service_answer *answer, const char *coin,
                                    struct source_batch *batch, struct row_counts *counts,
                                    struct service_refusal *refusal, struct error *error);

#endif
