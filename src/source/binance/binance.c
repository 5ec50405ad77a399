/*
 * The source of Binance's bars. Its WebSocket pushes a kline once more when it is finished; the
 * history, and every bar that has not come 10 s after its end (the connection was lost in between),
 * are asked for by REST. What decides is pure (bars/bars_book.h and the binance_*.h here); here are
 * the sockets, the clock and the log, all on the poller's thread: while a request is answered, the
 * WebSocket's messages wait in its socket.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/websocket/websocket.h"
#include "source/bars/bars_book.h"
#include "source/bars/bars_tally.h"
#include "source/binance/binance_answer.h"
#include "source/binance/binance_frame.h"
#include "source/binance/binance_weight.h"
#include "source/reconnect.h"
#include "source/request_budget.h"
#include "source/sources.h"

#define NAME "binance"
#define GRACE_NS (10 * NS_PER_SECOND)

enum {
    COINS_MAX_HERE = 200, /* the names of all streams are in one URL */
    PATH_LIMIT = 16384,
    BODY_LIMIT = 4 << 20,
    TIMEOUT_MS = 10000,
    CONNECT_MS = 5000,
    WAIT_MS = 200,          /* at most, in one call of `next` (source.h, `pushed`) */
    MESSAGES_AT_ONCE = 256, /* before other things have their turn */
    BACKOFF_MS = 1000,
    BACKOFF_MOST_MS = 60000,
};

struct binance {
    struct binance_config config; /* its texts are not used after the creation */
    char interval[BAR_TIMEFRAME_MAX + 1];
    struct binance_bars bars;
    struct bars_book book;
    struct http_client *client;
    struct http_response response;
    struct strbuf path, ws_path;
    char *ws_url, *ca_file;
    struct websocket *websocket; /* NULL: it is down */
    struct reconnect reconnect;
    int64_t connect_due_ns; /* monotonic, as is ask_due_ns */
    int64_t ask_due_ns;
    struct random random;
    struct backoff ask_backoff;
    struct request_budget budget;
    struct binance_weight weight;
    pthread_mutex_t lock; /* protects the members below, which report() reads on any thread */
    char down[200];       /* why the WebSocket is down; "": it is not */
    char trouble[256];    /* why the last request failed; "": it did not */
    int64_t frames, unknown;
    struct bars_tally tally;
};

static void destroy(void *state)
{
    struct binance *binance = state;
    websocket_destroy(binance->websocket);
    http_client_destroy(binance->client);
    http_response_free(&binance->response);
    strbuf_free(&binance->path);
    strbuf_free(&binance->ws_path);
    bars_book_free(&binance->book);
    request_budget_free(&binance->budget);
    pthread_mutex_destroy(&binance->lock);
    bars_tally_free(&binance->tally);
    free(binance->ws_url);
    free(binance->ca_file);
    free(binance);
}

static const char *name_of(const struct binance *binance, size_t coin)
{
    return binance->book.coins.coins[coin].symbol;
}

static void count(struct binance *binance, int64_t *figure)
{
    pthread_mutex_lock(&binance->lock);
    (*figure)++;
    pthread_mutex_unlock(&binance->lock);
}

static void set_text(struct binance *binance, char *text, size_t size, const char *words)
{
    pthread_mutex_lock(&binance->lock);
    (void)str_copy(str_from(words), text, size);
    pthread_mutex_unlock(&binance->lock);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct binance *binance = state;
    (void)texts;
    return bars_book_tell(&binance->book, kind, record);
}

/* Drops the WebSocket, if there is one; it is connected again after the wait. */
static void wait_to_connect(struct binance *binance, int wait_ms, const char *why)
{
    websocket_destroy(binance->websocket);
    binance->websocket = NULL;
    binance->connect_due_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    set_text(binance, binance->down, sizeof binance->down, why);
    log_warn("connect_retry", log_text("source", NAME), log_int("wait_ms", wait_ms),
             log_text("reason", why));
}

static int wait_after_failure(struct binance *binance, int retry_after_ms)
{
    return reconnect_after_failure_ms(&binance->reconnect, &binance->random, retry_after_ms);
}

