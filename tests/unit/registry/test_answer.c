/* What a registry's answer to GET /schemas/ids/N means, without a socket. */
#include "registry/answer.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static void each_answer_to_an_id_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        enum answer_kind want;
        const char *words;
    } cases[] = {
        {200, "{\"schema\":\"text\"}", ANSWER_SCHEMA, ""},
        {200, "{\"schema\":\"text\",\"schemaType\":\"AVRO\",\"references\":[]}", ANSWER_SCHEMA, ""},
        {200, "{\"schema\":\"text\",\"references\":null,\"guid\":\"g\"}", ANSWER_SCHEMA, ""},
        {200, "{\"schema\":\"text\",\"schemaType\":\"JSON\"}", ANSWER_UNUSABLE, "type JSON"},
        {200, "{\"schema\":\"text\",\"references\":[{}]}", ANSWER_UNUSABLE, "refers to others"},
        {200, "{\"schema\":\"\\u0000\"}", ANSWER_UNUSABLE, "NUL"},
        {200, "{\"schema\":{}}", ANSWER_LATER, "no schema"},
        {200, "{\"schema\":\"a\",\"schema\":\"b\"}", ANSWER_LATER, "no JSON"},
        {200, "[]", ANSWER_LATER, "no JSON"},
        {200, "", ANSWER_LATER, "no JSON"},
        {404, "{\"error_code\":40403,\"message\":\"Schema not found\"}", ANSWER_UNKNOWN,
         "the registry answered 404: Schema not found"},
        {404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}", ANSWER_LATER, "404: HTTP"},
        {404, "{\"error_code\":\"40403\"}", ANSWER_LATER, "no reason given"},
        {404, "<html>", ANSWER_LATER, "no reason given"},
        {410, "{\"error_code\":40403,\"message\":\"gone\"}", ANSWER_LATER, "410: gone"},
        {200, "{\"error_code\":40403,\"message\":\"gone\"}", ANSWER_LATER, "no schema"},
        {500, "{\"schema\":\"text\"}", ANSWER_LATER, "500"},
        {401, "{\"error_code\":401,\"message\":[{\"msg\":\"who\"}]}", ANSWER_LATER, "401: who"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = NULL;
        struct error error = {0};
        enum answer_kind kind =
            answer_read_schema(cases[i].status, str_from(cases[i].body), &text, &error);
        if (kind != cases[i].want || strstr(error.text, cases[i].words) == NULL) {
            fail_msg("case %zu: kind %d, \"%s\"", i, (int)kind, error.text);
        }
        assert_int_equal(text != NULL, kind == ANSWER_SCHEMA);
        assert_string_equal(text != NULL ? text : "text", "text");
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_to_an_id_has_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
