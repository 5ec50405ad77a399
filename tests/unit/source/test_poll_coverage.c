/* What a polled source says that it covered: by hand, and of a source and its poller at an exchange
 * that fails now and then, where each tick is in a covered time, and each poll of that has one. */
#include "source/poll_coverage.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_exchange.h"
#include "market/coverage.h"
#include "record/ticker.h"
#include "source/poller.h"
#include "source/sources.h"
#include "support.h"

enum { FIRST_S = 1700000000, TEXT_LIMIT = 20000 };

/* Writes down the events that were added, in seconds after FIRST_S, and takes them. */
static void write_down(struct poll_coverage *coverage, struct strbuf *said)
{
    struct source_batch *events = &coverage->events;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = source_batch_at(events, i);
        struct str detail = event_detail(event, &events->texts);
        assert_int_equal(event_check(event, &events->texts), EVENT_OK);
        if (strcmp(event->what, "covered") != 0) {
            strbuf_append_format(said, "%s %.*s\n", event->what, (int)detail.length, detail.data);
            continue;
        }
        struct str list;
        assert_true(str_split(&detail, ':', &list));
        assert_string_equal(event->subject, "bitfinex/0");
        assert_int_equal(event->number, 5000);
        strbuf_append_format(
            said, "covered %g to %g: %.*s\n", (double)(event->begin_ns / NS_PER_MS) / 1e3 - FIRST_S,
            (double)(event->end_ns / NS_PER_MS) / 1e3 - FIRST_S, (int)detail.length, detail.data);
    }
    events->count = 0;
}

/* A line of a script: an answer with these coins at a time, or what else happens. */
struct step {
    double at_s;
    const char *what; /* "A B": these coins; "fail"; "end" */
};

static void play(const struct step *steps, size_t count, const char *want)
{
    struct poll_coverage coverage = {
        .writes = true, .run.source = "bitfinex", .interval_ns = 5 * NS_PER_SECOND};
    struct strbuf said = strbuf_new(TEXT_LIMIT);
    poll_coverage_start(&coverage, FIRST_S * NS_PER_SECOND);
    for (size_t i = 0; i < count; i++) {
        int64_t now_ns = FIRST_S * NS_PER_SECOND + (int64_t)(steps[i].at_s * 1000) * NS_PER_MS;
        if (strcmp(steps[i].what, "fail") == 0) {
            poll_coverage_fail(&coverage, now_ns);
        } else if (strcmp(steps[i].what, "end") == 0) {
            poll_coverage_end(&coverage, now_ns);
        } else {
            struct str rest = str_from(steps[i].what), coin;
            poll_coverage_answer(&coverage, now_ns + 123456); /* stamps are whole milliseconds */
            while (str_split(&rest, ' ', &coin)) {
                poll_coverage_coin(&coverage, coin);
            }
        }
        write_down(&coverage, &said);
    }
    assert_false(coverage.failed);
    assert_string_equal(strbuf_text(&said), want);
    strbuf_free(&said);
    poll_coverage_free(&coverage);
}

#define PLAY(steps, want) play(steps, sizeof(steps) / sizeof((steps)[0]), want)

static void answers_cover_up_to_the_next_poll(void **state)
{
    (void)state;
    static const struct step one[] = {{0, "A B"}, {2, "end"}};
    PLAY(one, "started \ncoins A,B\ncovered 0 to 2: 0-1\nended \n");
    static const struct step failing[] = {{0, "A B"},  {5, "A B"},  {10.2, "fail"},
                                          {12, "A B"}, {17, "A B"}, {30, "end"}};
    PLAY(failing, "started \ncoins A,B\ncovered 0 to 10: 0-1\ncovered 12 to 22: 0-1\nended \n");
    static const struct step missing[] = {{0, "A"}, {5, "A"}, {15, "A"}, {16, "end"}};
    PLAY(missing, "started \ncoins A\ncovered 0 to 10: 0-0\ncovered 15 to 16: 0-0\nended \n");
    static const struct step back[] = {{10, "A"}, {15, "A"}, {12, "A"}, {14, "end"}};
    PLAY(back, "started \ncoins A\ncovered 10 to 12: 0-0\ncovered 12 to 14: 0-0\nended \n");
    static const struct step none[] = {{0, "fail"}, {1, "end"}};
    PLAY(none, "started \nended \n");
}

