/* The feed's trades, holes and pages of history. */
#include <stdlib.h>

#include "base/clock.h"
#include "source/bitfinex_trades/trade_feed_parts.h"

enum { SNAPSHOT_ROWS = 30 }; /* rows of a snapshot, unless the coin had fewer trades */

static int64_t max_of(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* Sends a trade that is not known. */
static void send_trade(struct trade_feed *feed, struct feed_coin *coin, const struct trade_row *row,
                       int64_t arrived_ns)
{
    struct trade trade = {.trade_id = row->id,
                          .exchange_time_ns = row->time_ms * NS_PER_MS,
                          .price = row->price,
                          .amount = row->amount};
    (void)str_copy(str_from(coin->symbol), trade.symbol, sizeof trade.symbol);
    (void)str_copy(str_from("bitfinex"), trade.source, sizeof trade.source);
    record_complete(&trade_kind, &trade);
    outbox_add_trade(&feed->outbox, &trade, arrived_ns);
    feed->rows.rows++;
    feed->rows.records++;
}

/* Called for a trade that was sent before with other figures: reports that, and sends nothing. */
static void tell_changed(struct trade_feed *feed, const struct feed_coin *coin,
                         struct trade_row *known, const struct trade_row *row, struct feed_time now)
{
    event_write_trade_changed(&feed->events, now.wall_ns, coin->symbol, known, row);
    *known = *row; /* report a change only once */
    feed->counts.changed++;
    feed->rows.rows++;
    feed->rows.rejected[ROW_CONFLICT]++;
}

bool feed_take_trade(struct trade_feed *feed, struct feed_coin *coin, const struct trade_row *row,
                     bool final, int64_t arrived_ns, struct feed_time now)
{
    struct trade_row *known = known_ids_find(&coin->known, row->id);
    if (known != NULL && trade_row_same(known, row)) {
        feed->counts.repeats += final ? 0 : 1;
        return false;
    }
    if (known != NULL) {
        tell_changed(feed, coin, known, row, now);
        return false;
    }
    feed->failed = !known_ids_add(&coin->known, row) || feed->failed;
    if (row->id > coin->last_id) {
        coin->last_id = row->id;
        coin->last_ms = row->time_ms;
    }
    send_trade(feed, coin, row, arrived_ns);
    return true;
}

/* Reads an array of rows into `rows` (free() it), the oldest first, and counts those that are no
 * trades. Returns how many there are. */
static size_t read_rows(struct trade_feed *feed, const json_t *json, struct trade_row **rows)
{
    size_t all = json_array_size(json), count = 0;
    *rows = calloc(all > 0 ? all : 1, sizeof **rows);
    feed->failed = *rows == NULL || feed->failed;
    for (size_t i = 0; *rows != NULL && i < all; i++) {
        enum row_fault fault = trade_row_read(json_array_get(json, i), &(*rows)[count]);
        if (fault == ROW_FAULTS) {
            count++;
        } else {
            feed->rows.rows++;
            feed->rows.rejected[fault]++;
        }
    }
    if (count > 0) {
        qsort(*rows, count, sizeof **rows, trade_row_compare);
    }
    return count;
}

/* Opens a hole that lasts (its end is not known yet), and writes its event; the caller adds the
 * barrier. Only the newest hole of a coin can last: if that one begins after `begin_ms`, it lasts
 * from now on. */
static void open_hole(struct trade_feed *feed, size_t coin, int64_t begin_ms, int64_t last_id,
                      const char *why, struct feed_time now)
{
    struct feed_coin *known = &feed->coins[coin];
    const struct hole *newest = hole_book_newest(&feed->holes, coin);
    if (newest != NULL && newest->end_ms == HOLE_LASTS) {
        return;
    }
    if (newest != NULL && newest->begin_ms > begin_ms) {
        begin_ms = newest->begin_ms;
        last_id = newest->last_id;
    }
    if (!hole_book_open(&feed->holes, coin, begin_ms, HOLE_LASTS, last_id)) {
        feed->failed = true;
        return;
    }
    (void)str_copy(str_from(why), known->why, sizeof known->why);
    event_write_hole(&feed->events, now.wall_ns, known->symbol,
                     hole_book_find(&feed->holes, coin, begin_ms), why);
}

void feed_open_hole(struct trade_feed *feed, size_t coin, const char *why, struct feed_time now)
{
    const struct feed_coin *known = &feed->coins[coin];
    if (known->last_id >= 0) {
        open_hole(feed, coin, known->last_ms, known->last_id, why, now);
    }
}

void feed_open_hole_since(struct trade_feed *feed, size_t coin, int64_t begin_ms, const char *why,
                          struct feed_time now)
{
    if (feed->coins[coin].last_id < 0) {
        open_hole(feed, coin, begin_ms, -1, why, now);
    }
}

/* Sets the end of the coin's hole that still lasts, and returns that hole; NULL if no hole of the
 * coin lasts. */
static struct hole *end_hole(struct trade_feed *feed, size_t coin, int64_t time_ms)
{
    struct hole *hole = hole_book_newest(&feed->holes, coin);
    if (hole == NULL || hole->end_ms != HOLE_LASTS) {
        return NULL;
    }
    hole->end_ms = max_of(hole->begin_ms, time_ms);
    return hole;
}

void feed_end_hole(struct trade_feed *feed, size_t coin, int64_t time_ms, struct feed_time now)
{
    const struct hole *hole = end_hole(feed, coin, time_ms);
    if (hole != NULL) {
        event_write_hole(&feed->events, now.wall_ns, feed->coins[coin].symbol, hole,
                         feed->coins[coin].why);
        outbox_settle(&feed->outbox);
    }
}

/* Writes the closing of a group's holes, behind a barrier, and forgets them. */
static void close_group(struct trade_feed *feed, struct hole_group group, const char *how,
                        struct feed_time now)
{
    outbox_settle(&feed->outbox);
    for (size_t count = group.last - group.first + 1; count > 0; count--) {
        const struct hole *hole = &feed->holes.holes[group.first];
        event_write_hole_closed(&feed->events, now.wall_ns, feed->coins[hole->coin].symbol, hole,
                                how);
        hole_book_close(&feed->holes, hole->coin, hole->begin_ms);
    }
}

/* Returns whether a snapshot, the oldest row first, has all trades since the hole began. It must
 * have the last trade before the hole, or an older one. If it is full, or that trade is not known,
 * it must also begin REFILL_MARGIN_MS before the hole, because trades may be published late. */
static bool reaches_over(const struct trade_row *rows, size_t count, bool full,
                         const struct hole *hole)
{
    bool older = count > 0 && rows[0].time_ms <= hole->begin_ms - REFILL_MARGIN_MS;
    bool has_last = hole->last_id < 0;
    for (size_t i = 0; i < count && !has_last; i++) {
        has_last = rows[i].id <= hole->last_id;
    }
    return has_last && (older || (!full && hole->last_id >= 0));
}

/* Finds the newest holes of a coin that the snapshot covers completely. */
static bool find_covered(const struct trade_feed *feed, size_t coin, const struct trade_row *rows,
                         size_t count, bool full, struct hole_group *group)
{
    const struct hole *holes = feed->holes.holes, *newest = hole_book_newest(&feed->holes, coin);
    if (newest == NULL || !reaches_over(rows, count, full, newest)) {
        return false;
    }
    group->first = group->last = (size_t)(newest - holes);
    while (group->first > 0 && holes[group->first - 1].coin == coin &&
           reaches_over(rows, count, full, &holes[group->first - 1])) {
        group->first--;
    }
    return true;
}

int64_t feed_take_snapshot(struct trade_feed *feed, size_t coin, const json_t *json,
                           struct feed_time now)
{
    struct trade_row *rows = NULL;
    size_t count = read_rows(feed, json, &rows);
    bool full = json_array_size(json) >= SNAPSHOT_ROWS; /* bad rows count, too */
    struct hole_group covered = {0};
    bool covers = find_covered(feed, coin, rows, count, full, &covered);
    int64_t from_ms = count > 0 && !covers ? rows[0].time_ms : now.wall_ns / NS_PER_MS;
    if (covers) {
        (void)end_hole(feed, coin, from_ms);
    } else {
        feed_end_hole(feed, coin, from_ms, now);
    }
    for (size_t i = 0; i < count; i++) {
        if (feed_take_trade(feed, &feed->coins[coin], &rows[i], false, 0, now) && covers) {
            hole_book_count(&feed->holes, covered, rows[i].time_ms);
        }
    }
    if (covers) {
        close_group(feed, covered, "whole", now);
    }
    free(rows);
    return from_ms;
}

static int64_t oldest_ms(const struct trade_feed *feed, struct feed_time now)
{
    return (now.wall_ns - feed->refill_max_age_ns) / NS_PER_MS;
}

bool trade_feed_next_page(struct trade_feed *feed, struct feed_time now, struct refill_page *page)
{
    for (;;) {
        struct hole_group group;
        switch (refill_next(&feed->holes, oldest_ms(feed, now), page)) {
        case REFILL_ASK:
            return true;
        case REFILL_TOO_OLD:
            if (hole_book_group(&feed->holes, page->coin, page->hole_begin_ms, &group)) {
                close_group(feed, group, "too_old", now);
            }
            break;
        case REFILL_NOTHING:
        default:
            return false;
        }
    }
}

/* Keeps those rows that are in the page's span. Returns how many. */
static size_t keep_in_span(struct trade_feed *feed, const struct refill_page *page,
                           struct trade_row *rows, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].time_ms >= page->start_ms && rows[i].time_ms <= page->end_ms) {
            rows[kept++] = rows[i];
        } else {
            feed->rows.rows++;
            feed->rows.rejected[ROW_BAD_TIME]++;
        }
    }
    return kept;
}

