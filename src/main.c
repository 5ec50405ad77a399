/* candlewick: brings exchange prices through a replicated log into candles. Parses the options,
 * runs the command, reports what went wrong. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/http/http_client.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/fit.h"
#include "cli/options_named_sources.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "lab/run/lab_commands.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };
enum { REMARKS_LIMIT = 64 << 10 };

typedef bool (*command_run)(const struct options *options, struct error *error);

static const command_run commands[COMMAND_COUNT] = {
    [COMMAND_PREPARE] = run_prepare,     [COMMAND_PRODUCE] = run_produce,
    [COMMAND_CONSUME] = run_consume,     [COMMAND_SERVE] = run_serve,
    [COMMAND_DEMO] = run_demo,           [COMMAND_CANDLES] = run_candles,
    [COMMAND_COMPARE] = run_compare,     [COMMAND_STATUS] = run_status,
    [COMMAND_TAIL] = run_tail,           [COMMAND_VERIFY] = run_verify,
    [COMMAND_REPLAY] = run_replay,       [COMMAND_DLQ] = run_dlq,
    [COMMAND_DLQ_RETRY] = run_dlq_retry, [COMMAND_LAB_PREDICT] = run_lab_predict,
    [COMMAND_LAB_RUN] = run_lab,         [COMMAND_LAB_MEMBER] = run_lab_member,
    [COMMAND_REGISTRY] = run_registry,   [COMMAND_FAKE_EXCHANGE] = run_fake_exchange,
    [COMMAND_EVENT] = run_event,         [COMMAND_TOP] = run_top,
};

/* Handles help and version, which need no options. Returns false if the command is another one. */
static bool printed(const struct options *options)
{
    switch (options->command) {
    case COMMAND_HELP:
        options_print_help(options->help_on, stdout);
        return true;
    case COMMAND_HELP_MARKDOWN:
        options_print_markdown(stdout);
        return true;
    case COMMAND_VERSION:
        printf("candlewick %s\n", CANDLEWICK_VERSION);
        return true;
    default:
        return false;
    }
}

static void print_remarks(const struct options *options)
{
    struct strbuf lines = strbuf_new(REMARKS_LIMIT);
    options_source_remarks(options, &lines);
    struct str rest = strbuf_str(&lines), line;
    while (str_split(&rest, '\n', &line)) {
        if (line.length > 0) {
            fprintf(stderr, "candlewick: %.*s\n", (int)line.length, line.data);
        }
    }
    strbuf_free(&lines);
}

static bool run(const struct options *options, struct error *error)
{
    char names[256];
    if (printed(options)) {
        return output_flush(error);
    }
    log_set_level(options->log_level);
    if (options_from_run_env(options, names, sizeof names)) {
        fprintf(stderr, "candlewick: %s from %s\n", names, options->run_env_path);
    }
    print_remarks(options);
    if (!http_client_global_init(error)) {
        return false;
    }
    command_run command = options->check_options ? wiring_check : commands[options->command];
    bool done = command(options, error);
    http_client_global_cleanup();
    if (!done && error->kind == ERROR_RETRY && options_log_has_ended(options, error)) {
        error->kind = ERROR_RETRY; /* it ended while the command ran: that is no wrong use */
        error->remedy = NULL;
    }
    return done;
}

/* Prints what went wrong: on a terminal in lines that fit, otherwise in one. */
static void print_error(const struct error *error)
{
    struct strbuf lines = strbuf_new(REMARKS_LIMIT);
    strbuf_append_format(&lines, "candlewick: %s\n", error->text);
    if (error->remedy != NULL) {
        strbuf_append_format(&lines, "%s\n", error->remedy);
    }
    struct strbuf fitted = strbuf_new(REMARKS_LIMIT);
    fit_append_lines(&fitted, strbuf_str(&lines), (size_t)output_columns(STDERR_FILENO));
    (void)fputs(fitted.failed ? error->text : strbuf_text(&fitted), stderr);
    strbuf_free(&fitted);
    strbuf_free(&lines);
}

/* Forbids core dumps, which would contain tokens and passwords. The limit alone is not enough if
 * the kernel passes dumps to a program. A process that is not dumpable also hides its memory and
 * environment from other processes of its user; a debugger that starts it can still read them. */
static void forbid_dumps(void)
{
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0, .rlim_max = 0});
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
    struct options_input input = {
        .argc = argc, .argv = argv, .environment = environ, .run_env_path = RUN_ENV_PATH};
    struct options options;
    struct error error = {0};
    forbid_dumps();
    stop_block_signals();
    bool done = options_parse(&input, &options, &error);
    if (done) {
        done = run(&options, &error);
        options_free(&options);
    }
    /* It is no failure if the reader of the output has closed it: see output.h. */
    if (done || (error.kind == ERROR_NONE && error.text[0] != '\0')) {
        return EXIT_DONE;
    }
    print_error(&error);
    return error.kind == ERROR_USAGE ? EXIT_WRONG_USE : EXIT_FAILED;
}
