#include "source/bitfinex_trades/refill.h"

/* Returns the end of the next page of the group whose newest hole is `last`. */
static int64_t end_of_page(const struct hole *last)
{
    if (last->end_ms == HOLE_LASTS || last->asked_ms != HOLE_LASTS) {
        return last->asked_ms;
    }
    return last->end_ms + REFILL_MARGIN_MS;
}

enum refill_state refill_next(struct hole_book *book, int64_t oldest_ms, struct refill_page *page)
{
    struct hole_group group;
    if (!hole_book_next(book, &group)) {
        return REFILL_NOTHING;
    }
    const struct hole *first = &book->holes[group.first], *last = &book->holes[group.last];
    int64_t start_ms = first->begin_ms - REFILL_MARGIN_MS;
    *page = (struct refill_page){
        .coin = last->coin,
        .hole_begin_ms = last->begin_ms,
        .start_ms = start_ms > oldest_ms ? start_ms : oldest_ms,
        .end_ms = end_of_page(last),
    };
    return page->end_ms < oldest_ms ? REFILL_TOO_OLD : REFILL_ASK;
}

void refill_append_path(const struct refill_page *page, const char *symbol, struct strbuf *path)
{
    strbuf_append_format(path, "/trades/%s/hist?start=%lld&end=%lld&limit=%d&sort=-1", symbol,
                         (long long)page->start_ms, (long long)page->end_ms, REFILL_ROWS_MAX);
}

/* Returns whether the rows reach back behind the begin of the hole: one is older, or the page is
 * not full and has the last trade before the hole. */
static bool reaches_back(const struct hole *first, const struct trade_row *rows, size_t count,
                         bool full)
{
    bool reaches = false;
    for (size_t i = 0; i < count && !reaches; i++) {
        reaches = rows[i].time_ms < first->begin_ms || (!full && rows[i].id == first->last_id);
    }
    return reaches;
}

static int64_t oldest_of(const struct trade_row *rows, size_t count)
{
    int64_t oldest_ms = rows[0].time_ms;
    for (size_t i = 1; i < count; i++) {
        oldest_ms = rows[i].time_ms < oldest_ms ? rows[i].time_ms : oldest_ms;
    }
    return oldest_ms;
}

/* Returns the result for a group of which no further page can be requested. */
static enum refill_result end_of(const struct hole *first, bool short_of, int64_t oldest_ms)
{
    if (first->begin_ms < oldest_ms) {
        return REFILL_AGED;
    }
    return short_of ? REFILL_HAS_LESS : REFILL_WHOLE;
}

/* Returns whether the group is still the one that the page was chosen for. While the answer was
 * under way, its newest hole may have begun anew, or a newer hole may touch it: the page knows
 * nothing of what these lack. */
static bool is_of(const struct refill_page *page, const struct hole *last)
{
    return last->begin_ms == page->hole_begin_ms && end_of_page(last) == page->end_ms;
}

enum refill_result refill_take(struct hole_book *book, const struct refill_page *page,
                               const struct trade_row *rows, size_t count, size_t all_rows,
                               int64_t oldest_ms)
{
    struct hole_group group;
    if (!hole_book_group(book, page->coin, page->hole_begin_ms, &group) ||
        !is_of(page, &book->holes[group.last])) {
        return REFILL_GONE;
    }
    const struct hole *first = &book->holes[group.first];
    struct hole *last = &book->holes[group.last];
    bool full = all_rows >= REFILL_ROWS_MAX;
    if (reaches_back(first, rows, count, full)) {
        return end_of(first, last->lacks, oldest_ms);
    }
    if (count == 0) {
        return end_of(first, first->last_id >= 0, oldest_ms);
    }
    int64_t asked_ms = oldest_of(rows, count);
    if (asked_ms >= page->end_ms) { /* the page's trades are all in one ms: the exchange cannot
                                       return those that it lacks */
        last->lacks = last->lacks || full;
        asked_ms = page->end_ms - 1;
    }
    last->asked_ms = asked_ms;
    return asked_ms < page->start_ms ? end_of(first, first->last_id >= 0, oldest_ms) : REFILL_MORE;
}
