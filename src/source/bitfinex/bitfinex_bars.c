/*
 * The source of Bitfinex's own bars: asks for those of one coin at a time, a
 * day back at first, and then for what was finished since. What decides is pure
 * (bars_plan.h, known_bars.h, bitfinex_candles.h); here are the socket, the
 * clock and the log.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "source/bitfinex/bar_changes.h"
#include "source/bitfinex/bars_plan.h"
#include "source/bitfinex/bitfinex_candles.h"
#include "source/bitfinex/bitfinex_pairs.h"
#include "source/bitfinex/bitfinex_rest.h"
#include "source/bitfinex/known_bars.h"
#include "source/coins.h"
#include "source/request_budget.h"
#include "source/run_events.h"
#include "source/sources.h"

enum {
    PATH_LIMIT = 300,
    WAIT_MS = 200,  /* at most, in one call of `next` (source.h, `pushed`) */
    LOOK_BACK = 10, /* bars that each request asks for again */
    REFUSED_MS = 60000,
};

/* A bar is sent after its begin, so the log of so much longer than the history has all that was
 * sent of it, whoever else fills the topic; the rest is for clocks that disagree. */
#define SENT_WITHIN_NS (3600 * NS_PER_SECOND)

struct bitfinex_bars {
    struct bitfinex_bars_config config;
    const struct bitfinex_timeframe *timeframe;
    struct bitfinex_rest rest;
    struct coin_table coins;
    struct known_bars *known; /* one a coin */
    struct bars_plan plan;
    struct request_budget budget;
    struct source_batch answer; /* the bars of the last answer that are to be sent */
    struct run_events run;
    struct source_batch events; /* the events that are sent before these bars */
    bool announced, ended;      /* `started` and the list of coins are written; so is `ended` */
    int64_t history_ns;   /* begin of the history that is requested; 0: nothing was requested yet */
    int64_t begun_ns;     /* from this time on the bars of all coins were requested; 0: not yet */
    int64_t covered_ns;   /* end of the newest span that an event `covered` names; 0: none yet */
    pthread_mutex_t lock; /* protects the figures below, which report() reads on any thread */
    int64_t requests, changed, refused;
};

static void destroy(void *state)
{
    struct bitfinex_bars *bars = state;
    for (size_t i = 0; bars->known != NULL && i < bars->coins.count; i++) {
        known_bars_free(&bars->known[i]);
    }
    free(bars->known);
    free(bars->plan.turns);
    bitfinex_rest_close(&bars->rest);
    request_budget_free(&bars->budget);
    source_batch_free(&bars->answer);
    source_batch_free(&bars->events);
    coin_table_free(&bars->coins);
    pthread_mutex_destroy(&bars->lock);
    free(bars);
}

static const char *name_of(const struct bitfinex_bars *bars, size_t coin)
{
    return bars->coins.coins[coin].symbol;
}

static void count(struct bitfinex_bars *bars, int64_t *figure, int64_t amount)
{
    pthread_mutex_lock(&bars->lock);
    *figure += amount;
    pthread_mutex_unlock(&bars->lock);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct bitfinex_bars *bars = state;
    const struct bar *bar = record;
    (void)texts;
    if (kind == &event_kind) {
        run_events_tell(&bars->run, record);
    }
    if (kind != &bar_kind || strcmp(bar->source, "bitfinex") != 0 ||
        strcmp(bar->timeframe, bars->timeframe->name) != 0) {
        return true;
    }
    const struct coin *coin = coin_table_find(&bars->coins, str_from(bar->symbol));
    return coin == NULL || known_bars_tell(&bars->known[coin - bars->coins.coins], bar);
}

/* Returns the begin of the coin's next request. */
static int64_t start_of(struct bitfinex_bars *bars, size_t coin, int64_t now_ns)
{
    bool all = bars_plan_looks_back(&bars->plan, coin, now_ns);
    int64_t start_ns = known_bars_back_ns(&bars->known[coin], all ? KNOWN_BARS_MAX : LOOK_BACK);
    if (bars->history_ns == 0) {
        bars->history_ns = now_ns - bars->config.history_ns;
        bars->history_ns -= bars->history_ns % bars->timeframe->length_ns;
    }
    start_ns = start_ns != INT64_MIN ? start_ns : bars->history_ns;
    if (bars->covered_ns == 0 && start_ns > bars->begun_ns) {
        bars->begun_ns = start_ns;
    }
    return start_ns;
}

/* Keeps of the last answer what is to be sent, and counts each bar. Returns
 * false when memory runs out. */
