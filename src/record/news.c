#include "record/news.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/text/utf8.h"
#include "record/names.h"

#define REQUIRED(member)                                                                           \
    .offset = offsetof(struct news, member), .size = sizeof(((struct news *)0)->member),           \
    .present_offset = COLUMN_REQUIRED, .since = 1
#define NULLABLE(member)                                                                           \
    .offset = offsetof(struct news, member), .size = sizeof(((struct news *)0)->member),           \
    .present_offset = offsetof(struct news, has_##member), .since = 1

enum { ID, SOURCE, PUBLISHED, DATED, TITLE, URL, COINS, VOTES, SCORE, TIME, COLUMNS };
static const struct column columns[COLUMNS + 1] = {
    [ID] = {"news_id", COLUMN_TEXT, COLUMN_FIELD, REQUIRED(news_id)},
    [SOURCE] = {"source", COLUMN_TEXT, COLUMN_IDENTITY, REQUIRED(source)},
    [PUBLISHED] = {"published_ns", COLUMN_INT64, COLUMN_FIELD, REQUIRED(published_ns)},
    [DATED] = {"dated", COLUMN_BOOL, COLUMN_FIELD, REQUIRED(dated)},
    [TITLE] = {"title", COLUMN_LONG_TEXT, COLUMN_FIELD, REQUIRED(title)},
    [URL] = {"url", COLUMN_LONG_TEXT, COLUMN_FIELD, NULLABLE(url)},
    [COINS] = {"coins", COLUMN_TEXT, COLUMN_FIELD, NULLABLE(coins)},
    [VOTES] = {"votes", COLUMN_INT64, COLUMN_FIELD, NULLABLE(votes)},
    [SCORE] = {"score", COLUMN_DOUBLE, COLUMN_FIELD, NULLABLE(score)},
    [TIME] = {"time_ns", COLUMN_INT64, COLUMN_TIME, REQUIRED(time_ns), .stored = "time",
              .derived = true},
    [COLUMNS] = {.name = NULL},
};

const char *const news_fault_names[NEWS_FAULTS] = {
    [NEWS_OK] = "ok",
    [NEWS_BAD_ID] = "bad_id",
    [NEWS_BAD_SOURCE] = "bad_source",
    [NEWS_BAD_TIME] = "bad_time",
    [NEWS_BAD_TITLE] = "bad_title",
    [NEWS_BAD_URL] = "bad_url",
    [NEWS_BAD_COINS] = "bad_coins",
    [NEWS_BAD_VOTES] = "bad_votes",
    [NEWS_INCOMPLETE] = "incomplete",
};

static bool time_valid(const struct news *news)
{
    return record_time_valid(news->published_ns) && news->published_ns % NS_PER_SECOND == 0;
}

int64_t news_stored_time_ns(const struct news *news)
{
    struct str id = column_text(&columns[ID], news);
    if (!time_valid(news) || !record_symbol_valid(id)) {
        return 0;
    }
    uint64_t hash = hash_bytes(HASH_START, id.data, id.length);
    return news->published_ns + (int64_t)(hash % (uint64_t)NS_PER_SECOND);
}

bool news_source_valid(struct str source)
{
    return record_name_valid(source, ":._-", NEWS_SOURCE_MAX);
}

bool news_title_valid(struct str title)
{
    size_t characters = 0;
    while (title.length > 0) {
        size_t length = utf8_sequence(title);
        if (length == 0 || utf8_control_length(title) > 0) {
            return false;
        }
        title = (struct str){.data = title.data + length, .length = title.length - length};
        characters++;
    }
    return characters > 0 && characters <= NEWS_TITLE_CHARACTERS;
}

bool news_url_valid(struct str url)
{
    bool valid = url.length <= NEWS_URL_MAX &&
                 (str_starts_with(url, "http://") || str_starts_with(url, "https://"));
    for (size_t i = 0; valid && i < url.length; i++) {
        valid =
            url.data[i] > ' ' && url.data[i] < 0x7F && strchr("\"<>\\^`{|}", url.data[i]) == NULL;
    }
    return valid;
}

static bool coins_valid(struct str coins)
{
    struct str coin;
    bool valid =
        coins.length > 0 && coins.length <= NEWS_COINS_MAX && coins.data[coins.length - 1] != ',';
    while (valid && str_split(&coins, ',', &coin)) {
        valid = record_symbol_valid(coin);
    }
    return valid;
}

static bool votes_valid(const struct news *news)
{
    return (!news->has_votes || news->votes >= 0) &&
           (!news->has_score || (news->score >= -1 && news->score <= 1));
}

enum news_fault news_check(const struct news *news, const struct text_arena *texts)
{
    if (!record_symbol_valid(column_text(&columns[ID], news))) {
        return NEWS_BAD_ID;
    }
    if (!news_source_valid(column_text(&columns[SOURCE], news))) {
        return NEWS_BAD_SOURCE;
    }
    if (!time_valid(news)) {
        return NEWS_BAD_TIME;
    }
    if (!news_title_valid(text_arena_at(texts, news->title))) {
        return NEWS_BAD_TITLE;
    }
    if (news->has_url && !news_url_valid(text_arena_at(texts, news->url))) {
        return NEWS_BAD_URL;
    }
    if (news->has_coins && !coins_valid(column_text(&columns[COINS], news))) {
        return NEWS_BAD_COINS;
    }
    if (!votes_valid(news)) {
        return NEWS_BAD_VOTES;
    }
    return news->time_ns == news_stored_time_ns(news) ? NEWS_OK : NEWS_INCOMPLETE;
}

static const char *check(const void *record, const struct text_arena *texts)
{
    enum news_fault fault = news_check(record, texts);
    return fault == NEWS_OK ? NULL : news_fault_names[fault];
}

static void complete(void *record)
{
    struct news *news = record;
    news->time_ns = news_stored_time_ns(news);
}

const struct record_kind news_kind = {
    .name = "news",
    .record = "news item",
    .records = "news",
    .topic = "news",
    .schema = news_schema_text,
    .columns = columns,
    .key = &columns[ID],
    .time = &columns[TIME],
    .moment = &columns[PUBLISHED],
    .moment_span_ns = NS_PER_SECOND,
    .any_order = true,
    .source = &columns[SOURCE],
    .size = sizeof(struct news),
    .tags = {{.column = &columns[SOURCE],
              .valid = news_source_valid,
              .class = RECORD_SOURCE_CLASS,
              .least = 1,
              .most = NEWS_SOURCE_MAX}},
    .tag_count = 1,
    .complete = complete,
    .check = check,
};
_Static_assert(sizeof(struct news) <= RECORD_BYTES_MAX, "a record must fit union record_room");
_Static_assert(sizeof(((struct news *)0)->source) <= RECORD_SERIES_MAX,
               "the name of a series must fit");
