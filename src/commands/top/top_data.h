/* What a page has answered, as `top` shows it. Parsed from the answers of /api/markets,
 * /api/candles and /api/status (web/server.h); what is missing there or has another type is not
 * known. */
#ifndef CANDLEWICK_COMMANDS_TOP_TOP_DATA_H
#define CANDLEWICK_COMMANDS_TOP_TOP_DATA_H

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "market/candle.h"
#include "page/lag/lag_trend.h"
#include "record/kind.h"
#include "record/names.h"

enum { TOP_CHANGES = 3, TOP_CLOSES_MAX = 64, TOP_TEXT_SIZE = 160 };

struct top_market {
    char coin[RECORD_KEY_MAX + 1];
    char name[RECORD_KEY_MAX + 2]; /* "BTC/USD" */
    char of[16], source[SOURCE_MAX + 1];
    double price;
    double change[TOP_CHANGES]; /* per cent of 1 h, 24 h, 7 d; NAN: not known */
    double cap;                 /* NAN: not known */
    double closes[TOP_CLOSES_MAX];
    size_t close_count;
    bool synthetic, made_up;
};

struct top_markets {
    struct top_market *items; /* owned */
    size_t count;
    bool known;
};

struct top_partition {
    int number;
    char owner[TOP_TEXT_SIZE]; /* "": none, or not known */
    struct lag_trend lag;
};

struct top_stream {
    char topic[TOP_TEXT_SIZE];
    struct top_partition *partitions; /* owned; none: not known */
    size_t partition_count;
    struct lag_trend lag; /* of all partitions */
};

struct top_status {
    struct top_stream *streams; /* owned */
    size_t stream_count;
    struct lag_trend lag;            /* of all streams */
    int brokers;                     /* -1: not known */
    double ticks_per_second;         /* NAN: not known */
    char waiting_for[TOP_TEXT_SIZE]; /* "": for nothing */
    char no_news[TOP_TEXT_SIZE];     /* why nothing new arrives; "" : something does */
    bool known;
};

/* Each fills a zero-initialised struct, which the caller frees in either case. Returns false if the
 * answer is none of that kind, or memory runs out. */
NODISCARD bool top_markets_parse(const json_t *answer, struct top_markets *markets);
void top_markets_free(struct top_markets *markets);

/* The lags continue the trends of `before`, the status of the look before. */
NODISCARD bool top_status_parse(const json_t *answer, const struct top_status *before,
                                struct top_status *status);
void top_status_free(struct top_status *status);

/* Parses candles into a list; each must be later than the one before, with finite prices. */
NODISCARD bool top_candles_parse(const json_t *answer, struct candle_list *candles);

#endif
