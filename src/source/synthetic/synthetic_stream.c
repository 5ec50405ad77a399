/* The sources of synthetic trades and of synthetic bars. They return what each coin's market
 * (synthetic_market.h) has from where the log ends, as fast as it is taken, and then along with the
 * clock. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "source/coins.h"
#include "source/run_events.h"
#include "source/sources.h"
#include "source/synthetic/synthetic_batch.h"
#include "source/synthetic/synthetic_coins.h"
#include "source/synthetic/synthetic_market.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define LIVE_NS (5 * NS_PER_SECOND) /* a record that is later than this counts as history */
#define CHUNK_NS (10 * MINUTE_NS)   /* one coin's records of this span, then the next coin's */

enum {
    ENOUGH = 1000, /* records of a batch; a chunk more may follow */
};

struct synthetic_stream {
    struct synthetic_stream_config config; /* without `coins` */
    struct market *markets;
    int64_t *told_ns; /* for each coin: the time from which on its records are still to be returned;
                         INT64_MIN: not known yet */
    size_t count;
    struct coin_table coins; /* their names, in the order of the markets */
    struct run_events run;
    bool announced, ended; /* the run's first events are written, and its last */
    int64_t covered_ns;    /* up to when events say what was covered */
    int64_t grain_ns; /* length of the time whose records are returned together: that of a bar, or
                         one second of trades */
};

static void destroy(void *state)
{
    struct synthetic_stream *stream = state;
    for (size_t i = 0; stream->markets != NULL && i < stream->count; i++) {
        market_free(&stream->markets[i]);
    }
    free(stream->markets);
    free(stream->told_ns);
    coin_table_free(&stream->coins);
    free(stream);
}

static int64_t whole_grains(const struct synthetic_stream *stream, int64_t time_ns)
{
    return time_ns - time_ns % stream->grain_ns;
}

/* Called for a record of the log: its coin's next record comes after it. */
static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct synthetic_stream *stream = state;
    (void)texts;
    if (kind == &event_kind) {
        run_events_tell(&stream->run, record);
    }
    if (kind != stream->config.kind || !stream->config.live ||
        !str_equal_text(column_text(kind->source, record), "synthetic")) {
        return true;
    }
    struct str symbol = column_text(kind->key, record);
    for (size_t i = 0; i < stream->count; i++) {
        /* The records of its last grain may not all be there: the same ones are sent again. */
        int64_t from_ns = whole_grains(stream, column_int64(kind->moment, record));
        if (str_equal_text(symbol, stream->markets[i].symbol) && from_ns > stream->told_ns[i]) {
            stream->told_ns[i] = from_ns;
        }
    }
    return true;
}

static void begin(void *state, int64_t newest_stamp_ns)
{
    struct synthetic_stream *stream = state;
    (void)newest_stamp_ns;
    int64_t now_ns = stream->config.wall_ns();
    int64_t start_ns = stream->config.start_ns != 0 ? stream->config.start_ns : now_ns;
    start_ns -= stream->config.history_ns;
    start_ns -= start_ns % MINUTE_NS; /* so that the first bar has all its trades */
    for (size_t i = 0; i < stream->count; i++) {
        if (stream->told_ns[i] < start_ns) {
            stream->told_ns[i] = start_ns > 0 ? start_ns : 0;
        }
        /* What came before is in the log: an earlier run sent it. */
        stream->covered_ns =
            stream->told_ns[i] > stream->covered_ns ? stream->told_ns[i] : stream->covered_ns;
    }
}

/* Adds what the coin's next grain has. Returns false when memory runs out. */
static bool add_grain(struct synthetic_stream *stream, size_t coin, int64_t now_ns,
                      struct source_batch *batch)
{
    struct trade trades[MARKET_SECOND_TRADES];
    struct bar bar;
    size_t count = 0;
    const void *records = trades;
    if (stream->config.kind == &bar_kind) {
        count = market_bar(&stream->markets[coin], stream->told_ns[coin], &bar) ? 1 : 0;
        records = &bar;
    } else {
        count =
            market_trades(&stream->markets[coin], stream->told_ns[coin] / NS_PER_SECOND, trades);
    }
    for (size_t i = 0; i < count; i++) {
        void *added = source_batch_add(batch);
        if (added == NULL) {
            return false;
        }
        memcpy(added, (const char *)records + i * batch->kind->size, batch->kind->size);
        if (stream->config.live && now_ns - stream->told_ns[coin] < LIVE_NS + stream->grain_ns) {
            source_batch_arrived(batch, now_ns);
        }
    }
    stream->told_ns[coin] += stream->grain_ns;
    return true;
}

/* Returns the coin whose records have been returned up to the earliest time. */
static size_t least_told(const struct synthetic_stream *stream)
{
    size_t least = 0;
    for (size_t i = 1; i < stream->count; i++) {
        least = stream->told_ns[i] < stream->told_ns[least] ? i : least;
    }
    return least;
}

