#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "note_kind.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/ticker.h"
#include "record/trade.h"
#include "store/influx/line_protocol.h"
#include "store_cases.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

static bool append(const struct ticker *tick, struct strbuf *lines)
{
    struct line_plan plan;
    line_plan_init(&plan, &ticker_kind);
    return line_protocol_append(&plan, tick, NULL, lines);
}

static void tick_gives_one_line_in_schema_order(void **state)
{
    (void)state;
    struct ticker tick = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .event_time_ns = 1700000000000000000,
                          .seq = 7,
                          .run_id = INT64_MAX,
                          .last_price = 30000.1};
    struct strbuf lines = strbuf_new(4096);
    assert_true(append(&tick, &lines));
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        tick.has[i] = true;
        tick.figures[i] = (double)i + 0.5;
    }
    tick.event_time_ns = -1;
    tick.run_id = INT64_MIN;
    assert_true(append(&tick, &lines));
    assert_string_equal(
        strbuf_text(&lines),
        "ticker,coin=tBTCUSD last_price=30000.1,seq=7i,run_id=9223372036854775807i "
        "1700000000000000000\n"
        "ticker,coin=tBTCUSD last_price=30000.1,bid=0.5,bid_size=1.5,ask=2.5,ask_size=3.5,"
        "daily_change=4.5,daily_change_relative=5.5,volume=6.5,high=7.5,low=8.5,market_cap=9.5,seq="
        "7i,"
        "run_id=-9223372036854775808i -1\n");
    strbuf_free(&lines);
}

static void trade_and_event_give_their_lines(void **state)
{
    (void)state;
    struct trade trade = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .trade_id = 1000007,
                          .exchange_time_ns = INT64_C(1767225660001000000),
                          .price = 30000.5,
                          .amount = -0.25};
    struct text_arena texts = {0};
    struct event event = {.subject = "a=b/0",
                          .what = "hole",
                          .time_ns = 5,
                          .source = "x",
                          .begin_ns = -1,
                          .has_begin_ns = true};
    assert_true(event_set_detail(&event, &texts, str_from("why: \"x\"")));
    record_complete(&trade_kind, &trade);
    struct line_plan plan;
    struct strbuf lines = strbuf_new(4096);
    line_plan_init(&plan, &trade_kind);
    assert_true(line_protocol_append(&plan, &trade, NULL, &lines));
    line_plan_init(&plan, &event_kind);
    assert_true(line_protocol_append(&plan, &event, &texts, &lines));
    text_arena_free(&texts);
    assert_string_equal(strbuf_text(&lines),
                        "trade,coin=tBTCUSD,source=bitfinex trade_id=1000007i,"
                        "exchange_time_ns=1767225660001000000i,price=30000.5,amount=-0.25 "
                        "1767225660001000007\n"
                        "event,subject=a\\=b/0,what=hole source=\"x\",begin_ns=-1i,"
                        "detail=\"why: \\\"x\\\"\" 5\n");
    strbuf_free(&lines);
}

static void bar_gives_one_line_with_all_its_tags(void **state)
{
    (void)state;
    struct bar bar = {.symbol = "BTC=F",
                      .source = "replay",
                      .timeframe = "1m",
                      .open_time_ns = INT64_C(1767225660000000000),
                      .open = 2,
                      .high = 4.5,
                      .low = 1,
                      .close = 3};
    record_complete(&bar_kind, &bar);
    struct line_plan plan;
    line_plan_init(&plan, &bar_kind);
    struct strbuf lines = strbuf_new(4096);
    assert_true(line_protocol_append(&plan, &bar, NULL, &lines));
    bar.has_volume = bar.has_trades = true;
    bar.volume = 0.5;
    bar.trades = INT64_MAX;
    assert_true(line_protocol_append(&plan, &bar, NULL, &lines));
    assert_string_equal(strbuf_text(&lines),
                        "bar,coin=BTC\\=F,source=replay,timeframe=1m "
                        "open_time_ns=1767225660000000000i,revision=0i,open=2,high=4.5,low=1,"
                        "close=3 1767225600268435456\n"
                        "bar,coin=BTC\\=F,source=replay,timeframe=1m "
                        "open_time_ns=1767225660000000000i,revision=0i,open=2,high=4.5,low=1,"
                        "close=3,volume=0.5,trades=9223372036854775807i 1767225600268435456\n");
    strbuf_free(&lines);
}

