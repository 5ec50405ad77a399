#include <zlib.h>

#include "replay_fixture.h"

static void a_file_becomes_its_ticks(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "\xEF\xBB\xBF\r\n"
                        "symbol,time,last_price,bid,volume\r\n"
                        "tBTCUSD,2026-01-01T00:00:00Z,30000.1,30000,\r\n"
                        "\r\n"
                        "tETHUSD,1767225600123,2000.5,,\"1e3\"\r\n"
                        " \t \r\n"
                        "tBTCUSD,1767225601.5,30001,29999.5,12\r\n");
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.end, SOURCE_END);
    assert_int_equal(played.counts.rows, 3);
    assert_int_equal(played.all.count, 3);
    const struct ticker *ticks = batch_ticks(&played.all);
    static const struct {
        const char *symbol;
        int64_t time_ns;
        double price, bid, volume; /* 0: null */
    } want[] = {
        {"tBTCUSD", INT64_C(1767225600000000000), 30000.1, 30000, 0},
        {"tETHUSD", INT64_C(1767225600123000000), 2000.5, 0, 1000},
        {"tBTCUSD", INT64_C(1767225601500000000), 30001, 29999.5, 12},
    };
    for (int i = 0; i < 3; i++) {
        assert_string_equal(ticks[i].symbol, want[i].symbol);
        assert_string_equal(ticks[i].source, "replay");
        assert_int_equal(ticks[i].event_time_ns, want[i].time_ns);
        assert_int_equal(ticks[i].seq, i + 1);
        assert_int_equal(ticks[i].run_id, ticks[0].run_id);
        assert_true(ticks[i].last_price == want[i].price);
        assert_int_equal(ticks[i].has[TICKER_BID], want[i].bid > 0);
        assert_true(ticks[i].figures[TICKER_BID] == want[i].bid);
        assert_int_equal(ticks[i].has[TICKER_VOLUME], want[i].volume > 0);
        assert_true(ticks[i].figures[TICKER_VOLUME] == want[i].volume);
        assert_false(ticks[i].has[TICKER_HIGH]);
    }
    assert_true(ticks[0].run_id >= 0);
    source_batch_free(&played.all);
}

static void identity_is_the_same_in_every_run_packed_or_filtered(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "time,symbol,last_price\n"
                               "1767225600,tBTCUSD,30000\n"
                               "1767225600,tETHUSD,2000\n"
                               "1767225600,tETHUSD,2001\n";
    write_text(fixture, text);
    struct played first = play(fixture, "ALL");
    struct played second = play(fixture, "ALL");
    assert_int_equal(first.all.count, 3);
    assert_memory_equal(batch_ticks(&first.all), batch_ticks(&second.all),
                        3 * sizeof *batch_ticks(&first.all));

    gzFile file = gzopen(fixture->path, "wb"); /* the same name: it is told by its bytes */
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, sizeof text - 1), (int)sizeof text - 1);
    assert_int_equal(gzclose(file), Z_OK);
    struct played packed = play(fixture, "ALL");
    assert_int_equal(packed.all.count, 3);
    assert_memory_equal(batch_ticks(&first.all), batch_ticks(&packed.all),
                        3 * sizeof *batch_ticks(&first.all));

    struct played filtered = play(fixture, "tXRPUSD,tETHUSD");
    assert_int_equal(filtered.all.count, 2);
    assert_memory_equal(batch_ticks(&first.all) + 1, batch_ticks(&filtered.all),
                        2 * sizeof *batch_ticks(&first.all));
    assert_int_equal(filtered.counts.rejected[ROW_UNKNOWN_COIN], 1);

    write_text(fixture, "time,symbol,last_price\n1767225600,tBTCUSD,30000\n");
    struct played other = play(fixture, "ALL");
    assert_int_not_equal(batch_ticks(&other.all)[0].run_id, batch_ticks(&first.all)[0].run_id);
    source_batch_free(&first.all);
    source_batch_free(&second.all);
    source_batch_free(&packed.all);
    source_batch_free(&filtered.all);
    source_batch_free(&other.all);
}

