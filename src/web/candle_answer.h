/* An answer with candles. A small one is sent as one body; a large one is formatted while it is
 * sent, so that a slow reader costs no more memory than the candles themselves. */
#ifndef CANDLEWICK_WEB_CANDLE_ANSWER_H
#define CANDLEWICK_WEB_CANDLE_ANSWER_H

#include "base/http/http_server.h"
#include "market/candle.h"
#include "web/room.h"

struct candle_answer;

/* Reserves memory in `room` for `limit` candles; for limit 0 as much as the longest answer needs.
 * `coin` is copied, `room` borrowed. Returns NULL with ERROR_RETRY when memory runs out, or when
 * other answers hold the memory in `room` for too long. */
NODISCARD struct candle_answer *candle_answer_create(struct room *room, const char *coin,
                                                     size_t limit, struct error *error);
/* NULL is allowed. */
void candle_answer_destroy(struct candle_answer *answer);

/* Returns the list to fill; borrowed. */
struct candle_list *candle_answer_list(struct candle_answer *answer);

/* Sends the candles with `reply`, and frees their memory once the client has read them. Takes
 * ownership of `answer`. */
void candle_answer_send(struct candle_answer *answer, struct http_reply *reply);

#endif
