/* Whole sessions, played to the feed: those written by hand in tests/fixtures/bitfinex_ws, and one
 * that was recorded, if there is a recording. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "feed_script.h"
#include "support.h"

static char *read_fixture(const char *name, const char *ending)
{
    char path[1000];
    (void)snprintf(path, sizeof path, "%s/bitfinex_ws/%s%s", FIXTURES, name, ending);
    char *text = support_read_file(path, NULL);
    assert_non_null(text);
    return text;
}

static void expect_fixture(const char *name, const char *coins, struct feed_counts *counts)
{
    char *script = read_fixture(name, ".script");
    char *want = read_fixture(name, ".want");
    char *said = feed_script_play(coins, script, counts);
    assert_string_equal(said, want);
    free(said);
    free(script);
    free(want);
}

static void session_by_hand_gives_exactly_the_listed_trades(void **state)
{
    (void)state;
    struct feed_counts counts;
    expect_fixture("session", "tBTCUSD,tETHUSD", &counts);
    assert_int_equal(counts.unknown, 4);
    assert_int_equal(counts.repeats, 9);
    assert_int_equal(counts.changed, 1);
    assert_int_equal(counts.requests, 1);
    assert_int_equal(counts.refilled, 2);
}

static void holes_in_the_log_are_open_after_a_restart(void **state)
{
    (void)state;
    expect_fixture("restart", "tBTCUSD,tETHUSD,tXRPUSD", NULL);
}

static void coins_without_a_trade_in_the_logs_tail_have_a_hole_after_a_restart(void **state)
{
    (void)state;
    expect_fixture("quiet", "tBTCUSD,tETHUSD,tXRPUSD,tADAUSD", NULL);
}

static void hole_that_lasts_is_the_newest_whatever_the_ids_say(void **state)
{
    (void)state;
    expect_fixture("late", "tBTCUSD", NULL);
}

static void restarts_maintenance_and_refusals_are_obeyed(void **state)
{
    (void)state;
    expect_fixture("messages", "tBTCUSD,tETHUSD,tXRPUSD", NULL);
}

static void maintenance_whose_end_is_not_told_ends_after_ten_minutes(void **state)
{
    (void)state;
    expect_fixture("maintenance", "tBTCUSD,tETHUSD", NULL);
}

static void only_errors_that_say_so_refuse_a_coin(void **state)
{
    (void)state;
    struct feed_counts counts;
    expect_fixture("errors", "tBTCUSD,tETHUSD,tXRPUSD", &counts);
    assert_int_equal(counts.errors, 8);
    assert_int_equal(counts.unknown, 2); /* a channel that is not known, twice */
}

static void refills_end_as_what_they_are(void **state)
{
    (void)state;
    expect_fixture("refill", "tBTCUSD,tETHUSD,tXRPUSD", NULL);
}

static void coverage_is_written_each_minute(void **state)
{
    (void)state;
    expect_fixture("coverage", "tBTCUSD,tETHUSD,tXRPUSD", NULL);
}

/* A hole behind trade 10 and a snapshot of 30, one trade each `step_ms`, the oldest of which is
 * trade `oldest`; one of them may be `bad`. */
static bool snapshot_closes_hole(int64_t oldest, int64_t step_ms, bool bad)
{
    struct strbuf script = strbuf_new(1 << 16);
    strbuf_append_format(&script, "told trade tBTCUSD 10 %lld 1 30000\nbegin\n",
                         (long long)(SCRIPT_BEGIN_MS - (oldest + 29 - 10) * step_ms));
    strbuf_append_text(&script, "< 0 {\"event\":\"info\",\"version\":2}\n"
                                "< 0 {\"event\":\"subscribed\",\"channel\":\"trades\","
                                "\"chanId\":1,\"symbol\":\"tBTCUSD\"}\n< 0 [1,[");
    for (int64_t i = 0; i < 30; i++) {
        strbuf_append_format(&script, "%s[%lld,%lld,%d,30000]", i > 0 ? "," : "",
                             (long long)(oldest + 29 - i),
                             (long long)(SCRIPT_BEGIN_MS - i * step_ms), bad && i == 3 ? 0 : 1);
    }
    strbuf_append_text(&script, "]]\n");
    char *said = feed_script_play("tBTCUSD", strbuf_text(&script), NULL);
    bool closes = strstr(said, "hole_closed tBTCUSD") != NULL;
    strbuf_free(&script);
    free(said);
    return closes;
}

static void full_snapshot_closes_a_hole_that_it_reaches_back_over_by_five_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t oldest, step_ms;
        bool bad, want;
    } cases[] = {
        {11, 1000, false, false},  /* does not reach back */
        {10, 60000, false, false}, /* what was published late may be older */
        {10, 60000, true, false},  /* a row that is no trade makes it no shorter */
        {6, 1000, false, false},   {5, 1000, false, true}, {1, 500, false, false},
        {1, 600, false, true},     {1, 600, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(snapshot_closes_hole(cases[i].oldest, cases[i].step_ms, cases[i].bad),
                         cases[i].want);
    }
}

/* The frames that a client received on one connection on 2021-04-17, one a line, sequence numbers
 * and no times: snapshots of seven coins. The file is no part of this repository: the environment
 * names its folder. */
static void recorded_session_gives_the_trades_of_its_snapshots(void **state)
{
    (void)state;
    char path[1000];
    const char *folder = getenv("CANDLEWICK_RECORDINGS");
    (void)snprintf(path, sizeof path, "%s/bitfinex_ws/cryptofeed_inbound_frames_2021-04-17.jsonl",
                   folder != NULL ? folder : "");
    char *frames = folder != NULL ? support_read_file(path, NULL) : NULL;
    if (frames == NULL) {
        skip();
    }
    struct strbuf script = strbuf_new(1 << 20);
    struct str rest = str_from(frames), line;
    strbuf_append_text(&script, "begin\n");
    while (str_split(&rest, '\n', &line)) {
        strbuf_append_format(&script, line.length > 0 ? "< 0 %.*s\n" : "%.*s", (int)line.length,
                             line.data);
    }
    char *said = feed_script_play("tBFTUSD,tIOTETH,tDOGUSD,tMNABTC,tODEUSD,tTESTBTC:TESTUSD,"
                                  "tSNGUSD",
                                  strbuf_text(&script), NULL);
    size_t trades = 0;
    for (const char *at = said; (at = strstr(at, "trade ")) != NULL; at++) {
        trades++;
    }
    assert_int_equal(trades, 210);
    assert_null(strstr(said, "hole"));
    assert_null(strstr(said, "do "));
    free(said);
    free(frames);
    strbuf_free(&script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_by_hand_gives_exactly_the_listed_trades),
        cmocka_unit_test(holes_in_the_log_are_open_after_a_restart),
        cmocka_unit_test(coins_without_a_trade_in_the_logs_tail_have_a_hole_after_a_restart),
        cmocka_unit_test(hole_that_lasts_is_the_newest_whatever_the_ids_say),
        cmocka_unit_test(restarts_maintenance_and_refusals_are_obeyed),
        cmocka_unit_test(maintenance_whose_end_is_not_told_ends_after_ten_minutes),
        cmocka_unit_test(only_errors_that_say_so_refuse_a_coin),
        cmocka_unit_test(refills_end_as_what_they_are),
        cmocka_unit_test(coverage_is_written_each_minute),
        cmocka_unit_test(full_snapshot_closes_a_hole_that_it_reaches_back_over_by_five_seconds),
        cmocka_unit_test(recorded_session_gives_the_trades_of_its_snapshots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
