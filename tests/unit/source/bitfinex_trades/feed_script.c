#include "feed_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_json.h"

struct script {
    struct trade_feed feed;
    struct feed_time now;
    struct strbuf said;
    int64_t newest_event_ns;
};

static int64_t number_of(struct str *rest)
{
    struct str piece;
    int64_t number = 0;
    assert_true(str_split(rest, ' ', &piece) && str_to_int64(piece, &number));
    return number;
}

static double double_of(struct str *rest)
{
    struct str piece;
    double number = 0;
    assert_true(str_split(rest, ' ', &piece) && str_to_double(piece, &number));
    return number;
}

static void say_number(struct strbuf *said, bool has, int64_t number)
{
    strbuf_append_char(said, ' ');
    if (has) {
        strbuf_append_int64(said, number);
    } else {
        strbuf_append_char(said, '-');
    }
}

static void say_event(struct script *script, const struct event *event,
                      const struct text_arena *texts)
{
    char list[32];
    struct str detail = event_detail(event, texts);
    assert_null(event_kind.check(event, texts));
    assert_true(event->time_ns > script->newest_event_ns);
    script->newest_event_ns = event->time_ns;
    strbuf_append_format(&script->said, "%s %s", event->what, event->subject);
    say_number(&script->said, event->has_begin_ns, event->begin_ns / NS_PER_MS);
    say_number(&script->said, event->has_end_ns, event->end_ns / NS_PER_MS);
    say_number(&script->said, event->has_number, event->number);
    (void)snprintf(list, sizeof list, "%lld:", (long long)script->feed.events.run.list_ns);
    bool lists = strcmp(event->what, "covered") == 0 && str_starts_with(detail, list);
    size_t hidden = lists ? strlen(list) : 0;
    strbuf_append_format(&script->said, " %s%.*s\n", lists ? "LIST:" : "",
                         event->has_detail ? (int)(detail.length - hidden) : 1,
                         event->has_detail ? detail.data + hidden : "-");
}

static void say_trade(struct script *script, const struct trade *trade, int64_t arrived_ns)
{
    char amount[NUMBER_TEXT_SIZE], price[NUMBER_TEXT_SIZE];
    assert_null(trade_kind.check(trade, NULL));
    assert_true(arrived_ns == 0 || arrived_ns == script->now.wall_ns);
    (void)number_format(trade->amount, amount);
    (void)number_format(trade->price, price);
    strbuf_append_format(&script->said, "trade %s %lld %lld %s %s%s\n", trade->symbol,
                         (long long)trade->trade_id,
                         (long long)(trade->exchange_time_ns / NS_PER_MS), amount, price,
                         arrived_ns != 0 ? " live" : "");
}

static void take_all(struct script *script)
{
    struct source_batch batch = {0};
    while (!outbox_is_empty(&script->feed.outbox)) {
        assert_true(outbox_take(&script->feed.outbox, &batch));
        for (size_t i = 0; i < batch.count; i++) {
            if (batch.kind == &event_kind) {
                say_event(script, source_batch_at(&batch, i), &batch.texts);
            } else {
                say_trade(script, source_batch_at(&batch, i), batch.arrived_ns[i]);
            }
        }
        strbuf_append_text(&script->said, batch.settle ? "|\n" : "");
    }
    source_batch_free(&batch);
}

static void ask_all(struct script *script)
{
    struct strbuf message = strbuf_new(300);
    for (size_t i = 0; i < script->feed.places.count; i++) {
        while (trade_feed_ask(&script->feed, i, script->now, &message)) {
            strbuf_append_format(&script->said, "send %zu %s\n", i, strbuf_text(&message));
            strbuf_clear(&message);
        }
    }
    strbuf_free(&message);
}

static void tell_coins(struct script *script, struct str names)
{
    struct event event = {.subject = BITFINEX_TRADES_NAME,
                          .what = "coins",
                          .source = BITFINEX_TRADES_NAME,
                          .time_ns = SCRIPT_BEGIN_MS * NS_PER_MS - 3600 * NS_PER_SECOND,
                          .has_number = true};
    struct text_arena texts = {0};
    assert_true(event_set_detail(&event, &texts, names));
    trade_feed_tell(&script->feed, &event_kind, &event, &texts);
    text_arena_free(&texts);
}

static void tell(struct script *script, struct str rest)
{
    struct str what, coin;
    assert_true(str_split(&rest, ' ', &what) && str_split(&rest, ' ', &coin));
    if (str_equal_text(what, "coins")) {
        tell_coins(script, coin);
        return;
    }
    if (str_equal_text(what, "trade")) {
        struct trade trade = {.source = "bitfinex"};
        (void)str_copy(coin, trade.symbol, sizeof trade.symbol);
        trade.trade_id = number_of(&rest);
        trade.exchange_time_ns = number_of(&rest) * NS_PER_MS;
        trade.amount = double_of(&rest);
        trade.price = double_of(&rest);
        trade_feed_tell(&script->feed, &trade_kind, &trade, NULL);
        return;
    }
    struct event event = {.source = BITFINEX_TRADES_NAME, .has_begin_ns = true};
    (void)str_copy(coin, event.subject, sizeof event.subject);
    (void)str_copy(what, event.what, sizeof event.what);
    event.begin_ns = number_of(&rest) * NS_PER_MS;
    if (str_equal_text(what, "hole")) {
        event.end_ns = number_of(&rest) * NS_PER_MS;
        event.has_end_ns = event.end_ns > 0;
        event.number = number_of(&rest);
        event.has_number = true;
    }
    trade_feed_tell(&script->feed, &event_kind, &event, NULL);
}

