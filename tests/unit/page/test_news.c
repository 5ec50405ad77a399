/* News as the page gets it, on a real SQLite store. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "page/markets/news_json.h"
#include "record/news.h"
#include "sqlite_place.h"

#define NOW_NS (INT64_C(1767268800) * NS_PER_SECOND)

enum { ITEMS = 1000 };

static void write_news(struct store *store, const struct news *news, size_t count,
                       const struct text_arena *texts)
{
    const struct record_set set = {
        .kind = &news_kind, .items = news, .count = count, .texts = texts};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error) || rejected.count > 0) {
        fail_msg("%s", error.text);
    }
    rejected_list_free(&rejected);
}

static struct news item(struct text_arena *texts, const char *source, int number, int64_t time_ns,
                        const char *title, const char *url, const char *coins)
{
    struct news news = {.published_ns = time_ns, .dated = true, .has_coins = coins[0] != '\0'};
    (void)snprintf(news.news_id, sizeof news.news_id, "id-%d", number);
    (void)str_copy(str_from(source), news.source, sizeof news.source);
    (void)str_copy(str_from(coins), news.coins, sizeof news.coins);
    news.has_url = url[0] != '\0';
    assert_true(text_arena_add(texts, str_from(title), &news.title));
    assert_true(text_arena_add(texts, str_from(url), &news.url));
    record_complete(&news_kind, &news);
    return news;
}

static json_t *ask(struct store *store, const char *coins, size_t limit, int64_t before_ns)
{
    struct error error = {0};
    struct strbuf json = strbuf_new(8 << 20);
    struct assets *assets = assets_create((struct str){.data = NULL}, "", &error);
    const struct web_news_wanted wanted = {.coins = coins, .limit = limit, .before_ns = before_ns};
    if (!news_to_json(store, assets, &wanted, &json, &error)) {
        fail_msg("%s", error.text);
    }
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    if (answer == NULL) {
        fail_msg("%s", strbuf_text(&json));
    }
    strbuf_free(&json);
    assets_destroy(assets);
    return answer;
}

static const json_t *news_of(const json_t *answer, size_t index)
{
    return json_array_get(json_object_get(answer, "news"), index);
}

static size_t count_of(const json_t *answer)
{
    return json_array_size(json_object_get(answer, "news"));
}

static const char *text_of(const json_t *news, const char *name)
{
    const char *text = json_string_value(json_object_get(news, name));
    return text != NULL ? text : "";
}

static void news_of_an_empty_store_are_none(void **state)
{
    struct store *store = place_open_prepared(*state);
    json_t *answer = ask(store, NULL, 50, INT64_MAX);
    assert_int_equal(count_of(answer), 0);
    assert_true(json_is_null(json_object_get(answer, "next")));
    json_decref(answer);
    store_close(store);
}

/* A thousand items of two sources, over weeks, several in one second: page after page they are all
 * there once, the newest first. */
static void news_are_paged_without_loss_or_repeat(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    static struct news news[ITEMS];
    for (int i = 0; i < ITEMS; i++) {
        int64_t hours = (int64_t)i * i / 1500;
        news[i] = item(&texts, i % 3 == 0 ? "a.example" : "b.example", i,
                       NOW_NS - hours * 3600 * NS_PER_SECOND, "Title", "", "");
    }
    write_news(store, news, ITEMS, &texts);
    text_arena_free(&texts);
    static bool seen[ITEMS];
    size_t count = 0;
    int64_t before_ns = INT64_MAX;
    char last[CLOCK_TEXT_SIZE] = "9";
    for (int page = 0; page < ITEMS && before_ns > 0; page++) {
        json_t *answer = ask(store, NULL, 64, before_ns);
        for (size_t i = 0; i < count_of(answer); i++) {
            const json_t *one = news_of(answer, i);
            int number = (int)strtol(text_of(one, "id") + 3, NULL, 10);
            assert_false(seen[number]);
            seen[number] = true;
            assert_true(strcmp(text_of(one, "time"), last) <= 0);
            (void)str_copy(str_from(text_of(one, "time")), last, sizeof last);
            count++;
        }
        before_ns = 0;
        if (!json_is_null(json_object_get(answer, "next"))) {
            assert_true(clock_parse_time(str_from(text_of(answer, "next")), &before_ns));
        }
        json_decref(answer);
    }
    assert_int_equal(count, ITEMS);
    store_close(store);
}

