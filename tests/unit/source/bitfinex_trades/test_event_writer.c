/* The events that the source writes. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "source/bitfinex_trades/event_writer.h"

#define NOW_NS (INT64_C(1700000000123) * NS_PER_MS + 456)

static const struct event *nth(const struct source_batch *batch, size_t index)
{
    const struct event *event = source_batch_at(batch, index);
    assert_null(event_kind.check(event, &batch->texts));
    return event;
}

static void detail_is(const struct source_batch *batch, size_t index, const char *want)
{
    struct str detail = event_detail(nth(batch, index), &batch->texts);
    if (!str_equal_text(detail, want)) {
        fail_msg("event %zu: %.*s", index, (int)detail.length, detail.data);
    }
}

static void no_two_events_have_the_same_time(void **state)
{
    (void)state;
    struct outbox outbox = {0};
    struct source_batch batch = {0};
    struct event_writer writer = {.outbox = &outbox, .run = {.source = BITFINEX_TRADES_NAME}};
    const struct event told = {.time_ns = NOW_NS + 5 * NS_PER_MS};
    event_write(&writer, NOW_NS, "started", BITFINEX_TRADES_NAME, NULL);
    event_write(&writer, NOW_NS, "refused", "tXUSD", "symbol: invalid");
    event_write(&writer, NOW_NS - NS_PER_SECOND, "ended", BITFINEX_TRADES_NAME, NULL);
    run_events_tell(&writer.run, &told);
    event_write(&writer, NOW_NS, "started", BITFINEX_TRADES_NAME, NULL);
    assert_true(outbox_take(&outbox, &batch));
    assert_int_equal(nth(&batch, 0)->time_ns, NOW_NS - 456);
    assert_int_equal(nth(&batch, 1)->time_ns, NOW_NS - 455);
    assert_int_equal(nth(&batch, 2)->time_ns, NOW_NS - 454);
    assert_int_equal(nth(&batch, 3)->time_ns, told.time_ns + 1);
    detail_is(&batch, 1, "symbol: invalid");
    assert_string_equal(nth(&batch, 1)->source, BITFINEX_TRADES_NAME);
    outbox_free(&outbox);
    source_batch_free(&batch);
}

static void check_list(int count, size_t events)
{
    struct outbox outbox = {0};
    struct source_batch batch = {0};
    struct event_writer writer = {.outbox = &outbox, .run = {.source = BITFINEX_TRADES_NAME}};
    struct strbuf names = strbuf_new(100000);
    struct strbuf again = strbuf_new(100000);
    for (int i = 0; i < count; i++) {
        strbuf_append_format(&names, "%stCOIN%05d:USD", i > 0 ? "," : "", i);
    }
    event_write_coins(&writer, NOW_NS, strbuf_str(&names));
    assert_true(outbox_take(&outbox, &batch));
    int64_t index = 0;
    for (size_t i = 0; i < batch.count; i++) {
        const struct event *event = nth(&batch, i);
        char first[32];
        (void)snprintf(first, sizeof first, "tCOIN%05d:USD", (int)index);
        assert_int_equal(event->number, index);
        struct str detail = event_detail(event, &batch.texts);
        assert_true(str_starts_with(detail, first));
        strbuf_append_text(&again, i > 0 ? "," : "");
        strbuf_append_str(&again, detail);
        for (size_t c = 0; c < detail.length; c++) {
            index += detail.data[c] == ',';
        }
        index++;
    }
    assert_int_equal(index, count);
    assert_int_equal(batch.count, events);
    assert_int_equal(writer.run.list_ns, nth(&batch, 0)->time_ns);
    assert_string_equal(strbuf_text(&again), strbuf_text(&names));
    strbuf_free(&names);
    strbuf_free(&again);
    outbox_free(&outbox);
    source_batch_free(&batch);
}

static void list_of_coins_takes_as_many_events_as_it_needs(void **state)
{
    (void)state;
    static const int counts[] = {1, 1000, 5000}; /* the last one takes 68 KB */
    static const size_t events[] = {1, 1, 5};
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        check_list(counts[k], events[k]);
    }
}

