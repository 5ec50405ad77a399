/* Reads from the store what happened. */
#include "page/history/history_json.h"
#include "page/page_model_parts.h"

bool page_model_history(void *context, const struct web_history_wanted *wanted, struct strbuf *json,
                        struct error *error)
{
    struct page_model *model = context;
    struct store *store = store_pool_take(model->stores, STORE_LONG, error);
    if (store == NULL) {
        return false;
    }
    bool read = history_to_json(store, wanted, json, error);
    store_pool_give(model->stores, STORE_LONG, store);
    return read;
}
