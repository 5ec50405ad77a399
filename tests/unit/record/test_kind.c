/* What holds for every kind: its table of columns, its schema and its struct say the same. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/kind.h"
#include "record/news.h"
#include "record/record_json.h"
#include "record/ticker.h"
#include "record/trade.h"

/* Those of the schema: the derived ones stand behind them. */
static size_t count_columns(const struct record_kind *kind)
{
    size_t count = 0;
    while (kind->columns[count].name != NULL && !kind->columns[count].derived) {
        count++;
    }
    for (const struct column *behind = &kind->columns[count]; behind->name != NULL; behind++) {
        assert_true(behind->derived);
        assert_non_null(kind->complete);
    }
    return count;
}

static void columns_are_the_fields_of_the_schema_in_its_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        json_t *schema = json_loads(record_kinds[k]->schema, 0, NULL);
        const json_t *fields = json_object_get(schema, "fields");
        assert_int_equal(count_columns(record_kinds[k]), json_array_size(fields));
        for (size_t i = 0; i < json_array_size(fields); i++) {
            const json_t *field = json_array_get(fields, i);
            const struct column *column = &record_kinds[k]->columns[i];
            assert_string_equal(column->name, json_string_value(json_object_get(field, "name")));
            bool nullable = json_is_array(json_object_get(field, "type"));
            assert_int_equal(nullable, column->present_offset != COLUMN_REQUIRED);
        }
        json_decref(schema);
    }
}

static void a_field_that_came_later_may_be_null(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        int version = 1;
        for (const struct column *column = record_kinds[k]->columns; column->name != NULL;
             column++) {
            assert_true(column->since >= 1);
            assert_true(column->since == 1 || column->present_offset != COLUMN_REQUIRED);
            version = column->since > version ? column->since : version;
        }
        assert_int_equal(kind_version(record_kinds[k]), version);
    }
}

/* Each byte of the struct belongs to one column at most. */
static void members_do_not_overlap(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        unsigned char taken[RECORD_BYTES_MAX] = {0};
        for (const struct column *column = record_kinds[k]->columns; column->name != NULL;
             column++) {
            assert_true(strlen(column_stored_name(column)) <= COLUMN_NAME_MAX);
            assert_true(column->offset + column->size <= record_kinds[k]->size);
            for (size_t i = 0; i < column->size; i++) {
                assert_int_equal(taken[column->offset + i]++, 0);
            }
            if (column->present_offset != COLUMN_REQUIRED) {
                assert_int_equal(taken[column->present_offset]++, 0);
            }
        }
    }
}

static void key_and_time_have_their_roles_and_types(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        const struct record_kind *kind = record_kinds[k];
        assert_int_equal(kind->key->role, kind_key_is_tag(kind) ? COLUMN_KEY : COLUMN_FIELD);
        assert_int_equal(kind->key->type, COLUMN_TEXT);
        assert_int_equal(kind->time->role, COLUMN_TIME);
        assert_int_equal(kind->time->type, COLUMN_INT64);
        assert_string_equal(column_stored_name(kind->time), "time");
        assert_ptr_equal(kind_column(kind, str_from(kind->key->name)), kind->key);
        assert_null(kind_column(kind, str_from("no_such_column")));
        assert_int_equal(kind->moment->type, COLUMN_INT64);
        assert_false(kind->moment->derived);
        assert_true(kind->time->derived || kind->moment == kind->time);
        assert_true((kind->seq == NULL) == (kind->run == NULL));
        assert_int_equal(kind->time->derived, kind->moment_span_ns > 0);
        if (kind->amount != NULL) {
            assert_int_equal(kind->amount->type, COLUMN_DOUBLE);
            assert_int_equal(kind->amount->present_offset, COLUMN_REQUIRED);
        }
        for (const struct column *column = kind->columns; column->name != NULL; column++) {
            assert_true(!column->is_time || column->type == COLUMN_INT64);
        }
        if (kind->price != NULL) {
            assert_int_equal(kind->price->type, COLUMN_DOUBLE);
            assert_int_equal(kind->price->present_offset, COLUMN_REQUIRED);
        }
    }
}

static void tags_are_the_key_and_the_columns_of_the_identity(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        const struct record_kind *kind = record_kinds[k];
        size_t count = 0;
        assert_true(kind_key_is_tag(kind) || kind == &news_kind);
        for (const struct column *column = kind->columns; column->name != NULL; column++) {
            if (column->role == COLUMN_KEY || column->role == COLUMN_IDENTITY) {
                assert_ptr_equal(kind->tags[count++].column, column);
                assert_int_equal(column->type, COLUMN_TEXT);
                assert_int_equal(column->present_offset, COLUMN_REQUIRED);
            }
        }
        assert_int_equal(kind->tag_count, count);
    }
}

/* Of a text of one byte, repeated: the rule in words says what the function says. */
static void rule_of_a_tag_in_words_allows_what_it_accepts(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        for (size_t i = 0; i < record_kinds[k]->tag_count; i++) {
            const struct record_tag *tag = &record_kinds[k]->tags[i];
            char text[RECORD_SERIES_MAX + 2];
            memset(text, ' ', sizeof text);
            assert_false(tag->valid((struct str){text, (size_t)tag->least}));
            memset(text, 'A', sizeof text);
            assert_false(tag->valid((struct str){text, (size_t)tag->least - 1}));
            assert_false(tag->valid((struct str){text, (size_t)tag->most + 1}));
            assert_true((size_t)tag->most < tag->column->size);
            for (int byte = 1; byte < 128; byte++) {
                memset(text, byte, sizeof text);
                bool listed = strchr(tag->class, byte) != NULL ||
                              (byte >= '0' && byte <= '9' && strstr(tag->class, "0-9") != NULL) ||
                              (byte >= 'A' && byte <= 'Z' && strstr(tag->class, "A-Z") != NULL) ||
                              (byte >= 'a' && byte <= 'z' && strstr(tag->class, "a-z") != NULL);
                assert_true(listed || !tag->valid((struct str){text, (size_t)tag->most}));
            }
        }
    }
}

