#include "page/history/history_shelf.h"

#include <stdlib.h>
#include <string.h>

bool history_shelf_init(struct history_shelf *shelf, size_t limit)
{
    *shelf = (struct history_shelf){.limit = limit};
    shelf->items = calloc(limit + HISTORY_SAME_TIME + 1, sizeof(struct history_item *));
    return shelf->items != NULL;
}

static void free_item(struct history_item *item)
{
    if (item != NULL) {
        text_arena_free(&item->texts);
        free(item);
    }
}

void history_shelf_free(struct history_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free_item(shelf->items[i]);
    }
    free(shelf->items);
}

static struct history_item *copy_of(const struct event *event, const struct text_arena *texts)
{
    struct history_item *item = calloc(1, sizeof *item);
    if (item != NULL) {
        item->event = *event;
        if (!record_move_texts(&event_kind, &item->event, texts, &item->texts)) {
            free_item(item);
            item = NULL;
        }
    }
    return item;
}

/* Returns the place of an event of this time: behind those that are newer. */
static size_t place_of(const struct history_shelf *shelf, int64_t time_ns)
{
    size_t low = 0, high = shelf->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shelf->items[middle]->event.time_ns > time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool history_shelf_add(struct history_shelf *shelf, const struct event *event,
                       const struct text_arena *texts)
{
    size_t most = shelf->limit + HISTORY_SAME_TIME;
    if (shelf->count == most && event->time_ns <= shelf->items[most - 1]->event.time_ns) {
        return true;
    }
    struct history_item *item = copy_of(event, texts);
    if (item == NULL) {
        return false;
    }
    size_t place = place_of(shelf, event->time_ns);
    memmove(&shelf->items[place + 1], &shelf->items[place],
            (shelf->count - place) * sizeof(struct history_item *));
    shelf->items[place] = item;
    shelf->count++;
    if (shelf->count > most) {
        free_item(shelf->items[--shelf->count]);
    }
    return true;
}

bool history_shelf_full(const struct history_shelf *shelf)
{
    return shelf->count >= shelf->limit;
}

size_t history_shelf_page(const struct history_shelf *shelf)
{
    size_t page = shelf->count < shelf->limit ? shelf->count : shelf->limit;
    while (page > 0 && page < shelf->count &&
           shelf->items[page]->event.time_ns == shelf->items[page - 1]->event.time_ns) {
        page++;
    }
    return page;
}
