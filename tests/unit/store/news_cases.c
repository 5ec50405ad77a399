#include "news_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/news.h"
#include "record/series.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */

enum { NEWS = 40 };

static const char *const titles[] = {"Bitcoin at \"100,000\"", "a \\ b = c, d 'e'",
                                     "Br\xC3\xBC"
                                     "cke \xF0\x9F\x8C\x89 & <b>",
                                     "x"};

struct written {
    struct news items[NEWS];
    struct text_arena texts;
    size_t next;
};

static struct news news_of(int number, struct text_arena *texts)
{
    const char *title = titles[(size_t)number % COUNT(titles)];
    struct news news = {.source = "www.coindesk.com",
                        .published_ns = T0 + number / 4 * NS_PER_SECOND, /* four a second */
                        .dated = number % 3 > 0,
                        .has_url = number % 2 == 0,
                        .has_coins = number % 4 < 2,
                        .has_votes = number % 5 == 0,
                        .has_score = number % 5 == 0};
    (void)snprintf(news.news_id, sizeof news.news_id, "%032x", (unsigned int)number);
    news.votes = news.has_votes ? INT64_MAX - number : 0;
    news.score = news.has_score ? number % 2 == 0 ? -0.0 : -1.0 / 3 : 0;
    (void)str_copy(str_from(news.has_coins ? "BTC,ETH" : ""), news.coins, sizeof news.coins);
    assert_true(text_arena_add(texts, str_from(title), &news.title));
    assert_true(
        text_arena_add(texts, str_from(news.has_url ? "https://a.b/c?d=e&f=g" : ""), &news.url));
    record_complete(&news_kind, &news);
    assert_int_equal(news_check(&news, texts), NEWS_OK);
    return news;
}

static int by_time(const void *left, const void *right)
{
    int64_t a = ((const struct news *)left)->time_ns, b = ((const struct news *)right)->time_ns;
    return (a > b) - (a < b);
}

static bool same(const struct column *column, const void *left, const struct text_arena *of_left,
                 const void *right, const struct text_arena *of_right)
{
    if (column_present(column, left) != column_present(column, right)) {
        return false;
    }
    switch (column->type) {
    case COLUMN_TEXT:
        return str_equal(column_text(column, left), column_text(column, right));
    case COLUMN_LONG_TEXT:
        return str_equal(column_long_text(column, left, of_left),
                         column_long_text(column, right, of_right));
    default:
        return memcmp((const char *)left + column->offset, (const char *)right + column->offset,
                      column->size) == 0;
    }
}

static bool compare(void *context, const void *point, const struct text_arena *texts,
                    const char *odd)
{
    struct written *written = context;
    const struct news *want = &written->items[written->next++];
    assert_null(odd);
    for (const struct column *column = news_kind.columns; column->name != NULL; column++) {
        if (!same(column, point, texts, want, &written->texts)) {
            fail_msg("item %zu has another %s", written->next - 1, column->name);
        }
    }
    return true;
}

static void write_all(struct store *store, const struct written *written)
{
    struct rejected_list rejected = {0};
    struct error error = {0};
    const struct record_set set = {&news_kind, written->items, NEWS, &written->texts};
    bool done = store_write(store, &set, &rejected, &error);
    assert_string_equal(error.text, "");
    assert_true(done);
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
}

void news_cases_run(struct store *store)
{
    struct written written = {.next = 0};
    struct error error = {0};
    int64_t points = 0;
    struct series_summary *list = NULL;
    size_t count = 0;
    for (int i = 0; i < NEWS; i++) {
        written.items[i] = news_of(i, &written.texts);
    }
    write_all(store, &written);
    write_all(store, &written);
    qsort(written.items, NEWS, sizeof written.items[0], by_time);
    bool scanned = store_scan(store, &news_kind, "www.coindesk.com", T0, T0 + NEWS * NS_PER_SECOND,
                              compare, &written, &error);
    assert_string_equal(error.text, "");
    assert_true(scanned);
    assert_int_equal(written.next, NEWS);
    assert_true(store_count_between(store, &news_kind, "www.coindesk.com", T0,
                                    T0 + NEWS * NS_PER_SECOND, &points, &error));
    assert_int_equal(points, NEWS);
    assert_true(store_list_series(store, &news_kind, &list, &count, &error));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].series, "www.coindesk.com");
    free(list);
    text_arena_free(&written.texts);
}