/* Sends those of a page's trades that are not known. The next page has the oldest ms of this one
 * again: the trades in it are remembered in `edge`, because `known` keeps only the newest
 * trades. */
static void take_rows(struct trade_feed *feed, const struct refill_page *page,
                      const struct trade_row *rows, size_t count, struct feed_time now)
{
    struct feed_coin *coin = &feed->coins[page->coin];
    struct hole_group group;
    bool has_group = hole_book_group(&feed->holes, page->coin, page->hole_begin_ms, &group);
    for (size_t i = 0; i < count; i++) {
        bool again = known_ids_find(&coin->edge, rows[i].id) != NULL;
        if (!again && feed_take_trade(feed, coin, &rows[i], false, 0, now)) {
            feed->counts.refilled++;
            if (has_group) {
                hole_book_count(&feed->holes, group, rows[i].time_ms);
            }
        }
    }
    known_ids_clear(&coin->edge);
    for (size_t i = 0; i < count && rows[i].time_ms == rows[0].time_ms; i++) {
        feed->failed = !known_ids_add(&coin->edge, &rows[i]) || feed->failed;
    }
}

/* Closes the newest holes of a group, as far as the pages so far reach back over them. */
static void close_refilled(struct trade_feed *feed, const struct refill_page *page,
                           struct feed_time now)
{
    struct hole_group group;
    if (!hole_book_group(&feed->holes, page->coin, page->hole_begin_ms, &group)) {
        return;
    }
    for (; group.last > group.first; group.last--) {
        struct hole *hole = &feed->holes.holes[group.last];
        if (hole->asked_ms >= hole->begin_ms) {
            return;
        }
        hole[-1].asked_ms = hole->asked_ms;
        close_group(feed, (struct hole_group){group.last, group.last},
                    hole->lacks ? "exchange_has_no_more" : "whole", now);
    }
}

