#include "fuzz/feed.h"

#include "base/clock.h"
#include "base/log.h"

/* The coins, parsed once. */
static const struct coin_table *coins(void)
{
    static struct coin_table wanted;
    bool all = false;
    if (wanted.count == 0) {
        log_set_level(LOG_OFF);
        MUST(coins_parse("tBTCUSD,tETHUSD", &trade_kind, &wanted, &all, NULL));
    }
    return &wanted;
}

/* Forgets all that was sent before, but keeps the memory. */
static void reset(struct fuzz_feed *fuzz)
{
    for (size_t coin = 0; coin < 2; coin++) {
        known_ids_clear(&fuzz->sent[coin]);
        fuzz->hole[coin] = false;
        fuzz->loose[coin] = 0;
    }
    fuzz->newest_event_ns = 0;
    fuzz->trades = 0;
    fuzz->now = (struct feed_time){2000 * NS_PER_SECOND, NS_PER_SECOND};
}

void fuzz_feed_begin(struct fuzz_feed *fuzz, int64_t last_id)
{
    reset(fuzz);
    MUST(trade_feed_init(&fuzz->feed, coins(), NS_PER_DAY));
    if (last_id >= 0) {
        const struct trade trade = {.symbol = "tBTCUSD",
                                    .source = "bitfinex",
                                    .trade_id = last_id,
                                    .exchange_time_ns = 1000 * NS_PER_SECOND,
                                    .price = 1,
                                    .amount = 1};
        trade_feed_tell(&fuzz->feed, &trade_kind, &trade, NULL);
    }
    trade_feed_begin(&fuzz->feed, fuzz->now);
}

static size_t coin_of(const char *symbol)
{
    MUST(strcmp(symbol, "tBTCUSD") == 0 || strcmp(symbol, "tETHUSD") == 0);
    return symbol[1] == 'E';
}

static void check_trade(struct fuzz_feed *fuzz, const struct trade *trade)
{
    size_t coin = coin_of(trade->symbol);
    const struct trade_row row = {trade->trade_id, trade->exchange_time_ns / NS_PER_MS,
                                  trade->amount, trade->price};
    MUST(trade_kind.check(trade, NULL) == NULL && !fuzz->hole[coin]);
    MUST(fuzz->trades++ >= KNOWN_IDS_MAX || known_ids_find(&fuzz->sent[coin], row.id) == NULL);
    MUST(known_ids_add(&fuzz->sent[coin], &row));
    fuzz->loose[coin]++;
}

static void check_event(struct fuzz_feed *fuzz, const struct event *event)
{
    MUST(event_kind.check(event, &fuzz->batch.texts) == NULL &&
         event->time_ns > fuzz->newest_event_ns);
    fuzz->newest_event_ns = event->time_ns;
    if (strcmp(event->what, "hole") == 0) {
        fuzz->hole[coin_of(event->subject)] = true;
    } else if (strcmp(event->what, "hole_closed") == 0) {
        MUST(fuzz->loose[coin_of(event->subject)] == 0);
    }
}

void fuzz_feed_take(struct fuzz_feed *fuzz)
{
    MUST(!fuzz->feed.failed);
    while (!outbox_is_empty(&fuzz->feed.outbox)) {
        MUST(outbox_take(&fuzz->feed.outbox, &fuzz->batch));
        for (size_t i = 0; i < fuzz->batch.count; i++) {
            const void *record = source_batch_at(&fuzz->batch, i);
            if (fuzz->batch.kind == &trade_kind) {
                check_trade(fuzz, record);
            } else {
                check_event(fuzz, record);
            }
        }
        for (size_t coin = 0; fuzz->batch.settle && coin < 2; coin++) {
            fuzz->hole[coin] = false;
            fuzz->loose[coin] = 0;
        }
    }
}

void fuzz_feed_end(struct fuzz_feed *fuzz)
{
    trade_feed_end(&fuzz->feed, fuzz->now);
    fuzz_feed_take(fuzz);
    trade_feed_free(&fuzz->feed);
}
