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

/* Adds the source's bars where there is no candle of trades. Without such bars, or if they are of
 * several sources, nothing is added. */
static bool fill_gaps(struct store *store, const struct candles_wanted *trades,
                      struct stored_candles *candles, struct error *error)
{
    struct candles_wanted wanted = *trades;
    struct stored_candles bars = {.list = {.count = 0}};
    char source[SOURCE_MAX + 1];
    (void)str_copy(candles->service, source, sizeof source);
    wanted.of = &bar_kind;
    wanted.source = source;
    bool read = stored_candles_read(store, &wanted, &bars, error);
    bool done = read ? candle_list_fill(&candles->list, &bars.list) ||
                           error_set(error, ERROR_FATAL, "out of memory")
                     : error->kind == ERROR_REJECT;
    candle_list_free(&bars.list);
    candle_list_keep_newest(&candles->list, trades->limit);
    return done;
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
    bool fill = asked->fill && wanted.of == &trade_kind;
    bool answered = stored_candles_read(store, &wanted, &stored, error) &&
                    (!fill || fill_gaps(store, &wanted, &stored, error)) &&
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
