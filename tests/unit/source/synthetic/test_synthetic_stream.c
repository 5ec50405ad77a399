/* The sources of synthetic trades and bars: the past first, then along with the clock. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/trade.h"
#include "source/sources.h"

#define NOON_NS INT64_C(1764504000000000000)
#define MINUTE_NS (60 * NS_PER_SECOND)

static int64_t now_ns;

static int64_t wall_ns(void)
{
    return now_ns;
}

struct reader {
    struct source *source;
    struct source_batch batch;
    struct row_counts counts;
    struct stop *stop;
    struct source_batch all; /* what was read so far */
};

static struct reader open_reader(const struct record_kind *kind, const char *coins, bool live)
{
    struct error error = {0};
    struct reader reader = {.stop = stop_create(&error)};
    struct synthetic_stream_config config = {
        .kind = kind,
        .coins = coins,
        .seed = 7,
        .live = live,
        .start_ns = live ? 0 : NOON_NS - 60 * MINUTE_NS,
        .history_ns = live ? 60 * MINUTE_NS : 0,
        .end_ns = live ? 0 : NOON_NS,
        .stop = reader.stop,
        .wall_ns = wall_ns,
    };
    reader.source = synthetic_stream_source_create(&config, &error);
    if (reader.source == NULL) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(reader.source->live, live);
    assert_int_equal(reader.source->pushed, live);
    source_batch_begin(&reader.all, kind, true);
    stop_request(reader.stop); /* it does not wait then */
    return reader;
}

/* Reads until nothing comes; returns how many records came. */
static size_t read_all(struct reader *reader)
{
    size_t before = reader->all.count;
    struct error error;
    const struct source *source = reader->source;
    for (;;) {
        enum source_next next =
            source->next(source->state, &reader->batch, &reader->counts, &error);
        assert_int_not_equal(next, SOURCE_ERROR);
        assert_true(reader->batch.has_time);
        if (next == SOURCE_END || (reader->batch.count == 0 && source->live)) {
            return reader->all.count - before;
        }
        for (size_t i = 0; i < reader->batch.count; i++) {
            void *added = source_batch_add(&reader->all);
            assert_non_null(added);
            memcpy(added, source_batch_at(&reader->batch, i), source->kind->size);
            assert_null(source->kind->check(added, NULL));
        }
    }
}

static void close_reader(struct reader *reader)
{
    assert_int_equal(reader->counts.rows, reader->counts.records);
    source_destroy(reader->source);
    source_batch_free(&reader->batch);
    source_batch_free(&reader->all);
    stop_destroy(reader->stop);
}

