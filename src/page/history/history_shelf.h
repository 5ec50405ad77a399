/* Keeps the newest of the events that it is given. */
#ifndef CANDLEWICK_PAGE_HISTORY_HISTORY_SHELF_H
#define CANDLEWICK_PAGE_HISTORY_HISTORY_SHELF_H

#include "record/event.h"

/* How many events beyond the limit are kept, see history_shelf_page(): a lost connection is a hole
 * of each of its coins, at one time. */
enum { HISTORY_SAME_TIME = 1000 };

/* An event with a copy of its detail. */
struct history_item {
    struct event event;
    struct text_arena texts;
};

struct history_shelf {
    struct history_item **items; /* newest first; owned */
    size_t count, limit;
};

/* `limit` is above 0. Returns false when memory runs out. The caller frees the shelf in either
 * case. */
NODISCARD bool history_shelf_init(struct history_shelf *shelf, size_t limit);
void history_shelf_free(struct history_shelf *shelf);

/* Takes a copy of the event, unless the shelf has no room and only newer ones. Returns false when
 * memory runs out. */
NODISCARD bool history_shelf_add(struct history_shelf *shelf, const struct event *event,
                                 const struct text_arena *texts);

/* Returns whether there are as many events as the limit says. */
bool history_shelf_full(const struct history_shelf *shelf);

/* Returns how many events are on one page: the limit, or some more, so that no two events of the
 * same time are on different pages. */
size_t history_shelf_page(const struct history_shelf *shelf);

#endif