static void rows_of_one_time_are_told_apart_and_older_ones_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *symbol;
        int64_t time_ns; /* after 2026-01-01 */
        int64_t want_ns; /* -1: refused */
    } rows[] = {
        {"tA1", 1000000, 1000000},
        {"tA1", 1000000, 1000001},
        {"tA1", 1000000, 1000002},
        {"tB1", 1000000, 1000000},
        {"tA1", 999999, -1},
        {"tA1", 1000001, 1000003},
        {"tA1", 1000000, -1},
        {"tA1", 1000001, 1000004},
        {"tA1", 1000005, 1000005},
        {"tB1", 1000002, 1000002},
        {"tB1", 0, -1},
        {"tA1", 1000005, 1000006},
        {"tA1", 2000000, 2000000},
        {"tB1", 1000002, 1000003},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    const int64_t start = INT64_C(1767225600000000000);
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    assert_true(fputs("time,symbol,last_price\n", file) >= 0);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(fprintf(file, "%lld,%s,%zu\n", (long long)(start + rows[i].time_ns),
                            rows[i].symbol, i + 1) > 0);
    }
    assert_int_equal(fclose(file), 0);
    struct played played = play(fixture, "ALL");
    size_t at = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].want_ns >= 0) {
            assert_true(at < played.all.count);
            assert_string_equal(batch_ticks(&played.all)[at].symbol, rows[i].symbol);
            assert_int_equal(batch_ticks(&played.all)[at].event_time_ns - start, rows[i].want_ns);
            assert_int_equal(batch_ticks(&played.all)[at].seq, i + 1);
            at++;
        }
    }
    assert_int_equal(at, played.all.count);
    assert_int_equal(played.counts.rejected[ROW_OUT_OF_ORDER], 3);
    assert_int_equal(logged(fixture, "reason=out_of_order"), 3);
    assert_int_equal(logged(fixture, "line=6 reason=out_of_order"), 1);
    source_batch_free(&played.all);
}

static void equal_rows_are_one_tick_and_counted(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price,bid\n"
                        "1,tA1,1,2\n1,tA1,1.0,2\n1,tB1,1,2\n1,tA1,1,\n1,tA1,1,2\n2,tA1,1,2\n");
    struct played played = play(fixture, "ALL");
    static const int64_t want_ns[] = {NS_PER_SECOND, NS_PER_SECOND, NS_PER_SECOND + 2,
                                      NS_PER_SECOND + 3, 2 * NS_PER_SECOND};
    assert_int_equal(played.counts.rejected[ROW_REPEAT], 1);
    assert_int_equal(played.all.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(batch_ticks(&played.all)[i].event_time_ns, want_ns[i]);
    }
    assert_int_equal(logged(fixture, "event=line_rejected"), 0);
    assert_int_equal(logged(fixture, "repeat=1"), 1);
    source_batch_free(&played.all);
}

static void times_without_a_zone_are_told_once(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n"
                        "2026-11-21 10:05:00,tA1,1\n2026-11-21 10:06:00,tA1,2\n");
    struct replay_config config = {.path = fixture->path, .coins = "ALL", .zone_s = 3600};
    struct played played = play_config(&config);
    assert_int_equal(batch_ticks(&played.all)[0].event_time_ns,
                     INT64_C(1795251900) * NS_PER_SECOND);
    assert_int_equal(logged(fixture, "event=times_without_zone"), 1);
    source_batch_free(&played.all);
}

static void many_coins_in_a_large_file_take_bounded_batches(void **state)
{
    struct fixture *fixture = *state;
    enum { ROWS = 400000, COINS = 120000 };
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    assert_true(fputs("time,symbol,last_price\n", file) >= 0);
    for (int i = 0; i < ROWS; i++) {
        assert_true(fprintf(file, "%d,t%dUSD,%d.5\n", 1767225600 + i, i % COINS, i + 1) > 0);
    }
    assert_int_equal(fclose(file), 0);
    struct played played = play(fixture, "ALL");
    assert_int_equal(played.all.count, ROWS);
    assert_in_range(played.largest_batch, 100, 1000);
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++) {
        sum += batch_ticks(&played.all)[i].last_price;
    }
    assert_true(sum == (double)ROWS * (ROWS + 1) / 2 + ROWS * 0.5);
    source_batch_free(&played.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_becomes_its_ticks),
        TEST(identity_is_the_same_in_every_run_packed_or_filtered),
        TEST(rows_of_one_time_are_told_apart_and_older_ones_refused),
        TEST(equal_rows_are_one_tick_and_counted),
        TEST(times_without_a_zone_are_told_once),
        TEST(many_coins_in_a_large_file_take_bounded_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
