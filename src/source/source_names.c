#include "source/source_names.h"

#include <string.h>

#include "base/clock.h"
#include "record/bar.h"
#include "record/news.h"
#include "record/ticker.h"
#include "record/trade.h"

const struct source_row source_rows[SOURCE_IDS] = {
    [SOURCE_ID_BITFINEX] = {.name = "bitfinex",
                            .nature = NATURE_LIVE,
                            .kind = &ticker_kind,
                            .asks = true},
    [SOURCE_ID_BITFINEX_BARS] = {.name = "bitfinex-bars",
                                 .nature = NATURE_LIVE,
                                 .kind = &bar_kind,
                                 .asks = true},
    [SOURCE_ID_BITFINEX_TRADES] = {.name = "bitfinex-trades",
                                   .nature = NATURE_LIVE,
                                   .kind = &trade_kind},
    [SOURCE_ID_BINANCE] = {.name = "binance",
                           .nature = NATURE_LIVE,
                           .kind = &bar_kind,
                           .asks = true},
    [SOURCE_ID_RSS] = {.name = "rss",
                       .argument = "URL",
                       .nature = NATURE_LIVE,
                       .kind = &news_kind,
                       .interval_ns = 300 * NS_PER_SECOND},
    [SOURCE_ID_CRYPTOPANIC] = {.name = "cryptopanic",
                               .nature = NATURE_LIVE,
                               .kind = &news_kind,
                               .interval_ns = 600 * NS_PER_SECOND},
    [SOURCE_ID_COINGECKO] = {.name = "coingecko",
                             .nature = NATURE_LIVE,
                             .kind = &ticker_kind,
                             .asks = true,
                             .interval_ns = 120 * NS_PER_SECOND},
    [SOURCE_ID_COINMARKETCAP] = {.name = "coinmarketcap",
                                 .nature = NATURE_LIVE,
                                 .kind = &ticker_kind,
                                 .asks = true,
                                 .interval_ns = 600 * NS_PER_SECOND},
    [SOURCE_ID_REPLAY] = {.name = "replay", .argument = "FILE", .nature = NATURE_FILE},
    [SOURCE_ID_SYNTHETIC] = {.name = "synthetic", .nature = NATURE_SYNTHETIC, .kind = &ticker_kind},
    [SOURCE_ID_SYNTHETIC_TICKER] = {.name = "synthetic-ticker",
                                    .nature = NATURE_SYNTHETIC,
                                    .kind = &ticker_kind},
    [SOURCE_ID_SYNTHETIC_TRADE] = {.name = "synthetic-trade",
                                   .nature = NATURE_SYNTHETIC,
                                   .kind = &trade_kind},
    [SOURCE_ID_SYNTHETIC_BAR] = {.name = "synthetic-bar",
                                 .nature = NATURE_SYNTHETIC,
                                 .kind = &bar_kind},
    [SOURCE_ID_SYNTHETIC_NEWS] = {.name = "synthetic-news",
                                  .nature = NATURE_SYNTHETIC,
                                  .kind = &news_kind},
};

const struct source_row *source_row_named(struct str name)
{
    for (int i = 0; i < SOURCE_IDS; i++) {
        if (str_equal_text(name, source_rows[i].name)) {
            return &source_rows[i];
        }
    }
    return NULL;
}

/* Returns false if the piece does not name a source, or lacks the source's argument. */
static bool find(struct str piece, struct named_source *source)
{
    const char *colon = piece.length > 0 ? memchr(piece.data, ':', piece.length) : NULL;
    struct str name = piece;
    *source = (struct named_source){.text = piece};
    if (colon != NULL) {
        name.length = (size_t)(colon - piece.data);
        source->argument =
            (struct str){.data = colon + 1, .length = piece.length - name.length - 1};
    }
    const struct source_row *row = source_row_named(name);
    if (row == NULL || (row->argument != NULL) != (colon != NULL)) {
        return false;
    }
    source->id = (enum source_id)(row - source_rows);
    return row->argument == NULL || source->argument.length > 0;
}

/* Lengthens the last source up to the end of the piece, if it has an argument: a file's name, or
 * feeds. */
static bool continue_file(struct named_sources *sources, struct str piece)
{
    if (sources->count == 0) {
        return false;
    }
    struct named_source *last = &sources->items[sources->count - 1];
    if (source_rows[last->id].argument == NULL) {
        return false;
    }
    const char *end = piece.data + piece.length;
    last->text.length = (size_t)(end - last->text.data);
    last->argument.length = (size_t)(end - last->argument.data);
    return true;
}

static bool is_twice(const struct named_sources *sources, const struct named_source *source)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (str_equal(sources->items[i].text, source->text)) {
            return true;
        }
    }
    return false;
}

/* Returns whether the source can run together with those before it. */
static bool goes_with(const struct named_sources *sources, const struct named_source *source)
{
    enum source_nature nature = source_rows[source->id].nature;
    return sources->count == 0 ||
           (nature == source_rows[sources->items[0].id].nature && nature != NATURE_FILE);
}

/* Returns whether the piece is one more feed after feeds, which are one source together. */
static bool is_next_feed(const struct named_sources *sources, const struct named_source *source)
{
    return source->id == SOURCE_ID_RSS && sources->count > 0 &&
           sources->items[sources->count - 1].id == SOURCE_ID_RSS;
}

static enum source_naming add(struct named_sources *sources, struct str piece)
{
    struct named_source source;
    if (!find(str_trim(piece), &source) || is_next_feed(sources, &source)) {
        return continue_file(sources, piece) ? SOURCES_NAMED : SOURCES_UNKNOWN;
    }
    if (is_twice(sources, &source)) {
        return SOURCES_TWICE;
    }
    if (!goes_with(sources, &source)) {
        return SOURCES_MIXED;
    }
    if (sources->count == SOURCES_MAX) {
        return SOURCES_TOO_MANY;
    }
    sources->items[sources->count++] = source;
    return SOURCES_NAMED;
}

enum source_naming source_names_parse(struct str text, struct named_sources *sources,
                                      struct str *bad)
{
    struct str piece = {.data = NULL};
    enum source_naming naming = SOURCES_NAMED;
    sources->count = 0;
    while (naming == SOURCES_NAMED && str_split(&text, ',', &piece)) {
        naming = add(sources, piece);
    }
    if (naming == SOURCES_NAMED && sources->count == 0) {
        naming = SOURCES_UNKNOWN;
    }
    if (bad != NULL) {
        *bad = str_trim(piece);
    }
    return naming;
}

bool source_names_synthetic(struct str text)
{
    struct named_sources sources; /* of one nature */
    return source_names_parse(text, &sources, NULL) == SOURCES_NAMED &&
           source_rows[sources.items[0].id].nature == NATURE_SYNTHETIC;
}

const char *source_names_nearest(struct str typo)
{
    const char *colon = typo.length > 0 ? memchr(typo.data, ':', typo.length) : NULL;
    char name[32];
    if (colon != NULL) {
        typo.length = (size_t)(colon - typo.data);
    }
    if (!str_copy(typo, name, sizeof name)) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t best = str_slips(name) + 1;
    for (int i = 0; i < SOURCE_IDS; i++) {
        size_t distance = str_edit_distance(name, source_rows[i].name);
        if (distance < best) {
            nearest = source_rows[i].name;
            best = distance;
        }
    }
    return nearest;
}
