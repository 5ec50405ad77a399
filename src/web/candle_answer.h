/* An answer with candles. A small one is sent as one body; a large one is formatted while it is
 * sent, so that a slow reader costs no more memory than the candles themselves. */
#ifndef CANDLEWICK_WEB_CANDLE_ANSWER_H
#define CANDLEWICK_WEB_CANDLE_ANSWER_H

#include "base/http/http_server.h"
#include "web/room.h"
#include "web/server.h"

struct candle_answer;

/* Reserves memory in `room`, which is borrowed, for as many candles as are wanted; for limit 0 as
 * much as the longest answer needs. Returns NULL with ERROR_RETRY when memory runs out, or when
 * other answers hold the memory in `room` for too long. */
NODISCARD struct candle_answer *candle_answer_create(struct room *room,
                                                     const struct web_candles_wanted *wanted,
                                                     struct error *error);
/* NULL is allowed. */
void candle_answer_destroy(struct candle_answer *answer);

/* Return what the caller fills: the list of candles, and the coverage of their time; borrowed. A
 * coverage that stays empty is left out of the answer. */
struct candle_list *candle_answer_list(struct candle_answer *answer);
struct coverage *candle_answer_coverage(struct candle_answer *answer);

/* Sends the candles with `reply`, and frees their memory once the client has read them. Takes
 * ownership of `answer`. */
void candle_answer_send(struct candle_answer *answer, struct http_reply *reply);

#endif
