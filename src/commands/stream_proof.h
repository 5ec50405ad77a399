/* The proof of one stream: compares its topic, its dead letters and its table. */
#ifndef CANDLEWICK_COMMANDS_STREAM_PROOF_H
#define CANDLEWICK_COMMANDS_STREAM_PROOF_H

#include <stdatomic.h>

#include "cli/options.h"
#include "kafka/client/settings.h"
#include "record/stream.h"
#include "verify/log_span.h"
#include "verify/verify_read.h"
#include "verify/verify_text.h"

/* The caller sets the first four members (the pointers are borrowed) and zeroes the others. */
struct stream_proof {
    const struct options *options;
    const struct stream *stream;
    struct stop *stop;
    bool in_background; /* shows no progress, and writes no temporary file: it fails when sorting
                           needs more than options->memory_bytes */

    int64_t from_ns, to_ns; /* the time range to prove, at least that of the options */
    struct kafka_settings kafka;
    struct store *points, *candles;
    struct log_span log, letters, later;
    struct verify_reading reading;                     /* reading.verify has the report */
    char tables[RECORD_KINDS * (COLUMN_NAME_MAX + 2)]; /* names of the tables that have points
                                                          although their stream is not verified */
    struct coverage_share *covered; /* one for each series of the report; NULL: none is known;
                                       owned */
    int64_t undecided; /* how many offsets were above the last stable offset when the end of the
                          log was last read: an open transaction hides them */

    /* The progress line reads the fields below. */
    atomic_int step;
    atomic_llong behind, messages;
};

/* Takes a snapshot of the topic's offsets, waits for the group, reads the log and the dead letters,
 * and compares them with the store. Blocks, and shows its progress. Returns false if there is no
 * report: with ERROR_REJECT if the topic or the group does not exist; otherwise with the error of
 * what failed, or ERROR_FATAL if `stop` was requested. */
NODISCARD bool stream_proof_run(struct stream_proof *proof, struct error *error);

/* Writes how far the proof is: "reading the log: 120 of 500 messages of tickers". Any thread, from
 * the call of stream_proof_run() until stream_proof_free(). */
void stream_proof_progress(struct stream_proof *proof, char *line, size_t size);

/* Returns what was compared, for the report's text; borrowed from the proof. */
struct verify_source stream_proof_source(const struct stream_proof *proof);

/* Frees what the proof owns. Call it after stream_proof_run(), even if that failed. */
void stream_proof_free(struct stream_proof *proof);

#endif