/* Connects if that is due. Returns false when it can never succeed. */
static bool connect_when_due(struct binance *binance, struct error *error)
{
    if (binance->websocket != NULL || clock_monotonic_ns() < binance->connect_due_ns) {
        return true;
    }
    const struct websocket_config config = {.base_url = binance->ws_url,
                                            .path = strbuf_text(&binance->ws_path),
                                            .option = "--binance-ws-url",
                                            .connect_timeout_ms = CONNECT_MS,
                                            .silence_timeout_ms =
                                                binance->config.silence_timeout_ms,
                                            .ca_file = binance->ca_file,
                                            .stop = binance->config.stop};
    struct error failure = {0};
    binance->websocket = websocket_connect(&config, &failure);
    if (binance->websocket != NULL) {
        set_text(binance, binance->down, sizeof binance->down, "");
        log_info("connected", log_text("source", NAME),
                 log_text("url", websocket_url(binance->websocket)));
        return true;
    }
    if (failure.kind != ERROR_RETRY) {
        *error = failure;
        return false;
    }
    wait_to_connect(binance, wait_after_failure(binance, failure.retry_after_ms), failure.text);
    return true;
}

/* Takes a finished kline. Returns false when memory runs out. */
static bool take_kline(struct binance *binance, const struct binance_frame *frame,
                       int64_t arrived_ns, struct row_counts *counts)
{
    counts->rows++;
    reconnect_succeed(&binance->reconnect);
    if (frame->fault != ROW_FAULTS) {
        counts->rejected[frame->fault]++;
        return true;
    }
    const struct coin *coin = coin_table_find(&binance->book.coins, str_from(frame->bar.symbol));
    if (coin == NULL) {
        counts->rejected[ROW_UNKNOWN_COIN]++;
        return true;
    }
    return bars_book_push(&binance->book, (size_t)(coin - binance->book.coins.coins), &frame->bar,
                          arrived_ns, counts);
}

/* Does what a message asks for. Returns false when memory runs out. */
static bool take_message(struct binance *binance, const struct websocket_message *message,
                         struct row_counts *counts)
{
    struct binance_frame frame;
    binance_frame_read(message->text, &binance->bars, &frame);
    count(binance, &binance->frames);
    switch (frame.kind) {
    case BINANCE_FRAME_FINAL:
        return take_kline(binance, &frame, message->received_ns, counts);
    case BINANCE_FRAME_OPEN:
        reconnect_succeed(&binance->reconnect);
        return true;
    case BINANCE_FRAME_OTHER:
        count(binance, &binance->unknown);
        return true;
    case BINANCE_FRAME_SHUTDOWN:
        wait_to_connect(binance, reconnect_after_restart_ms(&binance->reconnect, &binance->random),
                        "the exchange restarts this server");
        return true;
    case BINANCE_FRAME_ERROR:
    case BINANCE_FRAME_BAD:
    default:
        wait_to_connect(binance, wait_after_failure(binance, 0), frame.text);
        return true;
    }
}

/* Reads what has arrived; waits up to `wait_ms` for the first message. Returns false when memory
 * runs out. */
static bool read_messages(struct binance *binance, int wait_ms, struct row_counts *counts)
{
    bool ok = true, more = true;
    for (int i = 0; ok && more && i < MESSAGES_AT_ONCE && binance->websocket != NULL; i++) {
        struct websocket_message message;
        struct error error = {0};
        switch (websocket_next(binance->websocket, i == 0 ? wait_ms : 0, &message, &error)) {
        case WEBSOCKET_MESSAGE:
            ok = take_message(binance, &message, counts);
            break;
        case WEBSOCKET_NOTHING:
            more = false;
            break;
        case WEBSOCKET_OVER:
        default:
            wait_to_connect(binance, wait_after_failure(binance, error.retry_after_ms), error.text);
            break;
        }
    }
    bars_tally_changed(&binance->tally, &binance->book);
    return ok;
}

/* Called when a request failed: the next one waits. */
static void ask_later(struct binance *binance, const struct error *error)
{
    int wait_ms = backoff_next_ms(&binance->ask_backoff, error->retry_after_ms);
    wait_ms = wait_ms > error->retry_after_ms ? wait_ms : error->retry_after_ms; /* a ban lasts */
    binance->ask_due_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    set_text(binance, binance->trouble, sizeof binance->trouble, error->text);
    log_warn("ask_retry", log_text("source", NAME), log_int("wait_ms", wait_ms),
             log_text("reason", error->text));
}

