/* Made-up prices of three coins for the page's tests: the same in every run but for where "now" is.
 * Any thread. */
#ifndef CANDLEWICK_TESTS_BROWSER_TAPE_H
#define CANDLEWICK_TESTS_BROWSER_TAPE_H

#include "base/compiler/attributes.h"
#include "market/candle.h"
#include "record/ticker.h"

enum { TAPE_COINS = 3, TAPE_STEP_S = 15 };

struct tape;

/* Six hours of ticks, one each TAPE_STEP_S seconds, up to `end_ns`; twelve minutes in the middle
 * are empty. `source` is copied into the ticks. Aborts when memory runs out. */
struct tape *tape_create(const char *source, int64_t end_ns);
void tape_destroy(struct tape *tape);

/* Adds the next tick of coin `index` at `time_ns`, and gives it. */
struct ticker tape_add(struct tape *tape, size_t index, int64_t time_ns);

/* How many ticks coin `index` has; the n-th, from 0. */
size_t tape_count(struct tape *tape, size_t index);
struct ticker tape_get(struct tape *tape, size_t index, size_t n);

/* The coin's index; TAPE_COINS when there is none. */
size_t tape_find(const char *coin);

void tape_candles(struct tape *tape, size_t index, int64_t interval_ns, int64_t from_ns,
                  int64_t to_ns, size_t limit, struct candle_list *candles);

#endif
