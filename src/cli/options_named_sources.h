/* Reads --source and --poll-interval, whose values name sources (source/source_names.h). */
#ifndef CANDLEWICK_CLI_OPTIONS_NAMED_SOURCES_H
#define CANDLEWICK_CLI_OPTIONS_NAMED_SOURCES_H

#include "base/text/strbuf.h"
#include "cli/options.h"

/* All synthetic sources: ticks, trades, bars and news. */
#define OPTIONS_SYNTHETIC_ALL "synthetic,synthetic-trade,synthetic-bar,synthetic-news"

/* Returns whether `text` is a valid value of --source. Only options*.c call this function and the
 * next two. */
bool options_source_valid(struct str text);
/* Appends what is wrong with an invalid value of --source, and which values are allowed. */
void options_source_fault(struct str text, struct strbuf *fault);
/* Returns whether `text` is a valid value of --poll-interval: DURATION (at most once, for all
 * sources that are not named) and SOURCE=DURATION (each source at most once), with commas between
 * them, each duration within the limits. */
bool options_poll_valid(struct str text, int64_t least_ns, int64_t most_ns);

/* Returns the time between two requests of that source; NULL: of the sources that --poll-interval
 * does not name. */
int64_t options_poll_interval(const struct options *options, const char *source);

/* Fails with ERROR_USAGE when only one of two addresses of an exchange was changed and a source
 * needs both: half of its records would be those of another exchange. For options_check() only. */
NODISCARD bool options_exchange_check(const struct options *options, struct error *error);

/* Appends a line for each value of --source, --coins, --poll-interval and --streams that is taken,
 * but is hardly what was meant: an interval of a source that is not named, a name of a coin in
 * small letters, a kind of records that `produce` sends and no member with the same --streams
 * reads. Nothing for commands without a source. */
void options_source_remarks(const struct options *options, struct strbuf *lines);

#endif