static void events_say_what_happened(void **state)
{
    (void)state;
    struct outbox outbox = {0};
    struct source_batch batch = {0};
    struct event_writer writer = {.outbox = &outbox,
                                  .run = {.source = BITFINEX_TRADES_NAME, .list_ns = 77}};
    struct hole hole = {.begin_ms = 10, .end_ms = HOLE_LASTS, .last_id = 5, .refilled = 3};
    const struct trade_row was = {9, 1700000000000, -0.5, 100.25};
    const struct trade_row now = {9, 1700000000001, -0.5, 100.5};
    event_write_hole(&writer, NOW_NS, "tBTCUSD", &hole, "connection lost");
    hole.end_ms = 20;
    hole.last_id = -1;
    event_write_hole(&writer, NOW_NS, "tBTCUSD", &hole, "restart");
    event_write_hole_closed(&writer, NOW_NS, "tBTCUSD", &hole, "whole");
    event_write_covered(&writer, NOW_NS, 2, 30, 40, 50, 74);
    event_write_trade_changed(&writer, NOW_NS, "tBTCUSD", &was, &now);
    assert_true(outbox_take(&outbox, &batch));
    const struct event *event = nth(&batch, 0);
    assert_string_equal(event->what, "hole");
    assert_true(event->has_begin_ns && event->begin_ns == 10 * NS_PER_MS && !event->has_end_ns);
    assert_true(event->has_number && event->number == 5);
    event = nth(&batch, 1);
    assert_true(event->has_end_ns && event->end_ns == 20 * NS_PER_MS && !event->has_number);
    event = nth(&batch, 2);
    assert_string_equal(event->what, "hole_closed");
    assert_true(event->begin_ns == 10 * NS_PER_MS && event->number == 3);
    detail_is(&batch, 2, "whole");
    event = nth(&batch, 3);
    assert_string_equal(event->subject, "bitfinex-trades/2");
    detail_is(&batch, 3, "77:50-74");
    assert_true(event->begin_ns == 30 && event->end_ns == 40 && event->number == 0);
    event = nth(&batch, 4);
    assert_int_equal(event->number, 9);
    detail_is(&batch, 4,
              "-0.5 for 100.25 at 2023-11-14T22:13:20Z; now -0.5 for 100.5 at "
              "2023-11-14T22:13:20.001Z");
    outbox_free(&outbox);
    source_batch_free(&batch);
}

/* A connection ends with the server's own words, of which the feed keeps so many bytes. */
static void hole_is_told_whatever_the_reason_holds(void **state)
{
    (void)state;
    static const char *const whys[] = {"",
                                       "\n",
                                       "closed with 1012, \"two\r\nlines\"",
                                       "\xC3",
                                       "cut in the middle of \xE2\x82",
                                       "\x1B[2J",
                                       "\xC2\x9B"};
    struct outbox outbox = {0};
    struct source_batch batch = {0};
    struct event_writer writer = {.outbox = &outbox, .run = {.source = BITFINEX_TRADES_NAME}};
    struct hole hole = {.begin_ms = 10, .end_ms = HOLE_LASTS, .last_id = 5};
    for (size_t i = 0; i < sizeof whys / sizeof whys[0]; i++) {
        event_write_hole(&writer, NOW_NS, "tBTCUSD", &hole, whys[i]);
        event_write(&writer, NOW_NS, "refused", "tBTCUSD", whys[i]);
    }
    assert_true(outbox_take(&outbox, &batch));
    for (size_t i = 0; i < batch.count; i++) {
        (void)nth(&batch, i); /* it is checked there */
    }
    detail_is(&batch, 4, "closed with 1012, \"two  lines\"");
    outbox_free(&outbox);
    source_batch_free(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_events_have_the_same_time),
        cmocka_unit_test(list_of_coins_takes_as_many_events_as_it_needs),
        cmocka_unit_test(events_say_what_happened),
        cmocka_unit_test(hole_is_told_whatever_the_reason_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
