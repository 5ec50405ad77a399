#include <string.h>

#include "market/compare_json.h"
#include "page/page_model_parts.h"
#include "pipeline/comparison.h"
#include "pipeline/stored_candles.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/ticker.h"
#include "record/trade.h"

static const char source_hint[] = "source=";

static const struct record_kind *kind_of(const char *of)
{
    return strcmp(of, trade_kind.name) == 0 ? &trade_kind
           : strcmp(of, bar_kind.name) == 0 ? &bar_kind
                                            : &ticker_kind;
}

/* Reads how much of the candles' time was covered, if this process has the stream of events. */
static bool read_coverage(const struct page_model *model, struct store *store,
                          const struct candles_wanted *wanted, const struct stored_candles *candles,
                          struct coverage *coverage, struct error *error)
{
    const struct page_model_config *config = &model->config;
    bool any = false;
    if (stream_of_kind(config->streams, config->stream_count, &event_kind) == NULL) {
        return true;
    }
    bool read = stored_candles_coverage(store, wanted, candles, coverage, &any, error);
    if (read && !any) {
        coverage_free(coverage);
    }
    return read;
}

bool page_model_candles(void *context, const struct web_candles_wanted *asked,
                        struct candle_list *candles, struct coverage *coverage, struct error *error)
{
    struct page_model *model = context;
    const struct candles_wanted wanted = {
        .of = kind_of(asked->of),
        .coin = asked->coin,
        .source = asked->source,
        .source_hint = source_hint,
        .interval_ns = asked->interval_ns,
        .from_ns = asked->from_ns,
        .to_ns = asked->to_ns,
        .limit = asked->limit,
    };
    const struct candle_query query = {.interval_ns = wanted.interval_ns, .limit = wanted.limit};
    enum store_lane lane = store_pool_lane(&query);
    struct store *store = store_pool_take(model->stores, lane, error);
    if (store == NULL) {
        return false;
    }
    struct stored_candles stored = {.list = {.count = 0}};
    bool answered = stored_candles_read(store, &wanted, &stored, error) &&
                    read_coverage(model, store, &wanted, &stored, coverage, error);
    store_pool_give(model->stores, lane, store);
    *candles = stored.list;
    return answered;
}

bool page_model_compare(void *context, const struct web_candles_wanted *asked, struct strbuf *json,
                        struct error *error)
{
    struct page_model *model = context;
    const struct comparison_wanted wanted = {
        .coin = asked->coin,
        .source = asked->source,
        .source_hint = source_hint,
        .interval_ns = asked->interval_ns,
        .from_ns = asked->from_ns,
        .to_ns = asked->to_ns,
    };
    struct comparison comparison;
    struct store *store = store_pool_take(model->stores, STORE_LONG, error);
    if (store == NULL) {
        return false;
    }
    bool answered = comparison_read(store, &wanted, &comparison, error);
    store_pool_give(model->stores, STORE_LONG, store);
    if (answered) {
        compare_to_json(&comparison.report, json);
    }
    comparison_free(&comparison);
    return answered;
}
