/*
 * Trades and events that wait to be taken, in their order. One batch holds records of one kind, and
 * a barrier ends it: all before it is to be acknowledged by Kafka before what follows is taken
 * (source/source.h, `settle`). Pure; a zeroed one is empty.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_OUTBOX_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_OUTBOX_H

#include "record/event.h"
#include "record/trade.h"
#include "source/source.h"

struct outbox_run;
struct outbox_trade;

struct outbox {
    struct outbox_run *runs;             /* owned, as the others are */
    size_t run, run_count, run_capacity; /* `run`: index of the next run to be taken */
    struct outbox_trade *trades;
    size_t trade, trade_count, trade_capacity;
    struct source_batch events;
    size_t event, event_count; /* the next one to be taken; how many of them are in a run */
    bool failed;               /* memory ran out: something is missing, and nothing more is added */
};
void outbox_free(struct outbox *outbox);

/* Copies the trade. `arrived_ns`: when its frame was read, wall clock; 0: of no interest. */
void outbox_add_trade(struct outbox *outbox, const struct trade *trade, int64_t arrived_ns);

/* Call it after events were added to `events`: they follow all that was added before. `ok` is false
 * if memory ran out while they were added. */
void outbox_added_events(struct outbox *outbox, bool ok);

/* Adds a barrier after the newest record, even if that was already taken. */
void outbox_settle(struct outbox *outbox);

bool outbox_is_empty(const struct outbox *outbox);

/* Moves the next records of one kind, up to a barrier, into `batch`; an empty one, of trades, if
 * there is nothing. Returns false when memory runs out. */
NODISCARD bool outbox_take(struct outbox *outbox, struct source_batch *batch);

#endif
