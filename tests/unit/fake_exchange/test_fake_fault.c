/* The little language of --fault. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "fake_exchange/fake_fault.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char letter_of(enum fake_fault fault)
{
    switch ((int)fault) {
    case FAKE_NONE:
        return '.';
    case FAKE_TRUNCATED:
        return 't';
    default:
        return fake_fault_name(fault)[0];
    }
}

/* One letter for what happens to each of the next eight of the scope: '.' for nothing, otherwise
 * that with which the fault's name begins. */
static void check_eight(const char *text, enum fake_scope scope, const char *want)
{
    struct fake_faults faults;
    struct error error = {0};
    char got[9] = "";
    if (!fake_faults_parse(text, 1, &faults, &error)) {
        fail_msg("%s: %s", text, error.text);
    }
    for (int i = 0; i < 8; ++i) {
        struct fake_hit hit = fake_faults_next(&faults, scope, i / 2 + 1, 1000 * i);
        assert_int_equal(hit.number, i + 1);
        got[i] = letter_of(hit.fault);
    }
    if (strcmp(got, want) != 0) {
        fail_msg("%s: %s, not %s", text != NULL ? text : "NULL", got, want);
    }
}

static void faults_of_any_text_apply_where_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
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
        {"tickers/429@2", ".4......"},
        {"trades/429@2;candles/500@2", "........"},
        {"429@3s", "...4...."},
        {"429@3s,3500ms", "...44..."},
        {"429@1/1", "44444444"},
        {"slow=1ms@1;html@1h", "s......."},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        check_eight(cases[i].text, FAKE_TICKERS, cases[i].want);
    }
    check_eight("trades/429@2;candles/500@2;500@3", FAKE_TRADES, ".4......");
    check_eight("trades/429@2;candles/500@2;changed-bar@3", FAKE_CANDLES, ".5c.....");
    check_eight("connect/408@2;connect/html@3-4;500@1;connect/500@5", FAKE_CONNECT, ".4hh5...");
    check_eight("hb-early@1;10300@2;subscribe/10001@3", FAKE_SUBSCRIBE, "h11.....");
    check_eight("drop@c2;silent=1s@c4,1;late@8", FAKE_STREAM, "s.d...sl");
    check_eight("stream/drop@2,4;seq-jump=3@3;20060=2s@1", FAKE_STREAM, "2dsd....");
}

static void values_are_those_of_the_text_or_the_usual_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum fake_scope scope;
        int64_t want;
    } cases[] = {
        {"silent@1", FAKE_STREAM, 60000},     {"silent=2s@1", FAKE_STREAM, 2000},
        {"seq-jump@1", FAKE_STREAM, 1},       {"seq-jump=17@1", FAKE_STREAM, 17},
        {"slow@1", FAKE_TICKERS, 3000},       {"trades/slow = 250ms @1", FAKE_TRADES, 250},
        {"20051=1s@1", FAKE_STREAM, 1000},    {"20060=1m@1", FAKE_STREAM, 60000},
        {"late=1500ms@1", FAKE_STREAM, 1500}, {"drop@1", FAKE_STREAM, 0},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct fake_faults faults;
        struct error error = {0};
        assert_true(fake_faults_parse(cases[i].text, 1, &faults, &error));
        struct fake_hit hit = fake_faults_next(&faults, cases[i].scope, 1, 0);
        assert_true(hit.fault != FAKE_NONE);
        assert_int_equal(hit.value, cases[i].want);
    }
}

static void chance_is_of_the_seed_and_about_as_often_as_it_says(void **state)
{
    (void)state;
    struct fake_faults first, same, other;
    struct error error = {0};
    assert_true(fake_faults_parse("drop@1/100;silent@1/100", 5, &first, &error));
    assert_true(fake_faults_parse("drop@1/100;silent@1/100", 5, &same, &error));
    assert_true(fake_faults_parse("drop@1/100;silent@1/100", 6, &other, &error));
    int differs = 0;
    for (int i = 0; i < 100000; ++i) {
        enum fake_fault fault = fake_faults_next(&first, FAKE_STREAM, 1, 0).fault;
        assert_int_equal(fake_faults_next(&same, FAKE_STREAM, 2, 7).fault, fault);
        differs += fake_faults_next(&other, FAKE_STREAM, 1, 0).fault != fault;
    }
    assert_true(differs > 1000);
    assert_in_range(first.happened[FAKE_DROP], 800, 1200);
    assert_in_range(first.happened[FAKE_SILENT], 800, 1200);
    struct strbuf json = strbuf_new(1000);
    fake_faults_append(&first, &json);
    assert_memory_equal(strbuf_text(&json), "{\"drop\":", 8);
    assert_non_null(strstr(strbuf_text(&json), ",\"silent\":"));
    strbuf_free(&json);
}

static void typo_is_a_usage_error_that_says_what_is_allowed(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "429",
        "@3",
        "429@",
        "42@3",
        "Slow@3",
        "slowly@3",
        "none@3",
        "429@0",
        "429@-3",
        "429@3-2",
        "429@3,",
        "429@,3",
        "429@a",
        "429@3-b",
        "429@3--5",
        "429@3-4-5",
        "429@1.5",
        "429@3;",
        ";429@3",
        "429@3;;",
        "429@3 slow@4",
        "429@@3",
        "429@3@4",
        "429@+3",
        "429@0x10",
        "429@-",
        "429@99999999999999999999",

        "drop=1s@1",
        "silent=3@1",
        "silent=@1",
        "seq-jump=1s@1",
        "seq-jump=0@1",
        "nope/429@1",
        "stream/429@1",
        "trades/drop@1",
        "connect/slow@1",
        "429@c1",
        "drop@c",
        "drop@c0",
        "drop@2/5",
        "drop@1/0",
        "drop@0s",
        "drop@1/",
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct fake_faults faults;
        struct error error = {0};
        if (fake_faults_parse(cases[i], 1, &faults, &error) || error.kind != ERROR_USAGE ||
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
    assert_true(fake_faults_parse(text, 1, &faults, &error));
    for (int i = 1; i <= FAKE_RANGES; ++i) {
        assert_int_equal(fake_faults_next(&faults, FAKE_TICKERS, 0, 0).fault, FAKE_HTML);
    }
    size_t length = strlen(text);
    (void)snprintf(text + length, sizeof text - length, ",900");
    assert_false(fake_faults_parse(text, 1, &faults, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_any_text_apply_where_they_say),
        cmocka_unit_test(values_are_those_of_the_text_or_the_usual_ones),
        cmocka_unit_test(chance_is_of_the_seed_and_about_as_often_as_it_says),
        cmocka_unit_test(typo_is_a_usage_error_that_says_what_is_allowed),
        cmocka_unit_test(too_many_ranges_are_refused_not_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
