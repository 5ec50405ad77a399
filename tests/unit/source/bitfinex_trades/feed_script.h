/*
 * Plays a script to a trade_feed of the given coins, and writes down all that it says. A line of
 * the script each (an empty one, or one with # in front, is nothing):
 *
 *     begin                       end
 *     told coins NAMES                   (an hour before SCRIPT_BEGIN_MS)
 *     told trade COIN ID MS AMOUNT PRICE
 *     told hole COIN BEGIN END LAST      (END 0: not known)
 *     told hole_closed COIN BEGIN
 *     < CONNECTION TEXT           a message has come
 *     ! CONNECTION WORDS          the connection is over
 *     wait SECONDS
 *     page ROWS                   the next page of history has these rows; "page none": none is due
 *     give up                     the exchange has no history of the next page's coin
 *     look CONNECTION             is it to be given up, as its answers take more than 30 s, or its
 *                                 maintenance more than 10 min?
 *
 * What it says, in its order (times in ms):
 *
 *     send CONNECTION TEXT        do ACTION WORDS           page COIN START END       no fault
 *     trade COIN ID MS AMOUNT PRICE [live]
 *     WHAT SUBJECT BEGIN END NUMBER DETAIL       an event; a hyphen stands for null
 *     |                                          a barrier
 *
 * Each line of the script is a second later than the one before; the first is at SCRIPT_BEGIN_MS.
 * In the detail of `covered` LIST stands for the time of the list of coins.
 */
#ifndef CANDLEWICK_TESTS_FEED_SCRIPT_H
#define CANDLEWICK_TESTS_FEED_SCRIPT_H

#include <stdint.h>

#include "source/bitfinex_trades/trade_feed.h"

#define SCRIPT_BEGIN_MS INT64_C(1700000000000)

/* Returns what it says, to free(). `counts`, unless NULL, gets the feed's counts. */
char *feed_script_play(const char *coins, const char *script, struct feed_counts *counts);

#endif
