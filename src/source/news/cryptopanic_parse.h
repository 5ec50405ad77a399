/* Converts an answer of CryptoPanic, /api/v1/posts/ or /api/developer/v2/posts/, to news. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_CRYPTOPANIC_PARSE_H
#define CANDLEWICK_SOURCE_NEWS_CRYPTOPANIC_PARSE_H

#include "base/error.h"
#include "source/news/news_intake.h"

#define CRYPTOPANIC_NAME "cryptopanic"
#define CRYPTOPANIC_HOST "cryptopanic.com" /* the records' source */

struct cryptopanic_answer {
    struct str body;
    const char *key; /* the request's key: no record and no error text contains it */
    int64_t now_ns;
};

/*
 * Adds the new posts to the batch (of news_kind, begun by the caller), and counts each post as a
 * record or a fault. Both versions are read, whatever the address: coins are `currencies` or
 * `instruments`, the link is `original_url` or `url`. `votes` are the positive, negative,
 * important, liked, disliked, lol and toxic ones; the score is (positive + liked - negative -
 * disliked - toxic) as a share of these. `next` and `previous` of the answer, which contain the
 * key, are not read.
 *
 * Returns false with ERROR_RETRY when the answer is no list of posts; with ERROR_FATAL when memory
 * runs out.
 */
NODISCARD bool cryptopanic_parse(const struct cryptopanic_answer *answer,
                                 struct news_intake *intake, struct source_batch *batch,
                                 struct row_counts *counts, struct error *error);

#endif
