/* Reads markets and news from the store. */
#include <string.h>

#include "page/markets/markets_json.h"
#include "page/markets/news_json.h"
#include "page/page_model_parts.h"

static bool make_markets(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    const char *made_up = atomic_load(&model->made_up);
    const struct market_facts facts = {
        .streams = model->config.streams,
        .stream_count = model->config.stream_count,
        .assets = model->assets,
        .ticks_source = made_up != NULL ? made_up : model->config.ticks_source,
    };
    struct market_rows rows = {.count = 0};
    struct store *store = store_pool_take(model->stores, STORE_QUICK, error);
    if (store == NULL) {
        return false;
    }
    bool read = market_rows_read(store, &facts, &rows, error);
    store_pool_give(model->stores, STORE_QUICK, store);
    if (read) {
        markets_to_json(&rows, json);
    }
    market_rows_free(&rows);
    return read;
}

bool page_model_markets(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    return cached_answer_get(&model->markets, make_markets, model, json, error);
}

bool page_model_news(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
                     struct error *error)
{
    struct page_model *model = context;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, error);
    if (store == NULL) {
        return false;
    }
    bool read = news_to_json(store, model->assets, wanted, json, error);
    store_pool_give(model->stores, STORE_QUICK, store);
    return read;
}
