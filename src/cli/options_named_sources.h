/* What --source and --poll-interval say of sources (source/source_names.h). */
#ifndef CANDLEWICK_CLI_OPTIONS_NAMED_SOURCES_H
#define CANDLEWICK_CLI_OPTIONS_NAMED_SOURCES_H

#include "base/text/strbuf.h"
#include "cli/options.h"

/* Whether `text` is a value of --source. For options*.c only, as are the next two. */
bool options_source_valid(struct str text);
/* Appends what is wrong with a value of --source, and what is allowed. */
void options_source_fault(struct str text, struct strbuf *fault);
/* Whether `text` is a value of --poll-interval: at most one duration for all sources, and
 * SOURCE=DURATION for one, each source once; in the limits given. */
bool options_poll_valid(struct str text, int64_t least_ns, int64_t most_ns);

/* Returns the time from one request to the next of the source with that name; NULL: of those that
 * --poll-interval does not name. */
int64_t options_poll_interval(const struct options *options, const char *source);

#endif
