/* What is printed, and which error is told, when streams fail one after the other. */
#include "commands/stream_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

/* What the command does for each stream. */
struct outcome {
    enum error_kind kind; /* ERROR_NONE: it is done */
    bool report;
};

static bool command(void *context, const struct stream *stream, struct strbuf *report,
                    struct error *error)
{
    const struct outcome *outcomes = context;
    const struct outcome *outcome = &outcomes[kind_number(stream->kind)];
    if (outcome->report) {
        strbuf_append_text(report, "{\"n\":1}");
    }
    return outcome->kind == ERROR_NONE ||
           error_set(error, outcome->kind, "fault of %s", stream->kind->name);
}

/* Runs the command over both streams; `printed` becomes what it wrote to standard output. */
static bool run(struct outcome outcomes[2], struct error *error, char *printed, size_t size)
{
    const struct options options = {.streams = "ticker,bar", .topics = "", .format = FORMAT_JSON};
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fflush(stdout), 0);
    int before = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    bool done = stream_reports(&options, command, outcomes, error);
    (void)fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    assert_int_equal(close(before), 0);
    rewind(file);
    printed[fread(printed, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    return done;
}

#define TICKER "{\"streams\":[{\"stream\":\"ticker\",\"n\":1}"
#define BAR ",{\"stream\":\"bar\",\"n\":1}"
#define END "]}\n"

static void worst_error_is_told_and_hides_no_report(void **state)
{
    (void)state;
    const struct {
        struct outcome outcomes[2]; /* of ticks, of bars */
        enum error_kind kind;
        const char *text, *printed;
    } cases[] = {
        {{{ERROR_NONE, true}, {ERROR_NONE, true}}, ERROR_NONE, "", TICKER BAR END},
        {{{ERROR_REJECT, true}, {ERROR_NONE, true}}, ERROR_REJECT, "ticker", TICKER BAR END},
        {{{ERROR_REJECT, true}, {ERROR_REJECT, true}}, ERROR_REJECT, "ticker", TICKER BAR END},
        {{{ERROR_REJECT, true}, {ERROR_RETRY, false}}, ERROR_RETRY, "bar", TICKER END},
        {{{ERROR_REJECT, true}, {ERROR_USAGE, false}}, ERROR_USAGE, "bar", TICKER END},
        {{{ERROR_NONE, true}, {ERROR_FATAL, false}}, ERROR_FATAL, "bar", TICKER END},
        {{{ERROR_RETRY, false}, {ERROR_NONE, true}}, ERROR_RETRY, "ticker", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char printed[200];
        struct error error = {.kind = ERROR_NONE};
        struct outcome outcomes[2];
        memcpy(outcomes, cases[i].outcomes, sizeof outcomes);
        assert_int_equal(run(outcomes, &error, printed, sizeof printed),
                         cases[i].kind == ERROR_NONE);
        assert_int_equal(error.kind, cases[i].kind);
        assert_non_null(strstr(error.text, cases[i].text));
        assert_string_equal(printed, cases[i].printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_error_is_told_and_hides_no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
