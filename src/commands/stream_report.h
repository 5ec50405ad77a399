/* Prints one report for each stream, for commands that work on all streams of --streams. */
#ifndef CANDLEWICK_COMMANDS_STREAM_REPORT_H
#define CANDLEWICK_COMMANDS_STREAM_REPORT_H

#include "cli/options.h"
#include "record/stream.h"

/* Does the command's work for one stream and appends its report: text for people, or one JSON
 * object with any members, without a line feed. Returns false with ERROR_REJECT for a fault that
 * concerns only this stream: its report is printed, and the next stream follows. Any other error
 * ends the command. */
typedef bool (*stream_command)(void *context, const struct stream *stream, struct strbuf *report,
                               struct error *error);

/* Calls `command` for each stream, in the order of --streams, and prints its report. With --format
 * json the reports of several streams are one object, {"streams":[{"stream":"ticker", …}, …]}; a
 * stream that failed without a report is {"stream","topic","error"} there. Returns false with the
 * first ERROR_REJECT, after all streams; or with another error, after which no further stream
 * follows, and the reports up to then are printed. It is no failure that nobody reads the output
 * any more (`| head`). */
NODISCARD bool stream_reports(const struct options *options, stream_command command, void *context,
                              struct error *error);

#endif