static bool choose(struct bitfinex_bars *bars, size_t coin, int64_t now_ns,
                   struct row_counts *counts)
{
    struct known_bars *known = &bars->known[coin];
    struct source_batch *answer = &bars->answer;
    size_t kept = 0;
    for (size_t i = 0; i < answer->count; i++) {
        struct bar *bar = source_batch_at(answer, i);
        struct known_bar before;
        enum known_finding finding = known_bars_look(known, bar, &before);
        if (bar->open_time_ns + bars->timeframe->length_ns + BARS_GRACE_NS > now_ns) {
            counts->rejected[ROW_UNFINISHED]++;
        } else if (finding == KNOWN_EQUAL) {
            counts->rejected[ROW_REPEAT]++;
        } else if (finding == KNOWN_TOO_OLD) {
            counts->rejected[ROW_OUT_OF_ORDER]++;
        } else {
            if ((finding == KNOWN_CHANGED &&
                 !bar_changes_add(&bars->run, &bars->events, bar, &before,
                                  bars->timeframe->length_ns, now_ns)) ||
                !known_bars_keep(known, bar)) {
                return false;
            }
            counts->records++;
            *(struct bar *)source_batch_at(answer, kept++) = *bar;
        }
    }
    answer->count = kept;
    return true;
}

/* Moves the records of `from` to `batch`, and the memory of `batch` to `from`. */
static void hand_over(struct source_batch *from, struct source_batch *batch)
{
    struct source_batch room = *batch;
    *batch = *from;
    *from = room;
    from->count = 0;
}

/* Says of the coins that the exchange knows up to when they are covered. Returns false when memory
 * runs out. */
static bool cover(struct bitfinex_bars *bars)
{
    int64_t whole_ns = bars_plan_whole_ns(&bars->plan);
    struct run_span span = {.begin_ns = bars->covered_ns != 0 ? bars->covered_ns : bars->begun_ns,
                            .end_ns = whole_ns,
                            .interval_ms = bars->timeframe->length_ns / NS_PER_MS};
    if (whole_ns <= span.begin_ns) {
        return true;
    }
    bars->covered_ns = whole_ns;
    for (size_t i = 0; i < bars->coins.count; i = span.last + 1) {
        span.first = span.last = i;
        if (bars->plan.turns[i].refused) {
            continue;
        }
        while (span.last + 1 < bars->coins.count && !bars->plan.turns[span.last + 1].refused) {
            span.last++;
        }
        if (!run_events_cover(&bars->run, &bars->events, bars->config.wall_ns(), &span)) {
            return false;
        }
    }
    return true;
}

/* Writes the events that are due when nothing else is to be sent: what was sent before is covered.
 * Returns false when memory runs out. */
static bool write_events(struct bitfinex_bars *bars)
{
    if (!bars->announced) {
        bars->announced = true;
        return run_events_start(&bars->run, &bars->events, bars->config.wall_ns(), &bars->coins);
    }
    return cover(bars);
}

/* Fills `batch` with what is ready: the events first, which Kafka has before
 * the bars that they announce. Otherwise begins it empty and returns false. */
static bool hand_on(struct bitfinex_bars *bars, struct source_batch *batch)
{
    if (bars->events.count > 0) {
        hand_over(&bars->events, batch);
        batch->settle = true;
        return true;
    }
    if (bars->answer.count > 0) {
        hand_over(&bars->answer, batch);
        return true;
    }
    source_batch_begin(batch, &bar_kind, true);
    return false;
}

static void tell_refusal(struct bitfinex_bars *bars, size_t coin, bool refused)
{
    if (refused == bars->plan.turns[coin].refused) {
        return;
    }
    count(bars, &bars->refused, refused ? 1 : -1);
    if (refused) {
        log_warn("unknown_coin", log_text("source", BITFINEX_BARS_NAME),
                 log_text("coin", name_of(bars, coin)),
                 log_text("reason", "the exchange does not know it: going on without, and asking "
                                    "again now and then"));
    } else {
        log_info("coin_back", log_text("source", BITFINEX_BARS_NAME),
                 log_text("coin", name_of(bars, coin)));
    }
}

static bool fail_all_refused(const struct bitfinex_bars *bars, struct error *error)
{
    (void)error_set(error, ERROR_RETRY,
                    "the exchange knows none of the coins (%s%s): check --coins", name_of(bars, 0),
                    bars->coins.count > 1 ? ",…" : "");
    error->retry_after_ms = REFUSED_MS;
    return false;
}

static bool take_rows(struct bitfinex_bars *bars, size_t coin, int64_t now_ns, int64_t rows,
                      struct row_counts *counts, struct error *error)
{
    bool of_the_past = !bars->plan.turns[coin].asked;
    tell_refusal(bars, coin, false);
    if (!choose(bars, coin, now_ns, counts)) {
        bars->answer.count = bars->events.count = 0;
        return error_set(error, ERROR_FATAL, "no memory for the bars of %s", name_of(bars, coin));
    }
    for (size_t i = 0; i < bars->answer.count && !of_the_past; i++) {
        bars->answer.arrived_ns[i] = clock_wall_ns();
    }
    count(bars, &bars->changed, (int64_t)bars->events.count);
    bars_plan_answer(&bars->plan, coin, now_ns,
                     rows >= BITFINEX_CANDLES_MAX ? BARS_PAGE : BARS_WHOLE);
    return true;
}

/* Asks for the coin's bars. Returns false with `error` filled when there is no
 * answer to go on with. */
