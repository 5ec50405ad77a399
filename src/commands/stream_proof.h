/* The proof of one stream: of what its topic, its dead letters and its table hold. */
#ifndef CANDLEWICK_COMMANDS_STREAM_PROOF_H
#define CANDLEWICK_COMMANDS_STREAM_PROOF_H

#include <stdatomic.h>

#include "cli/options.h"
#include "kafka/client/settings.h"
#include "record/stream.h"
#include "verify/log_span.h"
#include "verify/verify_read.h"
#include "verify/verify_text.h"

/* The caller sets the first three (borrowed); all else is zero at first. */
struct stream_proof {
    const struct options *options;
    const struct stream *stream;
    struct stop *stop;

    int64_t from_ns, to_ns; /* the time range to prove, at least that of the options */
    struct kafka_settings kafka;
    struct registry_client *registry;
    struct store *points, *candles;
    struct log_span log, letters, later;
    struct verify_reading reading;                     /* its `verify` has the report */
    char tables[RECORD_KINDS * (COLUMN_NAME_MAX + 2)]; /* names of those with points whose stream
                                                          is not asked for */
    int64_t undecided; /* offsets up to the high watermark that an open transaction holds back, at
                          the last look */

    /* The fields below are read by the progress line. */
    atomic_int step;
    atomic_llong behind, messages;
};

/* Takes a snapshot of the topic, waits for the group, reads log and dead letters and compares the
 * store. Blocks, and shows its progress. Returns false if there is no report: ERROR_REJECT: there
 * is no such topic or group; ERROR_RETRY, ERROR_FATAL: as told by what failed, or `stop` was
 * requested. */
NODISCARD bool stream_proof_run(struct stream_proof *proof, struct error *error);

/* What was compared, for the report's text; borrowed from the proof. */
struct verify_source stream_proof_source(const struct stream_proof *proof);

/* After stream_proof_run(), whether it failed or not. */
void stream_proof_free(struct stream_proof *proof);

#endif
