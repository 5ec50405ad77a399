/* Feeds as they come, by hand-written twins of recorded ones, and the recordings where they are. */
#include "source/news/feed_news.h"

#include <dirent.h>
#include <stdlib.h>

#include "news_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RECORDED FIXTURES "/../../../shared/data/rss"
#define FOLDER FIXTURES "/news"
#define NO_FAULT ROW_FAULTS
#define SECOND(time) (INT64_C(time) * NS_PER_SECOND)

struct item {
    const char *title, *url; /* url "": null */
    int64_t published_ns;    /* 0: not dated */
};

static const struct feed_case {
    const char *file, *type;
    enum feed_form form;
    struct item items[4]; /* the records, in their order */
    size_t records;
    struct {
        enum row_fault fault;
        int64_t count;
    } rejected[2];
    const char *trouble; /* part of it; "": none */
} cases[] = {
    {"cdata_and_permalinks.rss",
     "",
     FEED_RSS,
     {{"Bitcoin & Ether: \"1 < 2\"", "https://paper.example/a/1", SECOND(1794672000)},
      {"Second \xE2\x80\x93 with dc:", "https://paper.example/a/2?page=2", SECOND(1794672000)}},
     2,
     {{NO_FAULT, 0}},
     ""},
    {"reused_guid.rss",
     "application/rss+xml",
     FEED_RSS,
     {{"Today in crypto", "https://daily.example/today", SECOND(1794643200)},
      {"Today in crypto", "https://daily.example/today", SECOND(1794556800)}},
     2,
     {{ROW_KNOWN, 1}, {ROW_CHANGED, 1}},
     ""},
    {"site_links_no_guid.rss",
     "",
     FEED_RSS,
     {{"Update of the 13th", "https://site.example/", SECOND(1794571200)},
      {"One more of the 13th", "https://site.example/", SECOND(1794571200)},
      {"Without any date", "https://site.example", 0}},
     3,
     {{NO_FAULT, 0}},
     ""},
    {"blank_lines_and_bare_ampersands.rss",
     "",
     FEED_RSS,
     {{"AT&T & more news \xE2\x9C\x93 &unknown; \xC2\xA9", "https://x.example/?a=1&b=2&c=3",
       SECOND(1794661200)}},
     1,
     {{NO_FAULT, 0}},
     ""},
    {"rdf.xml",
     "",
     FEED_RDF,
     {{"Erste", "https://rdf.example/1", SECOND(1794647664)},
      {"Zweite", "https://rdf.example/2", SECOND(1794614400)}},
     2,
     {{NO_FAULT, 0}},
     ""},
    {"atom.xml",
     "application/atom+xml; charset=utf-8",
     FEED_ATOM,
     {{"Report on Bitcoin isn't new", "https://atom.example/1", SECOND(1794670989)},
      {"Nested text", "https://atom.example/2", SECOND(1794664800)}},
     2,
     {{ROW_BAD_TITLE, 1}, {ROW_KNOWN, 1}},
     ""},
    {"cut_in_cdata.rss", "", FEED_RSS, {{"Whole", "", 0}}, 1, {{ROW_UNFINISHED, 1}}, "line "},
    {"unclosed_end_tag.rss",
     "",
     FEED_RSS,
     {{"Link", "http://link.example/get?a=1&b=2", 0}},
     1,
     {{NO_FAULT, 0}},
     "line "},
    {"mismatched.rss", "", FEED_RSS, {{"First", "", 0}}, 1, {{ROW_UNFINISHED, 1}}, "mismatched"},
};

static void check_items(const struct news_read *read, const struct feed_case *want)
{
    assert_int_equal(read->batch.count, want->records);
    for (size_t i = 0; i < want->records; i++) {
        const struct news *news = source_batch_at(&read->batch, i);
        const struct item *item = &want->items[i];
        if (!str_equal_text(news_read_title(read, i), item->title) ||
            !str_equal_text(news_read_url(read, i), item->url) ||
            news->has_url != (item->url[0] != '\0') || news->dated != (item->published_ns != 0) ||
            (news->dated && news->published_ns != item->published_ns)) {
            struct str title = news_read_title(read, i), url = news_read_url(read, i);
            fail_msg("%s, item %zu: \"%.*s\" %.*s %lld", want->file, i, (int)title.length,
                     title.data, (int)url.length, url.data, (long long)news->published_ns);
        }
    }
}

