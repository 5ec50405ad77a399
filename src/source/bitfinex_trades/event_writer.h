/* Writes the events of the source into the outbox (record/event.h says what each holds). Pure: the
 * caller passes the time. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_EVENT_WRITER_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_EVENT_WRITER_H

#include "source/bitfinex_trades/hole_book.h"
#include "source/bitfinex_trades/outbox.h"
#include "source/bitfinex_trades/trade_row.h"
#include "source/run_events.h"

#define BITFINEX_TRADES_NAME "bitfinex-trades" /* of the source */

struct event_writer {
    struct outbox *outbox; /* borrowed */
    struct run_events run; /* the events of this source's run */
};

/* Writes "started", "ended" or "refused"; `detail` NULL: none. */
void event_write(struct event_writer *writer, int64_t now_ns, const char *what, const char *subject,
                 const char *detail);

void event_write_hole(struct event_writer *writer, int64_t now_ns, const char *coin,
                      const struct hole *hole, const char *why);
/* `how`: "whole", "exchange_has_no_more", "too_old" or "given_up". */
void event_write_hole_closed(struct event_writer *writer, int64_t now_ns, const char *coin,
                             const struct hole *hole, const char *how);

/* Writes that the connection brought all trades of the coins `first` to `last` of the list from
 * `begin_ns` to `end_ns`. */
void event_write_covered(struct event_writer *writer, int64_t now_ns, size_t connection,
                         int64_t begin_ns, int64_t end_ns, size_t first, size_t last);

/* Writes the list of coins, in as many events as it needs; it is valid from then on. `names` is the
 * whole list with commas between. */
void event_write_coins(struct event_writer *writer, int64_t now_ns, struct str names);

void event_write_trade_changed(struct event_writer *writer, int64_t now_ns, const char *coin,
                               const struct trade_row *was, const struct trade_row *now);

#endif
