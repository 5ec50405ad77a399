#include "page/refill_text.h"

#include <string.h>

#include "cmocka_all.h"

#define FIGURES                                                                                    \
    "{\"connections\":1,\"open_holes\":3,\"refill_requests\":40,\"refill_budget_left\":2,"         \
    "\"refill_minutes_left\":1}"

static void table_has_the_sources_that_refill(void **state)
{
    (void)state;
    static const struct {
        const char *status, *want; /* "": the table is empty */
    } cases[] = {
        {"{\"sources\":[{\"source\":\"bitfinex\",\"figures\":{}},{\"source\":\"bitfinex-trades\","
         "\"figures\":" FIGURES "}]}",
         "\nsource           open holes  requests  left in this minute  minutes at least\n"
         "bitfinex-trades           3        40                    2                 1\n"},
        {"{\"sources\":[{\"source\":\"other\",\"figures\":{\"open_holes\":0}}]}",
         "\nsource  open holes  requests  left in this minute  minutes at least\n"
         "other            0         -                    -                 -\n"},
        {"{\"sources\":[{\"source\":7,\"figures\":" FIGURES "},{\"source\":\"x\"},null]}", ""},
        {"{\"sources\":[]}", ""},
        {"[]", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(4096);
        json_t *status = json_loads(cases[i].status, 0, NULL);
        assert_non_null(status);
        refill_to_table(status, 0, &text);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        json_decref(status);
        strbuf_free(&text);
    }
    struct strbuf text = strbuf_new(4096);
    refill_to_table(NULL, 0, &text);
    assert_int_equal(text.length, 0);
    strbuf_free(&text);
}

static void json_has_each_source_or_null(void **state)
{
    (void)state;
    struct strbuf json = strbuf_new(4096);
    json_t *status = json_loads("{\"sources\":[{\"source\":\"a\",\"figures\":{\"open_holes\":1}},"
                                "{\"source\":\"b\",\"figures\":{}},{\"source\":7}]}",
                                0, NULL);
    assert_non_null(status);
    refill_to_json(status, &json);
    assert_string_equal(strbuf_text(&json), "{\"a\":{\"open_holes\":1},\"b\":{}}");
    strbuf_clear(&json);
    refill_to_json(NULL, &json);
    assert_string_equal(strbuf_text(&json), "null");
    json_decref(status);
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_has_the_sources_that_refill),
        cmocka_unit_test(json_has_each_source_or_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
