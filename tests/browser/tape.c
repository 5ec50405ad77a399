#include "tape.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"

enum { HOURS = 6, EMPTY_FROM_MIN = 128, EMPTY_TO_MIN = 140 };

struct coin_spec {
    const char *symbol;
    double price;
    double steps; /* prices are whole numbers of 1/steps */
};
static const struct coin_spec specs[TAPE_COINS] = {
    {"tBTCUSD", 91234.5, 10}, {"tETHUSD", 3021.4, 100}, {"tXRPUSD", 2.0713, 10000}};

struct track {
    struct ticker *ticks;
    size_t count;
    size_t capacity;
    double price;
    struct random random;
};

struct tape {
    pthread_mutex_t lock; /* protects all below */
    char source[SOURCE_MAX + 1];
    struct track tracks[TAPE_COINS];
};

size_t tape_find(const char *coin)
{
    size_t index = 0;
    while (index < TAPE_COINS && strcmp(specs[index].symbol, coin) != 0) {
        ++index;
    }
    return index;
}

/* A walk that is drawn back to where it began, so that it looks the same on every day. */
static double next_price(struct track *track, const struct coin_spec *spec)
{
    double unit = random_unit(&track->random) - 0.5 + random_unit(&track->random) - 0.5;
    double pull = (spec->price - track->price) / spec->price * 0.002;
    track->price *= 1 + unit * 0.0007 + pull;
    return round(track->price * spec->steps) / spec->steps;
}

static void set_figure(struct ticker *tick, enum ticker_figure figure, double value)
{
    tick->figures[figure] = value;
    tick->has[figure] = true;
}

static struct ticker *append(struct tape *tape, size_t index, int64_t time_ns)
{
    struct track *track = &tape->tracks[index];
    if (track->count == track->capacity) {
        track->capacity = track->capacity > 0 ? 2 * track->capacity : 2048;
        track->ticks = realloc(track->ticks, track->capacity * sizeof *track->ticks);
        if (track->ticks == NULL) {
            abort();
        }
    }
    struct ticker *tick = &track->ticks[track->count];
    *tick = (struct ticker){.event_time_ns = time_ns, .seq = (int64_t)track->count, .run_id = 42};
    (void)str_copy(str_from(specs[index].symbol), tick->symbol, sizeof tick->symbol);
    (void)str_copy(str_from(tape->source), tick->source, sizeof tick->source);
    tick->last_price = next_price(track, &specs[index]);
    double steps = specs[index].steps;
    set_figure(tick, TICKER_BID, (round(tick->last_price * steps) - 1) / steps);
    set_figure(tick, TICKER_ASK, (round(tick->last_price * steps) + 1) / steps);
    set_figure(tick, TICKER_VOLUME, 1737.25);
    ++track->count;
    return tick;
}

struct tape *tape_create(const char *source, int64_t end_ns)
{
    struct tape *tape = calloc(1, sizeof *tape);
    if (tape == NULL || pthread_mutex_init(&tape->lock, NULL) != 0) {
        abort();
    }
    (void)str_copy(str_from(source), tape->source, sizeof tape->source);
    for (size_t index = 0; index < TAPE_COINS; ++index) {
        tape->tracks[index].price = specs[index].price;
        tape->tracks[index].random = random_seeded(7 + index);
        for (int second = 0; second < HOURS * 3600; second += TAPE_STEP_S) {
            int minute = second / 60;
            if (minute < EMPTY_FROM_MIN || minute >= EMPTY_TO_MIN) {
                (void)append(tape, index,
                             end_ns - (HOURS * 3600 - second) * NS_PER_SECOND + (int64_t)index);
            }
        }
    }
    return tape;
}

void tape_destroy(struct tape *tape)
{
    for (size_t index = 0; index < TAPE_COINS; ++index) {
        free(tape->tracks[index].ticks);
    }
    (void)pthread_mutex_destroy(&tape->lock);
    free(tape);
}

struct ticker tape_add(struct tape *tape, size_t index, int64_t time_ns)
{
    (void)pthread_mutex_lock(&tape->lock);
    struct ticker tick = *append(tape, index, time_ns);
    (void)pthread_mutex_unlock(&tape->lock);
    return tick;
}

size_t tape_count(struct tape *tape, size_t index)
{
    (void)pthread_mutex_lock(&tape->lock);
    size_t count = tape->tracks[index].count;
    (void)pthread_mutex_unlock(&tape->lock);
    return count;
}

struct ticker tape_get(struct tape *tape, size_t index, size_t n)
{
    (void)pthread_mutex_lock(&tape->lock);
    struct ticker tick = tape->tracks[index].ticks[n];
    (void)pthread_mutex_unlock(&tape->lock);
    return tick;
}

static void add_candle(struct candle_list *candles, const struct candle *candle)
{
    if (candle->ticks > 0 && !candle_list_add(candles, candle)) {
        abort();
    }
}

void tape_candles(struct tape *tape, size_t index, int64_t interval_ns, int64_t from_ns,
                  int64_t to_ns, size_t limit, struct candle_list *candles)
{
    int64_t first_ns = from_ns == INT64_MIN ? from_ns : candle_bucket_start(from_ns, interval_ns);
    struct candle candle = {0};
    (void)pthread_mutex_lock(&tape->lock);
    const struct track *track = &tape->tracks[index];
    for (size_t n = 0; n < track->count; ++n) {
        const struct ticker *tick = &track->ticks[n];
        if (tick->event_time_ns < first_ns || tick->event_time_ns >= to_ns) {
            continue;
        }
        if (candle_fold(&candle, interval_ns, tick->event_time_ns, tick->last_price)) {
            add_candle(candles, &candle);
            candle = (struct candle){0};
            (void)!candle_fold(&candle, interval_ns, tick->event_time_ns, tick->last_price);
        }
    }
    (void)pthread_mutex_unlock(&tape->lock);
    add_candle(candles, &candle);
    if (limit > 0 && candles->count > limit) {
        size_t dropped = candles->count - limit;
        memmove(candles->items, candles->items + dropped, limit * sizeof *candles->items);
        candles->count = limit;
    }
}
