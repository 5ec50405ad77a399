/* The answer to a question for candles: a small one is a text, a large one becomes a text while it
 * goes out, so that a slow reader costs no more than the candles themselves. */
#ifndef CANDLEWICK_WEB_CANDLE_ANSWER_H
#define CANDLEWICK_WEB_CANDLE_ANSWER_H

#include "base/http/http_server.h"
#include "market/candle.h"
#include "web/room.h"

struct candle_answer;

/* Takes room for `limit` candles (0: the most there are in an answer); `coin` is copied, `room`
 * borrowed. NULL: ERROR_RETRY when others have it all for long, or without memory. */
NODISCARD struct candle_answer *candle_answer_create(struct room *room, const char *coin,
                                                     size_t limit, struct error *error);
/* NULL is allowed. */
void candle_answer_destroy(struct candle_answer *answer);

/* To be filled; borrowed. */
struct candle_list *candle_answer_list(struct candle_answer *answer);

/* Gives the candles to `reply`, and the room back once they are read; takes `answer` over. */
void candle_answer_send(struct candle_answer *answer, struct http_reply *reply);

#endif
