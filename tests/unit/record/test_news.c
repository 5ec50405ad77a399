#include "record/news.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "cmocka_all.h"
#include "record/record_json.h"
#include "record/series.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0 (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */
#define ID "0123456789abcdef0123456789abcdef"

static struct news good_news(void)
{
    struct news news = {.news_id = ID,
                        .source = "www.coindesk.com",
                        .published_ns = T0,
                        .dated = true,
                        .title = {.offset = 0, .length = 5}};
    record_complete(&news_kind, &news);
    return news;
}

static void stored_time_is_the_second_and_the_order_of_the_id(void **state)
{
    (void)state;
    struct news news = good_news();
    /* FNV-1a-64 of "a" is 0xaf63dc4c8601ec8c (RFC 9923, appendix C). */
    (void)str_copy(str_from("a"), news.news_id, sizeof news.news_id);
    assert_int_equal(news_stored_time_ns(&news),
                     T0 + (int64_t)(UINT64_C(0xaf63dc4c8601ec8c) % 1000000000));
    news.published_ns = -NS_PER_SECOND;
    assert_true(news_stored_time_ns(&news) >= -NS_PER_SECOND && news_stored_time_ns(&news) < 0);
    news.published_ns = T0 + 1;
    assert_int_equal(news_stored_time_ns(&news), 0);
    memset(&news, 0xFF, sizeof news); /* texts without a NUL */
    record_complete(&news_kind, &news);
    assert_int_equal(news.time_ns, 0);
}

