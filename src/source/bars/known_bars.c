#include "source/bars/known_bars.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void known_bars_free(struct known_bars *known)
{
    free(known->bars);
    *known = (struct known_bars){0};
}

/* Returns the place of the first bar that begins at that time or later. */
static size_t place_of(const struct known_bars *known, int64_t open_time_ns)
{
    size_t begin = 0;
    size_t end = known->count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (known->bars[middle].open_time_ns < open_time_ns) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

static bool is_at(const struct known_bars *known, size_t place, int64_t open_time_ns)
{
    return place < known->count && known->bars[place].open_time_ns == open_time_ns;
}

static struct known_bar figures_of(const struct bar *bar)
{
    return (struct known_bar){.open_time_ns = bar->open_time_ns,
                              .revision = bar->revision,
                              .open = bar->open,
                              .high = bar->high,
                              .low = bar->low,
                              .close = bar->close,
                              .volume = bar->volume,
                              .quote_volume = bar->quote_volume,
                              .trades = bar->trades};
}

static bool same_figures(const struct known_bar *known, const struct bar *bar)
{
    return known->open == bar->open && known->high == bar->high && known->low == bar->low &&
           known->close == bar->close && known->volume == bar->volume &&
           known->quote_volume == bar->quote_volume && known->trades == bar->trades;
}

static void raise_floor(struct known_bars *known, int64_t floor_ns)
{
    if (!known->has_floor || floor_ns > known->floor_ns) {
        known->floor_ns = floor_ns;
        known->has_floor = true;
    }
}

static void forget_oldest(struct known_bars *known)
{
    memmove(known->bars, known->bars + 1, --known->count * sizeof *known->bars);
    raise_floor(known, known->bars[0].open_time_ns);
}

bool known_bars_keep(struct known_bars *known, const struct bar *bar)
{
    size_t place = place_of(known, bar->open_time_ns);
    if (is_at(known, place, bar->open_time_ns)) {
        known->bars[place] = figures_of(bar);
        return true;
    }
    struct known_bar *bars = array_room(known->bars, known->count, &known->capacity, sizeof *bars);
    if (bars == NULL) {
        return false;
    }
    known->bars = bars;
    memmove(bars + place + 1, bars + place, (known->count - place) * sizeof *bars);
    bars[place] = figures_of(bar);
    known->count++;
    if (known->count > KNOWN_BARS_MAX) {
        forget_oldest(known);
    }
    return true;
}

bool known_bars_tell(struct known_bars *known, const struct bar *bar)
{
    /* Bars are sent in the order of their times, so the first one that the log's tail has is the
     * oldest that can be compared. A later revision says nothing of the bars behind it. */
    if (!known->begun) {
        raise_floor(known, bar->open_time_ns);
        known->begun = bar->revision == 0;
    }
    size_t place = place_of(known, bar->open_time_ns);
    if (is_at(known, place, bar->open_time_ns) && known->bars[place].revision > bar->revision) {
        return true;
    }
    return bar->open_time_ns < known->floor_ns || known_bars_keep(known, bar);
}

enum known_finding known_bars_look(const struct known_bars *known, struct bar *bar,
                                   struct known_bar *before)
{
    size_t place = place_of(known, bar->open_time_ns);
    if (!is_at(known, place, bar->open_time_ns)) {
        return known->has_floor && bar->open_time_ns < known->floor_ns ? KNOWN_TOO_OLD : KNOWN_NEW;
    }
    *before = known->bars[place];
    if (same_figures(before, bar)) {
        return KNOWN_EQUAL;
    }
    bar->revision = before->revision + 1;
    record_complete(&bar_kind, bar);
    return KNOWN_CHANGED;
}

int64_t known_bars_back_ns(const struct known_bars *known, size_t back)
{
    if (known->count == 0) {
        return INT64_MIN;
    }
    return known->bars[known->count > back ? known->count - 1 - back : 0].open_time_ns;
}
