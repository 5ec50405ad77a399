/* What is printed, and which error is told, when streams fail one after the other, or have no coin.
 */
#include "commands/stream_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"

/* What the command finds of a stream's coin. */
enum coin_answer { FOUND, NOT_FOUND, NOT_SAID };

/* What the command does for each stream. */
struct outcome {
    enum error_kind kind; /* ERROR_NONE: it is done */
    bool report;
    enum coin_answer coin;
};

struct outcomes {
    struct stream_run run; /* first, so that the command finds what is behind it */
    struct outcome of[2];  /* of ticks, of bars */
};

static bool command(struct stream_run *run, const struct stream *stream, struct strbuf *report,
                    struct error *error)
{
    const struct outcomes *outcomes = (const struct outcomes *)run;
    const struct outcome *outcome = &outcomes->of[kind_number(stream->kind)];
    assert_non_null(run->stop);
    if (outcome->coin == NOT_FOUND) {
        error_set(&run->no_coin, ERROR_REJECT, "no coin in %s", stream->kind->name);
    }
    bool wanted = outcome->coin == NOT_SAID || stream_run_coin(run, outcome->coin == FOUND);
    if (outcome->report && wanted) {
        strbuf_append_text(report, "{\"n\":1}");
    }
    return outcome->kind == ERROR_NONE ||
           error_set(error, outcome->kind, "fault of %s", stream->kind->name);
}

static void conclude(const struct stream_run *run, struct strbuf *text)
{
    strbuf_append_format(text, "%zu of %zu, not %s\n", run->done, run->count,
                         strbuf_text(&run->failed));
}

