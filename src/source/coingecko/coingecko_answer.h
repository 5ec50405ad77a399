/* What CoinGecko answers when it gives no data, and what its coins are called. Pure. */
#ifndef CANDLEWICK_SOURCE_COINGECKO_COINGECKO_ANSWER_H
#define CANDLEWICK_SOURCE_COINGECKO_COINGECKO_ANSWER_H

#include <jansson.h>

#include "base/error.h"
#include "source/service/service_answer.h"

#define COINGECKO_NAME "coingecko"
#define COINGECKO_CHART "coingecko-chart" /* the source of ticks of the past */
#define COINGECKO_PREFIX "cg:" /* of its coins, whose names are the service's ids: "cg:bitcoin" */

/* Says what an answer is that is not the data asked for; `json` is its body, NULL: it is no JSON.
 * Always returns false, with ERROR_RETRY and the wait that the answer asks for. */
bool coingecko_refuse(const struct service_answer *answer, const json_t *json,
                      struct service_refusal *refusal, struct error *error);

#endif