static void check_names_the_first_fault(void **state)
{
    (void)state;
    static const struct {
        const char *id, *source;
        int64_t published_ns;
        const char *title, *url;
        const char *coins;
        int64_t votes;
        double score;
        enum news_fault want;
        const char *name;
    } cases[] = {
        {ID, "a.b", T0, "x", "http://a", "BTC", 0, -1, NEWS_OK, "ok"},
        {"18:a^._=-", "::1", 0, "<x>", "https://a", "BTC,ETH", INT64_MAX, 1, NEWS_OK, "ok"},
        {"", "a", T0, "x", "http://a", "BTC", 0, 0, NEWS_BAD_ID, "bad_id"},
        {"a b", "a", T0, "x", "http://a", "BTC", 0, 0, NEWS_BAD_ID, "bad_id"},
        {"a/b", "a", T0, "x", "http://a", "BTC", 0, 0, NEWS_BAD_ID, "bad_id"},
        {ID, "", T0, "x", "http://a", "BTC", 0, 0, NEWS_BAD_SOURCE, "bad_source"},
        {ID, "a b", T0, "x", "http://a", "BTC", 0, 0, NEWS_BAD_SOURCE, "bad_source"},
        {ID, "a", T0 + 1, "x", "http://a", "BTC", 0, 0, NEWS_BAD_TIME, "bad_time"},
        {ID, "a", RECORD_TIME_END_NS, "x", "http://a", "BTC", 0, 0, NEWS_BAD_TIME, "bad_time"},
        {ID, "a", T0, "", "http://a", "BTC", 0, 0, NEWS_BAD_TITLE, "bad_title"},
        {ID, "a", T0, "a\nb", "http://a", "BTC", 0, 0, NEWS_BAD_TITLE, "bad_title"},
        {ID, "a", T0, "x", "", "BTC", 0, 0, NEWS_BAD_URL, "bad_url"},
        {ID, "a", T0, "x", "ftp://a", "BTC", 0, 0, NEWS_BAD_URL, "bad_url"},
        {ID, "a", T0, "x", "http://a", "", 0, 0, NEWS_BAD_COINS, "bad_coins"},
        {ID, "a", T0, "x", "http://a", "BTC,", 0, 0, NEWS_BAD_COINS, "bad_coins"},
        {ID, "a", T0, "x", "http://a", "BTC,,ETH", 0, 0, NEWS_BAD_COINS, "bad_coins"},
        {ID, "a", T0, "x", "http://a", "BTC, ETH", 0, 0, NEWS_BAD_COINS, "bad_coins"},
        {ID, "a", T0, "x", "http://a", "BTC", -1, 0, NEWS_BAD_VOTES, "bad_votes"},
        {ID, "a", T0, "x", "http://a", "BTC", 0, 1.001, NEWS_BAD_VOTES, "bad_votes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_arena texts = {0};
        struct news news = {.published_ns = cases[i].published_ns,
                            .votes = cases[i].votes,
                            .score = cases[i].score,
                            .has_url = true,
                            .has_coins = true,
                            .has_votes = true,
                            .has_score = true};
        (void)str_copy(str_from(cases[i].id), news.news_id, sizeof news.news_id);
        (void)str_copy(str_from(cases[i].source), news.source, sizeof news.source);
        (void)str_copy(str_from(cases[i].coins), news.coins, sizeof news.coins);
        assert_true(text_arena_add(&texts, str_from(cases[i].title), &news.title));
        assert_true(text_arena_add(&texts, str_from(cases[i].url), &news.url));
        record_complete(&news_kind, &news);
        const char *reason = news_kind.check(&news, &texts);
        if (news_check(&news, &texts) != cases[i].want ||
            (reason == NULL) != (cases[i].want == NEWS_OK) ||
            strcmp(news_fault_names[cases[i].want], cases[i].name) != 0) {
            fail_msg("case %zu: %s", i, news_fault_names[news_check(&news, &texts)]);
        }
        text_arena_free(&texts);
    }
    struct news bare = good_news(); /* What is null is not looked at. */
    bare.votes = -1;
    bare.score = 7;
    static char title[] = "title";
    const struct text_arena texts = {.bytes = title, .length = 5};
    assert_int_equal(news_check(&bare, &texts), NEWS_OK);
    bare.time_ns++;
    assert_int_equal(news_check(&bare, &texts), NEWS_INCOMPLETE);
}

static void titles_and_urls_are_what_a_page_may_show(void **state)
{
    (void)state;
    char long_title[NEWS_TITLE_CHARACTERS + 1], long_url[NEWS_URL_MAX + 1];
    memset(long_title, 'x', sizeof long_title);
    memset(long_url, 'x', sizeof long_url);
    memcpy(long_url, "http://", 7);
    assert_true(news_title_valid((struct str){long_title, NEWS_TITLE_CHARACTERS}));
    assert_false(news_title_valid((struct str){long_title, NEWS_TITLE_CHARACTERS + 1}));
    assert_true(news_title_valid(str_from("Br\xC3\xBC"
                                          "cke <b>")));
    assert_false(news_title_valid(str_from("")) || news_title_valid(str_from("a\nb")) ||
                 news_title_valid(str_from("\xFF")) || news_title_valid(str_from("\xC2\x85")));
    assert_true(news_url_valid(str_from("https://example.com/a?b=c#d")));
    assert_true(news_url_valid((struct str){long_url, NEWS_URL_MAX}));
    assert_false(news_url_valid((struct str){long_url, NEWS_URL_MAX + 1}));
    static const char *const bad[] = {"",           "javascript:alert(1)", "http:/a",
                                      "ftp://a.b",  "http://a b",          "http://a\"b",
                                      "http://a<b", "http://a\xC3\xBC",    "HTTP://a\x7F"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(news_url_valid(str_from(bad[i])));
    }
}

static void its_series_is_the_source_and_its_key_the_id(void **state)
{
    (void)state;
    struct news news = good_news();
    char name[RECORD_SERIES_MAX + 1];
    series_of(&news_kind, &news, name);
    assert_string_equal(name, "www.coindesk.com");
    assert_string_equal(news_kind.key->name, "news_id");
    assert_false(kind_key_is_tag(&news_kind));
    assert_true(record_is_live(&news_kind, &news));
}

static void as_json_it_has_the_published_time_as_the_time_for_people(void **state)
{
    (void)state;
    static char title[] = "\"A\" <b>";
    const struct text_arena texts = {.bytes = title, .length = sizeof title - 1};
    struct news news = good_news();
    struct strbuf json = strbuf_new(1 << 12);
    news.title.length = texts.length;
    news.has_votes = news.has_score = true;
    news.votes = 3;
    news.score = -0.5;
    record_to_json(&news_kind, &news, &texts, &json);
    assert_string_equal(
        strbuf_text(&json),
        "{\"news_id\":\"" ID "\",\"source\":\"www.coindesk.com\","
        "\"published_ns\":\"1767225600000000000\",\"time\":\"2026-01-01T00:00:00Z\","
        "\"dated\":true,\"title\":\"\\\"A\\\" <b>\",\"url\":null,\"coins\":null,"
        "\"votes\":3,\"score\":-0.5}");
    strbuf_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_time_is_the_second_and_the_order_of_the_id),
        cmocka_unit_test(check_names_the_first_fault),
        cmocka_unit_test(titles_and_urls_are_what_a_page_may_show),
        cmocka_unit_test(its_series_is_the_source_and_its_key_the_id),
        cmocka_unit_test(as_json_it_has_the_published_time_as_the_time_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
