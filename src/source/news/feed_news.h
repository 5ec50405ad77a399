/* Converts the answer of a feed's server to news. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_NEWS_H
#define CANDLEWICK_SOURCE_NEWS_FEED_NEWS_H

#include "source/news/feed_parse.h"
#include "source/news/news_intake.h"

struct feed_answer {
    struct str body;
    struct str content_type; /* as the HTTP header has it */
    const char *host;        /* the records' source */
    int64_t now_ns;
};

/*
 * Adds the new items to the batch (of news_kind, begun by the caller), and counts each item as a
 * record or a fault; one that is cut off counts as ROW_UNFINISHED. On false, `error` is of a kind
 * that feed_parse() names, and the batch is of no use.
 */
NODISCARD bool feed_news_read(const struct feed_answer *answer, struct news_intake *intake,
                              struct source_batch *batch, struct row_counts *counts,
                              struct feed_result *result, struct error *error);

#endif
