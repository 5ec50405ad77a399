/* Turns --streams and --topic into streams. */
#ifndef CANDLEWICK_CLI_OPTIONS_STREAMS_H
#define CANDLEWICK_CLI_OPTIONS_STREAMS_H

#include "cli/options.h"
#include "record/stream.h"

/* Fills in the streams of --streams, in its order, and returns their number, at least 1. */
size_t options_streams(const struct options *options, struct stream streams[static STREAMS_MAX]);

/* Returns whether --streams names the kind. */
bool options_name_stream(const struct options *options, const struct record_kind *kind);

/* Fills in the stream of one kind, whether --streams names it or not: its topic is that of --topic,
 * or the kind's default. */
void options_stream(const struct options *options, const struct record_kind *kind,
                    struct stream *stream);

/* Fails with ERROR_USAGE if two of the named kinds have the same topic, or one's topic is another's
 * dead-letter topic: no reader could distinguish their messages. For options_check() only. */
NODISCARD bool options_streams_check(const struct options *options, struct error *error);

/* Splits one piece of --topic: "NAME" (for the ticks) or "KIND=NAME". Returns NULL for a kind that
 * this program does not know. For options_text.c only. */
const struct record_kind *options_topic_piece(struct str piece, struct str *topic);

#endif
