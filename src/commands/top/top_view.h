/* What a person has chosen to see in `top`, and how keys change it. Pure. */
#ifndef CANDLEWICK_COMMANDS_TOP_TOP_VIEW_H
#define CANDLEWICK_COMMANDS_TOP_TOP_VIEW_H

#include "commands/top/top_data.h"
#include "terminal/keys.h"

enum { TOP_INTERVALS = 7, TOP_FILTER_SIZE = 40, TOP_FAVOURITES_MAX = 100 };

struct top_interval {
    const char *name; /* as /api/candles takes it */
    int64_t ns;
};
extern const struct top_interval top_intervals[TOP_INTERVALS]; /* of the keys 1 to 7 */

enum top_order { ORDER_CAP, ORDER_NAME, ORDER_1H, ORDER_24H, ORDER_7D, TOP_ORDERS };

struct top_view {
    char coin[RECORD_KEY_MAX + 1]; /* the chosen one; "": none yet */
    int64_t interval_ns;
    size_t stream;                /* which stream's partitions are shown */
    char filter[TOP_FILTER_SIZE]; /* UTF-8 */
    bool filtering;               /* keys are the filter's letters */
    enum top_order order;
    bool reversed;
    bool help;
    bool quit;
    char favourites[TOP_FAVOURITES_MAX][RECORD_KEY_MAX + 1];
    size_t favourite_count;
    size_t first_row; /* the row at the top of the list; see top_view_scroll() */
};

/* Takes favourites from a list with commas between; NULL: none. */
void top_view_favourites(struct top_view *view, const char *coins);
bool top_view_is_favourite(const struct top_view *view, const char *coin);

/* Lists the markets that pass the filter: favourites first, the coins of drills last, in each the
 * chosen order; what is not known comes last. `rows` has room for all markets. Returns how many
 * there are. */
size_t top_view_rows(const struct top_view *view, const struct top_markets *markets,
                     const struct top_market **rows);

/* Chooses the first row if the chosen coin is none of the markets. */
void top_view_settle(struct top_view *view, const struct top_markets *markets);

/* Scrolls the list of `count` rows so that the chosen coin is among the `visible` rows. */
void top_view_scroll(struct top_view *view, const struct top_market *const *rows, size_t count,
                     size_t visible);

/* Does what the key means; `page` is how many rows Page Up and Page Down move, and `streams` how
 * many streams there are. Unknown keys do nothing. */
void top_view_key(struct top_view *view, const struct key *key, const struct top_markets *markets,
                  size_t page, size_t streams);

#endif