/* As "Line protocol" of InfluxDB's manual says: only quotes and backslashes are escaped in a text.
 */
static void texts_are_quoted_and_bools_are_letters(void **state)
{
    (void)state;
    struct line_plan plan;
    line_plan_init(&plan, &note_kind);
    struct note note = {.name = "a", .time_ns = 5, .text = "", .final = true};
    struct strbuf lines = strbuf_new(4096);
    assert_true(line_protocol_append(&plan, &note, NULL, &lines));
    note = (struct note){.name = "b",
                         .time_ns = -6,
                         .text = "a \"b\",c=\\d\\",
                         .more = "\\\"\n\xC3\xA9",
                         .has_more = true,
                         .has_read = true,
                         .has_count = true};
    assert_true(line_protocol_append(&plan, &note, NULL, &lines));
    assert_string_equal(strbuf_text(&lines),
                        "note,name=a text=\"\",final=t 5\n"
                        "note,name=b text=\"a \\\"b\\\",c=\\\\d\\\\\",more=\"\\\\\\\"\n\xC3\xA9\","
                        "final=f,read=f,count=0i -6\n");
    strbuf_free(&lines);
}

/* Nothing but bytes that are doubled: no more is written than was reserved (ASan sees it). */
static void the_longest_text_fits(void **state)
{
    (void)state;
    struct line_plan plan;
    line_plan_init(&plan, &note_kind);
    struct note note = {.name = "a", .time_ns = INT64_MIN, .has_more = true, .has_count = true};
    memset(note.text, '"', sizeof note.text - 1);
    memset(note.more, '\\', sizeof note.more - 1);
    note.count = INT64_MIN;
    struct strbuf lines = strbuf_new(4096);
    assert_true(line_protocol_append(&plan, &note, NULL, &lines));
    assert_true(lines.length < plan.room + strlen(plan.tags[0]) + 2);
    strbuf_free(&lines);
}

static const char *digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* InfluxDB's own grammar: -?D, -?D.D, -?DeD, -?D.DeD with a sign allowed behind the e; the end, or
 * NULL when `at` does not begin so. */
static const char *influx_float(const char *at)
{
    at += *at == '-' ? 1 : 0;
    const char *end = digits(at);
    if (end == at) {
        return NULL;
    }
    if (*end == '.') {
        const char *fraction = end + 1;
        end = digits(fraction);
        if (end == fraction) {
            return NULL;
        }
    }
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+' ? 1 : 0);
        end = digits(exponent);
        if (end == exponent) {
            return NULL;
        }
    }
    return end;
}

/* The value behind `name=` in a line; asserts that it is a float of that grammar. */
static double field(const char *line, const char *name)
{
    struct strbuf key = strbuf_new(64);
    strbuf_append_format(&key, "%s=", name);
    const char *at = line;
    do {
        at = strstr(at, strbuf_text(&key));
        assert_non_null(at);
        at += key.length;
    } while (at[-(ptrdiff_t)key.length - 1] != ',' && at[-(ptrdiff_t)key.length - 1] != ' ');
    strbuf_free(&key);
    const char *end = influx_float(at);
    assert_non_null(end);
    assert_true(*end == ',' || *end == ' ');
    return strtod(at, NULL);
}

static void assert_same_double(double got, double want)
{
    assert_memory_equal(&got, &want, sizeof got);
}

