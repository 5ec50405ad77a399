#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "page/coins_json.h"
#include "page/page_model_parts.h"
#include "record/ticker.h"

enum { CACHE_MS = 1000 }; /* for this long, one query of the store answers all browsers */

/* Queries the coins again. The caller holds coins_lock. A failure is cached as long as an answer
 * is: otherwise each waiting request would query again. */
static void renew_coins(struct page_model *model)
{
    struct error *error = &model->coins_error;
    struct store *store = store_pool_take(model->stores, STORE_QUICK, error);
    if (store != NULL && coins_to_json(store, model->config.streams, model->config.stream_count,
                                       &model->coins_json, error)) {
        *error = (struct error){.kind = ERROR_NONE};
    }
    if (store != NULL) {
        store_pool_give(model->stores, STORE_QUICK, store);
    }
    model->coins_until_ns = clock_monotonic_ns() + CACHE_MS * NS_PER_MS;
}

bool page_model_has_coins(struct page_model *model)
{
    pthread_mutex_lock(&model->coins_lock);
    if (clock_monotonic_ns() >= model->coins_until_ns) {
        renew_coins(model);
    }
    bool some = model->coins_error.kind == ERROR_NONE && model->coins_json.length > strlen("[]");
    pthread_mutex_unlock(&model->coins_lock);
    return some;
}

bool page_model_coins(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    pthread_mutex_lock(&model->coins_lock);
    if (clock_monotonic_ns() >= model->coins_until_ns) {
        renew_coins(model);
    }
    bool answered = model->coins_error.kind == ERROR_NONE;
    if (answered) {
        strbuf_append_str(json, strbuf_str(&model->coins_json));
    } else {
        *error = model->coins_error;
    }
    pthread_mutex_unlock(&model->coins_lock);
    return answered;
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
