/*
 * The source of trades: its sockets, threads and clock. What the messages mean is decided by
 * trade_feed.h.
 *
 * `next` runs on the poller's thread and reads all WebSockets. Two errands run beside it, so that
 * live trades go on meanwhile: one connects, one asks for a page of history.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "source/bitfinex/bitfinex_pairs.h"
#include "source/bitfinex_trades/bitfinex_trades_parts.h"

enum {
    REFILL_PER_MINUTE = 15,
    CONNECTS_PER_MINUTE = 19,
    SILENCE_TIMEOUT_MS = 30000,
    RECONNECT_WAIT_MS = 5000,
    WAIT_MS = 200, /* at most, in one call of `next` */
    PATH_LIMIT = 300,
};

#define REFILL_MAX_AGE_NS NS_PER_DAY
#define HOLES_TOLD_NS (10 * NS_PER_SECOND) /* least time between two log lines about open holes */

/* Runs on the errand's thread. */
static void ask_now(void *context)
{
    struct asking *asking = context;
    asking->error = (struct error){0};
    asking->answered = bitfinex_rest_get(&asking->rest, &asking->error);
}

/* Called when the exchange did not answer with rows: delays the next request. */
static void ask_later(struct bitfinex_trades *trades, struct error *error)
{
    bitfinex_rest_explain(&trades->asking.rest, error);
    trades->request_errors++;
    int most_ms = 12 * trades->config.reconnect_wait_ms; /* a minute */
    int wait_ms = backoff_next_ms(&trades->ask_backoff, error->retry_after_ms);
    wait_ms = wait_ms < most_ms ? wait_ms : most_ms;
    trades->ask_due_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    log_warn("refill_retry", log_text("source", BITFINEX_TRADES_NAME),
             log_text("coin", trades->feed.coins[trades->asking.page.coin].symbol),
             log_int("wait_ms", wait_ms), log_text("reason", error->text));
}

static void take_answer(struct bitfinex_trades *trades)
{
    struct asking *asked = &trades->asking;
    const struct http_response *response = &asked->rest.response;
    json_t *rows = NULL;
    if (!errand_take(trades->asker)) {
        return;
    }
    enum bitfinex_answer answer = BITFINEX_AWAY;
    if (asked->answered) {
        answer = bitfinex_answer_read(response->status, strbuf_str(&response->body), "trades",
                                      &rows, &asked->error);
    }
    switch (answer) {
    case BITFINEX_ROWS:
        backoff_reset(&trades->ask_backoff);
        trade_feed_take_page(&trades->feed, &asked->page, rows, links_time());
        json_decref(rows);
        break;
    case BITFINEX_UNKNOWN_SYMBOL:
        trade_feed_give_up(&trades->feed, &asked->page, links_time());
        break;
    case BITFINEX_AWAY:
        ask_later(trades, &asked->error);
        break;
    case BITFINEX_NO_MEMORY:
        trades->failure = asked->error;
        break;
    }
}

/* Asks for the next page of history, as the budget allows. */
static void start_asking(struct bitfinex_trades *trades)
{
    struct feed_time now = links_time();
    struct refill_page *page = &trades->asking.page;
    if (!errand_is_free(trades->asker) || now.steady_ns < trades->ask_due_ns ||
        request_budget_wait_ns(&trades->requests, now.steady_ns) > 0 ||
        !trade_feed_next_page(&trades->feed, now, page)) {
        return;
    }
    refill_append_path(page, trades->feed.coins[page->coin].symbol,
                       bitfinex_rest_path(&trades->asking.rest));
    request_budget_spend(&trades->requests, now.steady_ns);
    errand_start(trades->asker);
}