static void a_point_holds_fields_first_and_then_the_run(void **state)
{
    (void)state;
    static const char *const want[] = {"last_price",
                                       "bid",
                                       "bid_size",
                                       "ask",
                                       "ask_size",
                                       "daily_change",
                                       "daily_change_relative",
                                       "volume",
                                       "high",
                                       "low",
                                       "market_cap",
                                       "seq",
                                       "run_id"};
    struct stored_columns stored = kind_stored_columns(&ticker_kind);
    assert_int_equal(stored.count, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < stored.count; i++) {
        assert_string_equal(stored.items[i]->name, want[i]);
    }
}

static void a_bar_as_json_has_its_open_time_as_the_time_for_people(void **state)
{
    (void)state;
    struct bar bar = {.symbol = "AAPL",
                      .source = "replay",
                      .timeframe = "1m",
                      .open_time_ns = INT64_C(1767261600000000000),
                      .open = 2,
                      .high = 3.5,
                      .low = 1,
                      .close = 2,
                      .trades = INT64_MAX,
                      .has_trades = true};
    record_complete(&bar_kind, &bar);
    struct strbuf json = strbuf_new(1 << 12);
    record_to_json(&bar_kind, &bar, NULL, &json);
    assert_string_equal(
        strbuf_text(&json),
        "{\"symbol\":\"AAPL\",\"source\":\"replay\",\"timeframe\":\"1m\","
        "\"open_time_ns\":\"1767261600000000000\",\"time\":\"2026-01-01T10:00:00Z\","
        "\"revision\":0,\"open\":2,\"high\":3.5,\"low\":1,\"close\":2,\"volume\":null,"
        "\"quote_volume\":null,\"trades\":9223372036854775807}");
    strbuf_free(&json);
}

static void records_of_a_set_stand_one_size_apart(void **state)
{
    (void)state;
    struct ticker ticks[3] = {{.seq = 1}, {.seq = 2}, {.seq = 3}};
    struct record_set set = {&ticker_kind, ticks, 3, NULL};
    for (size_t i = 0; i < set.count; i++) {
        assert_int_equal(column_int64(ticker_kind.seq, record_set_at(&set, i)), i + 1);
    }
}

static void range_of_a_derived_time_is_widened_to_whole_spans(void **state)
{
    (void)state;
    static const struct {
        const struct record_kind *kind;
        int64_t time_ns, begin_ns, end_ns;
    } cases[] = {
        {&bar_kind, 0, 0, 0},
        {&bar_kind, 1, 0, NS_PER_DAY},
        {&bar_kind, NS_PER_DAY - 1, 0, NS_PER_DAY},
        {&bar_kind, NS_PER_DAY, NS_PER_DAY, NS_PER_DAY},
        {&bar_kind, -1, -NS_PER_DAY, 0},
        {&bar_kind, -NS_PER_DAY, -NS_PER_DAY, -NS_PER_DAY},
        {&bar_kind, INT64_MIN, INT64_MIN, INT64_MIN},
        {&bar_kind, INT64_MIN + 1, INT64_MIN, INT64_MIN + NS_PER_DAY},
        {&bar_kind, INT64_MAX - 1, INT64_MAX - INT64_MAX % NS_PER_DAY, INT64_MAX},
        {&bar_kind, INT64_MAX, INT64_MAX, INT64_MAX},
        {&trade_kind, 7 * NS_PER_MS, 7 * NS_PER_MS, 7 * NS_PER_MS},
        {&trade_kind, 7 * NS_PER_MS + 1, 7 * NS_PER_MS, 8 * NS_PER_MS},
        {&trade_kind, -1, -NS_PER_MS, 0},
        {&ticker_kind, 7, 7, 7},
        {&event_kind, -7, -7, -7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (kind_range_begin(cases[i].kind, cases[i].time_ns) != cases[i].begin_ns ||
            kind_range_end(cases[i].kind, cases[i].time_ns) != cases[i].end_ns) {
            fail_msg("case %zu: %lld to %lld", i,
                     (long long)kind_range_begin(cases[i].kind, cases[i].time_ns),
                     (long long)kind_range_end(cases[i].kind, cases[i].time_ns));
        }
    }
}

static void candles_are_folded_from_ticks_and_trades(void **state)
{
    (void)state;
    assert_true(kind_folds(&ticker_kind) && kind_folds(&trade_kind));
    assert_false(kind_folds(&bar_kind) || kind_folds(&event_kind) || kind_folds(&news_kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_of_a_derived_time_is_widened_to_whole_spans),
        cmocka_unit_test(candles_are_folded_from_ticks_and_trades),
        cmocka_unit_test(columns_are_the_fields_of_the_schema_in_its_order),
        cmocka_unit_test(a_field_that_came_later_may_be_null),
        cmocka_unit_test(members_do_not_overlap),
        cmocka_unit_test(key_and_time_have_their_roles_and_types),
        cmocka_unit_test(tags_are_the_key_and_the_columns_of_the_identity),
        cmocka_unit_test(rule_of_a_tag_in_words_allows_what_it_accepts),
        cmocka_unit_test(a_point_holds_fields_first_and_then_the_run),
        cmocka_unit_test(a_bar_as_json_has_its_open_time_as_the_time_for_people),
        cmocka_unit_test(records_of_a_set_stand_one_size_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
