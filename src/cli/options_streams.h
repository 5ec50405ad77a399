/* Turns --streams and --topic into streams. */
#ifndef CANDLEWICK_CLI_OPTIONS_STREAMS_H
#define CANDLEWICK_CLI_OPTIONS_STREAMS_H

#include "cli/options.h"
#include "record/stream.h"

/* Fills in the streams of --streams, in its order, and returns their number, at least 1. */
size_t options_streams(const struct options *options, struct stream streams[static STREAMS_MAX]);

/* Fills in the stream of one kind, whether --streams names it or not: its topic is that of --topic,
 * else the kind's usual one. */
void options_stream(const struct options *options, const struct record_kind *kind,
                    struct stream *stream);

/* Fails with ERROR_USAGE if two kinds that the options name have one topic, or one's is that of
 * another's dead letters: no reader could tell their messages apart. For options_check() only. */
NODISCARD bool options_streams_check(const struct options *options, struct error *error);

/* Takes one piece of --topic apart: "NAME" (of the ticks) or "KIND=NAME". Returns NULL for a kind
 * that this program does not know. For options_text.c only. */
const struct record_kind *options_topic_piece(struct str piece, struct str *topic);

#endif