/* Waits until something has arrived, an errand is done, or WAIT_MS are over. */
static void wait_for_more(struct bitfinex_trades *trades)
{
    nfds_t count = 0;
    trades->fds[count++] = (struct pollfd){.fd = errand_fd(trades->connector), .events = POLLIN};
    trades->fds[count++] = (struct pollfd){.fd = errand_fd(trades->asker), .events = POLLIN};
    for (size_t i = 0; i < trades->link_count; i++) {
        if (trades->links[i].websocket != NULL) {
            int fd = websocket_fd(trades->links[i].websocket);
            trades->fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
    }
    (void)poll(trades->fds, count, WAIT_MS); /* a failure only makes the wait shorter */
}

/* Serves the connections, requests and answers once. If nothing was ready, waits for more. */
static void work(struct bitfinex_trades *trades)
{
    take_answer(trades);
    bool more = links_read(trades);
    links_add(trades);
    links_ask(trades);
    links_renew(trades);
    start_asking(trades);
    trade_feed_tick(&trades->feed, links_time());
    if (!more && outbox_is_empty(&trades->feed.outbox) && !stop_requested(trades->config.stop)) {
        wait_for_more(trades);
    }
}

/* How far the refill of holes is. */
struct refill_progress {
    int64_t holes;
    int64_t requests;     /* sent so far */
    int64_t left, most;   /* requests that are allowed in this minute */
    int64_t minutes_left; /* until all holes are refilled, at least */
};

static struct refill_progress refill_progress_of(const struct bitfinex_trades *trades)
{
    struct refill_progress state = {
        .holes = (int64_t)trades->feed.holes.count,
        .requests = (int64_t)trades->requests.count,
        .left = (int64_t)request_budget_left(&trades->requests, clock_monotonic_ns()),
        .most = (int64_t)trades->requests.per_minute};
    state.minutes_left = (state.holes + state.most - 1) / state.most;
    return state;
}

static void fill_figures(const struct bitfinex_trades *trades, const struct refill_progress *refill,
                         struct source_report *report)
{
    const struct feed_counts *counts = &trades->feed.counts;
    const struct source_figure figures[] = {
        {"connections", "WebSockets that are open.", false, (int64_t)links_open(trades)},
        {"connects", "Times that a WebSocket was to be opened.", true,
         (int64_t)trades->connects.count},
        {"frames", "Messages that came on WebSockets.", true, counts->frames},
        {"unknown_frames", "Messages of channels or with words that are not known.", true,
         counts->unknown},
        {"exchange_errors", "Errors with which the exchange answered.", true, counts->errors},
        {"repeats", "Trades that came again and were not sent again.", true, counts->repeats},
        {"changed", "Trades that came again with other figures, which were not sent.", true,
         counts->changed},
        {"open_holes", "Spans of one coin each whose trades are missing.", false, refill->holes},
        {"refill_requests", "Requests for trades that were missed.", true, refill->requests},
        {"refilled", "Trades that these requests brought.", true, counts->refilled},
        {"refill_budget_left", "Requests that are allowed in this minute.", false, refill->left},
        {"refill_minutes_left", "Minutes until all open holes are refilled, at least.", false,
         refill->minutes_left},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        source_report_add(report, figures[i].name, figures[i].help, figures[i].grows,
                          figures[i].value);
    }
}

/* Says how many connections and holes are open. */
static void fill_words(struct bitfinex_trades *trades, const struct refill_progress *refill,
                       struct source_report *report)
{
    size_t open = links_open(trades);
    if (open == trades->link_count) {
        trades->trouble[0] = '\0';
    }
    int length = 0;
    if (refill->holes > 0) {
        length = snprintf(report->notice, sizeof report->notice,
                          "%lld holes are open; refilling them takes %lld min at least (%lld of "
                          "%lld requests are left in this one)",
                          (long long)refill->holes, (long long)refill->minutes_left,
                          (long long)refill->left, (long long)refill->most);
    }
    if (trades->trouble[0] == '\0') {
        return;
    }
    char *words = open == 0 ? report->trouble : report->notice + length;
    size_t room = open == 0 ? sizeof report->trouble : sizeof report->notice - (size_t)length;
    (void)snprintf(words, room, "%s%zu of %zu connections are open: %.800s",
                   open > 0 && length > 0 ? "; " : "", open, trades->link_count, trades->trouble);
}

/* Logs the number of open holes when it has changed, but not often. */
static void log_holes(struct bitfinex_trades *trades, const struct refill_progress *refill)
{
    int64_t now_ns = clock_monotonic_ns();
    bool soon = trades->told_ns != 0 && now_ns - trades->told_ns < HOLES_TOLD_NS;
    if (refill->holes == trades->told_holes || (soon && refill->holes > 0)) {
        return;
    }
    trades->told_holes = refill->holes;
    trades->told_ns = now_ns;
    log_info("open_holes", log_text("source", BITFINEX_TRADES_NAME),
             log_int("open_holes", refill->holes), log_int("refill_requests", refill->requests),
             log_int("refill_budget_left", refill->left),
             log_int("refill_minutes_left", refill->minutes_left));
}

static void publish(struct bitfinex_trades *trades)
{
    struct source_report report = {.requests = (int64_t)trades->requests.count,
                                   .request_errors = trades->request_errors};
    struct refill_progress refill = refill_progress_of(trades);
    fill_figures(trades, &refill, &report);
    fill_words(trades, &refill, &report);
    log_holes(trades, &refill);
    (void)pthread_mutex_lock(&trades->lock);
    trades->report = report;
    (void)pthread_mutex_unlock(&trades->lock);
}

static void report(void *state, struct source_report *report)
{
    struct bitfinex_trades *trades = state;
    (void)pthread_mutex_lock(&trades->lock);
    *report = trades->report;
    (void)pthread_mutex_unlock(&trades->lock);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct bitfinex_trades *trades = state;
    trade_feed_tell(&trades->feed, kind, record, texts);
    return !trades->feed.failed;
}

static void begin(void *state, int64_t newest_stamp_ns)
{
    struct bitfinex_trades *trades = state;
    (void)newest_stamp_ns;
    trade_feed_begin(&trades->feed, links_time());
}

/* Fills the batch with what is to be sent next. */
static bool take(struct bitfinex_trades *trades, struct source_batch *batch)
{
    bool ok = outbox_take(&trades->feed.outbox, batch) && !trades->feed.failed;
    if (!ok) {
        batch->count = 0;
        (void)error_set(&trades->failure, ERROR_FATAL, "no memory for trades");
    }
    return ok;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct bitfinex_trades *trades = state;
    source_batch_begin(batch, &trade_kind, true);
    if (trades->failure.kind == ERROR_NONE && outbox_is_empty(&trades->feed.outbox)) {
        work(trades);
        *counts = trades->feed.rows;
        trades->feed.rows = (struct row_counts){0};
        publish(trades);
    }
    if (trades->failure.kind != ERROR_NONE || !take(trades, batch)) {
        (void)error_pass(error, &trades->failure);
        return SOURCE_ERROR;
    }
    return SOURCE_BATCH;
}

static bool last(void *state, struct source_batch *batch)
{
    struct bitfinex_trades *trades = state;
    if (!trades->ended) {
        trades->ended = true;
        trade_feed_end(&trades->feed, links_time());
    }
    return !outbox_is_empty(&trades->feed.outbox) && take(trades, batch);
}

static void destroy(void *state)
{
    struct bitfinex_trades *trades = state;
    errand_destroy(trades->connector);
    errand_destroy(trades->asker);
    links_close(trades);
    bitfinex_rest_close(&trades->asking.rest);
    request_budget_free(&trades->connects);
    request_budget_free(&trades->requests);
    trade_feed_free(&trades->feed);
    free(trades->fds);
    free(trades->ws_url);
    free(trades->ca_file);
    (void)pthread_mutex_destroy(&trades->lock);
    free(trades);
}

static int or_default(int value, int otherwise)
{
    return value > 0 ? value : otherwise;
}

/* Copies the configuration, with its defaults, except for its texts. */
static void set_config(struct bitfinex_trades *trades, const struct bitfinex_trades_config *config)
{
    trades->config = (struct bitfinex_trades_config){
        .stop = config->stop,
        .refill_per_minute = or_default(config->refill_per_minute, REFILL_PER_MINUTE),
        .refill_max_age_ns =
            config->refill_max_age_ns > 0 ? config->refill_max_age_ns : REFILL_MAX_AGE_NS,
        .connects_per_minute = or_default(config->connects_per_minute, CONNECTS_PER_MINUTE),
        .silence_timeout_ms = or_default(config->silence_timeout_ms, SILENCE_TIMEOUT_MS),
        .reconnect_wait_ms = or_default(config->reconnect_wait_ms, RECONNECT_WAIT_MS),
    };
}

static bool fill_feed(struct bitfinex_trades *trades, const struct bitfinex_trades_config *config,
                      struct error *error)
{
    struct coin_table wanted = {0};
    bool all = false;
    bool ok = coins_parse(config->coins, &trade_kind, &wanted, &all, error) &&
              bitfinex_pairs_check(&wanted, error);
    if (ok && all) {
        ok = error_set(error, ERROR_USAGE,
                       "the source " BITFINEX_TRADES_NAME " needs the names of its coins, and "
                       "cannot take ALL: name them with --coins");
    }
    if (ok && !trade_feed_init(&trades->feed, &wanted, trades->config.refill_max_age_ns)) {
        ok = error_set(error, ERROR_FATAL, "no memory for %zu coins", wanted.count);
    }
    coin_table_free(&wanted);
    return ok;
}

static bool fill_links(struct bitfinex_trades *trades, struct error *error)
{
    trades->fds = calloc(trades->feed.coin_count + 2, sizeof *trades->fds);
    links_add(trades);
    if (trades->fds == NULL || trades->failure.kind != ERROR_NONE ||
        !request_budget_init(&trades->connects, (size_t)trades->config.connects_per_minute) ||
        !request_budget_init(&trades->requests, (size_t)trades->config.refill_per_minute)) {
        return error_set(error, ERROR_FATAL, "no memory for the connections of a source");
    }
    return true;
}

/* The address may be written with or without the path of the interface. */
static const char *path_behind(const char *url)
{
    static const char path[] = "/ws/2";
    size_t length = strlen(url), behind = sizeof path - 1;
    bool has = length >= behind && strcmp(url + length - behind, path) == 0;
    return has ? "" : path;
}

static bool fill_errands(struct bitfinex_trades *trades,
                         const struct bitfinex_trades_config *config, struct error *error)
{
    const struct bitfinex_config rest = {
        .base_url = config->base_url, .ca_file = config->ca_file, .stop = config->stop};
    trades->ws_url = strdup(config->ws_url);
    trades->ca_file = config->ca_file != NULL ? strdup(config->ca_file) : NULL;
    if (trades->ws_url == NULL || (config->ca_file != NULL && trades->ca_file == NULL)) {
        return error_set(error, ERROR_FATAL, "no memory for a source");
    }
    trades->connecting.config = (struct websocket_config){
        .base_url = trades->ws_url,
        .path = path_behind(trades->ws_url),
        .option = "--exchange-ws-url",
        .silence_timeout_ms = trades->config.silence_timeout_ms,
        .ca_file = trades->ca_file,
        .stop = config->stop,
    };
    if (!bitfinex_rest_open(&trades->asking.rest, &rest, PATH_LIMIT, error)) {
        return false;
    }
    trades->connector = errand_create("connector", links_connect, &trades->connecting, error);
    trades->asker =
        trades->connector != NULL ? errand_create("refill", ask_now, &trades->asking, error) : NULL;
    return trades->asker != NULL;
}

struct source *bitfinex_trades_source_create(const struct bitfinex_trades_config *config,
                                             struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct bitfinex_trades *trades = calloc(1, sizeof *trades);
    if (source == NULL || trades == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        free(source);
        free(trades);
        return NULL;
    }
    (void)pthread_mutex_init(&trades->lock, NULL);
    trades->random = random_from_system();
    set_config(trades, config);
    trades->ask_backoff = backoff_new(trades->config.reconnect_wait_ms / 5,
                                      12 * trades->config.reconnect_wait_ms, random_from_system());
    if (!fill_feed(trades, config, error) || !fill_links(trades, error) ||
        !fill_errands(trades, config, error)) {
        destroy(trades);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = BITFINEX_TRADES_NAME,
                              .kind = &trade_kind,
                              .service = "bitfinex",
                              .live = true,
                              .pushed = true,
                              .writes_events = true,
                              .state = trades,
                              .tell = tell,
                              .begin = begin,
                              .next = next,
                              .last = last,
                              .report = report,
                              .destroy = destroy};
    return source;
}
