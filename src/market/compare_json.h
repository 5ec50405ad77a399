/* The results of a comparison, for `compare` and the page's API, and their JSON (RFC 8259). */
#ifndef CANDLEWICK_MARKET_COMPARE_JSON_H
#define CANDLEWICK_MARKET_COMPARE_JSON_H

#include "base/text/strbuf.h"
#include "market/compare.h"

/* The comparison of two sets of candles. */
struct compare_pair {
    const char *ours,
        *theirs; /* what the candles of each side are computed from: "trades", "bars" */
    bool judged; /* a difference without an explanation is a fault */
    struct compare compare;
    struct compare_figures figures;
};

struct compare_report {
    const char *coin, *source;
    int64_t interval_ns;
    const struct compare_pair *pairs;
    size_t count;
};

/* {"coin":…,"source":…,"interval":"1m","pairs":[{"ours":"trades","theirs":"bars","judged":true,
 * "candles":n,"both":n,"equal":n,"only_ours":n,"only_theirs":n,"whole":n,"volumes_off":n,
 * "median_bp":x,"worst_bp":x,"reasons":{"hole":n,…},"differences":[{"time":…,"reason":…,"bp":x,
 * "whole":bool,"equal_volume":bool,"ours":candle|null,"theirs":candle|null},…]},…]}
 * Only a judged pair has reasons and differences. A candle has open, high, low, close and volume
 * (null: not known). What was not compared is null: the basis points if one side has no candle, the
 * volumes if one side does not know them, "whole" of a pair whose coverage was not asked for. */
void compare_to_json(const struct compare_report *report, struct strbuf *json);

#endif
