/*
 * Feeds, from bytes to news. Input: a byte whose bits choose the Content-Type and whether items may
 * be too old; then the body, which is read twice if it had news, and else in one case of eight.
 *
 * Every item is a record or has one fault; every record is valid (so its title is plain UTF-8 and
 * its link http or https); no two records of the feed have one id or one stored time; the second
 * reading finds nothing new; a refused body has given nothing.
 */
#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "source/news/feed_news.h"

#define NOW_NS (INT64_C(1794700800) * NS_PER_SECOND)

static void check(const struct source_batch *batch, const struct row_counts *counts)
{
    int64_t rejected = 0;
    struct news_intake all = {.count = 0};
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(counts->rejected[i] >= 0);
        rejected += counts->rejected[i];
    }
    MUST(counts->rows == counts->records + rejected);
    MUST(counts->records == (int64_t)batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        const struct news *news = source_batch_at(batch, i);
        MUST(news_check(news, &batch->texts) == NEWS_OK);
        if (batch->count > 1) {
            MUST(news_intake_tell(&all, news, &batch->texts));
            MUST(all.count == 2 * (i + 1));
        }
    }
    news_intake_free(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"", "application/rss+xml; charset=utf-8",
                                        "text/xml; charset=windows-1251",
                                        "text/xml;charset=utf-16"};
    struct fuzz_input in = {data, size};
    uint8_t choice = fuzz_byte(&in);
    struct str body = fuzz_rest(&in);
    char *copy = fuzz_text(body);
    struct news_intake intake = {.max_age_ns = choice & 4 ? NS_PER_DAY : 0};
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct feed_result result;
    struct error error = {0};
    const struct feed_answer answer = {.body = {copy, body.length},
                                       .content_type = str_from(types[choice & 3]),
                                       .host = "feed.example",
                                       .now_ns = NOW_NS};
    source_batch_begin(&batch, &news_kind, true);
    bool read = feed_news_read(&answer, &intake, &batch, &counts, &result, &error);
    MUST(read || (batch.count == 0 && counts.rows == 0 && error.text[0] != '\0'));
    check(&batch, &counts);
    size_t first = batch.count;
    if (first > 0 || size % 8 == 0) {
        MUST(feed_news_read(&answer, &intake, &batch, &counts, &result, &error) == read);
        MUST(batch.count == first);
    }
    source_batch_free(&batch);
    news_intake_free(&intake);
    free(copy);
    return 0;
}
