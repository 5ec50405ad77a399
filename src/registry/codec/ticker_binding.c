/* Where the fields of schemas/ticker.avsc live in struct ticker. */
#include "record/ticker.h"
#include "registry/codec/codec.h"

#define REQUIRED(name, kind, member)                                                               \
    {                                                                                              \
        name, kind, offsetof(struct ticker, member), sizeof(((struct ticker *)0)->member),         \
            BINDING_REQUIRED                                                                       \
    }
#define FIGURE(name, index)                                                                        \
    {                                                                                              \
        name, BIND_DOUBLE, offsetof(struct ticker, figures[index]), sizeof(double),                \
            offsetof(struct ticker, has[index])                                                    \
    }

const struct binding ticker_bindings[] = {
    REQUIRED("symbol", BIND_TEXT, symbol),
    REQUIRED("event_time_ns", BIND_INT64, event_time_ns),
    REQUIRED("seq", BIND_INT64, seq),
    REQUIRED("run_id", BIND_INT64, run_id),
    REQUIRED("source", BIND_TEXT, source),
    REQUIRED("last_price", BIND_DOUBLE, last_price),
    FIGURE("bid", TICKER_BID),
    FIGURE("bid_size", TICKER_BID_SIZE),
    FIGURE("ask", TICKER_ASK),
    FIGURE("ask_size", TICKER_ASK_SIZE),
    FIGURE("daily_change", TICKER_DAILY_CHANGE),
    FIGURE("daily_change_relative", TICKER_DAILY_CHANGE_RELATIVE),
    FIGURE("volume", TICKER_VOLUME),
    FIGURE("high", TICKER_HIGH),
    FIGURE("low", TICKER_LOW),
    {NULL, BIND_TEXT, 0, 0, BINDING_REQUIRED},
};
