/* Proves the streams one after the other, and prints a report for each and a verdict on all. */
#include <unistd.h>

#include "base/stop.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/stream_proof.h"
#include "commands/wiring.h"

enum { TEXT_LIMIT = 64 << 20 };

/* What is known of all streams together. */
struct books {
    const struct options *options;
    struct stop *stop;
    struct stream streams[STREAMS_MAX];
    size_t count;
    bool balanced[STREAMS_MAX]; /* by stream */
    bool coin_found;            /* --coin is in the log of a stream, or in a report of faults */
    struct error no_coin;       /* why not, of the last stream without it */
    struct strbuf json;         /* the objects of several streams, with commas between */
};

static bool several(const struct books *books)
{
    return books->count > 1;
}

/* The exit code is the verdict even when the reader of the output has gone (`| head`). */
static bool write_out(const struct strbuf *text, struct error *error)
{
    return output_write(text, error) || error->kind == ERROR_NONE;
}

/* Prints a stream's report. Several streams' JSON is one text, which is printed at the end. */
static bool print_report(struct books *books, struct strbuf *report, struct error *error)
{
    if (books->options->format == FORMAT_JSON && several(books)) {
        strbuf_append_text(&books->json, books->json.length > 0 ? "," : "");
        strbuf_append_str(&books->json, strbuf_str(report));
        books->json.failed = books->json.failed || report->failed;
        return true;
    }
    if (books->options->format == FORMAT_JSON || several(books)) {
        strbuf_append_char(report, '\n');
    }
    return write_out(report, error);
}

static bool print_proof(struct books *books, const struct stream_proof *proof, struct error *error)
{
    const struct verify_report *report = verify_report(proof->reading.verify);
    const struct verify_source source = stream_proof_source(proof);
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (books->options->format == FORMAT_JSON) {
        verify_to_json(report, &source, &text);
    } else {
        verify_to_table(report, &source, output_columns(STDOUT_FILENO), &text);
    }
    bool printed = print_report(books, &text, error);
    strbuf_free(&text);
    return printed;
}

/* For a stream of several that has no such topic or group. */
static bool print_failure(struct books *books, const struct stream *stream,
                          const struct error *failure, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (books->options->format == FORMAT_JSON) {
        strbuf_append_format(
            &text, "{\"balanced\":false,\"topic\":\"%s\",\"kind\":\"%s\",\"error\":", stream->topic,
            stream->kind->name);
        strbuf_append_json_string(&text, str_from(failure->text));
        strbuf_append_char(&text, '}');
    } else {
        strbuf_append_format(&text, "topic  %s\n\nNot proved: %s\n", stream->topic, failure->text);
        output_make_plain(&text);
    }
    bool printed = print_report(books, &text, error);
    strbuf_free(&text);
    return printed;
}

/* Whether the log has the coin of --coin: a typing error must not look like books that balance. If
 * they do not, the report already names a coin that only the store has. */
static bool coin_known(struct books *books, const struct stream_proof *proof, struct error *error)
{
    bool known = !verify_report(proof->reading.verify)->balanced ||
                 log_coins_known(&proof->reading.coins, proof->stream->kind, proof->stream->topic,
                                 wiring_coin(books->options), error);
    books->coin_found = books->coin_found || known;
    books->no_coin = known ? books->no_coin : *error;
    return known || several(books);
}

/* Proves one stream and prints its report. Returns false if no other stream can be proved either,
 * or printing failed. */
static bool prove(struct books *books, size_t number, struct error *error)
{
    struct stream_proof proof = {
        .options = books->options, .stream = &books->streams[number], .stop = books->stop};
    struct error failure = {.kind = ERROR_NONE};
    bool done = false;
    bool proved = stream_proof_run(&proof, &failure);
    if (proved && coin_known(books, &proof, &failure)) {
        books->balanced[number] = verify_report(proof.reading.verify)->balanced;
        done = print_proof(books, &proof, error);
    } else if (!proved && several(books) && failure.kind == ERROR_REJECT) {
        done = print_failure(books, proof.stream, &failure, error);
    } else {
        *error = failure;
    }
    stream_proof_free(&proof);
    return done;
}

static void append_names(const struct books *books, bool balanced, struct strbuf *text)
{
    const char *before = ": ";
    for (size_t i = 0; i < books->count; i++) {
        if (books->balanced[i] == balanced) {
            strbuf_append_format(text, "%s%s", before, books->streams[i].topic);
            before = ", ";
        }
    }
}

/* Closes the reports of several streams with what holds of all. */
static bool print_verdict(const struct books *books, size_t balanced, struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (books->options->format == FORMAT_JSON) {
        strbuf_append_format(&text, "{\"balanced\":%s,\"streams\":[",
                             balanced == books->count ? "true" : "false");
        strbuf_append_str(&text, strbuf_str(&books->json));
        strbuf_append_text(&text, "]}\n");
        text.failed = text.failed || books->json.failed;
    } else {
        strbuf_append_format(&text, "The books of %zu of %zu topics balance", balanced,
                             books->count);
        append_names(books, true, &text);
        if (balanced < books->count) {
            strbuf_append_text(&text, "; they do not of");
            append_names(books, false, &text);
        }
        strbuf_append_text(&text, ".\n");
    }
    bool printed = write_out(&text, error);
    strbuf_free(&text);
    return printed;
}

static bool prove_all(struct books *books, struct error *error)
{
    size_t balanced = 0;
    for (size_t i = 0; i < books->count; i++) {
        if (!prove(books, i, error)) {
            return false;
        }
        balanced += books->balanced[i] ? 1 : 0;
    }
    if (several(books) && !print_verdict(books, balanced, error)) {
        return false;
    }
    if (balanced < books->count) {
        return several(books)
                   ? error_set(error, ERROR_REJECT, "the books of %zu of %zu topics do not balance",
                               books->count - balanced, books->count)
                   : error_set(error, ERROR_REJECT, "the books of topic %.80s do not balance",
                               books->streams[0].topic);
    }
    if (!books->coin_found) {
        *error = books->no_coin;
    }
    return books->coin_found;
}

bool run_verify(const struct options *options, struct error *error)
{
    struct books books = {.options = options, .json = strbuf_new(TEXT_LIMIT)};
    struct signal_watch *watch = NULL;
    books.count = options_streams(options, books.streams);
    books.stop = stop_create(error);
    bool done = books.stop != NULL && (watch = signal_watch_create(books.stop, 0, error)) != NULL &&
                prove_all(&books, error);
    strbuf_free(&books.json);
    signal_watch_destroy(watch);
    stop_destroy(books.stop);
    return done;
}
