/* JSON texts (RFC 8259) that the page, the API and the terminal share. */
#ifndef CANDLEWICK_MARKET_JSON_H
#define CANDLEWICK_MARKET_JSON_H

#include "base/text/strbuf.h"
#include "market/candle.h"

/* Writes [{"time":"2026-01-01T00:00:00Z","coin":…,"open":…,"high":…,"low":…,"close":…,"ticks":…},
 * …]. Doubles read back as the same bits; "ticks" is null for CANDLE_TICKS_UNKNOWN; a candle whose
 * volume is known also has "volume", one that candle_list_fill() has added "filled":true. With
 * `marks` (NULL: none) each also has "forming", "cut" and "synthetic", true or false, unless
 * marks->coverage_only. With marks->coverage each also has
 * "covered":{"unknown":…,"live":…,"refilled":…,"hole":…}, the parts of its time, and, if its source
 * polls, "polls": how many polls that time should have had. */
void candles_to_json(const struct candle_list *candles, const char *coin,
                     const struct candle_marks *marks, struct strbuf *json);
/* Appends the same without the brackets, as a part of a list. */
void candles_append_json(const struct candle_list *candles, const char *coin,
                         const struct candle_marks *marks, struct strbuf *json);

#endif
