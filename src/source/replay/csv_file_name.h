/*
 * What the name of a file says about the bars in it, as those who publish such files name them:
 * "BTCUSDT-1h-2024-12.zip" (Binance), "Binance_BTCUSDT_1h.csv" (CryptoDataDownload),
 * "XBTUSD_60.csv" (Kraken: minutes), "AAPL.csv" (Yahoo). Pure.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_FILE_NAME_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_FILE_NAME_H

#include "record/bar.h"

struct csv_file_name {
    char symbol[BAR_SYMBOL_MAX + 1];       /* "": the name tells none */
    char timeframe[BAR_TIMEFRAME_MAX + 1]; /* "": the name tells none */
};

/* Reads the name of the file at `path`. A part with small letters is no symbol: "prices.csv" has
 * none. */
struct csv_file_name csv_file_name_of(const char *path);

/* Writes the timeframe that a word means ("1h", "hour", "60": minutes, "D") to `timeframe`. Returns
 * false for another word. */
bool csv_timeframe_of(struct str word, char timeframe[BAR_TIMEFRAME_MAX + 1]);

#endif