static int by_coin_and_time(const void *left, const void *right)
{
    const struct trade *a = left, *b = right;
    int coin = strcmp(a->symbol, b->symbol);
    return coin != 0 ? coin : (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

static void live_one_gives_the_past_and_then_what_comes(void **state)
{
    (void)state;
    now_ns = NOON_NS;
    struct reader live = open_reader(&trade_kind, "tBTCUSD,tETHUSD", true);
    live.source->begin(live.source->state, INT64_MIN);
    assert_in_range(read_all(&live), 2000, 2500); /* 2 * 3600 * 5 / 16 = 2250 */
    assert_int_equal(read_all(&live), 0);
    size_t more = 0;
    for (int i = 0; i < 60; i++) {
        now_ns += NS_PER_SECOND;
        more += read_all(&live);
    }
    assert_in_range(more, 15, 70);
    for (size_t i = 0; i < live.all.count; i++) {
        const struct trade *trade = source_batch_at(&live.all, i);
        assert_true(trade->exchange_time_ns >= NOON_NS - 60 * MINUTE_NS &&
                    trade->exchange_time_ns < now_ns);
        assert_string_equal(trade->source, "synthetic");
    }
    /* One that is computed gives the same past. */
    struct reader computed = open_reader(&trade_kind, "tBTCUSD,tETHUSD", false);
    computed.source->begin(computed.source->state, INT64_MIN);
    size_t count = read_all(&computed);
    assert_int_equal(count + more, live.all.count);
    qsort(live.all.records, count, sizeof(struct trade), by_coin_and_time);
    qsort(computed.all.records, count, sizeof(struct trade), by_coin_and_time);
    assert_memory_equal(live.all.records, computed.all.records, count * sizeof(struct trade));
    close_reader(&computed);
    close_reader(&live);
}

static void coin_goes_on_behind_what_the_log_has(void **state)
{
    (void)state;
    now_ns = NOON_NS;
    struct reader first = open_reader(&bar_kind, "tBTCUSD,tETHUSD", true);
    first.source->begin(first.source->state, INT64_MIN);
    size_t count = read_all(&first);
    assert_in_range(count, 118, 120);

    struct reader second = open_reader(&bar_kind, "tBTCUSD,tETHUSD", true);
    for (size_t i = 0; i < count; i++) {
        struct bar bar = *(const struct bar *)source_batch_at(&first.all, i);
        if (strcmp(bar.symbol, "tBTCUSD") == 0 && bar.open_time_ns < NOON_NS - 10 * MINUTE_NS) {
            assert_true(second.source->tell(second.source->state, &bar_kind, &bar, NULL));
        }
        (void)str_copy(str_from("bitfinex"), bar.source, sizeof bar.source); /* somebody else's */
        assert_true(second.source->tell(second.source->state, &bar_kind, &bar, NULL));
    }
    second.source->begin(second.source->state, INT64_MIN);
    size_t more = read_all(&second), old = 0, fresh = 0;
    for (size_t i = 0; i < more; i++) {
        const struct bar *bar = source_batch_at(&second.all, i);
        bool bitcoin = strcmp(bar->symbol, "tBTCUSD") == 0;
        old += bitcoin && bar->open_time_ns < NOON_NS - 11 * MINUTE_NS;
        fresh += bitcoin;
    }
    assert_int_equal(old, 0);
    assert_in_range(fresh, 10, 11);
    assert_in_range(more - fresh, 59, 60);
    close_reader(&second);
    close_reader(&first);
}

/* Reads `count` batches; writes down the events, in minutes before or after noon, and counts the
 * records. */
static size_t read_with_events(struct source *source, int count, struct strbuf *said)
{
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error;
    for (int i = 0; i < count; i++) {
        assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
        for (size_t k = 0; batch.kind == &event_kind && k < batch.count; k++) {
            const struct event *event = source_batch_at(&batch, k);
            struct str detail = event_detail(event, &batch.texts), list;
            assert_int_equal(event_check(event, &batch.texts), EVENT_OK);
            if (event->has_begin_ns) {
                assert_true(str_split(&detail, ':', &list));
            }
            strbuf_append_format(said, "%s %s %g %g %lld %.*s\n", event->what, event->subject,
                                 (double)(event->begin_ns - NOON_NS) / MINUTE_NS,
                                 (double)(event->end_ns - NOON_NS) / MINUTE_NS,
                                 (long long)event->number, (int)detail.length, detail.data);
        }
    }
    source_batch_free(&batch);
    return (size_t)counts.records;
}

static void live_one_covers_the_past_and_each_minute(void **state)
{
    (void)state;
    struct error error = {0};
    struct strbuf said = strbuf_new(4000);
    struct stop *stop = stop_create(&error);
    struct synthetic_stream_config config = {.kind = &bar_kind,
                                             .coins = "tBTCUSD,tETHUSD",
                                             .seed = 7,
                                             .live = true,
                                             .history_ns = 60 * MINUTE_NS,
                                             .writes_events = true,
                                             .stop = stop,
                                             .wall_ns = wall_ns};
    now_ns = NOON_NS;
    struct source *source = synthetic_stream_source_create(&config, &error);
    assert_non_null(source);
    assert_true(source->writes_events);
    stop_request(stop); /* it does not wait then */
    source->begin(source->state, INT64_MIN);
    assert_in_range(read_with_events(source, 4, &said), 118, 120);
    now_ns += MINUTE_NS + MINUTE_NS / 2;
    (void)read_with_events(source, 3, &said);
    struct source_batch batch = {0};
    assert_true(source->last(source->state, &batch));
    assert_int_equal(batch.count, 1); /* ended: nothing more is covered */
    assert_false(source->last(source->state, &batch));
    source_batch_free(&batch);
    static const char begin[] = "started synthetic-bar ", list[] = " tBTCUSD,tETHUSD\n",
                      covered[] = "covered synthetic-bar/0 -60 0 60000 0-1\n"
                                  "covered synthetic-bar/0 0 1 60000 0-1\n";
    assert_int_equal(strncmp(strbuf_text(&said), begin, strlen(begin)), 0);
    assert_non_null(strstr(strbuf_text(&said), list));
    assert_non_null(strstr(strbuf_text(&said), covered));
    strbuf_free(&said);
    source_destroy(source);
    stop_destroy(stop);
}

static void bars_agree_with_the_trades(void **state)
{
    (void)state;
    struct reader trades = open_reader(&trade_kind, "tXRPUSD", false);
    struct reader bars = open_reader(&bar_kind, "tXRPUSD", false);
    trades.source->begin(trades.source->state, INT64_MIN);
    bars.source->begin(bars.source->state, INT64_MIN);
    size_t count = read_all(&trades), bar_count = read_all(&bars), at = 0;
    assert_in_range(bar_count, 58, 60);
    for (size_t i = 0; i < bar_count; i++) {
        const struct bar *bar = source_batch_at(&bars.all, i);
        const struct trade *trade = source_batch_at(&trades.all, at);
        double high = 0, low = INFINITY, close = 0, volume = 0;
        assert_true(bar->open == trade->price);
        while (at < count && (trade = source_batch_at(&trades.all, at))->exchange_time_ns <
                                 bar->open_time_ns + MINUTE_NS) {
            assert_true(trade->exchange_time_ns >= bar->open_time_ns);
            high = fmax(high, trade->price);
            low = fmin(low, trade->price);
            close = trade->price;
            volume += fabs(trade->amount);
            at++;
        }
        assert_true(bar->high == high && bar->low == low && bar->close == close);
        assert_true(bar->volume == volume);
    }
    assert_int_equal(at, count);
    close_reader(&bars);
    close_reader(&trades);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_one_gives_the_past_and_then_what_comes),
        cmocka_unit_test(coin_goes_on_behind_what_the_log_has),
        cmocka_unit_test(live_one_covers_the_past_and_each_minute),
        cmocka_unit_test(bars_agree_with_the_trades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