/* A server may send what it likes: of one answer only so many items are taken. */
static void a_flood_of_items_is_cut(void **state)
{
    (void)state;
    struct strbuf body = strbuf_new(1 << 20);
    strbuf_append_text(&body, "<rss><channel>");
    for (int i = 0; i < FEED_ITEMS_MAX + 2; i++) {
        strbuf_append_format(&body, "<item><title>%d</title></item>", i);
    }
    strbuf_append_text(&body, "</channel></rss>");
    assert_false(body.failed);
    struct news_read read;
    news_read_begin(&read);
    news_read_body(&read, strbuf_str(&body), "");
    assert_true(read.read);
    assert_int_equal(read.counts.records, FEED_ITEMS_MAX);
    assert_int_equal(read.counts.rows, FEED_ITEMS_MAX);
    assert_string_equal(read.result.trouble, "it has more than 20000 items");
    news_read_end(&read);
    strbuf_free(&body);
}

static void every_form_gives_its_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf body = news_file(FOLDER, cases[i].file);
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, strbuf_str(&body), cases[i].type);
        if (!read.read || read.result.form != cases[i].form ||
            (cases[i].trouble[0] == '\0') != (read.result.trouble[0] == '\0') ||
            strstr(read.result.trouble, cases[i].trouble) == NULL) {
            fail_msg("%s: %s%s", cases[i].file, read.error.text, read.result.trouble);
        }
        news_read_balances(&read);
        check_items(&read, &cases[i]);
        for (size_t k = 0; k < COUNT(cases[i].rejected) && cases[i].rejected[k].count > 0; k++) {
            assert_int_equal(read.counts.rejected[cases[i].rejected[k].fault],
                             cases[i].rejected[k].count);
        }
        news_read_end(&read);
        strbuf_free(&body);
    }
}

static void character_sets_are_known_by_mark_header_declaration_or_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *file, *type, *title;
    } sets[] = {
        {"koi8-r.rss", "", "Курс биткоина"},
        {"koi8-r.rss", "text/xml; charset=\"koi8-r\"", "Курс биткоина"},
        {"koi8-r.rss", "text/xml; charset=no-such-set", "Курс биткоина"},
        {"windows-1251.rss", "text/xml", "Курс биткоина"},
        {"utf-16.rss", "text/xml; charset=iso-8859-1", "Курс биткоина"},
        {"utf-8_mark.rss", "text/xml; charset=koi8-r", "Курс биткоина"},
        {"header_only.rss", "application/xml;Charset = windows-1251", "Курс биткоина"},
        {"windows-1252_undeclared.rss", "", "Élan – “étés”"},
        {"windows-1252_undeclared.rss", "text/xml; charset=ISO-8859-1", "Élan – “étés”"},
        {"windows-1252_undeclared.rss", "text/xml; charset=utf-8", "Élan – “étés”"},
        {"latin1_said_utf8.rss", "", "Élan - \"étés\""},
        {"shift_jis.rss", "", "ビットコイン"},
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct strbuf body = news_file(FOLDER, sets[i].file);
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, strbuf_str(&body), sets[i].type);
        news_read_balances(&read);
        if (!read.read || read.batch.count != 1 ||
            !str_equal_text(news_read_title(&read, 0), sets[i].title)) {
            fail_msg("%s, %s: %s", sets[i].file, sets[i].type, read.error.text);
        }
        news_read_end(&read);
        strbuf_free(&body);
    }
}

static void dates_are_the_feeds_or_that_of_first_sight(void **state)
{
    (void)state;
    struct strbuf body = news_file(FOLDER, "dates.rss");
    struct news_read read;
    news_read_begin(&read);
    read.intake.max_age_ns = 6 * NS_PER_DAY;
    news_read_body(&read, strbuf_str(&body), "");
    assert_true(read.read);
    news_read_balances(&read);
    assert_int_equal(read.counts.rejected[ROW_TOO_OLD], 1);
    static const bool dated[] = {true, true, true, true, false, false};
    assert_int_equal(read.batch.count, COUNT(dated));
    for (size_t i = 0; i < COUNT(dated); i++) {
        const struct news *news = source_batch_at(&read.batch, i);
        assert_int_equal(news->dated, dated[i]);
        assert_int_equal(news->published_ns, dated[i] ? SECOND(1794643200) : NEWS_NOW);
    }
    news_read_end(&read);
    strbuf_free(&body);
}

