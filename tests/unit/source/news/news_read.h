/* Reads a file of a feed for tests, and keeps what comes of it. */
#ifndef CANDLEWICK_TESTS_NEWS_READ_H
#define CANDLEWICK_TESTS_NEWS_READ_H

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "source/news/feed_news.h"

/* 2026-11-15T00:00:00Z: the day after that of the fixtures. */
#define NEWS_NOW (INT64_C(1794700800) * NS_PER_SECOND)

struct news_read {
    struct news_intake intake;
    struct source_batch batch;
    struct row_counts counts;
    struct feed_result result;
    struct error error;
    bool read;
};

static inline struct strbuf news_file(const char *folder, const char *name)
{
    char path[512];
    struct strbuf bytes = strbuf_new(1 << 20);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char piece[4096];
    for (size_t got = fread(piece, 1, sizeof piece, file); got > 0;
         got = fread(piece, 1, sizeof piece, file)) {
        strbuf_append(&bytes, piece, got);
    }
    assert_int_equal(fclose(file), 0);
    assert_false(bytes.failed);
    return bytes;
}

static inline void news_read_begin(struct news_read *read)
{
    *read = (struct news_read){.read = false};
    source_batch_begin(&read->batch, &news_kind, true);
}

static inline void news_read_end(struct news_read *read)
{
    news_intake_free(&read->intake);
    source_batch_free(&read->batch);
}

static inline void news_read_body(struct news_read *read, struct str body, const char *type)
{
    const struct feed_answer answer = {
        .body = body, .content_type = str_from(type), .host = "feed.example", .now_ns = NEWS_NOW};
    read->read = feed_news_read(&answer, &read->intake, &read->batch, &read->counts, &read->result,
                                &read->error);
}

/* The books: every item is a record or has one fault, and every record is valid. */
static inline void news_read_balances(const struct news_read *read)
{
    int64_t rejected = 0;
    for (int i = 0; i < ROW_FAULTS; i++) {
        rejected += read->counts.rejected[i];
    }
    assert_int_equal(read->counts.rows, read->counts.records + rejected);
    assert_int_equal(read->counts.records, read->batch.count);
    for (size_t i = 0; i < read->batch.count; i++) {
        const struct news *news = source_batch_at(&read->batch, i);
        assert_int_equal(news_check(news, &read->batch.texts), NEWS_OK);
    }
}

static inline struct str news_read_title(const struct news_read *read, size_t index)
{
    const struct news *news = source_batch_at(&read->batch, index);
    return text_arena_at(&read->batch.texts, news->title);
}

static inline struct str news_read_url(const struct news_read *read, size_t index)
{
    const struct news *news = source_batch_at(&read->batch, index);
    return text_arena_at(&read->batch.texts, news->url);
}

#endif