static void each_minute_says_of_each_coin_what_is_new(void **state)
{
    (void)state;
    /* B is lacking at times; C comes later, and makes a new list. */
    struct step steps[26];
    for (size_t i = 0; i < 25; i++) {
        const char *coins = i == 3   ? "A"
                            : i < 6  ? "A B"
                            : i < 11 ? "A B C"
                            : i < 20 ? "A C"
                                     : "A B C";
        steps[i] = (struct step){5 * (double)i, coins};
    }
    steps[25] = (struct step){122, "end"};
    PLAY(steps, "started \ncoins A,B,C\ncovered 0 to 60: 0-0\ncovered 0 to 55: 1-1\n"
                "covered 30 to 60: 2-2\n"
                "covered 60 to 120: 0-0\ncovered 100 to 120: 1-1\ncovered 60 to 120: 2-2\n"
                "covered 120 to 122: 0-2\nended \n");
}

static void one_that_does_not_write_says_nothing(void **state)
{
    (void)state;
    struct poll_coverage coverage = {.writes = false};
    poll_coverage_start(&coverage, 1);
    poll_coverage_answer(&coverage, 2);
    poll_coverage_coin(&coverage, str_from("A"));
    poll_coverage_fail(&coverage, 3);
    poll_coverage_end(&coverage, 4);
    assert_int_equal(coverage.events.count, 0);
    poll_coverage_free(&coverage);
}

/* What Kafka would have; filled on the poller's thread, and read when that has ended. */
struct sent {
    struct coverage coverage; /* of tBTCUSD */
    int64_t stamps[200];      /* of its ticks */
    _Atomic size_t count;
    int events[3]; /* started, coins, ended */
};

static bool take(void *context, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts, int64_t arrived_ns)
{
    static const char *const names[] = {"started", "coins", "ended"};
    struct sent *sent = context;
    (void)arrived_ns;
    if (kind == &event_kind) {
        const struct event *event = record;
        for (size_t i = 0; i < 3; i++) {
            sent->events[i] += strcmp(event->what, names[i]) == 0;
        }
        return coverage_add(&sent->coverage, event, event_detail(event, texts));
    }
    const struct ticker *tick = record;
    size_t count = atomic_load(&sent->count);
    if (strcmp(tick->symbol, "tBTCUSD") == 0 && count < 200) {
        sent->stamps[count] = tick->event_time_ns;
        atomic_store(&sent->count, count + 1);
    }
    return true;
}

static bool has_enough(void *context)
{
    const struct sent *sent = context;
    return atomic_load(&sent->count) >= 30;
}

enum { PAST = 121 }; /* ticks of an hour, both ends included */

static bool has_past_and_more(void *context)
{
    const struct sent *sent = context;
    return atomic_load(&sent->count) > PAST + 1;
}

static void ticks_of_an_exchange_are_those_that_coverage_expects(void **state)
{
    (void)state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    const struct fake_exchange_config market = {.listen = "127.0.0.1:0",
                                                .coins = "tBTCUSD,tETHUSD",
                                                .seed = 3,
                                                .faults = "500@9;html@20",
                                                .trades_per_minute = 600,
                                                .history_ms = 60000,
                                                .length_ms = 3600000,
                                                .limits = "tickers=6000"};
    struct fake_exchange *exchange = fake_exchange_create(&market, &error);
    if (exchange == NULL) {
        fail_msg("%s", error.text);
    }
    const struct bitfinex_config bitfinex = {
        .base_url = fake_exchange_url(exchange), .coins = "tBTCUSD,tETHUSD", .stop = stop};
    struct source *source = bitfinex_source_create(&bitfinex, &error);
    assert_non_null(source);
    source->writes_events = true;
    struct sent sent = {.coverage = coverage_begin("bitfinex", "tBTCUSD")};
    const struct poller_config config = {.interval_ns = 100 * NS_PER_MS,
                                         .requests_per_minute = 60000,
                                         .run_id = 1,
                                         .sink = take,
                                         .sink_context = &sent,
                                         .stop = stop};
    struct poller *poller = poller_create(&config, source, &error);
    assert_non_null(poller);
    assert_true(poller_start(poller, &error));
    assert_true(support_wait(has_enough, &sent, SUPPORT_PATIENCE_MS));
    stop_request(stop);
    poller_join(poller);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sent.events[i], 1);
    }
    assert_true(coverage_conclude(&sent.coverage));
    assert_true(sent.coverage.span_count >= 3); /* two polls failed */
    size_t count = atomic_load(&sent.count);
    int64_t expected = 0;
    for (size_t i = 0; i < count; i++) { /* no tick is outside */
        struct coverage_share share =
            coverage_of(&sent.coverage, sent.stamps[i], sent.stamps[i] + 1);
        assert_true(coverage_is_whole(&share));
    }
    for (size_t i = 0; i < sent.coverage.span_count; i++) {
        const struct coverage_span *span = &sent.coverage.spans[i];
        expected += coverage_of(&sent.coverage, span->begin_ns, span->end_ns).polls;
    }
    /* A late poll shortens or lengthens a span by less than one interval. */
    assert_in_range(count, expected - (int64_t)sent.coverage.span_count,
                    expected + (int64_t)sent.coverage.span_count);
    coverage_free(&sent.coverage);
    poller_destroy(poller);
    fake_exchange_destroy(exchange);
    stop_destroy(stop);
}

