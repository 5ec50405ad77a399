#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/demo_members.h"
#include "commands/wiring.h"
#include "kafka/reader/reader.h"
#include "page/status_text.h"

enum {
    TEXT_LIMIT = 4 << 20,
    KAFKA_TIMEOUT_MS = 20000, /* by default it takes 9 s until the cluster notices a killed
                                 broker */
    WATCH_MS = 2000,
    LETTERS_TIMEOUT_MS = 1000,
};

/* Returns whether the page is that of the cluster: a page read from var/run.env only describes the
 * cluster that the same file names. */
static bool page_is_of_cluster(const struct options *options)
{
    return options->page != NULL && (options_origin(options, "--page") != ORIGIN_RUN_ENV ||
                                     options_origin(options, "--brokers") == ORIGIN_RUN_ENV);
}

/* Adds a sentence when every message of the topic became a dead letter. Leaves it out when the
 * dead-letter topic does not answer quickly. */
static void append_foreign(const struct options *options, const struct group_status *status,
                           struct strbuf *text)
{
    struct stream stream;
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    int64_t letters = 0;
    if (status_read_total(status) < STATUS_FOREIGN_MESSAGES) {
        return;
    }
    options_stream(options, &ticker_kind, &stream);
    struct reader *reader = reader_create(&kafka, stream.dead_letter_topic, &error);
    if (reader != NULL && reader_ranges(reader, &ranges, &count, LETTERS_TIMEOUT_MS, &error)) {
        for (size_t i = 0; i < count; i++) {
            letters += ranges[i].end - ranges[i].begin;
        }
        status_to_foreign(status, letters, output_columns(STDOUT_FILENO), text);
    }
    free(ranges);
    reader_destroy(reader);
}

static bool print_status(const struct options *options, struct group_reader *reader, bool first,
                         struct error *error)
{
    struct group_status status = {0};
    if (!group_reader_status(reader, &status, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    if (first && !wiring_group_known(options, reader, &status, KAFKA_TIMEOUT_MS, error)) {
        group_status_free(&status);
        return false;
    }
    if (!status.members_known && page_is_of_cluster(options)) {
        demo_members_ask(options->page, &status);
    }
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (options->format == FORMAT_JSON) {
        status_to_json(&status, &text);
    } else {
        status_to_table(&status, output_columns(STDOUT_FILENO), &text);
        append_foreign(options, &status, &text);
        if (options_origin(options, "--brokers") == ORIGIN_RUN_ENV &&
            run_env_synthetic(options->run_env_path)) {
            strbuf_append_text(&text, "\nsynthetic data\n");
        }
    }
    bool clear = options->watch && options->format == FORMAT_TABLE && isatty(STDOUT_FILENO);
    bool printed = (!clear || output_clear_screen(error)) && output_write(&text, error);
    strbuf_free(&text);
    group_status_free(&status);
    return printed;
}

bool run_status(const struct options *options, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    struct signal_watch *watch = NULL;
    struct group_reader *reader = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (watch = signal_watch_create(stop, 0, error)) == NULL) {
        goto out;
    }
    reader = group_reader_create(&kafka, options->topic, options->group, error);
    done = reader != NULL && print_status(options, reader, true, error);
    while (done && options->watch && !stop_wait_ms(stop, WATCH_MS)) {
        struct error away = {0};
        if (!print_status(options, reader, false, &away)) {
            /* --watch goes on after a failure: a broker that is killed and comes back is what some
             * people watch for. */
            fprintf(stderr, "candlewick: %s: %s\n", options->brokers, away.text);
            done = away.kind == ERROR_RETRY || error_set(error, away.kind, "%s", away.text);
        }
    }
    if (!done && reader != NULL && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", options->brokers);
    }
out:
    group_reader_destroy(reader);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
