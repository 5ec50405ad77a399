/* A file that is repeated: each round later by the same time, no two rounds with one identity. */
#include "record/bar.h"
#include "record/trade.h"
#include "replay_fixture.h"
#include "source/replay/replay_loop.h"

enum { ROUNDS = 3 };

static const int64_t second_ns = NS_PER_SECOND;

/* Reads at least `count` records of a file that is repeated; returns how it ended if it did. */
static enum source_next read_some(const struct fixture *fixture, size_t count,
                                  struct source_batch *all, struct error *error)
{
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct source *source =
        open_config(&(struct replay_config){.path = fixture->path, .coins = "ALL", .loop = true});
    enum source_next next = SOURCE_BATCH;
    source_batch_begin(all, source->kind, true);
    assert_null(source->share); /* it has no end of which a share could be read */
    while (all->count < count && next == SOURCE_BATCH) {
        next = source->next(source->state, &batch, &counts, error);
        for (size_t i = 0; next == SOURCE_BATCH && i < batch.count; i++) {
            void *copy = source_batch_add(all);
            assert_non_null(copy);
            memcpy(copy, source_batch_at(&batch, i), batch.kind->size);
            assert_null(batch.kind->check(copy, &batch.texts));
        }
    }
    source_batch_free(&batch);
    source_destroy(source);
    return next;
}

/* The rounds have the same records, each `later_ns` after those of the round before. */
static void expect_rounds(const struct source_batch *all, size_t of_round, int64_t later_ns)
{
    const struct record_kind *kind = all->kind;
    assert_true(all->count >= ROUNDS * of_round);
    for (size_t i = 0; i < ROUNDS * of_round; i++) {
        const char *record = source_batch_at(all, i);
        assert_true(str_equal_text(column_text(kind->source, record), "replay-loop"));
        if (i >= of_round) {
            const char *before = source_batch_at(all, i - of_round);
            assert_int_equal(
                column_int64(kind->moment, record) - column_int64(kind->moment, before), later_ns);
            assert_true(column_double(kind->price, record) == column_double(kind->price, before));
        }
    }
}

static void ticks_go_on_in_time_and_each_round_is_a_run(void **state)
{
    struct fixture *fixture = *state;
    /* Times of one coin that are equal are a nanosecond apart; the mean step is a second. */
    write_text(fixture, "time,symbol,last_price,source\n"
                        "100.25,tA1,1,bitfinex\n100.25,tA1,2,bitfinex\n100.5,tB1,5,x\n"
                        "102.25,tA1,3,bitfinex\nbad,tA1,4,x\n");
    struct source_batch all = {0}, again = {0};
    struct error error = {0};
    enum { OF_ROUND = 4 };
    assert_int_equal(read_some(fixture, ROUNDS * OF_ROUND, &all, &error), SOURCE_BATCH);
    expect_rounds(&all, OF_ROUND, 3 * second_ns);
    const struct ticker *ticks = batch_ticks(&all);
    assert_int_equal(ticks[1].event_time_ns, 100 * second_ns + 250000001);
    for (int i = 0; i < ROUNDS * OF_ROUND; i++) {
        assert_int_equal(ticks[i].seq, 1 + i % OF_ROUND); /* the row's number in the file */
        assert_int_equal(ticks[i].run_id, ticks[i - i % OF_ROUND].run_id);
        assert_true(i < OF_ROUND || ticks[i].run_id != ticks[i - OF_ROUND].run_id);
    }
    assert_int_equal(logged(fixture, "event=line_rejected"), 1); /* not in each round */
    assert_int_equal(logged(fixture, "event=replay_repeats"), 1);

    assert_int_equal(read_some(fixture, ROUNDS * OF_ROUND, &again, &error), SOURCE_BATCH);
    assert_memory_equal(all.records, again.records, ROUNDS * OF_ROUND * sizeof *ticks);
    source_batch_free(&all);
    source_batch_free(&again);
}

static void bars_and_trades_stay_on_their_grid(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text;
        size_t of_round;
        int64_t later_s;
    } cases[] = {
        /* bars follow each other without a gap */
        {"open_time,symbol,timeframe,open,high,low,close\n"
         "2024-01-01T00:00:00Z,AAPL,1m,1,2,1,2\n2024-01-01T00:01:00Z,AAPL,1m,2,3,2,3\n",
         2, 120},
        /* of several lengths: as many weeks as 3d and 1w share */
        {"open_time,symbol,timeframe,open,high,low,close\n"
         "2024-01-01,AAPL,1w,1,2,1,2\n2024-01-02,AAPL,3d,2,3,2,3\n2024-01-03,AAPL,1d,2,3,2,3\n",
         3, 21 * 86400},
        /* the newest first: it is sorted in each round */
        {"open_time,symbol,timeframe,open,high,low,close\n"
         "2024-01-03,AAPL,1d,1,2,1,2\n2024-01-02,AAPL,1d,2,3,2,3\n2024-01-01,AAPL,1d,2,3,2,3\n",
         3, 3 * 86400},
        {"time,symbol,trade_id,price,amount\n"
         "2024-01-01T00:00:00.900Z,tA1,7,5,1\n2024-01-01T00:00:00.100Z,tA1,6,4,-1\n",
         2, 2},
        /* one record */
        {"time,symbol,last_price\n100,tA1,1\n", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct source_batch all = {0};
        struct error error = {0};
        write_text(fixture, cases[i].text);
        if (read_some(fixture, ROUNDS * cases[i].of_round, &all, &error) != SOURCE_BATCH) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        expect_rounds(&all, cases[i].of_round, cases[i].later_s * second_ns);
        source_batch_free(&all);
    }
}

static void a_file_that_cannot_be_repeated_ends_with_the_reason(void **state)
{
    struct fixture *fixture = *state;
    struct source_batch all = {0};
    struct error error = {0};
    write_text(fixture, "open_time,symbol,timeframe,open,high,low,close\n"
                        "2024-01-01,AAPL,1M,1,2,1,2\n2024-02-01,AAPL,1M,2,3,2,3\n");
    assert_int_equal(read_some(fixture, 3, &all, &error), SOURCE_ERROR);
    assert_int_equal(all.count, 2);
    assert_non_null(strstr(error.text, "leave out --loop"));

    /* After the last year that a record may have there is none. */
    write_text(fixture, "time,symbol,last_price\n1700-01-01,tA1,1\n2200-01-01,tA1,2\n");
    assert_int_equal(read_some(fixture, 3, &all, &error), SOURCE_END);
    assert_int_equal(all.count, 2);

    write_text(fixture, "time,symbol,last_price\nbad,tA1,1\n");
    assert_int_equal(read_some(fixture, 1, &all, &error), SOURCE_ERROR);
    assert_non_null(strstr(error.text, "no row could be taken"));
    source_batch_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ticks_go_on_in_time_and_each_round_is_a_run),
        TEST(bars_and_trades_stay_on_their_grid),
        TEST(a_file_that_cannot_be_repeated_ends_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
