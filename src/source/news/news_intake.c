#include "source/news/news_intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

#define AHEAD_NS (3600 * NS_PER_SECOND)

enum {
    CAPACITY_LEAST = 1024,
    COINS_NAMED_MAX = 20,
    SECONDS_TRIED = 1000, /* how many earlier seconds are tried for an item without a date, if
                             other items have its time */
};

/* What is known: an item, by the hashes of its source and id and of its title; or a stored time, by
 * its hash and 0. */
struct known_news {
    uint64_t key; /* never 0 in a used slot */
    uint64_t title;
};

void news_intake_free(struct news_intake *intake)
{
    free(intake->slots);
    *intake = (struct news_intake){.count = 0};
}

static uint64_t key_of(const char *source, const void *what, size_t length)
{
    uint64_t key = hash_bytes(HASH_START, source, strlen(source) + 1);
    key = hash_bytes(key, what, length);
    return key != 0 ? key : 1;
}

static uint64_t item_key(const char *source, const char *id)
{
    return key_of(source, id, strlen(id) + 1);
}

static uint64_t time_key(const char *source, int64_t time_ns)
{
    return key_of(source, &time_ns, sizeof time_ns);
}

static uint64_t title_hash(struct str title)
{
    return hash_bytes(HASH_START, title.data, title.length);
}

/* Returns the slot that has the key, or the free one where it belongs. */
static struct known_news *find(const struct news_intake *intake, uint64_t key)
{
    size_t slot = (size_t)(key ^ key >> 32) & (intake->capacity - 1);
    while (intake->slots[slot].key != 0 && intake->slots[slot].key != key) {
        slot = (slot + 1) & (intake->capacity - 1);
    }
    return &intake->slots[slot];
}

/* Makes room for two more keys: at most half of the slots are used. */
static bool make_room(struct news_intake *intake)
{
    if (2 * (intake->count + 2) <= intake->capacity) {
        return true;
    }
    struct news_intake larger = *intake;
    larger.capacity = intake->capacity > 0 ? 2 * intake->capacity : CAPACITY_LEAST;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < intake->capacity; i++) {
        if (intake->slots[i].key != 0) {
            *find(&larger, intake->slots[i].key) = intake->slots[i];
        }
    }
    free(intake->slots);
    *intake = larger;
    return true;
}

static void remember(struct news_intake *intake, uint64_t key, uint64_t title)
{
    struct known_news *known = find(intake, key);
    intake->count += known->key == 0 ? 1 : 0;
    *known = (struct known_news){.key = key, .title = title};
}

static bool has(const struct news_intake *intake, uint64_t key)
{
    return find(intake, key)->key == key;
}

bool news_intake_tell(struct news_intake *intake, const struct news *news,
                      const struct text_arena *texts)
{
    if (!make_room(intake)) {
        return false;
    }
    remember(intake, item_key(news->source, news->news_id),
             title_hash(text_arena_at(texts, news->title)));
    remember(intake, time_key(news->source, news->time_ns), 0);
    return true;
}

/* Returns the fault of an item that is known, or ROW_FAULTS. A changed title is remembered, so that
 * it is reported once. */
static enum row_fault look_up(struct news_intake *intake, const struct news_draft *draft)
{
    struct known_news *known = find(intake, item_key(draft->source, draft->id));
    uint64_t title = title_hash(draft->title);
    if (known->key == 0) {
        return ROW_FAULTS;
    }
    if (known->title == title) {
        return ROW_KNOWN;
    }
    known->title = title;
    intake->changed++;
    return ROW_CHANGED;
}

/* Sets the time. An item without a date of its own gets one that no other item of its source has.
 */
