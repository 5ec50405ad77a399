#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/demo_members.h"
#include "commands/page_ask.h"
#include "commands/truth_table.h"
#include "commands/watch/text_watch.h"
#include "commands/wiring.h"
#include "kafka/reader/reader.h"
#include "page/refill_text.h"
#include "page/status_text.h"

enum {
    TEXT_LIMIT = 4 << 20,
    KAFKA_TIMEOUT_MS = 20000, /* longer than the 9 s that the cluster takes by default to notice
                                 a killed broker */
    WATCH_MS = 2000,
    LETTERS_TIMEOUT_MS = 1000,
};

/* Returns whether the page belongs to the cluster: a page from var/run.env shows only the cluster
 * that the same file names. */
static bool page_is_of_cluster(const struct options *options)
{
    return options->page != NULL && (options_origin(options, "--page") != ORIGIN_RUN_ENV ||
                                     options_origin(options, "--brokers") == ORIGIN_RUN_ENV);
}

/* Adds a sentence when every message of the topic became a dead letter. Leaves it out when the
 * dead-letter topic does not answer quickly. */
static void append_foreign(const struct options *options, const struct group_status *status,
                           const char *dead_letter_topic, struct strbuf *text)
{
    struct kafka_settings kafka = wiring_kafka(options, NULL);
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    int64_t letters = 0;
    if (status_read_total(status) < STATUS_FOREIGN_MESSAGES) {
        return;
    }
    struct reader *reader = reader_create(&kafka, dead_letter_topic, &error);
    if (reader != NULL && reader_ranges(reader, &ranges, &count, LETTERS_TIMEOUT_MS, &error)) {
        for (size_t i = 0; i < count; i++) {
            letters += ranges[i].end - ranges[i].begin;
        }
        status_to_foreign(status, letters, output_form(), text);
    }
    free(ranges);
    reader_destroy(reader);
}

/* The readers of the group's status, one for the topic of each stream. */
struct watched {
    const struct options *options;
    struct stream streams[STREAMS_MAX];
    struct group_reader *readers[STREAMS_MAX]; /* by stream */
    size_t count;
    struct status_motion *motion; /* NULL unless --watch */
    bool looked;                  /* a round has shown something */
};

/* What one round has read. */
struct seen {
    struct group_status statuses[STREAMS_MAX]; /* of the topics that exist */
    size_t stream[STREAMS_MAX];                /* the stream of each status */
    size_t count;
    struct error missing[STREAMS_MAX]; /* for each stream: ERROR_REJECT if its topic does not
                                          exist */
};

static void forget(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        group_status_free(&seen->statuses[i]);
    }
}

/* Reads the group's status on all topics. Fails if no topic exists; if only some are missing,
 * seen->missing says which. */
static bool look(const struct watched *watched, struct seen *seen, struct error *error)
{
    *seen = (struct seen){.count = 0};
    for (size_t i = 0; i < watched->count; i++) {
        struct group_status *status = &seen->statuses[seen->count];
        if (group_reader_status(watched->readers[i], status, KAFKA_TIMEOUT_MS, error)) {
            seen->stream[seen->count++] = i;
            continue;
        }
        group_status_free(status);
        if (error->kind != ERROR_REJECT) {
            return false;
        }
        seen->missing[i] = *error;
    }
    return seen->count > 0;
}

static bool group_known(const struct watched *watched, const struct seen *seen, struct error *error)
{
    return wiring_group_known(watched->options, watched->readers[seen->stream[0]], seen->statuses,
                              seen->count, KAFKA_TIMEOUT_MS, error);
}

static void append_text(const struct watched *watched, const struct seen *seen, const json_t *page,
                        struct strbuf *text)
{
    const struct options *options = watched->options;
    const struct text_form form = output_form();
    status_to_table(seen->statuses, seen->count, watched->motion, form, text);
    truth_to_table(page, form.columns, text);
    refill_to_table(page, form.columns, text);
    for (size_t i = 0; i < seen->count; i++) {
        append_foreign(options, &seen->statuses[i],
                       watched->streams[seen->stream[i]].dead_letter_topic, text);
    }
    for (size_t i = 0; i < watched->count; i++) {
        if (seen->missing[i].kind != ERROR_NONE) {
            strbuf_append_format(text, "\n%s\n", seen->missing[i].text);
        }
    }
    const char *made_up = options_origin(options, "--brokers") == ORIGIN_RUN_ENV
                              ? run_env_made_up(options->run_env_path)
                              : NULL;
    if (made_up != NULL) {
        strbuf_append_format(text, "\n%s\n", made_up);
    }
}

static void append_json(const struct watched *watched, const struct seen *seen, const json_t *page,
                        struct strbuf *text)
{
    struct strbuf lag = strbuf_new(TEXT_LIMIT), sources = strbuf_new(TEXT_LIMIT);
    struct missing_topic missing[STREAMS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < watched->count; i++) {
        if (seen->missing[i].kind != ERROR_NONE) {
            missing[count++] =
                (struct missing_topic){watched->streams[i].topic, seen->missing[i].text};
        }
    }
    truth_to_json(page, &lag);
    refill_to_json(page, &sources);
    const struct page_figures figures = {strbuf_text(&lag), strbuf_text(&sources)};
    status_to_json(seen->statuses, seen->count, missing, count, &figures, text);
    strbuf_free(&lag);
    strbuf_free(&sources);
}

