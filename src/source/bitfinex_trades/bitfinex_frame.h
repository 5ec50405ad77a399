/*
 * What one text message of Bitfinex's WebSocket interface (version 2) says; docs.bitfinex.com,
 * ws-general and ws-public. Pure. An event is an object; data is an array that begins with the
 * number of its channel:
 *
 *     [CHANNEL, "hb"]   [CHANNEL, "te" | "tu", ROW]   [CHANNEL, [ROW, ...]]
 *
 * to which the flags of `conf` append a sequence number and the server's time in ms, in that order.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_BITFINEX_FRAME_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_BITFINEX_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text/str.h"
#include "source/bitfinex_trades/trade_row.h"

enum { FRAME_FLAG_TIMESTAMP = 32768, FRAME_FLAG_SEQ_ALL = 65536 };

enum bitfinex_frame_what {
    FRAME_UNREADABLE,   /* no JSON, or neither an event nor data */
    FRAME_GREETING,     /* info, the first frame: `number` is the version, `maintenance` the
                           platform's status */
    FRAME_INFO,         /* info with a code, in `number` */
    FRAME_CONF,         /* `number`: the flags that are valid from here on */
    FRAME_SUBSCRIBED,   /* `channel` carries the trades of `symbol`, asked for by `sub_id` */
    FRAME_REFUSED,      /* error: `number` is its code, `text` its words; `sub_id` */
    FRAME_UNSUBSCRIBED, /* `channel` carries nothing any more */
    FRAME_OTHER_EVENT,  /* pong, ... */
    FRAME_HEARTBEAT,
    FRAME_SNAPSHOT, /* `rows`: an array of rows, newest first */
    FRAME_EXECUTED, /* te: `rows` is one row, or `row` where `has_row` says so */
    FRAME_UPDATED,  /* tu: the same trade again, in its final form */
    FRAME_FUNDING,  /* fte, ftu */
    FRAME_OTHER_DATA,
};

enum { INFO_RESTART = 20051, INFO_MAINTENANCE = 20060, INFO_MAINTENANCE_OVER = 20061 };

enum {
    REFUSED_UNKNOWN_PAIR = 10001,
    REFUSED_SUBSCRIPTION = 10300,
    REFUSED_SUBSCRIBED_ALREADY = 10301,
    REFUSED_CHANNEL_LIMIT = 10305,
};

struct bitfinex_frame {
    enum bitfinex_frame_what what;
    int64_t channel; /* -1: none */
    int64_t number;  /* -1: none */
    bool maintenance;
    struct str sub_id, symbol, text; /* "" where there is none; borrowed from `json` */
    const json_t *rows;              /* borrowed from `json`; NULL: there are none, or `has_row` */
    bool has_row;                    /* `row` was read already, and is good; `json` is NULL */
    struct trade_row row;
    bool has_sequence, has_sent_ms;
    int64_t sequence;
    int64_t sent_ms;
    json_t *json; /* owned */
};

/* Reads a message; `flags` are those that a FRAME_CONF named last (0: none did). Fills `frame`
 * whatever the text is. Free with bitfinex_frame_free(). */
void bitfinex_frame_read(struct str text, int64_t flags, struct bitfinex_frame *frame);
void bitfinex_frame_free(struct bitfinex_frame *frame);

#endif