static enum row_fault set_time(const struct news_intake *intake, const struct news_draft *draft,
                               int64_t now_ns, struct news *news)
{
    int64_t published_ns = 0;
    news->dated = draft->dated &&
                  !__builtin_mul_overflow(draft->second, NS_PER_SECOND, &published_ns) &&
                  record_time_valid(published_ns) && published_ns <= now_ns + AHEAD_NS;
    news->published_ns = news->dated ? published_ns : now_ns - now_ns % NS_PER_SECOND;
    if (news->dated && intake->max_age_ns > 0 && published_ns < now_ns - intake->max_age_ns) {
        return ROW_TOO_OLD;
    }
    record_complete(&news_kind, news);
    for (int i = 0;
         !news->dated && i < SECONDS_TRIED && has(intake, time_key(news->source, news->time_ns));
         i++) {
        news->published_ns -= NS_PER_SECOND;
        record_complete(&news_kind, news);
    }
    return has(intake, time_key(news->source, news->time_ns)) ? ROW_CONFLICT : ROW_FAULTS;
}

/* Writes the tickers of the assets that the title names, as many as fit. */
static void name_coins(const struct news_intake *intake, struct str title,
                       char coins[NEWS_COINS_MAX + 1])
{
    const struct asset *found[COINS_NAMED_MAX];
    size_t count = assets_named_in(intake->assets, title, found, COINS_NAMED_MAX);
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        size_t more = strlen(found[i]->ticker) + (length > 0 ? 1 : 0);
        if (length + more <= NEWS_COINS_MAX) {
            (void)snprintf(coins + length, NEWS_COINS_MAX + 1 - length, "%s%s",
                           length > 0 ? "," : "", found[i]->ticker);
            length += more;
        }
    }
}

static enum row_fault fill(const struct news_intake *intake, const struct news_draft *draft,
                           int64_t now_ns, struct news *news)
{
    *news = (struct news){.votes = draft->has_votes ? draft->votes : 0,
                          .score = draft->has_score ? draft->score : 0,
                          .has_url = draft->url.length > 0,
                          .has_votes = draft->has_votes,
                          .has_score = draft->has_score};
    if (!str_copy(str_from(draft->id), news->news_id, sizeof news->news_id) ||
        !str_copy(str_from(draft->source), news->source, sizeof news->source) ||
        !str_copy(str_from(draft->coins), news->coins, sizeof news->coins)) {
        return ROW_BAD_FIGURE;
    }
    if (intake->assets != NULL && news->coins[0] == '\0') {
        name_coins(intake, draft->title, news->coins);
    }
    news->has_coins = news->coins[0] != '\0';
    return set_time(intake, draft, now_ns, news);
}

/* Adds the record and its texts. */
static bool add(struct source_batch *batch, const struct news_draft *draft, struct news *news)
{
    void *added = source_batch_add(batch);
    if (added == NULL || !text_arena_add(&batch->texts, draft->title, &news->title) ||
        !text_arena_add(&batch->texts, draft->url, &news->url)) {
        return false;
    }
    memcpy(added, news, sizeof *news);
    return true;
}

bool news_intake_add(struct news_intake *intake, const struct news_draft *draft, int64_t now_ns,
                     struct source_batch *batch, struct row_counts *counts, enum row_fault *fault)
{
    struct news news;
    if (!make_room(intake)) {
        return false;
    }
    counts->rows++;
    *fault = draft->title.length > 0 ? look_up(intake, draft) : ROW_BAD_TITLE;
    if (*fault == ROW_FAULTS) {
        *fault = fill(intake, draft, now_ns, &news);
    }
    if (*fault != ROW_FAULTS) {
        counts->rejected[*fault]++;
        return true;
    }
    if (!add(batch, draft, &news)) {
        return false;
    }
    /* What the kind refuses is refused here, so that it is not remembered as sent. */
    const char *reason = news_kind.check(source_batch_at(batch, batch->count - 1), &batch->texts);
    if (reason != NULL) {
        batch->count--;
        *fault = row_fault_of(reason);
        counts->rejected[*fault]++;
        return true;
    }
    remember(intake, item_key(news.source, news.news_id), title_hash(draft->title));
    remember(intake, time_key(news.source, news.time_ns), 0);
    counts->records++;
    return true;
}
