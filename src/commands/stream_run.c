#include "commands/stream_run.h"

#include "base/stop.h"
#include "cli/options_streams.h"
#include "cli/output.h"
#include "cli/signal_watch.h"

enum { TEXT_LIMIT = 64 << 20 };

/* The output and the error at the end. */
struct reports {
    struct strbuf json; /* the JSON objects of several streams, with commas between */
    struct error worst; /* the error to return: the one that ended the command, or the first
                           ERROR_REJECT of a stream */
};

static bool write_out(const struct strbuf *text, struct error *error)
{
    return output_write(text, error) || error->kind == ERROR_NONE;
}

static bool is_json(const struct stream_run *run)
{
    return run->options->format == FORMAT_JSON;
}

/* Appends a report for a stream that failed without one. */
static void append_failure(const struct stream_run *run, const struct stream *stream,
                           const struct error *failure, struct strbuf *report)
{
    if (!is_json(run)) {
        strbuf_append_format(report, "topic %s: %s\n", stream->topic, failure->text);
        output_make_plain(report);
        return;
    }
    strbuf_append_format(report, "{\"topic\":\"%s\",\"error\":", stream->topic);
    strbuf_append_json_string(report, str_from(failure->text));
    strbuf_append_char(report, '}');
}

/* Appends a stream's object to the text that is printed at the end, and inserts the stream's name
 * into it. */
static void collect_json(struct reports *reports, size_t number, const struct stream *stream,
                         const struct strbuf *report)
{
    struct str members = strbuf_str(report);
    members.data++; /* skip the opening brace */
    members.length--;
    strbuf_append_format(&reports->json, "%s{\"stream\":\"%s\",", number > 0 ? "," : "",
                         stream->kind->name);
    strbuf_append_str(&reports->json, members);
    reports->json.failed = reports->json.failed || report->failed;
}

static bool print_report(const struct stream_run *run, struct reports *reports, size_t number,
                         const struct stream *stream, struct strbuf *report, struct error *error)
{
    if (is_json(run) && run->count > 1) {
        collect_json(reports, number, stream, report);
        return true;
    }
    if (is_json(run) || number + 1 < run->count) {
        strbuf_append_char(report, '\n');
    }
    return write_out(report, error);
}

static void note_result(struct stream_run *run, struct reports *reports,
                        const struct stream *stream, bool done, const struct error *failure)
{
    if (done) {
        run->done++;
        return;
    }
    strbuf_append_format(&run->failed, "%s%s", run->failed.length > 0 ? ", " : "", stream->topic);
    if (reports->worst.kind == ERROR_NONE || failure->kind != ERROR_REJECT) {
        reports->worst = *failure;
    }
}

static bool report_one(struct stream_run *run, struct reports *reports, size_t number,
                       const struct stream *stream, struct error *error)
{
    struct strbuf report = strbuf_new(TEXT_LIMIT);
    struct error failure = {.kind = ERROR_NONE};
    bool done = run->command(run, stream, &report, &failure);
    note_result(run, reports, stream, done, &failure);
    if (!done && report.length == 0 && run->count > 1 && failure.kind == ERROR_REJECT) {
        append_failure(run, stream, &failure, &report);
    }
    bool printed = report.length == 0 || print_report(run, reports, number, stream, &report, error);
    strbuf_free(&report);
    return printed && (done || failure.kind == ERROR_REJECT);
}

/* Prints the text or JSON that follows the last stream's report, when there are several streams. */
static bool print_end(const struct stream_run *run, const struct reports *reports, bool complete,
                      struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (is_json(run) && (complete || reports->json.length > 0)) {
        strbuf_append_text(&text, "{\"streams\":[");
        strbuf_append_str(&text, strbuf_str(&reports->json));
        strbuf_append_text(&text, "]}\n");
        text.failed = text.failed || reports->json.failed;
    } else if (!is_json(run) && complete && run->conclude != NULL) {
        run->conclude(run, &text);
    }
    bool printed = text.length == 0 || write_out(&text, error);
    strbuf_free(&text);
    return printed;
}

static bool report_all(struct stream_run *run, struct error *error)
{
    struct stream streams[STREAMS_MAX];
    struct reports reports = {.json = strbuf_new(TEXT_LIMIT)};
    run->count = options_streams(run->options, streams);
    bool complete = true;
    for (size_t i = 0; complete && i < run->count; i++) {
        complete = report_one(run, &reports, i, &streams[i], error);
    }
    bool printed = run->count == 1 || print_end(run, &reports, complete, error);
    strbuf_free(&reports.json);
    if (reports.worst.kind != ERROR_NONE) {
        *error = reports.worst;
    }
    return complete && printed && reports.worst.kind == ERROR_NONE;
}

bool stream_run_coin(struct stream_run *run, bool found)
{
    run->coin_found = run->coin_found || found;
    return found || run->count > 1;
}

bool stream_run(struct stream_run *run, struct error *error)
{
    struct signal_watch *watch = NULL;
    run->failed = strbuf_new(TEXT_LIMIT);
    run->stop = stop_create(error);
    bool done = run->stop != NULL && (watch = signal_watch_create(run->stop, 0, error)) != NULL &&
                report_all(run, error);
    if (done && run->no_coin.kind != ERROR_NONE && !run->coin_found) {
        *error = run->no_coin;
        done = false;
    }
    strbuf_free(&run->failed);
    signal_watch_destroy(watch);
    stop_destroy(run->stop);
    return done;
}