static bool ask(struct bitfinex_bars *bars, size_t coin, struct row_counts *counts,
                struct error *error)
{
    /* Read before the request: a bar that is over by then is over in the answer.
     */
    int64_t now_ns = bars->config.wall_ns();
    bitfinex_candles_path(bitfinex_rest_path(&bars->rest), bars->timeframe, name_of(bars, coin),
                          start_of(bars, coin, now_ns));
    bars_plan_asks(&bars->plan, coin);
    request_budget_spend(&bars->budget, clock_monotonic_ns());
    count(bars, &bars->requests, 1);
    if (!bitfinex_rest_get(&bars->rest, error)) {
        return false;
    }
    const struct http_response *response = &bars->rest.response;
    int64_t before = counts->rows;
    switch (bitfinex_candles_parse(response->status, strbuf_str(&response->body), bars->timeframe,
                                   name_of(bars, coin), &bars->answer, counts, error)) {
    case BITFINEX_ROWS:
        return take_rows(bars, coin, now_ns, counts->rows - before, counts, error);
    case BITFINEX_UNKNOWN_SYMBOL:
        tell_refusal(bars, coin, true);
        bars_plan_answer(&bars->plan, coin, now_ns, BARS_REFUSED);
        return !bars_plan_all_refused(&bars->plan) || fail_all_refused(bars, error);
    case BITFINEX_AWAY:
    case BITFINEX_NO_MEMORY:
    default:
        bitfinex_rest_explain(&bars->rest, error);
        return false;
    }
}

/* Returns false, after waiting for a moment, when no request is to be sent yet.
 */
static bool find_turn(struct bitfinex_bars *bars, size_t *coin)
{
    int64_t wait_ns = request_budget_wait_ns(&bars->budget, clock_monotonic_ns());
    if (wait_ns == 0 && bars_plan_due(&bars->plan, bars->config.wall_ns(), coin)) {
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
    if (hand_on(bars, batch)) {
        return SOURCE_BATCH;
    }
    if (!write_events(bars)) {
        (void)error_set(error, ERROR_FATAL, "no memory for the events of %s", BITFINEX_BARS_NAME);
        return SOURCE_ERROR;
    }
    if (!hand_on(bars, batch) && find_turn(bars, &coin)) {
        if (!ask(bars, coin, counts, error)) {
            return SOURCE_ERROR;
        }
        (void)hand_on(bars, batch);
    }
    return SOURCE_BATCH;
}

static bool last(void *state, struct source_batch *batch)
{
    struct bitfinex_bars *bars = state;
    if (hand_on(bars, batch)) {
        return true;
    }
    bool ended = bars->ended || !bars->announced;
    bars->ended = true;
    return !ended && cover(bars) &&
           run_events_end(&bars->run, &bars->events, bars->config.wall_ns()) &&
           hand_on(bars, batch);
}

static void report(void *state, struct source_report *report)
{
    struct bitfinex_bars *bars = state;
    pthread_mutex_lock(&bars->lock);
    int64_t requests = bars->requests, changed = bars->changed, refused = bars->refused;
    pthread_mutex_unlock(&bars->lock);
    report->requests = requests;
    source_report_add(report, "bars_changed",
                      "Bars that the exchange changed after they were sent.", true, changed);
    source_report_add(report, "coins_refused", "Coins that the exchange does not know.", false,
                      refused);
    if (refused > 0) {
        (void)snprintf(report->notice, sizeof report->notice,
                       "the exchange does not know %lld of the %zu coins: check --coins",
                       (long long)refused, bars->coins.count);
    }
}

static bool read_options(struct bitfinex_bars *bars, struct error *error)
{
    const struct bitfinex_bars_config *config = &bars->config;
    bars->timeframe = bitfinex_timeframe_named(str_from(config->timeframe));
    if (bars->timeframe == NULL) {
        return error_set(error, ERROR_USAGE,
                         "%s is no length of bars that Bitfinex and we have: "
                         "it may be %s",
                         config->timeframe, bitfinex_timeframes);
    }
    bool all = false;
    if (!coins_parse(config->exchange.coins, &bar_kind, &bars->coins, &all, error) ||
        !bitfinex_pairs_check(&bars->coins, error)) {
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
    if (!read_options(bars, error) ||
        !bitfinex_rest_open(&bars->rest, &bars->config.exchange, PATH_LIMIT, error)) {
        return false;
    }
    size_t count = bars->coins.count;
    bars->plan = (struct bars_plan){.turns = calloc(count, sizeof *bars->plan.turns),
                                    .count = count,
                                    .length_ns = bars->timeframe->length_ns,
                                    .interval_ns = bars->config.interval_ns};
    bars->known = calloc(count, sizeof *bars->known);
    if (bars->plan.turns == NULL || bars->known == NULL ||
        !request_budget_init(&bars->budget, (size_t)bars->config.requests_per_minute)) {
        return error_set(error, ERROR_FATAL, "no memory for the bars of %zu coins", count);
    }
    return true;
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
    bars->run = (struct run_events){.source = BITFINEX_BARS_NAME};
    pthread_mutex_init(&bars->lock, NULL);
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
                              .told_ns = bars->config.history_ns + SENT_WITHIN_NS,
                              .writes_events = true,
                              .state = bars,
                              .tell = tell,
                              .next = next,
                              .last = last,
                              .report = report,
                              .destroy = destroy};
    return source;
}
