/*
 * Reads a frame of one trade, of which nearly all traffic consists, without a JSON library,
 * which would double the time that a trade takes:
 *
 *     [CHANNEL,"te",[ID,MTS,AMOUNT,PRICE],…]      or "tu"
 *
 * written without spaces, with at most two whole numbers behind the row. Whatever else is valid
 * is left to bitfinex_frame_read(), which would read these frames alike. Pure.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_SCAN_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_SCAN_H

#include "source/bitfinex_trades/trade_row.h"

struct trade_scan {
    bool updated; /* tu */
    int64_t channel;
    struct trade_row row; /* a good one */
    int64_t behind[2];    /* the numbers that follow the row in the frame */
    size_t behind_count;
};

/* Returns false when the text is anything but such a frame with a good row. */
NODISCARD bool trade_scan_read(struct str text, struct trade_scan *scan);

#endif
