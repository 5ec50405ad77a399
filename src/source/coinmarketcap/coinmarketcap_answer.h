/*
 * The envelope of CoinMarketCap's answers (coinmarketcap.com/api/documentation, "Errors and Rate
 * Limits"): {"status":{"error_code":0,"error_message":null,"credit_count":1,…},"data":…}. An error
 * may come with HTTP 200, so the code decides. Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_ANSWER_H
#define CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_ANSWER_H

#include <jansson.h>

#include "base/error.h"
#include "source/service/service_answer.h"

#define COINMARKETCAP_NAME "coinmarketcap"
/* The source of ticks of the past: a name of a source has 15 bytes at most. */
#define COINMARKETCAP_PAST "coinmarketcap-h"

/* Returns the answer's JSON, whose `data` is borrowed from it: free it with json_decref(). Returns
 * NULL with ERROR_RETRY and `refusal` filled for an error of the service and for anything that is
 * no answer of it. Sets *credits to what the answer cost, errors too.
 *
 * The credits of a day (1009) or month (1010) are there again with the day or month in UTC: until a
 * minute after that no request is to be sent. 1008 and 1011 (a limit of a minute, of the key or of
 * the address) wait for Retry-After, else for a minute; what the key or its plan does not allow
 * waits for an hour. */
json_t *coinmarketcap_answer_open(const struct service_answer *answer, int64_t *credits,
                                  struct service_refusal *refusal, struct error *error);

#endif
