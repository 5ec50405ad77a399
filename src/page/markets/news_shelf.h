/* Keeps the newest of the news items that it is given, if they name wanted coins. */
#ifndef CANDLEWICK_PAGE_MARKETS_NEWS_SHELF_H
#define CANDLEWICK_PAGE_MARKETS_NEWS_SHELF_H

#include "base/text/str.h"
#include "market/assets.h"
#include "record/news.h"

/* An item with copies of its texts. */
struct news_item {
    struct news news;
    struct text_arena texts;
};

enum {
    NEWS_COINS_WANTED_MAX = 200, /* names that one question may have */
    NEWS_SAME_TIME = 16,         /* items beyond the limit that are kept, see news_shelf_page() */
};

struct news_shelf {
    struct news_item **items; /* newest first; owned */
    size_t count, limit;
    const struct assets *assets;              /* borrowed */
    struct str wanted[NEWS_COINS_WANTED_MAX]; /* tickers; borrowed */
    size_t wanted_count;                      /* 0: any news */
};

/* `coins` is a list of coins or tickers with commas between, borrowed; NULL: any news is wanted. A
 * coin that is in the table of assets counts as its asset's ticker. `limit` is above 0. Returns
 * false when memory runs out. The caller frees the shelf in either case. */
NODISCARD bool news_shelf_init(struct news_shelf *shelf, const struct assets *assets,
                               const char *coins, size_t limit);
void news_shelf_free(struct news_shelf *shelf);

/* Returns the ticker of the coin's asset; the coin itself if it is in no row of the table. */
struct str news_shelf_ticker(const struct news_shelf *shelf, struct str coin);

/* Takes a copy of the item, unless it names no wanted coin, or the shelf has no room and only newer
 * ones. Returns false when memory runs out. */
NODISCARD bool news_shelf_add(struct news_shelf *shelf, const struct news *news,
                              const struct text_arena *texts);

/* Returns whether there are as many items as the limit says. */
bool news_shelf_full(const struct news_shelf *shelf);

/* Returns how many items are on one page: the limit, or some more, so that no two items of the same
 * stored time are on different pages. */
size_t news_shelf_page(const struct news_shelf *shelf);

#endif