static void any_number_reads_back_as_same_bits(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    struct strbuf lines = strbuf_new(4096);
    for (int i = 0; i < 20000; i++) {
        struct ticker tick = cases_tick(&random, "tX:Y-Z_1", i, i);
        strbuf_clear(&lines);
        assert_true(append(&tick, &lines));
        const char *line = strbuf_text(&lines);
        assert_ptr_equal(strchr(line, '\n'), line + lines.length - 1);
        assert_same_double(field(line, "last_price"), tick.last_price);
        for (size_t k = 0; k < TICKER_FIGURES; k++) {
            if (tick.has[k]) {
                assert_same_double(field(line, ticker_figure_names[k]), tick.figures[k]);
            }
        }
    }
    strbuf_free(&lines);
}

static void tag_value_is_escaped_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *want; /* NULL: refused */
    } cases[] = {
        {"tBTCUSD", "tBTCUSD"},
        {"tDOGE:USD", "tDOGE:USD"},
        {"a b,c=d", "a\\ b\\,c\\=d"},
        {"", NULL},
        {"a\nb", NULL},
        {"a\\", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(64);
        bool got = line_protocol_append_tag_value(&text, str_from(cases[i].value));
        assert_int_equal(got, cases[i].want != NULL);
        assert_string_equal(strbuf_text(&text), got ? cases[i].want : "");
        strbuf_free(&text);
    }
}

static void full_buffer_is_told(void **state)
{
    (void)state;
    struct strbuf lines = strbuf_new(60);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    assert_false(append(&tick, &lines));
    strbuf_free(&lines);
}

/* Takes a text's bytes back from between its quotes, by the rules of line protocol: a backslash
 * stands before a quote and before a backslash only. Returns where the text ends. */
static const char *take_quoted(const char *at, char *text, size_t *length)
{
    *length = 0;
    assert_int_equal(*at++, '"');
    while (*at != '"') {
        at += *at == '\\' && (at[1] == '"' || at[1] == '\\') ? 1 : 0;
        text[(*length)++] = *at++;
    }
    return at + 1;
}

static void long_text_stands_between_quotes_as_it_is(void **state)
{
    (void)state;
    static char text[LONG_TEXT_MAX];
    struct line_plan plan;
    struct strbuf lines = strbuf_new(1 << 20);
    struct text_arena texts = {0};
    line_plan_init(&plan, &memo_kind);
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        struct memo memo = {.name = "a", .time_ns = 5, .count = 3};
        size_t length = 0;
        if (!hard.valid) {
            continue;
        }
        texts.length = 0;
        strbuf_free(&lines); /* so that a write past the reserved room is seen */
        assert_true(column_set_long_text(MEMO_BODY, &memo, &texts, hard.text));
        assert_true(column_set_long_text(MEMO_MORE, &memo, &texts, hard.text));
        assert_true(line_protocol_append(&plan, &memo, &texts, &lines));
        const char *at = strbuf_text(&lines);
        assert_memory_equal(at, "memo,name=a body=", 17);
        at = take_quoted(at + 17, text, &length);
        assert_int_equal(length, hard.text.length);
        assert_memory_equal(text, hard.text.data, length);
        assert_memory_equal(at, ",more=", 6);
        at = take_quoted(at + 6, text, &length);
        assert_int_equal(length, hard.text.length);
        assert_memory_equal(text, hard.text.data, length);
        assert_string_equal(at, ",count=3i 5\n");
        assert_int_equal(at + 12 - strbuf_text(&lines), lines.length);
    }
    strbuf_free(&lines);
    text_arena_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tick_gives_one_line_in_schema_order),
        cmocka_unit_test(bar_gives_one_line_with_all_its_tags),
        cmocka_unit_test(trade_and_event_give_their_lines),
        cmocka_unit_test(texts_are_quoted_and_bools_are_letters),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(any_number_reads_back_as_same_bits),
        cmocka_unit_test(tag_value_is_escaped_or_refused),
        cmocka_unit_test(full_buffer_is_told),
        cmocka_unit_test(long_text_stands_between_quotes_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
