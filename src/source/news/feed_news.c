#include "source/news/feed_news.h"

#include "source/news/feed_charset.h"
#include "source/news/feed_repair.h"
#include "source/news/news_date.h"
#include "source/news/news_id.h"
#include "source/news/news_link.h"
#include "source/news/news_text.h"

enum { TEXT_LIMIT = 64 << 20, TITLE_LIMIT = 1 << 20, DATES = 3 };

struct reading {
    const struct feed_answer *answer;
    struct news_intake *intake;
    struct source_batch *batch;
    struct row_counts *counts;
    struct strbuf title, url; /* of the item that is read */
    bool no_memory;
};

static bool date_of(const struct feed_item *item, int64_t *second)
{
    for (int i = 0; i < DATES; i++) {
        if (news_date_parse(item->dates[i], second)) {
            return true;
        }
    }
    return false;
}

/* Sets `url` to the item's own link, or to its id if that is one. */
static void find_link(const struct feed_item *item, struct strbuf *url)
{
    if (!news_link_clean(item->link, url) && !item->id_is_no_link) {
        (void)news_link_clean(item->id, url);
    }
}

static bool take(void *context, const struct feed_item *item)
{
    struct reading *reading = context;
    char id[NEWS_ID_DIGITS + 1];
    int64_t second = 0;
    bool dated = date_of(item, &second);
    find_link(item, &reading->url);
    reading->no_memory = !news_text_plain(item->title, NEWS_TITLE_CHARACTERS, &reading->title) ||
                         !news_id_make(item, strbuf_str(&reading->title), dated, second, id) ||
                         reading->url.no_memory;
    if (reading->no_memory) {
        return false;
    }
    const struct news_draft draft = {.source = reading->answer->host,
                                     .id = id,
                                     .dated = dated,
                                     .second = second,
                                     .title = strbuf_str(&reading->title),
                                     .url = strbuf_str(&reading->url),
                                     .coins = ""};
    enum row_fault fault;
    reading->no_memory = !news_intake_add(reading->intake, &draft, reading->answer->now_ns,
                                          reading->batch, reading->counts, &fault);
    return !reading->no_memory;
}

bool feed_news_read(const struct feed_answer *answer, struct news_intake *intake,
                    struct source_batch *batch, struct row_counts *counts,
                    struct feed_result *result, struct error *error)
{
    struct strbuf utf8 = strbuf_new(TEXT_LIMIT), xml = strbuf_new(TEXT_LIMIT);
    struct reading reading = {.answer = answer,
                              .intake = intake,
                              .batch = batch,
                              .counts = counts,
                              .title = strbuf_new(TITLE_LIMIT),
                              .url = strbuf_new(4 * NEWS_URL_MAX)};
    bool read = feed_charset_utf8(answer->body, answer->content_type, &utf8) &&
                feed_repair(strbuf_str(&utf8), &xml);
    strbuf_free(&utf8);
    if (!read) {
        (void)error_set(error, ERROR_RETRY, "its text is too large, or memory ran out");
    }
    read = read && feed_parse(strbuf_str(&xml), take, &reading, result, error);
    if (read && reading.no_memory) {
        read = error_set(error, ERROR_FATAL, "no memory for the items of a feed");
    }
    if (read && result->unfinished) {
        counts->rows++;
        counts->rejected[ROW_UNFINISHED]++;
    }
    strbuf_free(&xml);
    strbuf_free(&reading.title);
    strbuf_free(&reading.url);
    return read;
}
