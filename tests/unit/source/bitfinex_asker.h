/* A Bitfinex source under test, and what it gave last. */
#ifndef CANDLEWICK_TESTS_BITFINEX_ASKER_H
#define CANDLEWICK_TESTS_BITFINEX_ASKER_H

#include "cmocka_all.h"
#include "fake_exchange/fake_exchange.h"
#include "source/sources.h"
#include "support.h"
#include "ticks.h"

struct asker {
    struct source *source;
    struct source_batch batch;
    struct row_counts counts;
    struct error error;
};

static inline struct asker ask_at(const char *url, const char *coins)
{
    struct asker asker = {0};
    asker.source = bitfinex_source_create(
        &(struct bitfinex_config){.base_url = url, .coins = coins}, &asker.error);
    if (asker.source == NULL) {
        fail_msg("%s", asker.error.text);
    }
    assert_string_equal(asker.source->name, "bitfinex");
    assert_true(asker.source->live);
    return asker;
}

static inline enum source_next next(struct asker *asker)
{
    asker->error = (struct error){0};
    enum source_next result =
        asker->source->next(asker->source->state, &asker->batch, &asker->counts, &asker->error);
    assert_false(asker->batch.has_time);
    assert_true(result == SOURCE_BATCH || (result == SOURCE_ERROR && asker->batch.count == 0));
    return result;
}

static inline void release(struct asker *asker)
{
    source_destroy(asker->source);
    source_batch_free(&asker->batch);
}

static inline struct fake_exchange *start_fake(struct fake_exchange_config config)
{
    struct error error = {0};
    config.listen = "127.0.0.1:0";
    config.data = config.data != NULL ? config.data : FIXTURES "/bitfinex/tickers_all.json";
    struct fake_exchange *exchange = fake_exchange_create(&config, &error);
    if (exchange == NULL) {
        fail_msg("%s", error.text);
    }
    return exchange;
}

#endif
