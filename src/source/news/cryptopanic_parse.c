#include "source/news/cryptopanic_parse.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "record/names.h"
#include "source/news/news_date.h"
#include "source/news/news_link.h"
#include "source/news/news_text.h"

enum { TEXT_LIMIT = 1 << 20, INFO_CHARACTERS = 80, VOTES_MOST = 1000000000 };

struct reading {
    const struct cryptopanic_answer *answer;
    struct news_intake *intake;
    struct source_batch *batch;
    struct row_counts *counts;
    struct strbuf title, url; /* of the post that is read */
};

static struct str text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return (struct str){.data = json_is_string(value) ? json_string_value(value) : "",
                        .length = json_string_length(value)};
}

static bool contains(struct str text, const char *key)
{
    size_t length = strlen(key);
    return length > 0 && text.length >= length &&
           memmem(text.data, text.length, key, length) != NULL;
}

/* Copies the post's id, a number or a short text. */
static bool take_id(const json_t *post, char id[RECORD_KEY_MAX + 1])
{
    const json_t *value = json_object_get(post, "id");
    if (json_is_integer(value)) {
        (void)snprintf(id, RECORD_KEY_MAX + 1, "%lld", (long long)json_integer_value(value));
        return true;
    }
    struct str text = text_of(post, "id");
    return record_symbol_valid(text) && str_copy(text, id, RECORD_KEY_MAX + 1);
}

static bool has_coin(const char *coins, struct str coin)
{
    struct str rest = str_from(coins), piece;
    while (str_split(&rest, ',', &piece)) {
        if (str_equal(piece, coin)) {
            return true;
        }
    }
    return false;
}

/* Writes the codes of the coins, each once, as many as fit. */
static void take_coins(const json_t *post, char coins[NEWS_COINS_MAX + 1])
{
    const json_t *list = json_object_get(post, "currencies");
    list = json_array_size(list) > 0 ? list : json_object_get(post, "instruments");
    size_t length = 0;
    coins[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct str code = text_of(json_array_get(list, i), "code");
        size_t more = code.length + (length > 0 ? 1 : 0);
        if (record_symbol_valid(code) && !has_coin(coins, code) &&
            length + more <= NEWS_COINS_MAX) {
            (void)snprintf(coins + length, NEWS_COINS_MAX + 1 - length, "%s%.*s",
                           length > 0 ? "," : "", (int)code.length, code.data);
            length += more;
        }
    }
}

/* Returns the number of votes of that kind; one that no post can have counts as none. */
static int64_t votes_of(const json_t *votes, const char *kind)
{
    json_int_t count = json_integer_value(json_object_get(votes, kind));
    return count > 0 && count <= VOTES_MOST ? count : 0;
}

static void take_votes(const json_t *post, struct news_draft *draft)
{
    const json_t *votes = json_object_get(post, "votes");
    if (!json_is_object(votes)) {
        return;
    }
    int64_t good = votes_of(votes, "positive") + votes_of(votes, "liked");
    int64_t bad =
        votes_of(votes, "negative") + votes_of(votes, "disliked") + votes_of(votes, "toxic");
    draft->has_votes = true;
    draft->votes = good + bad + votes_of(votes, "important") + votes_of(votes, "lol");
    draft->has_score = good + bad > 0;
    draft->score = draft->has_score ? (double)(good - bad) / (double)(good + bad) : 0;
}

static void reject(struct reading *reading, enum row_fault fault)
{
    reading->counts->rows++;
    reading->counts->rejected[fault]++;
}

/* Returns false when memory runs out. */
static bool take_post(struct reading *reading, const json_t *post)
{
    char id[RECORD_KEY_MAX + 1], coins[NEWS_COINS_MAX + 1];
    enum row_fault fault;
    if (!json_is_object(post) || !take_id(post, id)) {
        reject(reading, ROW_BAD_SHAPE);
        return true;
    }
    if (!news_link_clean(text_of(post, "original_url"), &reading->url)) {
        (void)news_link_clean(text_of(post, "url"), &reading->url);
    }
    if (!news_text_plain(text_of(post, "title"), NEWS_TITLE_CHARACTERS, &reading->title) ||
        reading->url.no_memory) {
        return false;
    }
    take_coins(post, coins);
    struct news_draft draft = {.source = CRYPTOPANIC_HOST,
                               .id = id,
                               .title = strbuf_str(&reading->title),
                               .url = strbuf_str(&reading->url),
                               .coins = coins};
    const char *key = reading->answer->key;
    if (contains(draft.title, key) || contains(draft.url, key) || contains(str_from(id), key) ||
        contains(str_from(coins), key)) {
        reject(reading, ROW_SECRET);
        return true;
    }
    draft.dated = news_date_parse(text_of(post, "published_at"), &draft.second) ||
                  news_date_parse(text_of(post, "created_at"), &draft.second);
    take_votes(post, &draft);
    return news_intake_add(reading->intake, &draft, reading->answer->now_ns, reading->batch,
                           reading->counts, &fault);
}

/* Fails with what an answer without posts says of itself, unless it repeats the key. */
static bool refuse(const json_t *root, const char *key, struct error *error)
{
    struct strbuf info = strbuf_new(TEXT_LIMIT);
    struct str text = text_of(root, "info");
    text = text.length > 0 ? text : text_of(root, "detail");
    bool told =
        !contains(text, key) && news_text_plain(text, INFO_CHARACTERS, &info) && info.length > 0;
    (void)error_set(error, ERROR_RETRY, "its answer has no list of posts%s%s", told ? ": " : "",
                    told ? strbuf_text(&info) : "");
    strbuf_free(&info);
    return false;
}

bool cryptopanic_parse(const struct cryptopanic_answer *answer, struct news_intake *intake,
                       struct source_batch *batch, struct row_counts *counts, struct error *error)
{
    struct reading reading = {.answer = answer,
                              .intake = intake,
                              .batch = batch,
                              .counts = counts,
                              .title = strbuf_new(TEXT_LIMIT),
                              .url = strbuf_new(4 * NEWS_URL_MAX)};
    json_t *root = json_loadb(answer->body.data, answer->body.length, JSON_ALLOW_NUL, NULL);
    const json_t *posts = json_is_array(root) ? root : json_object_get(root, "results");
    bool done = root != NULL || error_set(error, ERROR_RETRY, "its answer is no JSON");
    if (done && !json_is_array(posts)) {
        done = refuse(root, answer->key, error);
    }
    for (size_t i = 0; done && i < json_array_size(posts); i++) {
        done = take_post(&reading, json_array_get(posts, i)) ||
               error_set(error, ERROR_FATAL, "no memory for the posts of an answer");
    }
    json_decref(root);
    strbuf_free(&reading.title);
    strbuf_free(&reading.url);
    return done;
}
