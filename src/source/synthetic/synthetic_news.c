/* The source of synthetic news: one headline every five minutes, which names one of the coins and
 * links nowhere. Which one depends on the time alone, so that every run has the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/news.h"
#include "source/coins.h"
#include "source/sources.h"
#include "source/synthetic/synthetic_batch.h"
#include "source/synthetic/synthetic_coins.h"

#define EVERY_NS (300 * NS_PER_SECOND)

enum {
    ENOUGH = 1000, /* items of a batch */
};

struct synthetic_news {
    struct synthetic_stream_config config; /* without `coins` */
    struct coin_table coins;
    int64_t number; /* number of the next headline; it is published at `number` times EVERY_NS;
                       below 0: not known yet */
};

static void destroy(void *state)
{
    struct synthetic_news *stream = state;
    coin_table_free(&stream->coins);
    free(stream);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct synthetic_news *stream = state;
    const struct news *news = record;
    (void)texts;
    if (kind == &news_kind && stream->config.live && strcmp(news->source, "synthetic") == 0 &&
        news->published_ns / EVERY_NS >= stream->number) {
        stream->number = news->published_ns / EVERY_NS + 1;
    }
    return true;
}

static void begin(void *state, int64_t newest_stamp_ns)
{
    struct synthetic_news *stream = state;
    int64_t start_ns =
        stream->config.start_ns != 0 ? stream->config.start_ns : stream->config.wall_ns();
    int64_t first = (start_ns - stream->config.history_ns) / EVERY_NS;
    (void)newest_stamp_ns;
    first = first > 0 ? first : 0;
    stream->number = stream->number > first ? stream->number : first;
}

/* Adds the headline of that number. Returns false when memory runs out. */
static bool add(struct synthetic_news *stream, struct source_batch *batch)
{
    char title[64];
    struct news *news = source_batch_add(batch);
    int length =
        snprintf(title, sizeof title, "Synthetic headline %lld", (long long)stream->number);
    if (news == NULL ||
        !text_arena_add(&batch->texts, (struct str){title, (size_t)length}, &news->title)) {
        return false;
    }
    const char *coin = stream->coins.coins[(size_t)stream->number % stream->coins.count].symbol;
    news->published_ns = stream->number * EVERY_NS;
    news->dated = true;
    news->has_coins = true;
    (void)str_copy(str_from(coin), news->coins, sizeof news->coins);
    (void)str_copy(str_from("synthetic"), news->source, sizeof news->source);
    (void)snprintf(news->news_id, sizeof news->news_id, "synthetic-%lld",
                   (long long)stream->number);
    record_complete(&news_kind, news);
    stream->number++;
    return true;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct synthetic_news *stream = state;
    const struct synthetic_stream_config *config = &stream->config;
    source_batch_begin(batch, &news_kind, true);
    int64_t until_ns = synthetic_until_ns(config);
    while (batch->count < ENOUGH && stream->number <= (until_ns - 1) / EVERY_NS) {
        if (!add(stream, batch)) {
            batch->count = 0;
            (void)error_set(error, ERROR_FATAL, "no memory for synthetic news");
            return SOURCE_ERROR;
        }
    }
    return synthetic_hand_over(config, until_ns, batch, counts);
}

struct source *synthetic_news_source_create(const struct synthetic_stream_config *config,
                                            struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct synthetic_news *stream = calloc(1, sizeof *stream);
    if (source == NULL || stream == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for synthetic data");
        free(source);
        free(stream);
        return NULL;
    }
    stream->config = *config;
    stream->config.coins = NULL;
    stream->config.wall_ns = config->wall_ns != NULL ? config->wall_ns : clock_wall_ns;
    stream->config.end_ns = config->end_ns != 0 ? config->end_ns : RECORD_TIME_END_NS;
    stream->number = -1;
    if (!synthetic_coins(config->coins, &stream->coins, error)) {
        destroy(stream);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = "synthetic-news",
                              .service = "synthetic",
                              .kind = &news_kind,
                              .live = config->live,
                              .pushed = config->live,
                              .state = stream,
                              .tell = tell,
                              .begin = begin,
                              .next = next,
                              .destroy = destroy};
    return source;
}
