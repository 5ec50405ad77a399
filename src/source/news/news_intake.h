/*
 * Decides which items of an answer are new: first sight wins. An item is known by its source and
 * id, whatever else of it has changed. The caller tells what the log has before the first answer.
 * Not thread-safe; no clock, no socket.
 */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_INTAKE_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_INTAKE_H

#include "market/assets.h"
#include "record/news.h"
#include "source/source.h"

/* Zero-initialised, it knows nothing. */
struct news_intake {
    struct known_news *slots;    /* owned: a hash table with open addressing */
    size_t count, capacity;      /* used slots, and all; a power of two */
    int64_t max_age_ns;          /* older items are refused as ROW_TOO_OLD; 0: none are */
    const struct assets *assets; /* borrowed; NULL: titles are not searched for coins */
    int64_t changed;             /* items whose titles were found changed, each title once */
};
void news_intake_free(struct news_intake *intake);

/* An item as it was read; borrowed for the call. */
struct news_draft {
    const char *source;
    const char *id;
    bool dated;        /* it has a date */
    int64_t second;    /* of publication, since 1970 */
    struct str title;  /* plain; empty: refused as ROW_BAD_TITLE */
    struct str url;    /* cleaned; empty: none */
    const char *coins; /* "BTC,ETH"; "": those that the title names */
    bool has_votes, has_score;
    int64_t votes;
    double score;
};

/* Remembers a record of the log. Returns false when memory runs out. */
NODISCARD bool news_intake_tell(struct news_intake *intake, const struct news *news,
                                const struct text_arena *texts);

/*
 * Counts the draft as one row, and adds it to the batch (of news_kind) if it is new. A date that is
 * missing, impossible or more than an hour after `now_ns` is replaced by `now_ns`, and the record
 * is not `dated`. Refused are: known items (ROW_KNOWN; ROW_CHANGED with a title that was not seen
 * yet, as the caller may want to log), those that are too old, and an item whose stored time
 * another one of its source has (ROW_CONFLICT): the store could not tell the two apart.
 *
 * Returns false when memory runs out. `*fault` is ROW_FAULTS for an item that was added.
 */
NODISCARD bool news_intake_add(struct news_intake *intake, const struct news_draft *draft,
                               int64_t now_ns, struct source_batch *batch,
                               struct row_counts *counts, enum row_fault *fault);

#endif
