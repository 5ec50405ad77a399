/* The list of all kinds, apart from kind.c so that a test may have another one. */
#include "record/bar.h"
#include "record/event.h"
#include "record/news.h"
#include "record/ticker.h"
#include "record/trade.h"

const struct record_kind *const record_kinds[RECORD_KINDS] = {&ticker_kind, &bar_kind, &trade_kind,
                                                              &event_kind, &news_kind};
