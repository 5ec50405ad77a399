/*
 * Reads a message of Binance's WebSocket, alone or wrapped as in a combined stream,
 * {"stream":…,"data":…} (developers.binance.com, "WebSocket Streams"). Pure.
 */
#ifndef CANDLEWICK_SOURCE_BINANCE_BINANCE_FRAME_H
#define CANDLEWICK_SOURCE_BINANCE_BINANCE_FRAME_H

#include "source/binance/binance_kline.h"

enum binance_frame_kind {
    BINANCE_FRAME_FINAL,    /* a kline that is finished ("x":true): `bar`, or `fault` */
    BINANCE_FRAME_OPEN,     /* a kline that may still change */
    BINANCE_FRAME_OTHER,    /* nothing that concerns bars: other streams, a command's success */
    BINANCE_FRAME_SHUTDOWN, /* the server ends this connection soon */
    BINANCE_FRAME_ERROR,    /* {"code":…,"msg":…}: `text` says what */
    BINANCE_FRAME_BAD,      /* no JSON object: `text` says why */
};

struct binance_frame {
    enum binance_frame_kind kind;
    struct bar bar;       /* revision 0 */
    enum row_fault fault; /* ROW_FAULTS: the bar is good */
    char text[160];
};

void binance_frame_read(struct str message, const struct binance_bars *bars,
                        struct binance_frame *frame);

#endif
