/* The little language of --fault. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "fake_exchange/fake_fault.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void faults_of_any_text_apply_where_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want; /* one letter for each of the requests 1 to 8, '.' for none */
    } cases[] = {
        {NULL, "........"},
        {"", "........"},
        {"  ", "........"},
        {"429@3", "..4....."},
        {"429@3,5-7", "..4.444."},
        {"429@3,5-7;slow@8", "..4.444s"},
        {"500@4-", "...55555"},
        {"html@1;truncated@2;maintenance@3;500@4;429@5;slow@6", "htm54s.."},
        {"html@2-4;500@3", ".hhh...."},
        {"500@3;html@2-4", ".h5h...."},
        {" 429 @ 1 - 2 , 4 ; html @ 5 ", "44.4h..."},
        {"slow@8-8", ".......s"},
        {"429@9223372036854775807", "........"},
        {"429@007", "......4."},
    };
    static const char letters[FAKE_FAULTS] = {
        [FAKE_NONE] = '.', [FAKE_429] = '4',       [FAKE_500] = '5',  [FAKE_MAINTENANCE] = 'm',
        [FAKE_HTML] = 'h', [FAKE_TRUNCATED] = 't', [FAKE_SLOW] = 's',
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct fake_faults faults;
        struct error error = {0};
        if (!fake_faults_parse(cases[i].text, &faults, &error)) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        for (int request = 1; request <= 8; ++request) {
            if (letters[fake_fault_at(&faults, request)] != cases[i].want[request - 1]) {
                fail_msg("%s at %d", cases[i].text != NULL ? cases[i].text : "NULL", request);
            }
        }
    }
}

static void typo_is_a_usage_error_that_says_what_is_allowed(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "429",       "@3",      "429@",
        "42@3",      "Slow@3",  "slowly@3",
        "none@3",    "429@0",   "429@-3",
        "429@3-2",   "429@3,",  "429@,3",
        "429@a",     "429@3-b", "429@3--5",
        "429@3-4-5", "429@1.5", "429@3;",
        ";429@3",    "429@3;;", "429@3 slow@4",
        "429@@3",    "429@3@4", "429@+3",
        "429@0x10",  "429@-",   "429@99999999999999999999",
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct fake_faults faults;
        struct error error = {0};
        if (fake_faults_parse(cases[i], &faults, &error) || error.kind != ERROR_USAGE ||
            strstr(error.text, "maintenance") == NULL) {
            fail_msg("%s: \"%s\"", cases[i], error.text);
        }
    }
}

static void too_many_ranges_are_refused_not_forgotten(void **state)
{
    (void)state;
    char text[1000] = "html@1";
    for (int i = 1; i < FAKE_RANGES; ++i) {
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, ",%d", i + 1);
    }
    struct fake_faults faults;
    struct error error = {0};
    assert_true(fake_faults_parse(text, &faults, &error));
    assert_int_equal(fake_fault_at(&faults, FAKE_RANGES), FAKE_HTML);
    size_t length = strlen(text);
    (void)snprintf(text + length, sizeof text - length, ",900");
    assert_false(fake_faults_parse(text, &faults, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_any_text_apply_where_they_say),
        cmocka_unit_test(typo_is_a_usage_error_that_says_what_is_allowed),
        cmocka_unit_test(too_many_ranges_are_refused_not_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