static void read_message(struct script *script, struct str rest)
{
    static const char *const names[] = {[FEED_PAUSE] = "pause",
                                        [FEED_RESTART] = "restart",
                                        [FEED_RENEW] = "renew",
                                        [FEED_REFUSE] = "refuse"};
    char why[FEED_WHY_MAX + 1];
    size_t connection = (size_t)number_of(&rest);
    enum feed_action action = trade_feed_read(&script->feed, connection, rest, script->now, why);
    if (action != FEED_GO_ON) {
        strbuf_append_format(&script->said, "do %s %s\n", names[action], why);
    }
    if (action != FEED_GO_ON && action != FEED_PAUSE) {
        trade_feed_drop(&script->feed, connection, why, script->now);
    }
}

static void take_page(struct script *script, struct str rest)
{
    struct refill_page page;
    if (!trade_feed_next_page(&script->feed, script->now, &page)) {
        strbuf_append_text(&script->said, "page none\n");
        return;
    }
    strbuf_append_format(&script->said, "page %s %lld %lld\n", script->feed.coins[page.coin].symbol,
                         (long long)page.start_ms, (long long)page.end_ms);
    if (str_equal_text(rest, "up")) {
        trade_feed_give_up(&script->feed, &page, script->now);
        return;
    }
    json_t *rows = bitfinex_json_load(rest, NULL); /* NULL: "none", but there is one */
    trade_feed_take_page(&script->feed, &page, rows, script->now);
    json_decref(rows);
}

static void drop(struct script *script, struct str rest)
{
    char why[FEED_WHY_MAX + 1];
    size_t connection = (size_t)number_of(&rest);
    (void)str_copy(rest, why, sizeof why);
    trade_feed_drop(&script->feed, connection, why, script->now);
}

static void look(struct script *script, struct str rest)
{
    static const struct feed_patience patience = {.answer_ns = 30 * NS_PER_SECOND,
                                                  .maintenance_ns = 600 * NS_PER_SECOND};
    size_t connection = (size_t)number_of(&rest);
    const char *why = trade_feed_fault(&script->feed, connection, &patience, script->now);
    if (why == NULL) {
        strbuf_append_text(&script->said, "no fault\n");
        return;
    }
    strbuf_append_format(&script->said, "do refuse %s\n", why);
    trade_feed_drop(&script->feed, connection, why, script->now);
}

static void pass_time(struct script *script, int64_t seconds)
{
    script->now.wall_ns += seconds * NS_PER_SECOND;
    script->now.steady_ns += seconds * NS_PER_SECOND;
    trade_feed_tick(&script->feed, script->now);
}

static void play_line(struct script *script, struct str line)
{
    struct str word, rest = line;
    (void)str_split(&rest, ' ', &word);
    if (str_equal_text(word, "begin")) {
        trade_feed_begin(&script->feed, script->now);
    } else if (str_equal_text(word, "end")) {
        trade_feed_end(&script->feed, script->now);
    } else if (str_equal_text(word, "told")) {
        tell(script, rest);
    } else if (str_equal_text(word, "<")) {
        read_message(script, rest);
    } else if (str_equal_text(word, "!")) {
        drop(script, rest);
    } else if (str_equal_text(word, "look")) {
        look(script, rest);
    } else if (str_equal_text(word, "wait")) {
        pass_time(script, number_of(&rest));
    } else if (str_equal_text(word, "page") || str_equal_text(word, "give")) {
        take_page(script, rest);
    } else {
        fail_msg("%.*s", (int)line.length, line.data);
    }
    assert_false(script->feed.failed);
    take_all(script);
    ask_all(script);
    pass_time(script, 1);
    take_all(script);
}

char *feed_script_play(const char *coins, const char *text, struct feed_counts *counts)
{
    struct script script = {.said = strbuf_new(4 << 20),
                            .now = {SCRIPT_BEGIN_MS * NS_PER_MS, 5 * NS_PER_SECOND}};
    struct coin_table wanted = {0};
    bool all = false;
    assert_true(coins_parse(coins, &trade_kind, &wanted, &all, NULL));
    assert_true(trade_feed_init(&script.feed, &wanted, NS_PER_DAY));
    struct str rest = str_from(text), line;
    while (str_split(&rest, '\n', &line)) {
        if (line.length > 0 && line.data[0] != '#') {
            play_line(&script, line);
        }
    }
    if (counts != NULL) {
        *counts = script.feed.counts;
    }
    trade_feed_free(&script.feed);
    coin_table_free(&wanted);
    return strbuf_take(&script.said);
}
