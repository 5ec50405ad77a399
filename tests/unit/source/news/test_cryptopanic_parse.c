#include "source/news/cryptopanic_parse.h"

#include <unistd.h>

#include "news_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FOLDER FIXTURES "/news"
#define RECORDED FIXTURES "/../../../shared/data/cryptopanic"
#define KEY "THE-KEY"
#define SECOND(time) (INT64_C(time) * NS_PER_SECOND)

static void read_file(struct news_read *read, const char *folder, const char *name)
{
    struct strbuf body = news_file(folder, name);
    const struct cryptopanic_answer answer = {
        .body = strbuf_str(&body), .key = KEY, .now_ns = NEWS_NOW};
    read->read =
        cryptopanic_parse(&answer, &read->intake, &read->batch, &read->counts, &read->error);
    strbuf_free(&body);
}

static void posts_of_version_1_become_news(void **state)
{
    (void)state;
    struct news_read read;
    news_read_begin(&read);
    read_file(&read, FOLDER, "cryptopanic_v1.json");
    assert_true(read.read);
    news_read_balances(&read);
    assert_int_equal(read.batch.count, 2);
    assert_int_equal(read.counts.rejected[ROW_KNOWN], 1);
    assert_int_equal(read.counts.rejected[ROW_SECRET], 1);
    assert_int_equal(read.counts.rejected[ROW_BAD_SHAPE], 2);
    const struct news *news = source_batch_at(&read.batch, 0);
    assert_string_equal(news->news_id, "18389998");
    assert_string_equal(news->source, "cryptopanic.com");
    assert_int_equal(news->published_ns, SECOND(1794659940));
    assert_true(str_equal_text(news_read_title(&read, 0), "Cardano & more"));
    assert_true(str_equal_text(news_read_url(&read, 0), "https://cryptopanic.com/news/18389998/x"));
    assert_string_equal(news->coins, "ADA,BTC");
    assert_true(news->has_votes && news->has_score && news->dated);
    assert_int_equal(news->votes, 15);
    assert_true(news->score == 6.0 / 8);
    news = source_batch_at(&read.batch, 1);
    assert_false(news->has_coins || news->has_score);
    assert_true(news->has_votes);
    assert_int_equal(news->votes, 0);
    assert_int_equal(news->published_ns, SECOND(1794659943));
    news_read_end(&read);
}

static void posts_of_version_2_become_news(void **state)
{
    (void)state;
    struct news_read read;
    news_read_begin(&read);
    read_file(&read, FOLDER, "cryptopanic_v2.json");
    assert_true(read.read);
    news_read_balances(&read);
    assert_int_equal(read.batch.count, 1);
    const struct news *news = source_batch_at(&read.batch, 0);
    assert_string_equal(news->news_id, "9001");
    assert_string_equal(news->coins, "ETH");
    assert_true(str_equal_text(news_read_url(&read, 0), "https://paper.example/y"));
    assert_true(news->score == -1.0 / 3);
    news_read_end(&read);
}

static void what_is_no_list_of_posts_is_told_without_the_key(void **state)
{
    (void)state;
    static const struct {
        const char *body, *want;
    } cases[] = {
        {"<html>", "its answer is no JSON"},
        {"", "its answer is no JSON"},
        {"\xFF", "its answer is no JSON"},
        {"{}", "its answer has no list of posts"},
        {"5", "its answer is no JSON"},
        {"{\"results\":{}}", "its answer has no list of posts"},
        {"{\"status\":\"api_error\",\"info\":\"Token <b>not</b> found\"}",
         "its answer has no list of posts: Token not found"},
        {"{\"status\":\"api_error\",\"info\":\"Token " KEY " not found\"}",
         "its answer has no list of posts"},
        {"{\"detail\":\"Throttled\"}", "its answer has no list of posts: Throttled"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct news_read read;
        news_read_begin(&read);
        const struct cryptopanic_answer answer = {
            .body = str_from(cases[i].body), .key = KEY, .now_ns = NEWS_NOW};
        assert_false(
            cryptopanic_parse(&answer, &read.intake, &read.batch, &read.counts, &read.error));
        assert_string_equal(read.error.text, cases[i].want);
        assert_int_equal(read.error.kind, ERROR_RETRY);
        assert_int_equal(read.counts.rows, 0);
        news_read_end(&read);
    }
}

static void recorded_posts_balance(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int64_t rows, known;
    } files[] = {{"v1_results_2023-05-20.json", 150, -1}, {"v1_trending_2017-10-03.json", 80, 13}};
    if (access(RECORDED, R_OK) != 0) {
        print_message("skipped: the recordings of CryptoPanic are not here\n");
        skip();
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        struct news_read read;
        news_read_begin(&read);
        read_file(&read, RECORDED, files[i].file);
        assert_true(read.read);
        news_read_balances(&read);
        assert_int_equal(read.counts.rows, files[i].rows);
        int64_t again = read.counts.rejected[ROW_KNOWN] + read.counts.rejected[ROW_CHANGED];
        assert_int_equal(read.counts.rows, read.counts.records + again);
        assert_true(files[i].known < 0 || again == files[i].known);
        news_read_end(&read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_of_version_1_become_news),
        cmocka_unit_test(posts_of_version_2_become_news),
        cmocka_unit_test(what_is_no_list_of_posts_is_told_without_the_key),
        cmocka_unit_test(recorded_posts_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
