/*
 * The source of Bitfinex's own bars: asks for those of one coin at a time, first for the history
 * and then for what was finished since. What decides is pure (bars/bars_book.h,
 * bitfinex_candles.h); here are the socket, the clock and the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "source/bars/bars_book.h"
#include "source/bars/bars_tally.h"
#include "source/bitfinex/bitfinex_candles.h"
#include "source/bitfinex/bitfinex_pairs.h"
#include "source/bitfinex/bitfinex_rest.h"
#include "source/coins.h"
#include "source/request_budget.h"
#include "source/sources.h"

enum {
    PATH_LIMIT = 300,
    WAIT_MS = 200, /* at most, in one call of `next` (source.h, `pushed`) */
};
#define GRACE_NS (60 * NS_PER_SECOND) /* how long after its end a bar is asked for */

struct bitfinex_bars {
    struct bitfinex_bars_config config;
    const struct bitfinex_timeframe *timeframe;
    struct bitfinex_rest rest;
    struct bars_book book;
    struct request_budget budget;
    struct bars_tally tally;
};

static void destroy(void *state)
{
    struct bitfinex_bars *bars = state;
    bars_book_free(&bars->book);
    bitfinex_rest_close(&bars->rest);
    request_budget_free(&bars->budget);
    bars_tally_free(&bars->tally);
    free(bars);
}

static const char *name_of(const struct bitfinex_bars *bars, size_t coin)
{
    return bars->book.coins.coins[coin].symbol;
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct bitfinex_bars *bars = state;
    (void)texts;
    return bars_book_tell(&bars->book, kind, record);
}

static bool take_rows(struct bitfinex_bars *bars, size_t coin, int64_t now_ns, int64_t rows,
                      struct row_counts *counts, struct error *error)
{
    struct bars_book *book = &bars->book;
    bool of_the_past = !book->plan.turns[coin].asked;
    bars_tally_refused(&bars->tally, book, coin, false);
    if (!bars_book_take(book, coin, now_ns - GRACE_NS, now_ns, counts)) {
        return error_set(error, ERROR_FATAL, "no memory for the bars of %s", name_of(bars, coin));
    }
    for (size_t i = 0; i < book->answer.count && !of_the_past; i++) {
        book->answer.arrived_ns[i] = clock_wall_ns();
    }
    bars_tally_changed(&bars->tally, book);
    bars_book_answered(book, coin, now_ns, rows >= BITFINEX_CANDLES_MAX ? BARS_PAGE : BARS_WHOLE);
    return true;
}

/* Asks for the coin's bars. Returns false with `error` filled when there is no answer to go on
 * with. */
static bool ask(struct bitfinex_bars *bars, size_t coin, struct row_counts *counts,
                struct error *error)
{
    /* Read before the request: a bar that is over by then is over in the answer. */
    int64_t now_ns = bars->config.wall_ns();
    bitfinex_candles_path(bitfinex_rest_path(&bars->rest), bars->timeframe, name_of(bars, coin),
                          bars_book_start_ns(&bars->book, coin, now_ns));
    bars_plan_asks(&bars->book.plan, coin);
    request_budget_spend(&bars->budget, clock_monotonic_ns());
    bars_tally_request(&bars->tally);
    if (!bitfinex_rest_get(&bars->rest, error)) {
        return false;
    }
    const struct http_response *response = &bars->rest.response;
    int64_t before = counts->rows;
    switch (bitfinex_candles_parse(response->status, strbuf_str(&response->body), bars->timeframe,
                                   name_of(bars, coin), &bars->book.answer, counts, error)) {
    case BITFINEX_ROWS:
        return take_rows(bars, coin, now_ns, counts->rows - before, counts, error);
    case BITFINEX_UNKNOWN_SYMBOL:
        bars_tally_refused(&bars->tally, &bars->book, coin, true);
        bars_book_answered(&bars->book, coin, now_ns, BARS_REFUSED);
        return bars_tally_any_known(&bars->book, error);
    case BITFINEX_AWAY:
    case BITFINEX_NO_MEMORY:
    default:
        bitfinex_rest_explain(&bars->rest, error);
        return false;
    }
}

