#include "page/markets/news_shelf.h"

#include <stdlib.h>
#include <string.h>

struct str news_shelf_ticker(const struct news_shelf *shelf, struct str coin)
{
    const struct asset *asset = assets_of_coin(shelf->assets, coin);
    return asset != NULL ? str_from(asset->ticker) : coin;
}

bool news_shelf_init(struct news_shelf *shelf, const struct assets *assets, const char *coins,
                     size_t limit)
{
    struct str rest = str_from(coins != NULL ? coins : ""), coin;
    *shelf = (struct news_shelf){.assets = assets, .limit = limit};
    shelf->items = calloc(limit + NEWS_SAME_TIME + 1, sizeof(struct news_item *));
    while (shelf->wanted_count < NEWS_COINS_WANTED_MAX && coins != NULL &&
           str_split(&rest, ',', &coin)) {
        shelf->wanted[shelf->wanted_count++] = news_shelf_ticker(shelf, coin);
    }
    return shelf->items != NULL;
}

static void free_item(struct news_item *item)
{
    if (item != NULL) {
        text_arena_free(&item->texts);
        free(item);
    }
}

void news_shelf_free(struct news_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free_item(shelf->items[i]);
    }
    free(shelf->items);
}

static bool is_wanted(const struct news_shelf *shelf, const struct news *news)
{
    struct str rest = str_from(news->coins), coin;
    bool wanted = shelf->wanted_count == 0;
    while (!wanted && news->has_coins && str_split(&rest, ',', &coin)) {
        for (size_t i = 0; !wanted && i < shelf->wanted_count; i++) {
            wanted = str_equal(news_shelf_ticker(shelf, coin), shelf->wanted[i]);
        }
    }
    return wanted;
}

static struct news_item *copy_of(const struct news *news, const struct text_arena *texts)
{
    struct news_item *item = calloc(1, sizeof *item);
    if (item != NULL) {
        item->news = *news;
        if (!record_move_texts(&news_kind, &item->news, texts, &item->texts)) {
            free_item(item);
            item = NULL;
        }
    }
    return item;
}

bool news_shelf_add(struct news_shelf *shelf, const struct news *news,
                    const struct text_arena *texts)
{
    size_t most = shelf->limit + NEWS_SAME_TIME;
    bool too_old =
        shelf->count == most && news->time_ns <= shelf->items[shelf->count - 1]->news.time_ns;
    if (too_old || !is_wanted(shelf, news)) {
        return true;
    }
    struct news_item *item = copy_of(news, texts);
    if (item == NULL) {
        return false;
    }
    size_t place = 0;
    while (place < shelf->count && shelf->items[place]->news.time_ns > news->time_ns) {
        place++;
    }
    memmove(&shelf->items[place + 1], &shelf->items[place],
            (shelf->count - place) * sizeof(struct news_item *));
    shelf->items[place] = item;
    shelf->count++;
    if (shelf->count > most) {
        free_item(shelf->items[--shelf->count]);
    }
    return true;
}

bool news_shelf_full(const struct news_shelf *shelf)
{
    return shelf->count >= shelf->limit;
}

size_t news_shelf_page(const struct news_shelf *shelf)
{
    size_t page = shelf->count < shelf->limit ? shelf->count : shelf->limit;
    while (page > 0 && page < shelf->count &&
           shelf->items[page]->news.time_ns == shelf->items[page - 1]->news.time_ns) {
        page++;
    }
    return page;
}
