/* Classifies an answer of Binance's REST interface: klines, or what else (developers.binance.com,
 * "HTTP Return Codes" and "Error Codes"). Pure. */
#ifndef CANDLEWICK_SOURCE_BINANCE_BINANCE_ANSWER_H
#define CANDLEWICK_SOURCE_BINANCE_BINANCE_ANSWER_H

#include "source/binance/binance_kline.h"

enum { BINANCE_KLINES_MAX = 1000 }; /* rows that one request may ask for */

enum binance_answer {
    BINANCE_ROWS,           /* klines, or none at all: [] */
    BINANCE_UNKNOWN_SYMBOL, /* {"code":-1121,…} */
    BINANCE_AWAY,           /* anything else: ERROR_RETRY, with the wait that it asks for */
    BINANCE_NO_MEMORY,      /* ERROR_FATAL */
};

struct binance_reply {
    long status;
    struct str body;
    int retry_after_ms; /* from Retry-After; 0: none */
    int64_t now_ns;     /* wall clock, for a ban whose end only the text says */
};

/*
 * Reads one answer about one symbol. On BINANCE_ROWS fills `batch` (emptied first) with the bars of
 * the good rows, whole but for their revision, which is 0, in rising order of their times, and
 * counts all rows and the bad ones in `counts`: the caller counts each bar. On any other result
 * nothing is counted, and `error` is filled.
 */
NODISCARD enum binance_answer binance_answer_read(const struct binance_reply *reply,
                                                  const struct binance_bars *bars,
                                                  const char *symbol, struct source_batch *batch,
                                                  struct row_counts *counts, struct error *error);

#endif
