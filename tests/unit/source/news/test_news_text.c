#include "source/news/news_text.h"

#include <string.h>

#include "cmocka_all.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void markup_goes_and_the_text_stays(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"  two\n\tlines\r\n", "two lines"},
        {"<b>bold</b>ly", "boldly"},
        {"one<br/>two<p>three", "one two three"},
        {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
        {"I <3 BTC", "I <3 BTC"},
        {"an end<b", "an end<b"},
        {"<a href=\"x>y\" title='>'>link</a>", "link"},
        {"<a href=\"x>open", "open"},
        {"a<!-- hidden > -->b", "ab"},
        {"a<!-- no end", "a<!-- no end"},
        {"<script>if (a < b) alert('</b>')</script>x", "x"},
        {"<STYLE>p{}</STYLE >x", "x"},
        {"<script>no end", ""},
        {"&lt;b&gt;escaped&lt;/b&gt;", "escaped"},
        {"&amp;lt;b&amp;gt;", "&lt;b&gt;"},
        {"A&nbsp;B &mdash; C&#8217;s &#x27;d&#39; &eacute;",
         "A B \xE2\x80\x94 C\xE2\x80\x99s 'd' \xC3\xA9"},
        {"&unknown; & &; &#; &#x; &#xZ;", "&unknown; & &; &#; &#x; &#xZ;"},
        {"&#0;&#55296;&#1114112;&#99999999999;",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD&#99999999999;"},
        {"&#147;q&#148;", "\xE2\x80\x9Cq\xE2\x80\x9D"},
        {"a\x01\x1B[31mb\x7F", "a [31mb"},
        {"\xE2\x80\xAE"
         "abc\xE2\x80\xAC\xE2\x81\xA6\xEF\xBB\xBF",
         "abc"},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80",
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"},
        {"bad \xFF\xC3 bytes", "bad \xEF\xBF\xBD\xEF\xBF\xBD bytes"},
    };
    struct strbuf plain = strbuf_new(1 << 12);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(news_text_plain(str_from(cases[i].text), 300, &plain));
        assert_string_equal(strbuf_text(&plain), cases[i].want);
    }
    strbuf_free(&plain);
}

static void a_long_text_is_cut_after_a_whole_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *want;
    } cases[] = {
        {"abcde", 5, "abcde"},
        {"abcdef", 5, "abcd\xE2\x80\xA6"},
        {"abcd  ", 4, "abcd"},
        {"abc def", 5, "abc\xE2\x80\xA6"},
        {"\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 3, "\xC3\xBC\xC3\xBC\xE2\x80\xA6"},
        {"abc", 1, "\xE2\x80\xA6"},
    };
    struct strbuf plain = strbuf_new(1 << 12);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(news_text_plain(str_from(cases[i].text), cases[i].most, &plain));
        assert_string_equal(strbuf_text(&plain), cases[i].want);
        assert_int_equal(strlen(cases[i].want), plain.length);
    }
    strbuf_free(&plain);
}

/* Of a text of many tags without an end each byte is looked at a few times, not each time anew. */
static void a_hostile_text_takes_no_long_time(void **state)
{
    (void)state;
    static const struct {
        const char *unit, *end;
    } texts[] = {{"<a ", ""},      {"<!--", ""}, {"<a =\"", ""},  {"<a ='>", ""},    {"&lt;a ", ""},
                 {"<script>", ""}, {"&", ""},    {"<a ", "='>'"}, {"&lt;a ", "='>'"}};
    struct strbuf text = strbuf_new(1 << 20), plain = strbuf_new(1 << 20);
    for (size_t i = 0; i < COUNT(texts); i++) {
        strbuf_clear(&text);
        while (text.length < (SUPPORT_SANITIZED ? 60000 : 900000)) {
            strbuf_append_text(&text, texts[i].unit);
        }
        strbuf_append_text(&text, texts[i].end);
        assert_true(news_text_plain(strbuf_str(&text), 300, &plain));
    }
    strbuf_free(&text);
    strbuf_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_goes_and_the_text_stays),
        cmocka_unit_test(a_long_text_is_cut_after_a_whole_character),
        cmocka_unit_test(a_hostile_text_takes_no_long_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
