#include "commands/truth_table.h"

#include <string.h>

#include "cmocka_all.h"

#define STREAMS(of_trades)                                                                         \
    "{\"streams\":[{\"kind\":\"ticker\",\"truth_lag\":{}},{\"kind\":\"trade\",\"truth_"            \
    "lag\":" of_trades "},{\"kind\":7,\"truth_lag\":{\"frame_to_kafka\":{}}},5]}"

static void a_table_has_the_steps_that_were_measured(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        const char *want[4]; /* parts of the table; none: it is empty */
    } cases[] = {
        {STREAMS("{\"frame_to_kafka\":{\"measured\":2,\"negative\":0,\"half_s\":0.005,\"most_s\":1."
                 "5}}"),
         {"trade", "to Kafka", "5 ms / 1.5 s", NULL}},
        {STREAMS(
             "{\"kafka_to_page\":{\"measured\":2,\"negative\":3,\"half_s\":0.1,\"most_s\":null}}"),
         {"Kafka to page", "100 ms / over 1 h; 3 below 0: clocks disagree", NULL}},
        {STREAMS("{\"frame_to_kafka\":{\"measured\":0,\"negative\":1,\"half_s\":null,\"most_s\":"
                 "null}}"),
         {"trade                          1 below 0: clocks disagree", NULL}},
        {STREAMS("null"), {NULL}},
        {"{\"streams\":null}", {NULL}},
        {"[]", {NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(4096);
        json_t *status = json_loads(cases[i].status, 0, NULL);
        assert_non_null(status);
        truth_to_table(status, 0, &text);
        for (size_t k = 0; cases[i].want[k] != NULL; k++) {
            if (strstr(strbuf_text(&text), cases[i].want[k]) == NULL) {
                fail_msg("case %zu: no \"%s\" in %s", i, cases[i].want[k], strbuf_text(&text));
            }
        }
        if (cases[i].want[0] != NULL) {
            assert_null(strstr(strbuf_text(&text), "ticker"));
        } else if (i > 2) {
            assert_null(strstr(strbuf_text(&text), "trade "));
        }
        json_decref(status);
        strbuf_free(&text);
    }
}

static void json_has_each_stream_or_null(void **state)
{
    (void)state;
    struct strbuf json = strbuf_new(4096);
    json_t *status = json_loads(STREAMS("{\"frame_to_kafka\":{\"measured\":2}}"), 0, NULL);
    truth_to_json(status, &json);
    assert_string_equal(strbuf_text(&json),
                        "{\"ticker\":{},\"trade\":{\"frame_to_kafka\":{\"measured\":2}}}");
    strbuf_clear(&json);
    truth_to_json(NULL, &json);
    assert_string_equal(strbuf_text(&json), "null");
    json_decref(status);
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_has_the_steps_that_were_measured),
        cmocka_unit_test(json_has_each_stream_or_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
