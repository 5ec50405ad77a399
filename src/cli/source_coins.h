/* Which of --coins a source follows, when several services are asked or --coins has the names of
 * another one. */
#ifndef CANDLEWICK_CLI_SOURCE_COINS_H
#define CANDLEWICK_CLI_SOURCE_COINS_H

#include "base/text/strbuf.h"
#include "cli/options.h"
#include "market/assets.h"
#include "source/source_names.h"

/*
 * Writes the list for the source to `coins`: of --coins, those that have the form of its service's
 * names; if there are none, what the table of assets has for them in its service. Coins
 * of the form of another service that is asked as well are left out. All others stay: the source
 * refuses what it does not have. ALL, and a list for a source that is of no service, stay as they
 * are.
 */
void source_coins(const struct options *options, enum source_id source, const struct assets *assets,
                  struct strbuf *coins);

#endif
