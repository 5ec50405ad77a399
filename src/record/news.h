/*
 * A headline of a feed or a news service, as it was when it was first seen (schemas/news.avsc,
 * record candlewick.News). A plain value, but for its long texts, which are in the arena that goes
 * with it. It is sent once: what the source changes later (title, votes) is not sent again.
 *
 * The series is the source: a series for each item would be one for each point. So the key is no
 * tag but a field, and two items of one second differ in their stored time by a hash of their ids.
 */
#ifndef CANDLEWICK_RECORD_NEWS_H
#define CANDLEWICK_RECORD_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "record/kind.h"

enum {
    NEWS_SOURCE_MAX = 64,
    NEWS_TITLE_CHARACTERS = 300,
    NEWS_TITLE_MAX = 4 * NEWS_TITLE_CHARACTERS, /* in bytes */
    NEWS_URL_MAX = 2048,
    NEWS_COINS_MAX = 200,
};

struct news {
    char news_id[RECORD_KEY_MAX + 1];
    char source[NEWS_SOURCE_MAX + 1]; /* the feed's host: "www.coindesk.com" */
    int64_t published_ns;             /* whole seconds */
    bool dated;                       /* false: published_ns is when it was first seen */
    struct long_text title;           /* plain text, not empty */
    struct long_text url;             /* http or https, ASCII */
    char coins[NEWS_COINS_MAX + 1];   /* "BTC,ETH" */
    int64_t votes;
    double score; /* -1 to 1 */
    bool has_url, has_coins, has_votes, has_score;
    int64_t time_ns; /* the stored time: news_stored_time_ns(), set by record_complete() */
};

extern const struct record_kind news_kind;
extern const char news_schema_text[]; /* schemas/news.avsc, embedded by the build */

/* Returns the time of the item's point in the stores: its published second + (FNV-1a-64 of its id,
 * modulo 10^9) nanoseconds. Returns 0 for a published time or an id that is not valid. */
int64_t news_stored_time_ns(const struct news *news);

/* Returns whether a source's name matches [A-Za-z0-9:._-]{1,64}. */
bool news_source_valid(struct str source);

/* Return whether a record may have these texts. A title has 1 to NEWS_TITLE_CHARACTERS characters,
 * none of them a control character. */
bool news_title_valid(struct str title);
bool news_url_valid(struct str url);

enum news_fault {
    NEWS_OK,
    NEWS_BAD_ID,
    NEWS_BAD_SOURCE,
    NEWS_BAD_TIME,   /* not a whole second, or the year is not in 1678 to 2261 */
    NEWS_BAD_TITLE,  /* see news_title_valid() */
    NEWS_BAD_URL,    /* see news_url_valid() */
    NEWS_BAD_COINS,  /* not names of coins, comma-separated */
    NEWS_BAD_VOTES,  /* below 0, or a score that is not in -1 to 1 */
    NEWS_INCOMPLETE, /* record_complete() was not called */
    NEWS_FAULTS,     /* number of faults */
};
/* The faults' names ("ok", "bad_id", …), for counters and logs. */
extern const char *const news_fault_names[NEWS_FAULTS];

/* Checks what must hold for every item, whatever its source. `texts` contains its long texts. */
NODISCARD enum news_fault news_check(const struct news *news, const struct text_arena *texts);

#endif
