/* The fake exchange's HTTP answers and the faults that happen to them. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_REPLY_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_REPLY_H

#include "base/http/http_server.h"
#include "fake_exchange/fake_fault.h"

/* Sets status and content type, and appends `body`. `type` is static. */
void fake_reply_give(struct http_reply *reply, unsigned status, const char *type, const char *body);
void fake_reply_json(struct http_reply *reply, unsigned status, const char *body);
/* Answers a request for a path that does not exist. */
void fake_reply_no_path(struct http_reply *reply);
/* Answers with one of the three forms in which Bitfinex reports a rate limit; `number` chooses
 * it. */
void fake_reply_rate_limit(struct http_reply *reply, int64_t number);

/* Changes the right answer as the fault says. FAKE_NONE and faults of other places change
 * nothing. */
void fake_reply_fault(struct http_reply *reply, struct fake_hit hit);

#endif