static bool take_rows(struct binance *binance, size_t coin, int64_t now_ns, int64_t rows,
                      struct row_counts *counts, struct error *error)
{
    struct bars_book *book = &binance->book;
    bars_tally_refused(&binance->tally, book, coin, false);
    backoff_reset(&binance->ask_backoff);
    set_text(binance, binance->trouble, sizeof binance->trouble, "");
    if (!bars_book_take(book, coin, now_ns - binance->config.grace_ns, now_ns, counts)) {
        return error_set(error, ERROR_FATAL, "no memory for the bars of %s",
                         name_of(binance, coin));
    }
    bars_tally_changed(&binance->tally, book);
    bars_book_answered(book, coin, now_ns, rows >= BINANCE_KLINES_MAX ? BARS_PAGE : BARS_WHOLE);
    int64_t end_ns = bars_plan_end_ns(&book->plan, binance->config.wall_ns());
    if (rows < BINANCE_KLINES_MAX && book->plan.turns[coin].end_ns < end_ns) {
        /* The server's clock is behind ours, by which the coin is still due: do not ask at once
         * again. */
        binance->ask_due_ns = clock_monotonic_ns() + binance->config.interval_ns;
    }
    return true;
}

static void refuse(struct binance *binance, size_t coin, int64_t now_ns)
{
    struct error error = {0};
    bars_tally_refused(&binance->tally, &binance->book, coin, true);
    bars_book_answered(&binance->book, coin, now_ns, BARS_REFUSED);
    if (!bars_tally_any_known(&binance->book, &error)) {
        ask_later(binance, &error);
    }
}

/* Returns the server's clock where it is behind ours: a bar is not finished before the server says
 * so. */
static int64_t earlier_ns(int64_t now_ns, const struct http_response *response)
{
    return response->date_ns > 0 && response->date_ns < now_ns ? response->date_ns : now_ns;
}

static bool take_answer(struct binance *binance, size_t coin, int64_t now_ns,
                        struct row_counts *counts, struct error *error)
{
    const struct http_response *response = &binance->response;
    int64_t before = counts->rows;
    const struct binance_reply reply = {.status = response->status,
                                        .body = strbuf_str(&response->body),
                                        .retry_after_ms = response->retry_after_ms,
                                        .now_ns = now_ns};
    binance_weight_note(&binance->weight, str_from(response->kept), now_ns);
    switch (binance_answer_read(&reply, &binance->bars, name_of(binance, coin),
                                &binance->book.answer, counts, error)) {
    case BINANCE_ROWS:
        return take_rows(binance, coin, earlier_ns(now_ns, response), counts->rows - before, counts,
                         error);
    case BINANCE_UNKNOWN_SYMBOL:
        refuse(binance, coin, now_ns);
        return true;
    case BINANCE_AWAY:
        (void)error_prefix(error, "%s", http_client_url(binance->client));
        ask_later(binance, error);
        return true;
    case BINANCE_NO_MEMORY:
    default:
        return false;
    }
}

/* Asks for the coin's bars. Returns false with `error` when the source cannot go on. */
static bool ask(struct binance *binance, size_t coin, struct row_counts *counts,
                struct error *error)
{
    /* Read before the request: a bar that is over by then is over in the answer. */
    int64_t now_ns = binance->config.wall_ns();
    int64_t start_ns = bars_book_start_ns(&binance->book, coin, now_ns);
    struct error failure = {0};
    strbuf_clear(&binance->path);
    strbuf_append_format(&binance->path,
                         "/api/v3/klines?symbol=%s&interval=%s&startTime=%lld&limit=%d",
                         name_of(binance, coin), binance->bars.interval,
                         (long long)(start_ns / NS_PER_MS), BINANCE_KLINES_MAX);
    const struct http_request request = {.path = strbuf_text(&binance->path),
                                         .accept = "application/json"};
    bars_plan_asks(&binance->book.plan, coin);
    request_budget_spend(&binance->budget, clock_monotonic_ns());
    bars_tally_request(&binance->tally);
    if (!http_client_send(binance->client, &request, &binance->response, &failure) ||
        !http_client_refuse_redirect(binance->client, &binance->response, "--binance-url",
                                     &failure)) {
        if (failure.kind != ERROR_RETRY) {
            *error = failure;
            return false;
        }
        int asked_ms = binance->response.retry_after_ms;
        failure.retry_after_ms =
            asked_ms > failure.retry_after_ms ? asked_ms : failure.retry_after_ms;
        ask_later(binance, &failure);
        return true;
    }
    return take_answer(binance, coin, now_ns, counts, error);
}

