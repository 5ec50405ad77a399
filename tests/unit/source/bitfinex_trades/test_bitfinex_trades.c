/* The source of trades against a fake exchange over real sockets: whatever the exchange does, and
 * however often the source dies, what it has sent is the exchange's book. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_exchange.h"
#include "fake_exchange/fake_market.h"
#include "record/event.h"
#include "record/trade.h"
#include "source/bitfinex_trades/bitfinex_trades_parts.h"
#include "source/sources.h"
#include "support.h"

#define COINS "tBTCUSD,tETHUSD,tXRPUSD"
enum { COIN_COUNT = 3, PER_MINUTE = 1200 };

/* What Kafka has: the records in their order. Those behind `settled` can still be lost. */
struct item {
    bool is_event, settled;
    struct trade trade;
    struct event event; /* its detail is in the rig's texts */
};

struct rig {
    struct fake_exchange *exchange;
    struct stop *stop;
    struct source *source;
    struct source_batch batch;
    struct text_arena texts;
    struct item *items;
    size_t count, capacity;
    size_t settled; /* how many are acknowledged for sure */
};

static void open_source(struct rig *rig)
{
    struct error error = {0};
    const struct bitfinex_trades_config config = {
        .ws_url = fake_exchange_ws_url(rig->exchange),
        .base_url = fake_exchange_url(rig->exchange),
        .coins = COINS,
        .stop = rig->stop,
        .refill_per_minute = 600,
        .connects_per_minute = 200,
        .silence_timeout_ms = 2000,
        .reconnect_wait_ms = 200,
    };
    rig->source = bitfinex_trades_source_create(&config, &error);
    if (rig->source == NULL) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < rig->count; i++) {
        const struct item *item = &rig->items[i];
        if (!item->is_event) {
            assert_true(rig->source->tell(rig->source->state, &trade_kind, &item->trade, NULL));
        }
    }
    for (size_t i = 0; i < rig->count; i++) {
        const struct item *item = &rig->items[i];
        if (item->is_event) {
            assert_true(
                rig->source->tell(rig->source->state, &event_kind, &item->event, &rig->texts));
        }
    }
    rig->source->begin(rig->source->state, INT64_MIN);
}

static void start(struct rig *rig, const char *faults)
{
    struct error error = {0};
    const struct fake_exchange_config config = {
        .listen = "127.0.0.1:0",
        .coins = COINS,
        .seed = 11,
        .faults = faults,
        .trades_per_minute = PER_MINUTE,
        .history_ms = 60000,
        .length_ms = 3600000,
        .limits = "trades=600,connects=200",
        .heartbeat_ms = 500,
    };
    *rig = (struct rig){.stop = stop_create(&error)};
    rig->exchange = fake_exchange_create(&config, &error);
    if (rig->exchange == NULL) {
        fail_msg("%s", error.text);
    }
    open_source(rig);
}

static void end(struct rig *rig)
{
    source_destroy(rig->source);
    fake_exchange_destroy(rig->exchange);
    source_batch_free(&rig->batch);
    stop_destroy(rig->stop);
    free(rig->items);
    text_arena_free(&rig->texts);
}

