#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "page/coins_json.h"
#include "page/page_model_parts.h"
#include "record/ticker.h"

static bool make_coins(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, error);
    if (store == NULL) {
        return false;
    }
    bool read =
        coins_to_json(store, model->config.streams, model->config.stream_count, json, error);
    store_pool_give(model->stores, STORE_QUICK, store);
    return read;
}

bool page_model_has_coins(struct page_model *model)
{
    struct strbuf json = strbuf_new(PAGE_JSON_LIMIT);
    struct error error;
    bool some = page_model_coins(model, &json, &error) && json.length > strlen("[]");
    strbuf_free(&json);
    return some;
}

bool page_model_coins(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    return cached_answer_get(&model->coins, make_coins, model, json, error);
}

static int64_t last_time_ns(const struct series_summary *coin)
{
    return column_int64(ticker_kind.time, &coin->last);
}

static void append_time(struct strbuf *json, const char *name, int64_t time_ns)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, text);
    strbuf_append_format(json, ",\"%s\":\"%s\"", name, text);
}

void page_model_replay_range(struct page_model *model, struct strbuf *json)
{
    struct series_summary *coins = NULL;
    size_t count = 0;
    struct error error;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, &error);
    bool answered = store != NULL && store_list_series(store, &ticker_kind, &coins, &count, &error);
    if (store != NULL) {
        store_pool_give(model->stores, STORE_QUICK, store);
    }
    if (answered && count > 0) {
        int64_t first_ns = coins[0].first_time_ns, last_ns = last_time_ns(&coins[0]);
        for (size_t i = 1; i < count; i++) {
            const struct series_summary *coin = &coins[i];
            first_ns = coin->first_time_ns < first_ns ? coin->first_time_ns : first_ns;
            last_ns = last_time_ns(coin) > last_ns ? last_time_ns(coin) : last_ns;
        }
        append_time(json, "replay_from", first_ns);
        if (atomic_load(&model->source_done)) {
            append_time(json, "replay_to", last_ns);
        } else {
            strbuf_append_text(json, ",\"replay_to\":null");
        }
    }
    free(coins);
}
