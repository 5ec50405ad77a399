#include "page/cached_answer.h"

#include "cmocka_all.h"

struct maker {
    int made;
    bool fails;
};

static bool make(void *context, struct strbuf *json, struct error *error)
{
    struct maker *maker = context;
    maker->made++;
    strbuf_append_format(json, "answer %d", maker->made);
    return !maker->fails || error_set(error, ERROR_RETRY, "away");
}

static void cached_answer_is_made_once_while_it_serves(void **state)
{
    (void)state;
    struct maker maker = {.made = 0};
    struct cached_answer answer;
    struct error error = {0};
    cached_answer_init(&answer, 100, 60000);
    for (int i = 0; i < 3; i++) {
        struct strbuf json = strbuf_new(100);
        assert_true(cached_answer_get(&answer, make, &maker, &json, &error));
        assert_string_equal(strbuf_text(&json), "answer 1");
        strbuf_free(&json);
    }
    assert_int_equal(maker.made, 1);
    cached_answer_free(&answer);
}

/* Of many who wait while the store is away, only one asks it. */
static void cached_answer_failure_is_kept_as_long(void **state)
{
    (void)state;
    struct maker maker = {.fails = true};
    struct cached_answer answer;
    struct error error = {0};
    cached_answer_init(&answer, 100, 60000);
    assert_false(cached_answer_get(&answer, make, &maker, NULL, &error));
    error = (struct error){.kind = ERROR_NONE};
    assert_false(cached_answer_get(&answer, make, &maker, NULL, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_string_equal(error.text, "away");
    assert_int_equal(maker.made, 1);
    cached_answer_free(&answer);
}

static void cached_answer_over_its_limit_is_an_error(void **state)
{
    (void)state;
    struct maker maker = {.made = 0};
    struct cached_answer answer;
    struct error error = {0};
    cached_answer_init(&answer, 4, 1);
    assert_false(cached_answer_get(&answer, make, &maker, NULL, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    cached_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cached_answer_is_made_once_while_it_serves),
        cmocka_unit_test(cached_answer_failure_is_kept_as_long),
        cmocka_unit_test(cached_answer_over_its_limit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