void trade_feed_take_page(struct trade_feed *feed, const struct refill_page *page,
                          const json_t *json, struct feed_time now)
{
    static const char *const ends[] = {[REFILL_WHOLE] = "whole",
                                       [REFILL_HAS_LESS] = "exchange_has_no_more",
                                       [REFILL_AGED] = "too_old"};
    struct trade_row *rows = NULL;
    struct hole_group group;
    size_t count = read_rows(feed, json, &rows);
    count = keep_in_span(feed, page, rows, count);
    take_rows(feed, page, rows, count, now);
    feed->counts.requests++;
    enum refill_result result =
        refill_take(&feed->holes, page, rows, count, json_array_size(json), oldest_ms(feed, now));
    if (result == REFILL_MORE) {
        close_refilled(feed, page, now);
    } else if (result != REFILL_GONE &&
               hole_book_group(&feed->holes, page->coin, page->hole_begin_ms, &group)) {
        close_group(feed, group, ends[result], now);
    }
    free(rows);
}

void trade_feed_give_up(struct trade_feed *feed, const struct refill_page *page,
                        struct feed_time now)
{
    struct hole_group group;
    if (hole_book_group(&feed->holes, page->coin, page->hole_begin_ms, &group)) {
        close_group(feed, group, "given_up", now);
    }
}