/* Returns false, after a short wait, when no request is to be sent yet. */
static bool find_turn(struct bitfinex_bars *bars, size_t *coin)
{
    int64_t wait_ns = request_budget_wait_ns(&bars->budget, clock_monotonic_ns());
    if (wait_ns == 0 && bars_plan_due(&bars->book.plan, bars->config.wall_ns(), coin)) {
        return true;
    }
    (void)stop_wait_ms(bars->config.exchange.stop, WAIT_MS);
    return false;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct bitfinex_bars *bars = state;
    size_t coin = 0;
    if (bars_book_hand_on(&bars->book, batch)) {
        return SOURCE_BATCH;
    }
    if (!bars_book_write_events(&bars->book, bars->config.wall_ns())) {
        (void)error_set(error, ERROR_FATAL, "no memory for the events of %s", BITFINEX_BARS_NAME);
        return SOURCE_ERROR;
    }
    if (!bars_book_hand_on(&bars->book, batch) && find_turn(bars, &coin)) {
        if (!ask(bars, coin, counts, error)) {
            return SOURCE_ERROR;
        }
        (void)bars_book_hand_on(&bars->book, batch);
    }
    return SOURCE_BATCH;
}

static bool last(void *state, struct source_batch *batch)
{
    struct bitfinex_bars *bars = state;
    return bars_book_last(&bars->book, bars->config.wall_ns(), batch);
}

static void report(void *state, struct source_report *report)
{
    struct bitfinex_bars *bars = state;
    report->requests = bars_tally_report(&bars->tally, &bars->book, report);
}

static bool read_coins(const struct bitfinex_bars *bars, struct coin_table *coins,
                       struct error *error)
{
    bool all = false;
    if (!coins_parse(bars->config.exchange.coins, &bar_kind, coins, &all, error) ||
        !bitfinex_pairs_check(coins, error)) {
        return false;
    }
    if (all) {
        return error_set(error, ERROR_USAGE,
                         "bars are asked for coin by coin, so %s cannot follow "
                         "ALL: name them with "
                         "--coins",
                         BITFINEX_BARS_NAME);
    }
    return true;
}

static bool fill(struct bitfinex_bars *bars, struct error *error)
{
    const struct bitfinex_bars_config *config = &bars->config;
    bars->timeframe = bitfinex_timeframe_named(str_from(config->timeframe));
    if (bars->timeframe == NULL) {
        return error_set(error, ERROR_USAGE,
                         "%s is no length of bars that Bitfinex and we have: "
                         "it may be %s",
                         config->timeframe, bitfinex_timeframes);
    }
    struct coin_table coins = {.count = 0};
    struct bars_book_config book = {.name = BITFINEX_BARS_NAME,
                                    .service = "bitfinex",
                                    .timeframe = bars->timeframe->name,
                                    .length_ns = bars->timeframe->length_ns,
                                    .grace_ns = GRACE_NS,
                                    .interval_ns = config->interval_ns,
                                    .history_ns = config->history_ns};
    bool filled = read_coins(bars, &coins, error) &&
                  bitfinex_rest_open(&bars->rest, &config->exchange, PATH_LIMIT, error) &&
                  bars_book_init(&bars->book, &book, &coins, error);
    coin_table_free(&coins);
    return filled && (request_budget_init(&bars->budget, (size_t)config->requests_per_minute) ||
                      error_set(error, ERROR_FATAL, "no memory for the bars"));
}

struct source *bitfinex_bars_source_create(const struct bitfinex_bars_config *config,
                                           struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct bitfinex_bars *bars = calloc(1, sizeof *bars);
    if (source == NULL || bars == NULL) {
        free(source);
        free(bars);
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    bars->config = *config;
    bars_tally_init(&bars->tally);
    if (bars->config.wall_ns == NULL) {
        bars->config.wall_ns = clock_wall_ns;
    }
    if (!fill(bars, error)) {
        destroy(bars);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = BITFINEX_BARS_NAME,
                              .service = "bitfinex",
                              .kind = &bar_kind,
                              .live = true,
                              .pushed = true,
                              .told_ns = bars->config.history_ns + BARS_SENT_WITHIN_NS,
                              .writes_events = true,
                              .state = bars,
                              .tell = tell,
                              .next = next,
                              .last = last,
                              .report = report,
                              .destroy = destroy};
    return source;
}
