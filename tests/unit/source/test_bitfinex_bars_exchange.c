/* Bars against an exchange that fails and changes its mind: in the end the newest revisions are
 * what the exchange's trades make, and nothing is sent twice. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_exchange.h"
#include "fake_exchange/fake_market.h"
#include "record/bar.h"
#include "record/event.h"
#include "source/sources.h"
#include "support.h"

#define NOON_NS INT64_C(1764504000000000000)
#define MINUTE_NS (60 * NS_PER_SECOND)

enum {
    COINS = 3,
    PAST = 1440,  /* minutes before noon */
    FUTURE = 130, /* minutes after noon: two looks back */
    MINUTES = PAST + FUTURE + 10,
};
static const char *const coins[COINS] = {"tBTCUSD", "tETHUSD", "tXRPUSD"};

static int64_t now_ns;

static int64_t wall_ns(void)
{
    return now_ns;
}

struct log {
    struct bar bars[COINS][MINUTES]; /* the highest revision of each; without volume: none */
    int64_t sent, revisions, changes;
    int64_t events_ahead; /* of bar_changed whose bar has not come yet */
};

static size_t coin_number(const char *symbol)
{
    for (size_t i = 0; i < COINS; i++) {
        if (strcmp(coins[i], symbol) == 0) {
            return i;
        }
    }
    fail_msg("%s was not asked for", symbol);
    return 0;
}

static void take_bar(struct log *log, const struct bar *bar)
{
    int64_t minute = (bar->open_time_ns - NOON_NS) / MINUTE_NS + PAST;
    assert_in_range(minute, 0, MINUTES - 1);
    assert_true(bar->open_time_ns + 2 * MINUTE_NS <= now_ns);
    struct bar *kept = &log->bars[coin_number(bar->symbol)][minute];
    assert_int_equal(bar->revision, kept->has_volume ? kept->revision + 1 : 0);
    log->revisions += bar->revision > 0;
    log->events_ahead -= bar->revision > 0;
    *kept = *bar;
    log->sent++;
}

static void take_batch(struct log *log, const struct source_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const void *record = source_batch_at(batch, i);
        assert_null(batch->kind->check(record, &batch->texts));
        if (batch->kind == &bar_kind) {
            take_bar(log, record);
        } else if (strcmp(((const struct event *)record)->what, "bar_changed") == 0) {
            assert_true(batch->settle);
            log->changes++;
            log->events_ahead++;
        }
    }
    /* An event comes before its bar, and no other event in between. */
    assert_true(log->events_ahead >= 0);
    assert_true(batch->kind != &bar_kind || log->events_ahead == 0 || batch->count == 0);
}

/* Calls `next` until `requests` more were answered or refused. */
static void ask(struct source *source, struct fake_exchange *exchange, struct log *log,
                int64_t requests)
{
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct fake_exchange_progress progress;
    fake_exchange_progress(exchange, &progress);
    int64_t until = progress.candle_requests + requests;
    do {
        struct error error = {0};
        if (source->next(source->state, &batch, &counts, &error) == SOURCE_BATCH) {
            take_batch(log, &batch);
        } else {
            assert_int_equal(error.kind, ERROR_RETRY);
        }
        fake_exchange_progress(exchange, &progress);
    } while (progress.candle_requests < until || log->events_ahead > 0);
    source_batch_free(&batch);
}

/* In the order of the stored times of trades. */
static bool is_before(const struct fake_trade *a, const struct fake_trade *b)
{
    return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->id % 1000000 < b->id % 1000000;
}