/* Whether the coin has a hole that is not acknowledged: no trade may follow it. */
static bool has_unsettled(const struct rig *rig, const char *coin, const char *what)
{
    for (size_t i = rig->settled; i < rig->count; i++) {
        const struct item *item = &rig->items[i];
        const char *subject = item->is_event ? item->event.subject : item->trade.symbol;
        const char *name = item->is_event ? item->event.what : "trade";
        if (strcmp(subject, coin) == 0 && strcmp(name, what) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(struct rig *rig, const struct record_kind *kind, const void *record)
{
    struct item item = {.is_event = kind == &event_kind};
    assert_null(kind->check(record, &rig->batch.texts));
    if (item.is_event) {
        item.event = *(const struct event *)record;
        assert_true(record_move_texts(kind, &item.event, &rig->batch.texts, &rig->texts));
        if (strcmp(item.event.what, "hole_closed") == 0) {
            assert_false(has_unsettled(rig, item.event.subject, "trade"));
        }
    } else {
        item.trade = *(const struct trade *)record;
        assert_false(has_unsettled(rig, item.trade.symbol, "hole"));
    }
    rig->items = array_room(rig->items, rig->count, &rig->capacity, sizeof item);
    assert_non_null(rig->items);
    rig->items[rig->count++] = item;
}

/* Takes one batch. */
static void turn(struct rig *rig)
{
    struct row_counts counts = {0};
    struct error error = {0};
    if (rig->source->next(rig->source->state, &rig->batch, &counts, &error) != SOURCE_BATCH) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < rig->batch.count; i++) {
        keep(rig, rig->batch.kind, source_batch_at(&rig->batch, i));
    }
    rig->settled = rig->batch.settle ? rig->count : rig->settled;
}

static void run_for(struct rig *rig, int64_t ms)
{
    int64_t until_ns = clock_monotonic_ns() + ms * NS_PER_MS;
    while (clock_monotonic_ns() < until_ns) {
        turn(rig);
    }
}

/* Until the exchange has made that many faults, and some time longer. */
static void run_until_faults(struct rig *rig, int64_t faults)
{
    struct fake_exchange_progress progress = {0};
    int64_t until_ns = clock_monotonic_ns() + SUPPORT_PATIENCE_MS * NS_PER_MS;
    while (progress.faults < faults && clock_monotonic_ns() < until_ns) {
        turn(rig);
        fake_exchange_progress(rig->exchange, &progress);
    }
    assert_true(progress.faults >= faults);
    run_for(rig, 300);
}

/* kill -9: half of what was not acknowledged is lost, and nothing more is said. */
static void kill_source(struct rig *rig)
{
    source_destroy(rig->source);
    rig->count = rig->settled + (rig->count - rig->settled) / 2;
    rig->settled = rig->count;
    open_source(rig);
}

/* How many holes are in the log without their closing. */
static size_t count_open(const struct rig *rig)
{
    size_t open = 0;
    for (size_t i = 0; i < rig->count; i++) {
        const struct event *hole = &rig->items[i].event;
        bool lasts = rig->items[i].is_event && strcmp(hole->what, "hole") == 0;
        for (size_t k = i + 1; lasts && k < rig->count; k++) {
            const struct event *other = &rig->items[k].event;
            lasts = !(rig->items[k].is_event && strcmp(other->subject, hole->subject) == 0 &&
                      strncmp(other->what, "hole", 4) == 0 && other->begin_ns == hole->begin_ns);
        }
        open += lasts;
    }
    return open;
}

/* How many trades of the coin's book are missing, from the first that was sent until now. Fails
 * when one was sent with other figures, or one that is not in the book. */
static size_t count_missing(const struct rig *rig, const char *coin)
{
    const struct fake_market *market = fake_exchange_market(rig->exchange);
    size_t index = fake_market_coin(market, str_from(coin));
    const struct fake_coin_trades *book = &market->by_coin[index];
    int64_t now_ms = fake_exchange_time(rig->exchange);
    bool *sent = calloc(book->count, sizeof *sent);
    int64_t first_ns = INT64_MAX;
    for (size_t i = 0; i < rig->count; i++) {
        const struct trade *trade = &rig->items[i].trade;
        if (rig->items[i].is_event || strcmp(trade->symbol, coin) != 0) {
            continue;
        }
        size_t at = 0;
        while (at < book->count && market->trades[book->at[at]].id != trade->trade_id) {
            at++;
        }
        assert_true(at < book->count);
        const struct fake_trade *want = &market->trades[book->at[at]];
        assert_true(want->time_ms * NS_PER_MS == trade->exchange_time_ns);
        assert_true((double)want->price_e8 / 1e8 == trade->price);
        assert_true((double)want->amount_e8 / 1e8 == trade->amount);
        sent[at] = true;
        first_ns = trade->exchange_time_ns < first_ns ? trade->exchange_time_ns : first_ns;
    }
    size_t missing = first_ns == INT64_MAX; /* at least one */
    for (size_t at = 0; at < book->count; at++) {
        int64_t time_ms = market->trades[book->at[at]].time_ms;
        missing += !sent[at] && time_ms * NS_PER_MS > first_ns && time_ms <= now_ms;
    }
    free(sent);
    return missing;
}

static size_t missing_of_all(const struct rig *rig)
{
    return count_missing(rig, "tBTCUSD") + count_missing(rig, "tETHUSD") +
           count_missing(rig, "tXRPUSD");
}

/* Stops the exchange's clock, and waits until everything until then was sent. */
static void expect_whole_book(struct rig *rig)
{
    fake_exchange_set_time(rig->exchange, fake_exchange_time(rig->exchange));
    int64_t until_ns = clock_monotonic_ns() + SUPPORT_PATIENCE_MS * NS_PER_MS;
    size_t missing = 1, open = 1;
    while ((missing > 0 || open > 0) && clock_monotonic_ns() < until_ns) {
        turn(rig);
        missing = missing_of_all(rig);
        open = count_open(rig);
    }
    if (missing > 0 || open > 0) {
        fail_msg("%zu trades are missing, and %zu holes are open", missing, open);
    }
}

static size_t count_events(const struct rig *rig, const char *what, const char *detail)
{
    size_t count = 0;
    for (size_t i = 0; i < rig->count; i++) {
        const struct event *event = &rig->items[i].event;
        struct str said = event_detail(event, &rig->texts);
        count += rig->items[i].is_event && strcmp(event->what, what) == 0 &&
                 memmem(said.data, said.length, detail, strlen(detail)) != NULL;
    }
    return count;
}

static int64_t figure(struct rig *rig, const char *name)
{
    struct source_report report = {0};
    rig->source->report(rig->source->state, &report);
    for (size_t i = 0; i < report.figure_count; i++) {
        if (strcmp(report.figures[i].name, name) == 0) {
            return report.figures[i].value;
        }
    }
    fail_msg("there is no figure %s", name);
    return 0;
}

/* A user finds each figure in the manual by its name in /metrics. */
static void assert_documented(const struct source *source)
{
    struct source_report report = {0};
    char *manual = support_read_file(FIXTURES "/../../docs/manual.md", NULL);
    assert_non_null(manual);
    source->report(source->state, &report);
    assert_true(report.figure_count > 0 && report.figure_count < SOURCE_FIGURES_MAX);
    for (size_t i = 0; i < report.figure_count; i++) {
        char name[100];
        (void)snprintf(name, sizeof name, "`%s%s`", report.figures[i].name,
                       report.figures[i].grows ? "_total" : "");
        if (strstr(manual, name) == NULL) {
            fail_msg("docs/manual.md does not tell what %s is", name);
        }
    }
    free(manual);
}

static void trades_come_as_they_happen(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig, NULL);
    run_for(&rig, 1500);
    expect_whole_book(&rig);
    assert_int_equal(figure(&rig, "connections"), 1);
    assert_documented(rig.source);
    assert_int_equal(figure(&rig, "unknown_frames"), 0);
    assert_int_equal(figure(&rig, "open_holes"), 0);
    assert_int_equal(figure(&rig, "refill_budget_left"), 600);
    assert_true(figure(&rig, "frames") > 50);
    assert_int_equal(figure(&rig, "repeats"), 0); /* each te has a tu behind it */
    assert_int_equal(count_events(&rig, "started", ""), 1);
    assert_int_equal(count_events(&rig, "hole", ""), 0);
    while (rig.source->last(rig.source->state, &rig.batch)) {
        for (size_t i = 0; i < rig.batch.count; i++) {
            keep(&rig, rig.batch.kind, source_batch_at(&rig.batch, i));
        }
    }
    assert_true(count_events(&rig, "covered", ":") >= 1);
    assert_int_equal(count_events(&rig, "ended", ""), 1);
    end(&rig);
}

/* Whether the next loss of a connection is waited for as the first was. */
static bool has_recovered(const struct rig *rig)
{
    const struct bitfinex_trades *trades = rig->source->state;
    return trades->links[0].websocket != NULL && trades->links[0].reconnect.wait_ms <= 0;
}

static void every_fault_leaves_the_book_whole(void **state)
{
    (void)state;
    static const struct {
        const char *faults;
        int64_t count;   /* of the faults that are waited for */
        const char *why; /* there is a hole; NULL: there is none */
    } cases[] = {
        {"drop@30", 1, "broke"},
        {"silent=60s@30", 1, "has sent no"},
        {"seq-jump=3@30", 1, "sequence"},
        {"20051@30", 1, "restarts"},
        {"20060=1s@30", 1, "maintenance"},
        {"drop@30;connect/408@2-3;connect/html@4", 4, "broke"},
        /* longer than the snapshots reach back */
        {"20060=3s@30;trades/429@1;trades/truncated@2;trades/500@3", 4, "maintenance"},
        {"duplicate@1/5;reorder@1/7;tu-alone@1/9;tu-changed@31;late=500ms@1/11", 9, NULL},
        {"subscribe/hb-early@1-3", 3, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig rig;
        start(&rig, cases[i].faults);
        run_until_faults(&rig, cases[i].count);
        expect_whole_book(&rig);
        size_t holes = count_events(&rig, "hole", cases[i].why != NULL ? cases[i].why : "");
        if ((holes > 0) != (cases[i].why != NULL)) {
            fail_msg("%s: %zu holes", cases[i].faults, holes);
        }
        assert_true(has_recovered(&rig));
        bool asks = strstr(cases[i].faults, "trades/") != NULL;
        assert_true(!asks || figure(&rig, "refilled") > 0);
        assert_int_equal(count_events(&rig, "hole_closed", "whole"),
                         count_events(&rig, "hole_closed", ""));
        end(&rig);
    }
}

static void source_that_is_killed_again_and_again_leaves_the_book_whole(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig, "drop@1/200;seq-jump=4@1/150;20051@1/400;trades/429@3;duplicate@1/20;late@1/100");
    for (int i = 0; i < 6; i++) {
        run_for(&rig, 400);
        kill_source(&rig);
    }
    expect_whole_book(&rig);
    assert_true(count_events(&rig, "hole", "restart") > 0);
    end(&rig);
}

static void names_that_are_no_pairs_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *coins, *words;
    } cases[] = {
        {"fUSD", "fUSD is a funding currency"},
        {"BTCUSD", "tBTCUSD"},
        {"ALL", "--coins"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        const struct bitfinex_trades_config config = {.ws_url = "ws://127.0.0.1:1",
                                                      .base_url = "http://127.0.0.1:1",
                                                      .coins = cases[i].coins};
        assert_null(bitfinex_trades_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, cases[i].words));
    }
}