/* A live source of synthetic ticks makes up an hour before its first poll, one tick in 30 s. */
static void ticks_of_a_made_up_past_are_covered_too(void **state)
{
    (void)state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    const struct synthetic_config synthetic = {.coins = "tBTCUSD,tETHUSD",
                                               .seed = 3,
                                               .step_ns = 100 * NS_PER_MS,
                                               .live = true,
                                               .history_ns = 3600 * NS_PER_SECOND};
    struct source *source = synthetic_source_create(&synthetic, &error);
    assert_non_null(source);
    source->writes_events = true;
    struct sent sent = {.coverage = coverage_begin("synthetic", "tBTCUSD")};
    const struct poller_config config = {.interval_ns = 100 * NS_PER_MS,
                                         .requests_per_minute = 60000,
                                         .run_id = 1,
                                         .sink = take,
                                         .sink_context = &sent,
                                         .stop = stop};
    struct poller *poller = poller_create(&config, source, &error);
    assert_non_null(poller);
    assert_true(poller_start(poller, &error));
    assert_true(support_wait(has_past_and_more, &sent, SUPPORT_PATIENCE_MS));
    stop_request(stop);
    poller_join(poller);
    assert_true(coverage_conclude(&sent.coverage));
    struct coverage_share share =
        coverage_of(&sent.coverage, sent.stamps[0], sent.stamps[PAST] + 1);
    assert_true(coverage_is_whole(&share)); /* from the past to the first poll without a gap */
    assert_int_equal(share.polls, PAST + 1);
    share = coverage_of(&sent.coverage, sent.stamps[0], sent.stamps[PAST - 1] + 1);
    assert_int_equal(share.polls, PAST);
    share = coverage_of(&sent.coverage, sent.stamps[0] - NS_PER_SECOND, sent.stamps[0]);
    assert_int_equal(share.unknown_ns, NS_PER_SECOND);
    /* Nothing is claimed of the time after the stop. */
    assert_true(sent.coverage.spans[sent.coverage.span_count - 1].end_ns <= clock_wall_ns());
    coverage_free(&sent.coverage);
    poller_destroy(poller);
    stop_destroy(stop);
}

/* A run that ends before its first poll has covered its past up to then. */
static void past_without_a_poll_is_covered_up_to_the_end(void **state)
{
    (void)state;
    const int64_t begin_ns = FIRST_S * NS_PER_SECOND;
    struct poll_coverage coverage = {
        .writes = true, .run.source = "bitfinex", .interval_ns = 5 * NS_PER_SECOND};
    struct strbuf said = strbuf_new(TEXT_LIMIT);
    poll_coverage_coin(&coverage, str_from("A"));
    poll_coverage_coin(&coverage, str_from("B"));
    poll_coverage_past(&coverage, begin_ns, begin_ns + 60 * NS_PER_SECOND, 5 * NS_PER_SECOND);
    poll_coverage_end(&coverage, begin_ns + 58 * NS_PER_SECOND);
    write_down(&coverage, &said);
    assert_string_equal(strbuf_text(&said), "coins A,B\ncovered 0 to 58: 0-1\nended \n");
    strbuf_free(&said);
    poll_coverage_free(&coverage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_cover_up_to_the_next_poll),
        cmocka_unit_test(each_minute_says_of_each_coin_what_is_new),
        cmocka_unit_test(one_that_does_not_write_says_nothing),
        cmocka_unit_test(ticks_of_an_exchange_are_those_that_coverage_expects),
        cmocka_unit_test(ticks_of_a_made_up_past_are_covered_too),
        cmocka_unit_test(past_without_a_poll_is_covered_up_to_the_end),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
