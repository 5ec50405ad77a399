/*
 * Answers of CryptoPanic. Input: the body, which is read twice if it had news, and else in one case
 * of eight.
 *
 * Every post is a record or has one fault; every record is valid; neither a record nor an error
 * text contains the key; the second reading finds nothing new.
 */
#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "source/news/cryptopanic_parse.h"

#define NOW_NS (INT64_C(1794700800) * NS_PER_SECOND)
#define KEY "c0ffee"

static bool has_key(struct str text)
{
    return text.length > 0 && memmem(text.data, text.length, KEY, strlen(KEY)) != NULL;
}

static void check(const struct source_batch *batch, const struct row_counts *counts)
{
    int64_t rejected = 0;
    for (int i = 0; i < ROW_FAULTS; i++) {
        rejected += counts->rejected[i];
    }
    MUST(counts->rows == counts->records + rejected);
    MUST(counts->records == (int64_t)batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        const struct news *news = source_batch_at(batch, i);
        MUST(news_check(news, &batch->texts) == NEWS_OK);
        MUST(!has_key(text_arena_at(&batch->texts, news->title)));
        MUST(!has_key(text_arena_at(&batch->texts, news->url)));
        MUST(!has_key(str_from(news->news_id)) && !has_key(str_from(news->coins)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct str body = fuzz_rest(&in);
    char *copy = fuzz_text(body);
    struct news_intake intake = {.count = 0};
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error = {0};
    const struct cryptopanic_answer answer = {
        .body = {copy, body.length}, .key = KEY, .now_ns = NOW_NS};
    source_batch_begin(&batch, &news_kind, true);
    bool read = cryptopanic_parse(&answer, &intake, &batch, &counts, &error);
    MUST(read || (batch.count == 0 && counts.rows == 0 && !has_key(str_from(error.text))));
    check(&batch, &counts);
    size_t first = batch.count;
    if (first > 0 || size % 8 == 0) {
        MUST(cryptopanic_parse(&answer, &intake, &batch, &counts, &error) == read);
        MUST(batch.count == first);
    }
    source_batch_free(&batch);
    news_intake_free(&intake);
    free(copy);
    return 0;
}