static void exchange_that_is_away_is_told_and_a_stop_ends_it_soon(void **state)
{
    (void)state;
    struct error error = {0};
    struct rig rig = {.stop = stop_create(&error)};
    const struct bitfinex_trades_config config = {.ws_url = "ws://127.0.0.1:1/ws/2",
                                                  .base_url = "http://127.0.0.1:1",
                                                  .coins = COINS,
                                                  .stop = rig.stop,
                                                  .reconnect_wait_ms = 200};
    rig.source = bitfinex_trades_source_create(&config, &error);
    assert_non_null(rig.source);
    rig.source->begin(rig.source->state, INT64_MIN);
    struct source_report report = {0};
    int64_t until_ns = clock_monotonic_ns() + SUPPORT_PATIENCE_MS * NS_PER_MS;
    while (report.trouble[0] == '\0' && clock_monotonic_ns() < until_ns) {
        turn(&rig);
        rig.source->report(rig.source->state, &report);
    }
    assert_non_null(strstr(report.trouble, "0 of 1 connections are open: ws://127.0.0.1:1/ws/2"));
    stop_request(rig.stop);
    int64_t begin_ns = clock_monotonic_ns();
    turn(&rig);
    source_destroy(rig.source);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    source_batch_free(&rig.batch);
    stop_destroy(rig.stop);
    free(rig.items);
    text_arena_free(&rig.texts);
}

int main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades_come_as_they_happen),
        cmocka_unit_test(every_fault_leaves_the_book_whole),
        cmocka_unit_test(source_that_is_killed_again_and_again_leaves_the_book_whole),
        cmocka_unit_test(names_that_are_no_pairs_are_refused),
        cmocka_unit_test(exchange_that_is_away_is_told_and_a_stop_ends_it_soon),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
