/* Proves the streams one after the other; prints a report for each, and a verdict on all. */
#include <unistd.h>

#include "base/stop.h"
#include "cli/options_streams.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/stream_proof.h"
#include "commands/stream_report.h"
#include "commands/wiring.h"

enum { TEXT_LIMIT = 64 << 20 };

/* The results of all streams together. */
struct books {
    const struct options *options;
    struct stop *stop;
    size_t streams, balanced;
    struct strbuf others; /* topics whose books do not balance, or could not be checked */
    bool coin_found;      /* --coin is in the log of a stream, or a report of faults names it */
    struct error no_coin; /* why not, for the last stream without it */
};

static void append_report(const struct books *books, const struct stream_proof *proof,
                          struct strbuf *text)
{
    const struct verify_report *report = verify_report(proof->reading.verify);
    const struct verify_source source = stream_proof_source(proof);
    if (books->options->format == FORMAT_JSON) {
        verify_to_json(report, &source, text);
    } else {
        verify_to_table(report, &source, output_columns(STDOUT_FILENO), text);
    }
}

/* Looks for --coin in the stream's log. If the books do not balance, it counts as found: the report
 * already names a coin that only the store has. */
static bool look_for_coin(struct books *books, const struct stream_proof *proof)
{
    bool known = !verify_report(proof->reading.verify)->balanced ||
                 log_coins_known(&proof->reading.coins, proof->stream->kind, proof->stream->topic,
                                 wiring_coin(books->options), &books->no_coin);
    books->coin_found = books->coin_found || known;
    return known;
}

static bool prove(void *context, const struct stream *stream, struct strbuf *report,
                  struct error *error)
{
    struct books *books = context;
    struct stream_proof proof = {.options = books->options, .stream = stream, .stop = books->stop};
    bool balanced = false;
    if (stream_proof_run(&proof, error)) {
        if (look_for_coin(books, &proof) || books->streams > 1) { /* otherwise an error follows
                                                                     below */
            append_report(books, &proof, report);
        }
        balanced = verify_report(proof.reading.verify)->balanced ||
                   error_set(error, ERROR_REJECT, "the books of topic %.80s do not balance",
                             stream->topic);
    }
    stream_proof_free(&proof);
    books->balanced += balanced ? 1 : 0;
    if (!balanced) {
        strbuf_append_format(&books->others, "%s%s", books->others.length > 0 ? ", " : "",
                             stream->topic);
    }
    return balanced;
}

/* Prints the last line, a verdict on all streams, if there are several. */
static bool print_verdict(const struct books *books, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    strbuf_append_format(&text, "\nThe books of %zu of %zu topics balance", books->balanced,
                         books->streams);
    if (books->balanced < books->streams) {
        strbuf_append_format(&text, "; not those of %s", strbuf_text(&books->others));
    }
    strbuf_append_text(&text, ".\n");
    bool printed = output_write(&text, error) || error->kind == ERROR_NONE;
    strbuf_free(&text);
    return printed;
}

static bool prove_all(struct books *books, struct error *error)
{
    struct error failure = {.kind = ERROR_NONE};
    bool balanced = stream_reports(books->options, prove, books, &failure);
    bool told = balanced || failure.kind == ERROR_REJECT;
    if (told && books->streams > 1 && books->options->format == FORMAT_TABLE &&
        !print_verdict(books, error)) {
        return false;
    }
    if (balanced && !books->coin_found) { /* a typing error must not look like a balance */
        failure = books->no_coin;
        balanced = false;
    }
    *error = failure;
    return balanced;
}

bool run_verify(const struct options *options, struct error *error)
{
    struct stream streams[STREAMS_MAX];
    struct books books = {.options = options, .others = strbuf_new(TEXT_LIMIT)};
    struct signal_watch *watch = NULL;
    books.streams = options_streams(options, streams);
    books.stop = stop_create(error);
    bool done = books.stop != NULL && (watch = signal_watch_create(books.stop, 0, error)) != NULL &&
                prove_all(&books, error);
    strbuf_free(&books.others);
    signal_watch_destroy(watch);
    stop_destroy(books.stop);
    return done;
}