/* Returns whether a request is to be sent now, and for which coin. */
static bool find_turn(struct binance *binance, size_t *coin)
{
    int64_t now_ns = clock_monotonic_ns();
    return now_ns >= binance->ask_due_ns && !stop_requested(binance->config.stop) &&
           request_budget_wait_ns(&binance->budget, now_ns) == 0 &&
           binance_weight_wait_ns(&binance->weight, binance->config.wall_ns()) == 0 &&
           bars_plan_due(&binance->book.plan, binance->config.wall_ns(), coin);
}

/* Serves the WebSocket and sends a request if one is due; waits for a moment if none is. Returns
 * false with `error` when the source cannot go on. */
static bool work(struct binance *binance, struct row_counts *counts, struct error *error)
{
    size_t coin = 0;
    if (!connect_when_due(binance, error)) {
        return false;
    }
    bool due = find_turn(binance, &coin);
    if (!read_messages(binance, due ? 0 : WAIT_MS, counts)) {
        return error_set(error, ERROR_FATAL, "no memory for a bar");
    }
    if (binance->book.answer.count > 0) {
        return true; /* these are sent first */
    }
    if (due) {
        return ask(binance, coin, counts, error);
    }
    if (binance->websocket == NULL) {
        (void)stop_wait_ms(binance->config.stop, WAIT_MS);
    }
    return true;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct binance *binance = state;
    if (bars_book_hand_on(&binance->book, batch)) {
        return SOURCE_BATCH;
    }
    if (!bars_book_write_events(&binance->book, binance->config.wall_ns())) {
        (void)error_set(error, ERROR_FATAL, "no memory for the events of %s", NAME);
        return SOURCE_ERROR;
    }
    if (!bars_book_hand_on(&binance->book, batch)) {
        if (!work(binance, counts, error)) {
            return SOURCE_ERROR;
        }
        (void)bars_book_hand_on(&binance->book, batch);
    }
    return SOURCE_BATCH;
}

static bool last(void *state, struct source_batch *batch)
{
    struct binance *binance = state;
    return bars_book_last(&binance->book, binance->config.wall_ns(), batch);
}

static void report(void *state, struct source_report *report)
{
    struct binance *binance = state;
    pthread_mutex_lock(&binance->lock);
    (void)str_copy(str_from(binance->trouble), report->trouble, sizeof report->trouble);
    if (binance->down[0] != '\0') {
        (void)snprintf(report->notice, sizeof report->notice,
                       "its WebSocket is down, bars are asked for meanwhile: %s", binance->down);
    }
    int64_t frames = binance->frames, unknown = binance->unknown;
    pthread_mutex_unlock(&binance->lock);
    int64_t requests = bars_tally_report(&binance->tally, &binance->book, report);
    source_report_add(report, "bar_requests", "Requests for bars.", true, requests);
    source_report_add(report, "frames", "Messages of the WebSocket.", true, frames);
    source_report_add(report, "unknown_frames", "Messages that say nothing known.", true, unknown);
}

static bool read_coins(const char *names, struct coin_table *coins, struct error *error)
{
    bool all = false;
    if (!coins_parse(names, &bar_kind, coins, &all, error)) {
        return false;
    }
    if (all) {
        return error_set(error, ERROR_USAGE,
                         "bars come coin by coin, so %s cannot follow ALL: name them with --coins",
                         NAME);
    }
    if (coins->count > COINS_MAX_HERE) {
        return error_set(error, ERROR_USAGE, "%zu coins are too many for %s: at most %d",
                         coins->count, NAME, COINS_MAX_HERE);
    }
    for (size_t i = 0; i < coins->count; i++) {
        if (!binance_symbol_valid(str_from(coins->coins[i].symbol))) {
            return error_set(error, ERROR_USAGE,
                             "%s is no symbol of Binance: they have up to %d capital letters and "
                             "digits, such as BTCUSDT",
                             coins->coins[i].symbol, BINANCE_SYMBOL_MAX);
        }
    }
    return true;
}

