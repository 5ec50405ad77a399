/* Prints the streams' dead letters: the place of each source message, why it was not stored, and
 * its key. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"
#include "cli/output.h"
#include "commands/commands.h"
#include "commands/dead_letter_table.h"
#include "commands/stream_run.h"
#include "commands/wiring.h"
#include "verify/dead_letter_place.h"
#include "verify/log_span.h"

enum { QUIET_MS = 15000 };

/* The list of one stream's dead letters. */
struct listing {
    const struct options *options;
    const struct stream *stream;
    struct dead_letter_table *shown;
    struct topic_id topic_id; /* the id that the stream's topic has now */
    struct error missing;     /* ERROR_REJECT if the stream's topic does not exist */
    struct stop *stop;
    struct error *error;
    bool failed;
};

static bool take(void *context, const struct message *message)
{
    struct listing *listing = context;
    listing->failed = stop_requested(listing->stop)
                          ? !error_set(listing->error, ERROR_FATAL, "stopped before the end")
                          : !dead_letter_table_add(listing->shown, message, listing->error);
    return !listing->failed;
}

/* Reads the id that the stream's topic has now, because dead letters may be of a deleted topic of
 * that name. It is no failure if the topic does not exist, because its dead letters may still
 * exist; if there are none either, `missing` is reported. */
static bool look_at_topic(struct listing *listing, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(listing->options, NULL);
    struct log_span log = {.reader = NULL};
    bool there = log_span_open(&log, &kafka, listing->stream->topic, listing->stop, error);
    listing->topic_id = log.topic_id;
    log_span_close(&log);
    if (!there && error->kind == ERROR_REJECT) {
        listing->missing = *error;
        *error = (struct error){.kind = ERROR_NONE};
        return true;
    }
    return there || (error->kind == ERROR_RETRY && error_prefix(error, "%s", kafka.brokers));
}

static bool read_letters(struct listing *listing, struct error *error)
{
    struct kafka_settings kafka = wiring_kafka(listing->options, NULL);
    struct log_span log = {.reader = NULL};
    bool done =
        log_span_open(&log, &kafka, listing->stream->dead_letter_topic, listing->stop, error);
    if (done) {
        done = reader_read(log.reader, log.ranges, log.count, take, listing, QUIET_MS, error) &&
               !listing->failed;
    } else if (error->kind == ERROR_REJECT) {
        *error = listing->missing;
        done = listing->missing.kind == ERROR_NONE;
    }
    if (!done && error->kind == ERROR_RETRY) {
        error_prefix(error, "%s", kafka.brokers);
    }
    log_span_close(&log);
    return done;
}

static bool make_list(struct listing *listing, struct error *error)
{
    listing->shown = dead_letter_table_create((size_t)listing->options->last,
                                              listing->stream->topic, &listing->topic_id, error);
    return listing->shown != NULL;
}

static void append_list(const struct listing *listing, struct strbuf *report)
{
    const char *topic = listing->stream->dead_letter_topic;
    if (listing->options->format == FORMAT_JSON) {
        dead_letter_table_to_json(listing->shown, topic, report);
    } else {
        dead_letter_table_to_table(listing->shown, topic, output_form(), report);
    }
}

static bool list_stream(struct stream_run *run, const struct stream *stream, struct strbuf *report,
                        struct error *error)
{
    struct listing listing = {
        .options = run->options, .stream = stream, .stop = run->stop, .error = error};
    bool done = look_at_topic(&listing, error) && make_list(&listing, error) &&
                read_letters(&listing, error) && dead_letter_table_finish(listing.shown, error);
    if (done) {
        append_list(&listing, report);
    }
    dead_letter_table_destroy(listing.shown);
    return done;
}

bool run_dlq(const struct options *options, struct error *error)
{
    struct stream_run run = {.options = options, .command = list_stream};
    return stream_run(&run, error);
}
