/*
 * The sources that exist, by the names that --source takes: one, or several with commas. A new
 * source is a value of `enum source_id` and a row of source_names.c; what else it needs:
 * docs/architecture.md.
 */
#ifndef CANDLEWICK_SOURCE_SOURCE_NAMES_H
#define CANDLEWICK_SOURCE_SOURCE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/kind.h"

enum source_id {
    SOURCE_ID_BITFINEX,
    SOURCE_ID_BITFINEX_TRADES,
    SOURCE_ID_BITFINEX_BARS,
    SOURCE_ID_BINANCE,
    SOURCE_ID_COINGECKO,
    SOURCE_ID_COINMARKETCAP,
    SOURCE_ID_RSS,
    SOURCE_ID_CRYPTOPANIC,
    SOURCE_ID_REPLAY,
    SOURCE_ID_SYNTHETIC,
    SOURCE_ID_SYNTHETIC_TICKER,
    SOURCE_ID_SYNTHETIC_TRADE,
    SOURCE_ID_SYNTHETIC_BAR,
    SOURCE_ID_SYNTHETIC_NEWS,
    SOURCE_IDS
};

/* What the records of a source are. Those of two natures never get into one store, unless a user
 * names that store. */
enum source_nature {
    NATURE_LIVE,      /* real, and of now */
    NATURE_FILE,      /* read from a file; each file is alone */
    NATURE_SYNTHETIC, /* made up */
};

struct source_row {
    const char *name;
    const char *argument; /* what follows the name and a colon ("FILE"); NULL: nothing does */
    enum source_nature nature;
    const struct record_kind *kind; /* the kind of its main records; NULL: the file decides */
    bool asks;                      /* it sends requests: --requests-per-minute is its ceiling */
    int64_t interval_ns; /* from one request to the next, unless --poll-interval names the source;
                            0: what --poll-interval says for all */
};
extern const struct source_row source_rows[SOURCE_IDS]; /* indexed by enum source_id */

enum { SOURCES_MAX = 8 };

/* One of the sources that a user named. */
struct named_source {
    enum source_id id;
    struct str text;     /* as it was written: "replay:prices.csv" */
    struct str argument; /* "prices.csv"; empty if there is none */
};

struct named_sources {
    struct named_source items[SOURCES_MAX]; /* borrow the text */
    size_t count;
};

enum source_naming {
    SOURCES_NAMED,
    SOURCES_UNKNOWN, /* a name that is none, or an argument is missing or too much */
    SOURCES_TWICE,   /* one is named twice */
    SOURCES_MIXED,   /* sources of several natures, or several files */
    SOURCES_TOO_MANY,
};
/* Takes a list apart: "bitfinex" or "a,b,c" with blanks around the commas. A comma may be part of a
 * file's name: what follows it belongs to the file, unless it names a source. Unless SOURCES_NAMED
 * is returned, `*bad` (may be NULL) is the piece that is wrong; empty for SOURCES_UNKNOWN if there
 * is none at all. */
NODISCARD enum source_naming source_names_parse(struct str text, struct named_sources *sources,
                                                struct str *bad);

/* Returns whether the list names synthetic sources; false also for one that is not valid. */
bool source_names_synthetic(struct str text);

/* Returns the name that is nearest to one that does not exist; NULL: none is near. */
const char *source_names_nearest(struct str typo);

/* Returns the row of that name; NULL: there is none. */
const struct source_row *source_row_named(struct str name);

#endif