/* Compares all bars with what the trades make. Returns how many minutes had no trade. */
static int compare(const struct fake_market *market, const struct log *log, int64_t until_ns)
{
    int empty = 0;
    for (size_t coin = 0; coin < COINS; coin++) {
        size_t number = fake_market_coin(market, str_from(coins[coin]));
        for (int64_t minute = 0; minute < MINUTES; minute++) {
            int64_t open_ms = (NOON_NS + (minute - PAST) * MINUTE_NS) / NS_PER_MS;
            const struct fake_query query = {.from_ms = open_ms,
                                             .to_ms = open_ms + 59999,
                                             .limit = 100000,
                                             .oldest_first = true};
            struct fake_cursor cursor = fake_market_select(market, number, &query);
            const struct bar *bar = &log->bars[coin][minute];
            const struct fake_trade *trade = fake_cursor_next(&cursor);
            if (trade == NULL || open_ms * NS_PER_MS + 2 * MINUTE_NS > until_ns) {
                assert_false(bar->has_volume);
                empty += trade == NULL;
                continue;
            }
            const struct fake_trade *first = trade, *last = trade;
            int64_t high = trade->price_e8, low = high, volume = 0;
            for (; trade != NULL; trade = fake_cursor_next(&cursor)) {
                high = trade->price_e8 > high ? trade->price_e8 : high;
                low = trade->price_e8 < low ? trade->price_e8 : low;
                first = is_before(trade, first) ? trade : first;
                last = is_before(trade, last) ? last : trade;
                volume += trade->amount_e8 < 0 ? -trade->amount_e8 : trade->amount_e8;
            }
            assert_true(bar->high == fake_decimal_value(high));
            assert_true(bar->low == fake_decimal_value(low));
            assert_true(bar->has_volume);
            assert_true(bar->open == fake_decimal_value(first->price_e8));
            assert_true(bar->close == fake_decimal_value(last->price_e8));
            assert_true(bar->volume == fake_decimal_value(volume));
        }
    }
    return empty;
}

static void set_time(struct fake_exchange *exchange, int64_t time_ns)
{
    now_ns = time_ns;
    /* Its clock is behind, so that the newest finished bar, which its fault changes, is sent. */
    fake_exchange_set_time(exchange, (time_ns - MINUTE_NS) / NS_PER_MS);
}

static struct fake_exchange *start(const char *faults)
{
    struct error error = {0};
    struct fake_exchange *exchange =
        fake_exchange_create(&(struct fake_exchange_config){.listen = "127.0.0.1:0",
                                                            .faults = faults,
                                                            .coins = "tBTCUSD,tETHUSD,tXRPUSD",
                                                            .seed = 7,
                                                            .trades_per_minute = 4,
                                                            .history_ms = 26 * 3600 * INT64_C(1000),
                                                            .length_ms = 3 * 3600 * INT64_C(1000),
                                                            .start_ms = NOON_NS / NS_PER_MS,
                                                            .limits = "candles=0"},
                             &error);
    if (exchange == NULL) {
        fail_msg("%s", error.text);
    }
    return exchange;
}

static void newest_revisions_are_what_the_trades_make(void **state)
{
    (void)state;
    static struct log log;
    struct error error = {0};
    struct fake_exchange *exchange = start(
        "candles/changed-bar@20,31-33,100,150;candles/429@2,40;candles/500@50;candles/html@60;"
        "candles/truncated@5,70-71;candles/maintenance@80");
    struct stop *stop = stop_create(&error);
    struct bitfinex_bars_config config = {
        .exchange = {.base_url = fake_exchange_url(exchange),
                     .coins = "tBTCUSD,tETHUSD,tXRPUSD",
                     .stop = stop},
        .timeframe = "1m",
        .history_ns = PAST * MINUTE_NS,
        .requests_per_minute = 60000,
        .wall_ns = wall_ns,
    };
    struct source *source = bitfinex_bars_source_create(&config, &error);
    assert_non_null(source);
    for (int64_t minute = 0; minute <= FUTURE; minute++) {
        set_time(exchange, NOON_NS + minute * MINUTE_NS);
        ask(source, exchange, &log, COINS);
    }
    /* Failed requests moved the turns: a last round that all coins have. */
    set_time(exchange, NOON_NS + (FUTURE + 1) * MINUTE_NS);
    ask(source, exchange, &log, COINS);
    assert_in_range(compare(fake_exchange_market(exchange), &log, now_ns), 10, 500);
    assert_int_equal(log.changes, log.revisions);
    assert_in_range(log.revisions, 3, 12);
    assert_in_range(log.sent, COINS * PAST / 2, COINS * MINUTES);
    source_destroy(source);
    stop_destroy(stop);
    fake_exchange_destroy(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_revisions_are_what_the_trades_make),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
