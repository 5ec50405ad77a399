/* The source of synthetic news: a headline every five minutes, the same in every run. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "record/news.h"
#include "record/stream.h"
#include "source/sources.h"

#define NOON_NS INT64_C(1764504000000000000)
#define HEADLINE_NS (300 * NS_PER_SECOND)

enum {
    MOST = 64, /* headlines that a test reads */
};

static int64_t now_ns;

static int64_t wall_ns(void)
{
    return now_ns;
}

struct headline {
    struct news news;
    char title[64];
};

struct headlines {
    struct headline items[MOST];
    size_t count;
};

static struct source *open_source(struct stop *stop, bool live)
{
    struct error error = {0};
    struct synthetic_stream_config config = {
        .kind = &news_kind,
        .coins = "tBTCUSD,tETHUSD",
        .live = live,
        .start_ns = live ? 0 : NOON_NS - 12 * HEADLINE_NS,
        .history_ns = live ? 12 * HEADLINE_NS : 0,
        .end_ns = live ? 0 : NOON_NS,
        .stop = stop,
        .wall_ns = wall_ns,
    };
    struct source *source = synthetic_news_source_create(&config, &error);
    if (source == NULL) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(source->live, live);
    return source;
}

static struct stop *requested_stop(void)
{
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    stop_request(stop); /* a live source does not wait then */
    return stop;
}

/* Adds what the source has to give now. */
static void read_all(struct source *source, struct headlines *read)
{
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error;
    enum source_next next;
    do {
        next = source->next(source->state, &batch, &counts, &error);
        assert_int_not_equal(next, SOURCE_ERROR);
        for (size_t i = 0; next == SOURCE_BATCH && i < batch.count; i++) {
            const struct news *news = source_batch_at(&batch, i);
            assert_null(news_kind.check(news, &batch.texts));
            assert_in_range(read->count, 0, MOST - 1);
            struct headline *item = &read->items[read->count++];
            item->news = *news;
            assert_true(str_copy(text_arena_at(&batch.texts, news->title), item->title, 64));
            assert_false(news->has_url); /* it links nowhere */
        }
    } while (next == SOURCE_BATCH && batch.count > 0);
    assert_int_equal(counts.rows, counts.records);
    source_batch_free(&batch);
}

static void headlines_are_five_minutes_apart_and_name_a_coin(void **state)
{
    (void)state;
    static struct headlines read;
    read.count = 0;
    struct stop *stop = requested_stop();
    struct source *source = open_source(stop, false);
    source->begin(source->state, INT64_MIN);
    read_all(source, &read);
    assert_int_equal(read.count, 12);
    for (size_t i = 0; i < read.count; i++) {
        const struct news *news = &read.items[i].news;
        int64_t number = NOON_NS / HEADLINE_NS - 12 + (int64_t)i;
        char title[64], id[64];
        (void)snprintf(title, sizeof title, "Synthetic headline %lld", (long long)number);
        (void)snprintf(id, sizeof id, "synthetic-%lld", (long long)number);
        assert_int_equal(news->published_ns, number * HEADLINE_NS);
        assert_string_equal(read.items[i].title, title);
        assert_string_equal(news->news_id, id);
        assert_string_equal(news->source, "synthetic");
        assert_string_equal(news->coins, number % 2 == 0 ? "tBTCUSD" : "tETHUSD");
        assert_true(news->dated);
    }
    source_destroy(source);
    stop_destroy(stop);
}

/* A live one gives the past, then each headline when its time has come; one that is computed gives
 * the same. */
static void live_one_goes_on_with_the_clock(void **state)
{
    (void)state;
    static struct headlines live, computed;
    live.count = computed.count = 0;
    now_ns = NOON_NS;
    struct stop *stop = requested_stop();
    struct source *source = open_source(stop, true);
    source->begin(source->state, INT64_MIN);
    read_all(source, &live);
    assert_int_equal(live.count, 12);
    now_ns = NOON_NS + HEADLINE_NS - 1;
    read_all(source, &live);
    assert_int_equal(live.count, 13); /* the one of noon itself */
    now_ns = NOON_NS + 3 * HEADLINE_NS + 1;
    read_all(source, &live);
    assert_int_equal(live.count, 16);
    source_destroy(source);

    source = open_source(stop, false);
    source->begin(source->state, INT64_MIN);
    read_all(source, &computed);
    for (size_t i = 0; i < computed.count; i++) {
        assert_int_equal(live.items[i].news.published_ns, computed.items[i].news.published_ns);
        assert_string_equal(live.items[i].news.news_id, computed.items[i].news.news_id);
        assert_string_equal(live.items[i].title, computed.items[i].title);
    }
    source_destroy(source);
    stop_destroy(stop);
}

/* What the log has is not sent again; news of another source say nothing about it. */
static void restart_goes_on_behind_what_the_log_has(void **state)
{
    (void)state;
    static struct headlines first, second;
    first.count = second.count = 0;
    now_ns = NOON_NS;
    struct stop *stop = requested_stop();
    struct source *source = open_source(stop, true);
    source->begin(source->state, INT64_MIN);
    read_all(source, &first);
    source_destroy(source);

    source = open_source(stop, true);
    for (size_t i = 0; i < first.count; i++) {
        struct news news = first.items[i].news;
        if (i < 9) {
            assert_true(source->tell(source->state, &news_kind, &news, NULL));
        }
        (void)str_copy(str_from("example.com"), news.source, sizeof news.source);
        assert_true(source->tell(source->state, &news_kind, &news, NULL));
    }
    source->begin(source->state, INT64_MIN);
    read_all(source, &second);
    assert_int_equal(second.count, 3);
    assert_string_equal(second.items[0].news.news_id, first.items[9].news.news_id);
    source_destroy(source);
    stop_destroy(stop);
}

static void coins_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct error error = {0};
    struct synthetic_stream_config config = {.kind = &news_kind, .coins = "tBTC USD"};
    assert_null(synthetic_news_source_create(&config, &error));
    assert_non_null(strstr(error.text, "tBTC USD"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headlines_are_five_minutes_apart_and_name_a_coin),
        cmocka_unit_test(live_one_goes_on_with_the_clock),
        cmocka_unit_test(restart_goes_on_behind_what_the_log_has),
        cmocka_unit_test(coins_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
