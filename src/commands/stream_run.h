/* Runs a command that works on all streams of --streams, and prints one report for each. */
#ifndef CANDLEWICK_COMMANDS_STREAM_RUN_H
#define CANDLEWICK_COMMANDS_STREAM_RUN_H

#include "base/text/strbuf.h"
#include "cli/options.h"
#include "record/stream.h"

struct stop;
struct stream_run;

/* Does the command's work for one stream and appends its report: text, or one JSON object with any
 * members and without a line feed. Returns false with ERROR_REJECT for a fault that concerns only
 * this stream: its report is printed, and the next stream follows. Any other error ends the
 * command. */
typedef bool (*stream_command)(struct stream_run *run, const struct stream *stream,
                               struct strbuf *report, struct error *error);

/* The caller sets the first three members and zeroes all others. */
struct stream_run {
    const struct options *options; /* borrowed */
    stream_command command;
    /* Appends a text that is printed after the reports of several streams, except with --format
     * json. May be NULL. */
    void (*conclude)(const struct stream_run *run, struct strbuf *text);

    /* stream_run() sets these members before it first calls `command`: */
    struct stop *stop; /* requested by SIGINT, SIGTERM or SIGHUP */
    size_t count;      /* number of streams */

    size_t done;          /* streams for which `command` returned true */
    struct strbuf failed; /* topics of the streams for which `command` returned false: "a, b" */
    bool coin_found;      /* true if at least one stream has the coin of --coin */
    struct error no_coin; /* filled in by `command` if a stream has no such coin */
};

/* Calls run->command for each stream, in the order of --streams, and prints its report. With
 * --format json the reports of several streams are one object, {"streams":[{"stream":"ticker", …},
 * …]}; a stream that failed without a report is {"stream","topic","error"} in it. Blocks as long as
 * the commands do. If a stream fails with ERROR_REJECT, goes on with the next stream and returns
 * false with the first such error at the end. Any other error ends the run: the reports up to then
 * are printed. If no stream has the coin, returns false with `no_coin`: a typing error must not
 * look like a success. An output that nobody reads any more (`| head`) is no failure. */
NODISCARD bool stream_run(struct stream_run *run, struct error *error);

/* Notes whether the stream has the coin of --coin; call it with true if the user gave no --coin. If
 * `found` is false, run->no_coin must be filled in. Returns whether to append the stream's report:
 * if it is the only stream, only run->no_coin is reported. */
bool stream_run_coin(struct stream_run *run, bool found);

#endif
