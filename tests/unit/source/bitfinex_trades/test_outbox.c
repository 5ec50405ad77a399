/* The order in which trades and events go out, and their barriers. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "source/bitfinex_trades/outbox.h"
#include "source/run_events.h"

/* Plays a script: t a trade, e an event, | a barrier, . a batch is taken. */
static void play(const char *script, char *text, size_t size)
{
    struct outbox outbox = {0};
    struct source_batch batch = {0};
    struct trade trade = {.trade_id = 0};
    struct run_events run = {.source = "x"};
    int64_t events = 0;
    char detail[20];
    text[0] = '\0';
    for (const char *c = script; *c != '\0'; c++) {
        size_t length = strlen(text);
        if (*c == 't') {
            trade.trade_id++;
            outbox_add_trade(&outbox, &trade, 10 * trade.trade_id);
        } else if (*c == 'e') {
            struct event *event = run_events_add(&run, &outbox.events, 0, "drill", "x");
            assert_non_null(event);
            event->number = ++events;
            (void)snprintf(detail, sizeof detail, "event %d", (int)events);
            outbox_added_events(&outbox,
                                event_set_detail(event, &outbox.events.texts, str_from(detail)));
        } else if (*c == '|') {
            outbox_settle(&outbox);
        } else {
            assert_true(outbox_take(&outbox, &batch));
            assert_true(batch.has_time);
            for (size_t i = 0; i < batch.count; i++) {
                const void *record = source_batch_at(&batch, i);
                bool is_trade = batch.kind == &trade_kind;
                int64_t number = is_trade ? ((const struct trade *)record)->trade_id
                                          : ((const struct event *)record)->number;
                assert_int_equal(batch.arrived_ns[i], is_trade ? 10 * number : 0);
                (void)snprintf(detail, sizeof detail, "event %d", (int)number);
                assert_true(is_trade || str_equal_text(event_detail(record, &batch.texts), detail));
                length += (size_t)snprintf(text + length, size - length, "%c%d",
                                           is_trade ? 't' : 'e', (int)number);
            }
            (void)snprintf(text + length, size - length, batch.settle ? "|." : ".");
        }
    }
    assert_true(outbox_is_empty(&outbox));
    outbox_free(&outbox);
    source_batch_free(&batch);
}

static void batches_have_one_kind_and_end_at_barriers(void **state)
{
    (void)state;
    static const struct {
        const char *script, *want;
    } cases[] = {
        {".", "."},
        {"tt.", "t1t2."},
        {"tte...", "t1t2.e1.."},
        {"e|t..", "e1|.t1."},
        {"t|te|e....", "t1|.t2.e1|.e2."},
        {"t.|e..", "t1.|.e1."}, /* what was taken before the barrier is before it all the same */
        {"t||t..", "t1|.t2."},
        {"t.t.t.", "t1.t2.t3."},
        {"tt.et..t.", "t1t2.e1.t3.t4."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        play(cases[i].script, text, sizeof text);
        assert_string_equal(text, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_have_one_kind_and_end_at_barriers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
