/* Creates sources from the options: a row of a table for each one (source/source_names.h). */
#ifndef CANDLEWICK_COMMANDS_SOURCES_WIRED_SOURCES_H
#define CANDLEWICK_COMMANDS_SOURCES_WIRED_SOURCES_H

#include "cli/options.h"
#include "market/assets.h"
#include "source/source.h"
#include "source/source_names.h"

struct stop;

/* Returns the built-in assets and those of --assets; free with assets_destroy(). Returns NULL with
 * ERROR_USAGE for a file that cannot be read or breaks a rule. */
NODISCARD struct assets *wiring_assets(const struct options *options, struct error *error);

/* Creates one of the sources that --source names; free with source_destroy(). */
NODISCARD struct source *wired_source(const struct options *options,
                                      const struct named_source *named, struct stop *stop,
                                      struct error *error);

#endif