static void news_are_filtered_by_coins_and_favourites(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    const struct news news[] = {
        item(&texts, "a.example", 1, NOW_NS, "Bitcoin", "", "BTC"),
        item(&texts, "a.example", 2, NOW_NS - NS_PER_SECOND, "Both", "", "ETH,BTC"),
        item(&texts, "a.example", 3, NOW_NS - NS_PER_DAY * 40, "Ripple, long ago", "", "XRP"),
        item(&texts, "a.example", 4, NOW_NS - 2 * NS_PER_SECOND, "None", "", ""),
        item(&texts, "a.example", 5, NOW_NS - 3 * NS_PER_SECOND, "By its coin", "", "tSOLUSD"),
    };
    write_news(store, news, sizeof news / sizeof news[0], &texts);
    text_arena_free(&texts);
    static const struct {
        const char *coins;
        size_t want;
        const char *first;
    } cases[] = {
        {NULL, 5, "Bitcoin"},
        {"tBTCUSD", 2, "Bitcoin"},
        {"cg:bitcoin", 2, "Bitcoin"},
        {"BTC", 2, "Bitcoin"},
        {"tETHUSD", 1, "Both"},
        {"ETH,XRP", 2, "Both"},
        {"XRP", 1, "Ripple, long ago"},
        {"tNONE", 0, ""},
        {"BT", 0, ""},
        {"SOL", 1, "By its coin"},
        {"SOLUSDT", 1, "By its coin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *answer = ask(store, cases[i].coins, 50, INT64_MAX);
        assert_int_equal(count_of(answer), cases[i].want);
        assert_string_equal(text_of(news_of(answer, 0), "title"), cases[i].first);
        json_decref(answer);
    }
    store_close(store);
}

/* Between the first and the last year that a time may have lie more nanoseconds than an int64_t
 * has. */
static void news_of_all_years_are_told(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    const int64_t far_s = INT64_MAX / NS_PER_SECOND / 10 * 9;
    const struct news news[] = {
        item(&texts, "a.example", 1, -far_s * NS_PER_SECOND, "Old", "", ""),
        item(&texts, "a.example", 2, far_s * NS_PER_SECOND, "New", "", ""),
    };
    write_news(store, news, 2, &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, NULL, 50, INT64_MAX);
    assert_int_equal(count_of(answer), 2);
    assert_string_equal(text_of(news_of(answer, 0), "title"), "New");
    json_decref(answer);
    store_close(store);
}

/* What others wrote goes out as data; a link only if it is one of the web. */
static void news_figures_are_what_is_stored(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct text_arena texts = {0};
    struct news news = item(&texts, "cryptopanic.com", 1, NOW_NS, "<b>\"&\xe2\x80\xae</b>",
                            "https://x.example/a?b=c", "BTC");
    news.votes = 7;
    news.score = -0.5;
    news.has_votes = news.has_score = true;
    news.dated = false;
    write_news(store, &news, 1, &texts);
    news = item(&texts, "synthetic", 2, NOW_NS - NS_PER_SECOND, "Made", "", "");
    write_news(store, &news, 1, &texts);
    text_arena_free(&texts);
    json_t *answer = ask(store, NULL, 50, INT64_MAX);
    const json_t *first = news_of(answer, 0);
    assert_string_equal(text_of(first, "title"), "<b>\"&\xe2\x80\xae</b>");
    assert_string_equal(text_of(first, "url"), "https://x.example/a?b=c");
    assert_string_equal(text_of(first, "source"), "cryptopanic.com");
    assert_string_equal(text_of(first, "time"), "2026-01-01T12:00:00Z");
    assert_true(json_is_false(json_object_get(first, "dated")));
    assert_true(json_integer_value(json_object_get(first, "votes")) == 7);
    assert_true(json_number_value(json_object_get(first, "score")) == -0.5);
    assert_true(json_is_false(json_object_get(first, "synthetic")));
    const json_t *second = news_of(answer, 1);
    assert_true(json_is_null(json_object_get(second, "url")));
    assert_true(json_is_null(json_object_get(second, "votes")));
    assert_true(json_is_true(json_object_get(second, "synthetic")));
    const json_t *providers = json_object_get(answer, "providers");
    assert_int_equal(json_array_size(providers), 1);
    assert_string_equal(text_of(json_array_get(providers, 0), "name"), "CryptoPanic");
    json_decref(answer);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(news_of_an_empty_store_are_none),
        WITH_PLACE(news_are_paged_without_loss_or_repeat),
        WITH_PLACE(news_are_filtered_by_coins_and_favourites),
        WITH_PLACE(news_of_all_years_are_told),
        WITH_PLACE(news_figures_are_what_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
