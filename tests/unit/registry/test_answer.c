/* What a registry's answer to GET /schemas/ids/N means, without a socket. */
#include "registry/client/answer.h"

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
        {200, "{\"schema\":\"a\",\"schema\":\"text\"}", ANSWER_SCHEMA, ""},
        {200, "[]", ANSWER_LATER, "no JSON"},
        {200, "", ANSWER_LATER, "no JSON"},
        {404, "{\"error_code\":40403,\"message\":\"Schema not found\"}", ANSWER_UNKNOWN,
         "no such id (it answered 404: Schema not found)"},
        {404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}", ANSWER_UNKNOWN,
         "404: HTTP"},
        {404, "{\"error_code\":40401,\"message\":\"no\"}", ANSWER_UNKNOWN, "404: no"},
        {404, "{\"error_code\":\"40403\"}", ANSWER_UNKNOWN, "no reason given"},
        {404, "<html>", ANSWER_UNKNOWN, "no reason given"},
        {404, "Schema not found", ANSWER_UNKNOWN, "no reason given"},
        {404, "", ANSWER_UNKNOWN, "no reason given"},
        {400, "{\"error_code\":400,\"message\":\"Bad id\"}", ANSWER_UNKNOWN, "400: Bad id"},
        {405, "", ANSWER_UNKNOWN, "no reason given"},
        {410, "{\"error_code\":40403,\"message\":\"gone\"}", ANSWER_UNKNOWN, "410: gone"},
        {422, "{\"error_code\":42201,\"message\":\"no\"}", ANSWER_UNKNOWN, "422: no"},
        {200, "{\"error_code\":40403,\"message\":\"gone\"}", ANSWER_LATER, "no schema"},
        {500, "{\"schema\":\"text\"}", ANSWER_LATER, "500"},
        {401, "{\"error_code\":401,\"message\":[{\"msg\":\"who\"}]}", ANSWER_LATER,
         "401: who (see --registry-user and --registry-password-file)"},
        {302, "", ANSWER_LATER, "302"},
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

/* What is not named here says that there is no such id, or is asked again. */
static void every_other_status_is_asked_again(void **state)
{
    (void)state;
    for (long status = 0; status < 1000; status++) {
        bool unknown =
            status == 400 || status == 404 || status == 405 || status == 410 || status == 422;
        char *text = NULL;
        struct error error = {0};
        enum answer_kind kind = answer_read_schema(
            status, str_from("{\"error_code\":40403,\"message\":\"m\"}"), &text, &error);
        assert_int_equal(kind, unknown ? ANSWER_UNKNOWN : ANSWER_LATER);
        assert_int_equal(error.kind, unknown ? ERROR_REJECT : ERROR_RETRY);
        assert_null(text);
    }
}

static void only_a_registry_answers_as_one(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        bool want;
    } cases[] = {
        {200, "[\"JSON\",\"AVRO\",\"PROTOBUF\"]", true},
        {200, "[\"AVRO\"]", true},
        {200, "{\"compatibilityLevel\":\"BACKWARD\"}", true},
        {200, "[]", false},
        {200, "{}", false},
        {200, "\"AVRO\"", false},
        {200, "<html>log in</html>", false},
        {200, "", false},
        {404, "[\"AVRO\"]", false},
        {500, "{\"compatibilityLevel\":\"BACKWARD\"}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(answer_is_of_registry(cases[i].status, str_from(cases[i].body)),
                         cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_to_an_id_has_its_kind),
        cmocka_unit_test(every_other_status_is_asked_again),
        cmocka_unit_test(only_a_registry_answers_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
