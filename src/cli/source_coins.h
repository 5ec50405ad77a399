/* Chooses the coins of --coins that one source follows. Each service has its own names for coins,
 * and --coins may have the names of several. */
#ifndef CANDLEWICK_CLI_SOURCE_COINS_H
#define CANDLEWICK_CLI_SOURCE_COINS_H

#include "base/text/strbuf.h"
#include "cli/options.h"
#include "market/assets.h"
#include "source/source_names.h"

/*
 * Writes the list for the source to `coins`. If no coin of --coins has the form of its service's
 * names, the list has the service's names for them, by the table of assets. Otherwise, or if the
 * table has none, it has the coins of --coins without those of the form of another service that is
 * asked as well. The source refuses coins that it does not have. ALL, and a list for a source that
 * is of no service, stay as they are.
 */
void source_coins(const struct options *options, enum source_id source, const struct assets *assets,
                  struct strbuf *coins);

#endif