/* Fills the batch with records from before `until_ns`. Returns false when memory runs out. */
static bool fill(struct synthetic_stream *stream, int64_t until_ns, struct source_batch *batch)
{
    size_t coin = least_told(stream);
    while (batch->count < ENOUGH && stream->told_ns[coin] + stream->grain_ns <= until_ns) {
        int64_t chunk_ns = stream->told_ns[coin] + CHUNK_NS;
        int64_t end_ns = chunk_ns < until_ns ? chunk_ns : until_ns;
        while (stream->told_ns[coin] + stream->grain_ns <= end_ns) {
            if (!add_grain(stream, coin, until_ns, batch)) {
                return false;
            }
        }
        coin = least_told(stream);
    }
    return true;
}

/* Returns up to when all coins' records were handed on. */
static int64_t whole_ns(const struct synthetic_stream *stream)
{
    return stream->told_ns[least_told(stream)];
}

/* Adds covered, of all coins, if there is something to say. */
static bool cover(struct synthetic_stream *stream, struct source_batch *batch)
{
    bool bars = stream->config.kind == &bar_kind;
    const struct run_span span = {.begin_ns = stream->covered_ns,
                                  .end_ns = whole_ns(stream),
                                  .last = stream->count - 1,
                                  .interval_ms = bars ? stream->grain_ns / NS_PER_MS : 0};
    stream->covered_ns = span.end_ns > span.begin_ns ? span.end_ns : span.begin_ns;
    return span.end_ns <= span.begin_ns ||
           run_events_cover(&stream->run, batch, stream->config.wall_ns(), &span);
}

/* Adds the events that are due: those of the run's begin, and each minute what was covered. The
 * records before them were handed on already. */
static bool add_events(struct synthetic_stream *stream, struct source_batch *batch)
{
    if (!stream->config.writes_events) {
        return true;
    }
    if (!stream->announced) {
        stream->announced = true;
        return run_events_start(&stream->run, batch, stream->config.wall_ns(), &stream->coins);
    }
    return whole_ns(stream) - stream->covered_ns < MINUTE_NS || cover(stream, batch);
}

static bool last(void *state, struct source_batch *batch)
{
    struct synthetic_stream *stream = state;
    bool first = stream->config.writes_events && stream->announced && !stream->ended;
    stream->ended = true;
    source_batch_begin(batch, &event_kind, true);
    return first && cover(stream, batch) &&
           run_events_end(&stream->run, batch, stream->config.wall_ns());
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct synthetic_stream *stream = state;
    const struct synthetic_stream_config *config = &stream->config;
    source_batch_begin(batch, config->kind, true);
    int64_t until_ns = synthetic_until_ns(config);
    bool ok = add_events(stream, batch);
    if (ok && batch->count > 0) {
        return SOURCE_BATCH;
    }
    if (!ok || !fill(stream, until_ns, batch)) {
        batch->count = 0;
        (void)error_set(error, ERROR_FATAL, "no memory for synthetic %s", config->kind->records);
        return SOURCE_ERROR;
    }
    return synthetic_hand_over(config, until_ns, batch, counts);
}

static bool set_up(struct synthetic_stream *stream, struct error *error)
{
    const struct coin_table *coins = &stream->coins;
    stream->markets = calloc(coins->count, sizeof *stream->markets);
    stream->told_ns = calloc(coins->count, sizeof *stream->told_ns);
    bool ok = stream->markets != NULL && stream->told_ns != NULL;
    for (size_t i = 0; ok && i < coins->count; i++) {
        stream->told_ns[i] = INT64_MIN;
        stream->count++;
        ok = market_init(&stream->markets[i], coins->coins[i].symbol, stream->config.seed);
    }
    return ok || error_set(error, ERROR_FATAL, "no memory for %zu synthetic coins", coins->count);
}

struct source *synthetic_stream_source_create(const struct synthetic_stream_config *config,
                                              struct error *error)
{
    struct coin_table coins;
    struct source *source = calloc(1, sizeof *source);
    struct synthetic_stream *stream = calloc(1, sizeof *stream);
    bool ok = synthetic_coins(config->coins, &coins, error);
    if (ok && (source == NULL || stream == NULL)) {
        ok = error_set(error, ERROR_FATAL, "no memory for synthetic data");
    }
    if (ok) {
        bool bars = config->kind == &bar_kind;
        stream->config = *config;
        stream->config.coins = NULL;
        if (config->wall_ns == NULL) {
            stream->config.wall_ns = clock_wall_ns;
        }
        if (config->end_ns == 0) {
            stream->config.end_ns = RECORD_TIME_END_NS;
        }
        stream->grain_ns = bars ? MINUTE_NS : NS_PER_SECOND;
        stream->config.writes_events = config->writes_events && config->live;
        stream->run.source = bars ? "synthetic-bar" : "synthetic-trade";
        stream->coins = coins;
        coins = (struct coin_table){.count = 0};
        ok = set_up(stream, error);
        *source = (struct source){.name = bars ? "synthetic-bar" : "synthetic-trade",
                                  .kind = config->kind,
                                  .live = config->live,
                                  .pushed = config->live,
                                  .writes_events = stream->config.writes_events,
                                  .state = stream,
                                  .tell = tell,
                                  .begin = begin,
                                  .next = next,
                                  .last = last,
                                  .destroy = destroy};
    }
    coin_table_free(&coins);
    if (!ok) {
        if (stream != NULL) {
            destroy(stream);
        }
        free(source);
        return NULL;
    }
    return source;
}
