#include "commands/stream_report.h"

#include "cli/options_streams.h"
#include "cli/output.h"

enum { TEXT_LIMIT = 64 << 20 };

struct reports {
    const struct options *options;
    size_t streams;
    struct strbuf json; /* the objects of several streams, with commas between */
    struct error worst; /* the error to return: the one that ended the command, or the first
                           ERROR_REJECT of a stream */
};

static bool write_out(const struct strbuf *text, struct error *error)
{
    return output_write(text, error) || error->kind == ERROR_NONE;
}

static bool is_json(const struct reports *reports)
{
    return reports->options->format == FORMAT_JSON;
}

/* Appends the report of a stream that has failed without one. */
static void append_failure(const struct reports *reports, const struct stream *stream,
                           const struct error *failure, struct strbuf *report)
{
    if (!is_json(reports)) {
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

static bool print_report(struct reports *reports, size_t number, const struct stream *stream,
                         struct strbuf *report, struct error *error)
{
    if (is_json(reports) && reports->streams > 1) {
        collect_json(reports, number, stream, report);
        return true;
    }
    if (is_json(reports) || number + 1 < reports->streams) {
        strbuf_append_char(report, '\n');
    }
    return write_out(report, error);
}

static bool report_one(struct reports *reports, size_t number, const struct stream *stream,
                       stream_command command, void *context, struct error *error)
{
    struct strbuf report = strbuf_new(TEXT_LIMIT);
    struct error failure = {.kind = ERROR_NONE};
    bool done = command(context, stream, &report, &failure);
    if (!done && (reports->worst.kind == ERROR_NONE || failure.kind != ERROR_REJECT)) {
        reports->worst = failure;
    }
    if (!done && report.length == 0 && reports->streams > 1 && failure.kind == ERROR_REJECT) {
        append_failure(reports, stream, &failure, &report);
    }
    bool printed = report.length == 0 || print_report(reports, number, stream, &report, error);
    strbuf_free(&report);
    return printed && (done || failure.kind == ERROR_REJECT);
}

static bool report_all(struct reports *reports, const struct stream *streams,
                       stream_command command, void *context, struct error *error)
{
    bool going = true;
    for (size_t i = 0; going && i < reports->streams; i++) {
        going = report_one(reports, i, &streams[i], command, context, error);
    }
    if (is_json(reports) && reports->streams > 1 && (going || reports->json.length > 0)) {
        struct strbuf all = strbuf_new(TEXT_LIMIT);
        strbuf_append_text(&all, "{\"streams\":[");
        strbuf_append_str(&all, strbuf_str(&reports->json));
        strbuf_append_text(&all, "]}\n");
        all.failed = all.failed || reports->json.failed;
        going = write_out(&all, error) && going;
        strbuf_free(&all);
    }
    return going;
}

bool stream_reports(const struct options *options, stream_command command, void *context,
                    struct error *error)
{
    struct stream streams[STREAMS_MAX];
    struct reports reports = {.options = options,
                              .streams = options_streams(options, streams),
                              .json = strbuf_new(TEXT_LIMIT)};
    bool printed = report_all(&reports, streams, command, context, error);
    strbuf_free(&reports.json);
    if (reports.worst.kind != ERROR_NONE) {
        *error = reports.worst;
    }
    return printed && reports.worst.kind == ERROR_NONE;
}
