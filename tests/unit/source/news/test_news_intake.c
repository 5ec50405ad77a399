#include "source/news/news_intake.h"

#include <stdio.h>

#include "news_read.h"

#define HOUR_NS (3600 * NS_PER_SECOND)

static enum row_fault add(struct news_read *read, const char *id, const char *title, bool dated,
                          int64_t second)
{
    enum row_fault fault;
    const struct news_draft draft = {.source = "feed.example",
                                     .id = id,
                                     .dated = dated,
                                     .second = second,
                                     .title = str_from(title),
                                     .url = str_from(""),
                                     .coins = ""};
    assert_true(
        news_intake_add(&read->intake, &draft, NEWS_NOW, &read->batch, &read->counts, &fault));
    return fault;
}

static void first_sight_wins(void **state)
{
    (void)state;
    struct news_read read;
    news_read_begin(&read);
    const int64_t second = NEWS_NOW / NS_PER_SECOND - 100;
    assert_int_equal(add(&read, "a", "one", true, second), ROW_FAULTS);
    assert_int_equal(add(&read, "a", "one", true, second), ROW_KNOWN);
    assert_int_equal(add(&read, "a", "one", true, second + 1), ROW_KNOWN);
    assert_int_equal(add(&read, "a", "two", true, second), ROW_CHANGED);
    assert_int_equal(add(&read, "a", "two", true, second), ROW_KNOWN); /* told once */
    assert_int_equal(add(&read, "b", "", true, second), ROW_BAD_TITLE);
    assert_int_equal(add(&read, "b", "one", true, second), ROW_FAULTS);
    assert_int_equal(read.batch.count, 2);
    assert_int_equal(read.intake.changed, 1);
    news_read_balances(&read);
    news_read_end(&read);
}

static void what_the_log_has_is_known(void **state)
{
    (void)state;
    static char title[] = "one";
    const struct text_arena texts = {.bytes = title, .length = 3};
    struct news_read read;
    news_read_begin(&read);
    for (int i = 0; i < 5000; i++) { /* the table grows several times */
        struct news news = {
            .source = "feed.example", .published_ns = NEWS_NOW, .title = {.length = 3}};
        (void)snprintf(news.news_id, sizeof news.news_id, "id-%d", i);
        record_complete(&news_kind, &news);
        assert_true(news_intake_tell(&read.intake, &news, &texts));
    }
    for (int i = 0; i < 5000; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "id-%d", i);
        assert_int_equal(add(&read, id, i % 2 == 0 ? "one" : "two", false, 0),
                         i % 2 == 0 ? ROW_KNOWN : ROW_CHANGED);
    }
    assert_int_equal(add(&read, "id-5000", "one", false, 0), ROW_FAULTS);
    news_read_end(&read);
}

static void times_that_cannot_be_are_those_of_first_sight(void **state)
{
    (void)state;
    struct news_read read;
    news_read_begin(&read);
    read.intake.max_age_ns = 24 * HOUR_NS;
    const int64_t now = NEWS_NOW / NS_PER_SECOND;
    static const struct {
        int64_t ahead;
        bool dated;
        enum row_fault fault;
    } cases[] = {{0, true, ROW_FAULTS},
                 {3600, true, ROW_FAULTS},
                 {3601, false, ROW_FAULTS},
                 {-86400, true, ROW_FAULTS},
                 {-86401, true, ROW_TOO_OLD},
                 {INT64_C(1) << 40, false, ROW_FAULTS},
                 {INT64_MAX / 2, false, ROW_FAULTS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[8];
        size_t before = read.batch.count;
        (void)snprintf(id, sizeof id, "%zu", i);
        assert_int_equal(add(&read, id, "title", true, now + cases[i].ahead), cases[i].fault);
        if (cases[i].fault == ROW_FAULTS) {
            const struct news *news = source_batch_at(&read.batch, before);
            assert_int_equal(news->dated, cases[i].dated);
            assert_int_equal(news->published_ns,
                             cases[i].dated ? (now + cases[i].ahead) * NS_PER_SECOND : NEWS_NOW);
        }
    }
    news_read_balances(&read);
    news_read_end(&read);
}

/* Of 20,000 items without a date some have the same hash in one second. */
static void no_two_items_of_a_source_have_one_time(void **state)
{
    (void)state;
    enum { ITEMS = 40000 };
    struct news_read read;
    news_read_begin(&read);
    for (int i = 0; i < ITEMS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        assert_int_equal(add(&read, id, "title", false, 0), ROW_FAULTS);
    }
    struct news_intake times = {.count = 0};
    for (int i = 0; i < ITEMS; i++) {
        assert_true(
            news_intake_tell(&times, source_batch_at(&read.batch, (size_t)i), &read.batch.texts));
    }
    assert_int_equal(times.count, 2 * ITEMS);
    news_intake_free(&times);
    news_read_end(&read);
}

static void coins_are_those_of_the_service_or_of_the_title(void **state)
{
    (void)state;
    static const struct {
        const char *title, *said, *want;
    } cases[] = {
        {"Bitcoin and Ethereum rise, says SOL holder", "", "BTC,ETH,SOL"},
        {"bitcoin", "", "BTC"},
        {"A sol in the sun", "", ""},
        {"Bitcoin", "ETH", "ETH"},
    };
    struct error error = {0};
    struct assets *assets = assets_create((struct str){.data = NULL}, "", &error);
    struct news_read read;
    news_read_begin(&read);
    read.intake.assets = assets;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[8];
        enum row_fault fault;
        (void)snprintf(id, sizeof id, "%zu", i);
        const struct news_draft draft = {.source = "feed.example",
                                         .id = id,
                                         .title = str_from(cases[i].title),
                                         .url = str_from(""),
                                         .coins = cases[i].said};
        assert_true(
            news_intake_add(&read.intake, &draft, NEWS_NOW, &read.batch, &read.counts, &fault));
        const struct news *news = source_batch_at(&read.batch, i);
        assert_string_equal(news->coins, cases[i].want);
        assert_int_equal(news->has_coins, cases[i].want[0] != '\0');
    }
    news_read_balances(&read);
    news_read_end(&read);
    assets_destroy(assets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_sight_wins),
        cmocka_unit_test(what_the_log_has_is_known),
        cmocka_unit_test(times_that_cannot_be_are_those_of_first_sight),
        cmocka_unit_test(no_two_items_of_a_source_have_one_time),
        cmocka_unit_test(coins_are_those_of_the_service_or_of_the_title),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