/* Writes "/stream?streams=btcusdt@kline_1m/…"; the names are in small letters there. */
static void write_streams(struct binance *binance)
{
    strbuf_append_text(&binance->ws_path, "/stream?streams=");
    for (size_t i = 0; i < binance->book.coins.count; i++) {
        strbuf_append_text(&binance->ws_path, i > 0 ? "/" : "");
        for (const char *c = name_of(binance, i); *c != '\0'; c++) {
            bool large = *c >= 'A' && *c <= 'Z';
            strbuf_append_char(&binance->ws_path, large ? (char)(*c - 'A' + 'a') : *c);
        }
        strbuf_append_format(&binance->ws_path, "@kline_%s", binance->bars.interval);
    }
}

static bool fill_book(struct binance *binance, const char *names, struct error *error)
{
    struct coin_table coins = {.count = 0};
    const struct bars_book_config config = {.name = NAME,
                                            .service = NAME,
                                            .timeframe = binance->bars.interval,
                                            .length_ns = binance->bars.length_ns,
                                            .grace_ns = binance->config.grace_ns,
                                            .interval_ns = binance->config.interval_ns,
                                            .history_ns = binance->config.history_ns,
                                            .pushed = true,
                                            .tells_holes = true};
    bool filled =
        read_coins(names, &coins, error) && bars_book_init(&binance->book, &config, &coins, error);
    coin_table_free(&coins);
    return filled;
}

static bool copy_texts(struct binance *binance, const struct binance_config *config)
{
    binance->ws_url = strdup(config->ws_url);
    binance->ca_file = config->ca_file != NULL ? strdup(config->ca_file) : NULL;
    return binance->ws_url != NULL && (config->ca_file == NULL || binance->ca_file != NULL) &&
           request_budget_init(&binance->budget, (size_t)config->requests_per_minute);
}

static bool fill(struct binance *binance, const struct binance_config *config, struct error *error)
{
    struct str interval = str_from(config->timeframe);
    binance->bars.length_ns = binance_interval_ns(config->timeframe);
    if (binance->bars.length_ns == 0 ||
        !str_copy(interval, binance->interval, sizeof binance->interval)) {
        return error_set(error, ERROR_USAGE,
                         "%s is no length of bars that can be asked of Binance: it may be %s",
                         config->timeframe, binance_intervals);
    }
    binance->bars.interval = binance->interval;
    if (!fill_book(binance, config->coins, error)) {
        return false;
    }
    write_streams(binance);
    if (!copy_texts(binance, config) || binance->ws_path.failed) {
        return error_set(error, ERROR_FATAL, "no memory for the source %s", NAME);
    }
    binance->client =
        http_client_create(&(struct http_client_config){.base_url = config->base_url,
                                                        .option = "--binance-url",
                                                        .connect_timeout_ms = CONNECT_MS,
                                                        .timeout_ms = TIMEOUT_MS,
                                                        .body_limit_bytes = BODY_LIMIT,
                                                        .ca_file = config->ca_file,
                                                        .kept_header = BINANCE_WEIGHT_HEADER,
                                                        .stop = config->stop},
                           error);
    return binance->client != NULL;
}

struct source *binance_source_create(const struct binance_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct binance *binance = calloc(1, sizeof *binance);
    if (source == NULL || binance == NULL) {
        free(source);
        free(binance);
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    binance->config = *config;
    binance->config.grace_ns = config->grace_ns > 0 ? config->grace_ns : GRACE_NS;
    binance->config.wall_ns = config->wall_ns != NULL ? config->wall_ns : clock_wall_ns;
    binance->path = strbuf_new(PATH_LIMIT);
    binance->ws_path = strbuf_new(PATH_LIMIT);
    binance->random = random_from_system();
    binance->reconnect.first_ms = config->reconnect_wait_ms;
    binance->ask_backoff = backoff_new(BACKOFF_MS, BACKOFF_MOST_MS, random_from_system());
    pthread_mutex_init(&binance->lock, NULL);
    bars_tally_init(&binance->tally);
    if (!fill(binance, config, error)) {
        destroy(binance);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = NAME,
                              .kind = &bar_kind,
                              .live = true,
                              .pushed = true,
                              .told_ns = config->history_ns + BARS_SENT_WITHIN_NS,
                              .writes_events = true,
                              .state = binance,
                              .tell = tell,
                              .next = next,
                              .last = last,
                              .report = report,
                              .destroy = destroy};
    return source;
}
