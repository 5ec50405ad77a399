/* Proves the streams one after the other; prints a report for each, and a verdict on all. */
#include <unistd.h>

#include "cli/output.h"
#include "commands/commands.h"
#include "commands/stream_proof.h"
#include "commands/stream_run.h"
#include "commands/wiring.h"

static void append_report(const struct stream_proof *proof, struct strbuf *text)
{
    const struct verify_report *report = verify_report(proof->reading.verify);
    const struct verify_source source = stream_proof_source(proof);
    if (proof->options->format == FORMAT_JSON) {
        verify_to_json(report, &source, text);
    } else {
        verify_to_table(report, &source, output_form(), text);
    }
}

/* Returns whether the stream's log has the coin of --coin. Returns true also if the books do not
 * balance: a coin that only the store has is already named in the report. */
static bool coin_known(const struct stream_proof *proof, struct error *no_coin)
{
    return !verify_report(proof->reading.verify)->balanced ||
           log_coins_known(&proof->reading.coins, proof->stream->kind, proof->stream->topic,
                           wiring_coin(proof->options), no_coin);
}

static bool prove(struct stream_run *run, const struct stream *stream, struct strbuf *report,
                  struct error *error)
{
    struct stream_proof proof = {.options = run->options, .stream = stream, .stop = run->stop};
    bool balanced = false;
    if (stream_proof_run(&proof, error)) {
        if (stream_run_coin(run, coin_known(&proof, &run->no_coin))) {
            append_report(&proof, report);
        }
        balanced = verify_report(proof.reading.verify)->balanced ||
                   error_set(error, ERROR_REJECT, "the books of topic %.80s do not balance",
                             stream->topic);
    }
    stream_proof_free(&proof);
    return balanced;
}

static void append_verdict(const struct stream_run *run, struct strbuf *text)
{
    struct strbuf verdict = strbuf_new(text->limit);
    bool all = run->done == run->count;
    strbuf_append_format(&verdict, "\nThe books of %zu of %zu topics balance", run->done,
                         run->count);
    if (!all) {
        strbuf_append_format(&verdict, "; not those of %s", strbuf_text(&run->failed));
    }
    strbuf_append_text(&verdict, ".\n");
    output_append_lines(text, &verdict, all ? TONE_GOOD : TONE_BAD, output_form());
    strbuf_free(&verdict);
}

bool run_verify(const struct options *options, struct error *error)
{
    struct stream_run run = {.options = options, .command = prove, .conclude = append_verdict};
    return stream_run(&run, error);
}