static void hostile_items_become_plain_text(void **state)
{
    (void)state;
    struct strbuf body = news_file(FOLDER, "hostile.rss");
    struct news_read read;
    news_read_begin(&read);
    news_read_body(&read, strbuf_str(&body), "");
    assert_true(read.read);
    news_read_balances(&read);
    assert_int_equal(read.counts.rejected[ROW_BAD_TITLE], 1);
    static const char *const titles[] = {"Safe title", "Twice escaped",
                                         "Turned txet and hidden [31m\xE2\x80\xBA"};
    static const char *const urls[] = {"", "", "", "https://h.example/a%20b%22c%3E"};
    assert_int_equal(read.batch.count, COUNT(urls));
    for (size_t i = 0; i < COUNT(urls); i++) {
        assert_true(str_equal_text(news_read_url(&read, i), urls[i]));
        assert_true(i >= COUNT(titles) || str_equal_text(news_read_title(&read, i), titles[i]));
    }
    assert_int_equal(news_read_title(&read, 3).length, NEWS_TITLE_CHARACTERS - 1 + 3);
    news_read_end(&read);
    strbuf_free(&body);
}

static void what_is_no_feed_is_told_as_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *file, *want;
    } none[] = {
        {"document_moved.html", "it is an HTML page (Document & Moved), no feed"},
        {"page.html", "it is an HTML page (Just a moment...), no feed"},
        {"doctype.html", "it is an HTML page (No XML), no feed"},
        {"empty.rss", "it is no XML, so no feed"},
        {"other.xml", "it is no feed: its outermost element is opml"},
        {"cryptopanic_error.json", "it is no XML, so no feed"},
    };
    for (size_t i = 0; i < COUNT(none); i++) {
        struct strbuf body = news_file(FOLDER, none[i].file);
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, strbuf_str(&body), "");
        assert_false(read.read);
        assert_string_equal(read.error.text, none[i].want);
        assert_int_equal(read.error.kind, ERROR_RETRY);
        assert_int_equal(read.counts.rows, 0);
        news_read_end(&read);
        strbuf_free(&body);
    }
}

static void deep_and_swelling_documents_are_refused(void **state)
{
    (void)state;
    struct strbuf deep = strbuf_new(1 << 22);
    strbuf_append_text(&deep, "<rss><channel>");
    for (int i = 0; i < 200000; i++) {
        strbuf_append_text(&deep, "<a>");
    }
    static const char laughs[] =
        "<!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><rss><channel><item>"
        "<title>&b;</title></item></channel></rss>";
    const struct {
        struct str body;
        const char *want;
    } bombs[] = {{strbuf_str(&deep), "nested deeper than 64"}, {str_from(laughs), "entities"}};
    for (size_t i = 0; i < COUNT(bombs); i++) {
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, bombs[i].body, "");
        assert_false(read.read);
        assert_non_null(strstr(read.error.text, bombs[i].want));
        news_read_end(&read);
    }
    strbuf_free(&deep);
}

/* What has been read once is known. */
static void nothing_is_new_a_second_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf body = news_file(FOLDER, cases[i].file);
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, strbuf_str(&body), cases[i].type);
        int64_t first = read.counts.records;
        news_read_body(&read, strbuf_str(&body), cases[i].type);
        assert_int_equal(read.counts.records, first);
        news_read_balances(&read);
        news_read_end(&read);
        strbuf_free(&body);
    }
}

static void recorded_feeds_balance(void **state)
{
    (void)state;
    DIR *folder = opendir(RECORDED);
    if (folder == NULL) {
        print_message("skipped: the recordings of feeds are not here\n");
        skip();
    }
    int feeds = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct strbuf body = news_file(RECORDED, entry->d_name);
        struct news_read read;
        news_read_begin(&read);
        news_read_body(&read, strbuf_str(&body), "");
        news_read_balances(&read);
        print_message(
            "%s: %lld items, %lld records%s%s\n", entry->d_name, (long long)read.counts.rows,
            (long long)read.counts.records,
            read.read ? ". " : ". Refused: ", read.read ? read.result.trouble : read.error.text);
        feeds++;
        news_read_end(&read);
        strbuf_free(&body);
    }
    assert_int_equal(closedir(folder), 0);
    assert_true(feeds > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_of_items_is_cut),
        cmocka_unit_test(every_form_gives_its_items),
        cmocka_unit_test(character_sets_are_known_by_mark_header_declaration_or_bytes),
        cmocka_unit_test(dates_are_the_feeds_or_that_of_first_sight),
        cmocka_unit_test(hostile_items_become_plain_text),
        cmocka_unit_test(what_is_no_feed_is_told_as_what_it_is),
        cmocka_unit_test(deep_and_swelling_documents_are_refused),
        cmocka_unit_test(nothing_is_new_a_second_time),
        cmocka_unit_test(recorded_feeds_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