/* Runs the command over the streams; `printed` becomes what it wrote to standard output. */
static bool run_all(const struct options *options, const struct outcome of[2], struct error *error,
                    char *printed, size_t size)
{
    struct outcomes outcomes = {
        .run = {.options = options, .command = command, .conclude = conclude}};
    memcpy(outcomes.of, of, sizeof outcomes.of);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fflush(stdout), 0);
    int before = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    *error = (struct error){.kind = ERROR_NONE};
    bool done = stream_run(&outcomes.run, error);
    (void)fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    assert_int_equal(close(before), 0);
    rewind(file);
    printed[fread(printed, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    return done;
}

#define NOT_RUN                                                                                    \
    {                                                                                              \
        ERROR_FATAL, false, NOT_SAID                                                               \
    }
#define TICKER "{\"streams\":[{\"stream\":\"ticker\",\"n\":1}"
#define BAR ",{\"stream\":\"bar\",\"n\":1}"
#define END "]}\n"

static void worst_error_is_told_and_hides_no_report(void **state)
{
    (void)state;
    const struct options options = {.streams = "ticker,bar", .topics = "", .format = FORMAT_JSON};
    const struct {
        struct outcome outcomes[2]; /* of ticks, of bars */
        enum error_kind kind;
        const char *text, *printed;
    } cases[] = {
        {{{ERROR_NONE, true, NOT_SAID}, {ERROR_NONE, true, NOT_SAID}},
         ERROR_NONE,
         "",
         TICKER BAR END},
        {{{ERROR_REJECT, true, NOT_SAID}, {ERROR_NONE, true, NOT_SAID}},
         ERROR_REJECT,
         "ticker",
         TICKER BAR END},
        {{{ERROR_REJECT, true, NOT_SAID}, {ERROR_REJECT, true, NOT_SAID}},
         ERROR_REJECT,
         "ticker",
         TICKER BAR END},
        {{{ERROR_REJECT, true, NOT_SAID}, {ERROR_RETRY, false, NOT_SAID}},
         ERROR_RETRY,
         "bar",
         TICKER END},
        {{{ERROR_REJECT, true, NOT_SAID}, {ERROR_USAGE, false, NOT_SAID}},
         ERROR_USAGE,
         "bar",
         TICKER END},
        {{{ERROR_NONE, true, NOT_SAID}, {ERROR_FATAL, false, NOT_SAID}},
         ERROR_FATAL,
         "bar",
         TICKER END},
        {{{ERROR_RETRY, false, NOT_SAID}, {ERROR_NONE, true, NOT_SAID}}, ERROR_RETRY, "ticker", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char printed[200];
        struct error error;
        assert_int_equal(run_all(&options, cases[i].outcomes, &error, printed, sizeof printed),
                         cases[i].kind == ERROR_NONE);
        assert_int_equal(error.kind, cases[i].kind);
        assert_non_null(strstr(error.text, cases[i].text));
        assert_string_equal(printed, cases[i].printed);
    }
}

/* People are told at the end of how many streams the command is done, unless it ended before the
 * last one. */
static void people_are_told_of_all_streams_at_the_end(void **state)
{
    (void)state;
    const struct {
        const char *streams;
        struct outcome outcomes[2];
        const char *printed;
    } cases[] = {
        {"ticker", {{ERROR_NONE, true, NOT_SAID}, NOT_RUN}, "{\"n\":1}"},
        {"ticker,bar",
         {{ERROR_NONE, true, NOT_SAID}, {ERROR_NONE, true, NOT_SAID}},
         "{\"n\":1}\n{\"n\":1}2 of 2, not \n"},
        {"ticker,bar",
         {{ERROR_REJECT, true, NOT_SAID}, {ERROR_REJECT, false, NOT_SAID}},
         "{\"n\":1}\ntopic b: fault of bar\n0 of 2, not t, b\n"},
        {"ticker,bar",
         {{ERROR_NONE, true, NOT_SAID}, {ERROR_RETRY, false, NOT_SAID}},
         "{\"n\":1}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char printed[200];
        struct error error;
        const struct options options = {
            .streams = cases[i].streams, .topics = "t,bar=b", .format = FORMAT_TABLE};
        (void)run_all(&options, cases[i].outcomes, &error, printed, sizeof printed);
        assert_string_equal(printed, cases[i].printed);
    }
}

/* A coin is looked for in all streams, and an only stream without it is refused without a
 * report. */
static void coin_that_no_stream_has_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *streams;
        struct outcome outcomes[2];
        const char *text; /* of the error; NULL: it is done */
        const char *printed;
    } cases[] = {
        {"ticker", {{ERROR_NONE, true, FOUND}, NOT_RUN}, NULL, "{\"n\":1}\n"},
        {"ticker", {{ERROR_NONE, true, NOT_SAID}, NOT_RUN}, NULL, "{\"n\":1}\n"},
        {"ticker", {{ERROR_NONE, true, NOT_FOUND}, NOT_RUN}, "no coin in ticker", ""},
        {"ticker,bar",
         {{ERROR_NONE, true, NOT_FOUND}, {ERROR_NONE, true, FOUND}},
         NULL,
         TICKER BAR END},
        {"ticker,bar",
         {{ERROR_NONE, true, NOT_FOUND}, {ERROR_NONE, true, NOT_FOUND}},
         "no coin in bar",
         TICKER BAR END},
        {"ticker,bar",
         {{ERROR_NONE, true, NOT_FOUND}, {ERROR_NONE, true, NOT_SAID}},
         "no coin in ticker",
         TICKER BAR END},
        {"ticker,bar",
         {{ERROR_REJECT, true, NOT_FOUND}, {ERROR_NONE, true, NOT_FOUND}},
         "fault of ticker",
         TICKER BAR END},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char printed[200];
        struct error error;
        const struct options options = {
            .streams = cases[i].streams, .topics = "", .format = FORMAT_JSON};
        assert_int_equal(run_all(&options, cases[i].outcomes, &error, printed, sizeof printed),
                         cases[i].text == NULL);
        assert_string_equal(error.text, cases[i].text != NULL ? cases[i].text : "");
        assert_string_equal(printed, cases[i].printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_error_is_told_and_hides_no_report),
        cmocka_unit_test(people_are_told_of_all_streams_at_the_end),
        cmocka_unit_test(coin_that_no_stream_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
