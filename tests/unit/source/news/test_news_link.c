#include "source/news/news_link.h"

#include <string.h>

#include "cmocka_all.h"
#include "source/news/news_id.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void links_are_cleaned_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *link, *want; /* "": refused */
    } cases[] = {
        {"https://a.example/b?c=d#e", "https://a.example/b?c=d#e"},
        {" HTTPS://A.Example:8443/B ", "https://a.example:8443/B"},
        {"http://a.example", "http://a.example"},
        {"https://a.example/?utm_source=x", "https://a.example/"},
        {"https://a.example/?utm_source=x&id=7&fbclid=y", "https://a.example/?id=7"},
        {"https://a.example/?id=7&amp;utm_medium=rss&amp;p=2", "https://a.example/?id=7&p=2"},
        {"https://a.example/b#utm_source=x", "https://a.example/b"},
        {"https://a.example/a b\"<>", "https://a.example/a%20b%22%3C%3E"},
        {"https://a.example/\xC3\xBC", "https://a.example/%C3%BC"},
        {"https://a.example/a\nb", "https://a.example/ab"},
        {"https://[::1]/x", "https://[::1]/x"},
        {"javascript:alert(1)", ""},
        {"data:text/html,x", ""},
        {"ftp://a.example/", ""},
        {"//a.example/b", ""},
        {"/relative", ""},
        {"https://", ""},
        {"https:///path", ""},
        {"https://user:password@a.example/", ""},
        {"https://a example/", ""},
        {"", ""},
    };
    struct strbuf url = strbuf_new(4 * NEWS_URL_MAX);
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool clean = news_link_clean(str_from(cases[i].link), &url);
        assert_int_equal(clean, cases[i].want[0] != '\0');
        assert_string_equal(strbuf_text(&url), cases[i].want);
    }
    strbuf_free(&url);
}

static void a_page_is_more_than_the_site(void **state)
{
    (void)state;
    assert_true(news_link_is_page(str_from("https://a.example/b")));
    assert_true(news_link_is_page(str_from("https://a.example/?id=7")));
    assert_false(news_link_is_page(str_from("https://a.example/")));
    assert_false(news_link_is_page(str_from("https://a.example")));
    assert_false(news_link_is_page(str_from("")));
}

static void make(struct feed_item item, const char *title, int64_t second,
                 char id[NEWS_ID_DIGITS + 1])
{
    assert_true(news_id_make(&item, str_from(title), second != 0, second, id));
}

#define SAME true
#define OTHER false

static void an_item_is_the_same_by_what_its_form_gives(void **state)
{
    (void)state;
    const struct {
        bool same;
        struct feed_item left;
        const char *left_title;
        int64_t left_second;
        struct feed_item right;
        const char *right_title;
        int64_t right_second;
    } cases[] = {
        {SAME,
         {.form = FEED_RSS, .id = str_from("g")},
         "a",
         1,
         {.form = FEED_RSS, .id = str_from("g")},
         "b",
         1},
        {OTHER,
         {.form = FEED_RSS, .id = str_from("g")},
         "a",
         1,
         {.form = FEED_RSS, .id = str_from("g")},
         "a",
         2},
        {OTHER,
         {.form = FEED_RSS, .id = str_from("g")},
         "a",
         1,
         {.form = FEED_RSS, .id = str_from("h")},
         "a",
         1},
        {SAME,
         {.form = FEED_ATOM, .id = str_from("g")},
         "a",
         1,
         {.form = FEED_ATOM, .id = str_from("g")},
         "b",
         2},
        {SAME,
         {.form = FEED_RSS, .id = str_from("https://a.b/c")},
         "a",
         1,
         {.form = FEED_RSS, .link = str_from("http://A.b/c?utm_source=x")},
         "b",
         1},
        {OTHER,
         {.form = FEED_RSS, .link = str_from("https://a.b/")},
         "a",
         1,
         {.form = FEED_RSS, .link = str_from("https://a.b/")},
         "b",
         1},
        {SAME,
         {.form = FEED_RSS, .link = str_from("https://a.b/c")},
         "a",
         0,
         {.form = FEED_RSS, .link = str_from("https://a.b/c")},
         "b",
         0},
        {OTHER, {.form = FEED_RSS}, "a", 0, {.form = FEED_RSS}, "b", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char left[NEWS_ID_DIGITS + 1], right[NEWS_ID_DIGITS + 1];
        make(cases[i].left, cases[i].left_title, cases[i].left_second, left);
        make(cases[i].right, cases[i].right_title, cases[i].right_second, right);
        if ((strcmp(left, right) == 0) != cases[i].same) {
            fail_msg("case %zu: %s %s", i, left, right);
        }
        assert_int_equal(strlen(left), NEWS_ID_DIGITS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_cleaned_or_refused),
        cmocka_unit_test(a_page_is_more_than_the_site),
        cmocka_unit_test(an_item_is_the_same_by_what_its_form_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
