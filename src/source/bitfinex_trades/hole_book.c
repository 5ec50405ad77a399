#include "source/bitfinex_trades/hole_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void hole_book_free(struct hole_book *book)
{
    free(book->holes);
    *book = (struct hole_book){0};
}

/* Returns the place of the first hole that is not before this coin and begin. */
static size_t place_of(const struct hole_book *book, size_t coin, int64_t begin_ms)
{
    size_t place = 0;
    while (place < book->count &&
           (book->holes[place].coin < coin ||
            (book->holes[place].coin == coin && book->holes[place].begin_ms < begin_ms))) {
        place++;
    }
    return place;
}

static bool is_at(const struct hole_book *book, size_t place, size_t coin, int64_t begin_ms)
{
    return place < book->count && book->holes[place].coin == coin &&
           book->holes[place].begin_ms == begin_ms;
}

bool hole_book_open(struct hole_book *book, size_t coin, int64_t begin_ms, int64_t end_ms,
                    int64_t last_id)
{
    size_t place = place_of(book, coin, begin_ms);
    if (!is_at(book, place, coin, begin_ms)) {
        struct hole *holes =
            array_room(book->holes, book->count, &book->capacity, sizeof *book->holes);
        if (holes == NULL) {
            return false;
        }
        book->holes = holes;
        memmove(holes + place + 1, holes + place, (book->count - place) * sizeof *holes);
        holes[place] = (struct hole){.coin = coin, .begin_ms = begin_ms};
        book->count++;
    }
    struct hole *hole = &book->holes[place];
    hole->end_ms = end_ms;
    hole->asked_ms = HOLE_LASTS;
    hole->last_id = last_id;
    return true;
}

void hole_book_close(struct hole_book *book, size_t coin, int64_t begin_ms)
{
    size_t place = place_of(book, coin, begin_ms);
    if (is_at(book, place, coin, begin_ms)) {
        book->count--;
        memmove(book->holes + place, book->holes + place + 1,
                (book->count - place) * sizeof *book->holes);
    }
}

struct hole *hole_book_find(const struct hole_book *book, size_t coin, int64_t begin_ms)
{
    size_t place = place_of(book, coin, begin_ms);
    return is_at(book, place, coin, begin_ms) ? &book->holes[place] : NULL;
}

struct hole *hole_book_newest(const struct hole_book *book, size_t coin)
{
    size_t after = place_of(book, coin + 1, INT64_MIN);
    bool has = after > 0 && book->holes[after - 1].coin == coin;
    return has ? &book->holes[after - 1] : NULL;
}

/* Returns whether the hole at `place` touches the next one of the same coin. */
static bool touches_next(const struct hole_book *book, size_t place)
{
    const struct hole *hole = &book->holes[place];
    return place + 1 < book->count && hole[1].coin == hole->coin &&
           hole[1].begin_ms <= hole->end_ms;
}

static struct hole_group group_at(const struct hole_book *book, size_t place)
{
    struct hole_group group = {place, place};
    while (group.first > 0 && touches_next(book, group.first - 1)) {
        group.first--;
    }
    while (touches_next(book, group.last)) {
        group.last++;
    }
    return group;
}

bool hole_book_group(const struct hole_book *book, size_t coin, int64_t begin_ms,
                     struct hole_group *group)
{
    const struct hole *hole = hole_book_find(book, coin, begin_ms);
    if (hole == NULL) {
        return false;
    }
    *group = group_at(book, (size_t)(hole - book->holes));
    return true;
}

/* Finds the newest group of `coin` whose end is known. */
static bool find_group(const struct hole_book *book, size_t coin, struct hole_group *group)
{
    size_t place = place_of(book, coin + 1, INT64_MIN);
    while (place > 0 && book->holes[place - 1].coin == coin) {
        *group = group_at(book, place - 1);
        if (book->holes[group->last].end_ms != HOLE_LASTS) {
            return true;
        }
        place = group->first;
    }
    return false;
}

bool hole_book_next(struct hole_book *book, struct hole_group *group)
{
    size_t first = place_of(book, book->turn, INT64_MIN);
    for (size_t i = 0; i < book->count; i++) {
        size_t coin = book->holes[(first + i) % book->count].coin;
        if (find_group(book, coin, group)) {
            book->turn = coin + 1;
            return true;
        }
    }
    return false;
}

void hole_book_count(struct hole_book *book, struct hole_group group, int64_t time_ms)
{
    size_t place = group.last;
    while (place > group.first && book->holes[place].begin_ms > time_ms) {
        place--;
    }
    book->holes[place].refilled++;
}