static void append_seen(const struct watched *watched, struct seen *seen, struct strbuf *text)
{
    const struct options *options = watched->options;
    for (size_t i = 0; i < seen->count; i++) {
        if (!seen->statuses[i].members_known && page_is_of_cluster(options)) {
            demo_members_ask(options->page, &seen->statuses[i]);
        }
    }
    if (watched->motion != NULL) {
        status_motion_take(watched->motion, seen->statuses, seen->count, clock_monotonic_ns());
    }
    json_t *page = page_is_of_cluster(options) ? page_ask_status(options->page) : NULL;
    if (options->format == FORMAT_JSON) {
        append_json(watched, seen, page, text);
    } else {
        append_text(watched, seen, page, text);
    }
    json_decref(page);
}

/* Appends the status. Afterwards fails with ERROR_REJECT if a topic is missing. */
static bool append_status(struct watched *watched, struct strbuf *text, struct error *error)
{
    struct seen seen;
    bool done =
        look(watched, &seen, error) && (watched->looked || group_known(watched, &seen, error));
    if (done) {
        append_seen(watched, &seen, text);
        watched->looked = true;
    }
    for (size_t i = 0; done && i < watched->count; i++) {
        if (seen.missing[i].kind != ERROR_NONE) {
            *error = seen.missing[i];
            done = false;
        }
    }
    forget(&seen);
    return done;
}

/* Prints the status; then fails with ERROR_REJECT if a topic is missing. */
static bool print_status(struct watched *watched, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    bool done = append_status(watched, &text, error);
    bool printed = text.length == 0 || output_write(&text, done ? error : &(struct error){0});
    strbuf_free(&text);
    return done && printed;
}

static bool open_readers(struct watched *watched, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(watched->options, NULL);
    watched->count = options_streams(watched->options, watched->streams);
    for (size_t i = 0; i < watched->count; i++) {
        watched->readers[i] =
            group_reader_create(&kafka, watched->streams[i].topic, watched->options->group, error);
        if (watched->readers[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Prints the status again and again for --watch. A failure does not end it, because users watch how
 * a broker is killed and comes back; but the end of the demo that is watched does. */
static bool print_on(struct watched *watched, struct stop *stop, struct error *error)
{
    bool going = print_status(watched, error);
    while (going && !stop_wait_ms(stop, WATCH_MS)) {
        struct error away = {0};
        if (!print_status(watched, &away)) {
            if (options_log_has_ended(watched->options, error)) {
                error->kind = ERROR_FATAL;
                return false;
            }
            bool several = away.kind == ERROR_REJECT && watched->count > 1;
            fprintf(stderr, "candlewick: %s: %s\n", watched->options->brokers, away.text);
            going =
                several || away.kind == ERROR_RETRY || error_set(error, away.kind, "%s", away.text);
        }
    }
    return going;
}

/* Makes the text for a watch on a terminal, which only the user ends. */
static bool make_text(void *context, struct strbuf *text, struct error *error)
{
    struct watched *watched = context;
    bool before = watched->looked;
    if (append_status(watched, text, error) || (before && text->length > 0)) {
        return true; /* a missing topic stands in the text */
    }
    if (before && options_log_has_ended(watched->options, error)) {
        error->kind = ERROR_RETRY; /* the last status stays in view, below these words */
    } else if (before && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", watched->options->brokers);
    } else if (error->kind == ERROR_RETRY) {
        error->kind = ERROR_FATAL; /* as without --watch: there has been nothing to watch yet */
        error_prefix(error, "%s", watched->options->brokers);
    }
    return false;
}

static bool is_in_place(const struct options *options)
{
    return options->watch && options->format == FORMAT_TABLE && isatty(STDOUT_FILENO) == 1;
}

static bool show_on(struct watched *watched, struct screen *screen, struct stop *stop,
                    struct error *error)
{
    const struct text_watch_config config = {.title = "candlewick status",
                                             .every_ms = WATCH_MS,
                                             .stop = stop,
                                             .make = make_text,
                                             .context = watched};
    return text_watch_run(&config, screen, error);
}

bool run_status(const struct options *options, struct error *error)
{
    struct watched watched = {.options = options};
    struct signal_watch *watch = NULL;
    struct screen *screen = NULL;
    struct stop *stop = stop_create(error);
    watched.motion = options->watch ? status_motion_create() : NULL;
    bool in_place = is_in_place(options);
    bool done = stop != NULL && (!in_place || (screen = text_watch_open(error)) != NULL) &&
                (watch = signal_watch_create(stop, 0, error)) != NULL &&
                open_readers(&watched, error) &&
                (in_place         ? show_on(&watched, screen, stop, error)
                 : options->watch ? print_on(&watched, stop, error)
                                  : print_status(&watched, error));
    if (!done && watched.count > 0 && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", options->brokers);
    }
    screen_close(screen);
    for (size_t i = 0; i < watched.count; i++) {
        group_reader_destroy(watched.readers[i]);
    }
    status_motion_destroy(watched.motion);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
