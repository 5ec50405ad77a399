/* One coin of one kind has one live source: what the log's tail says about the coins of a poller.
 */
#include "poller_fixture.h"

static bool tell(struct fixture *fixture, const char *symbol, const char *source,
                 int64_t written_ns)
{
    struct ticker tick = {.event_time_ns = WALL_NS - 10 * SECOND};
    const struct poller_place place = {.text = "tickers, partition 1", .written_ns = written_ns};
    (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
    (void)str_copy(str_from(source), tick.source, sizeof tick.source);
    return poller_restore(fixture->poller, &ticker_kind, &tick, NULL, &place);
}

static const struct step steps[] = {
    {.symbols = {"tBTCUSD", "tETHUSD", "tXRPUSD", "tLTCUSD"}},
    {.symbols = {"tBTCUSD", "tETHUSD"}},
    {SOURCE_END, {NULL}, {0}, 0, 0, 0, {0}, false},
};

static void coin_of_another_live_source_is_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    create_poller(fixture, steps, 3);
    assert_true(tell(fixture, "tBTCUSD", "kraken", WALL_NS - 60 * SECOND));
    assert_true(tell(fixture, "tETHUSD", "stray", WALL_NS - 61 * SECOND));
    assert_true(tell(fixture, "tETHUSD", "script", WALL_NS - 60 * SECOND));   /* its own, later */
    assert_true(tell(fixture, "tBTCUSD", "script", WALL_NS - 61 * SECOND));   /* its own, earlier */
    assert_true(tell(fixture, "tETHUSD", "replay", WALL_NS - 60 * SECOND));   /* not live */
    assert_true(tell(fixture, "tXRPUSD", "kraken", WALL_NS - 3601 * SECOND)); /* has ended */
    assert_true(tell(fixture, "tLTCUSD", "script-2", WALL_NS - 60 * SECOND)); /* its service's */
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_int_equal(stats.produced, 4);
    assert_int_equal(stats.rows.rejected[ROW_OTHER_SOURCE], 2);
    assert_int_equal(stats.rows.rows, 6);
    assert_int_equal(stats.rows.records, 4);
    for (size_t i = 0; i < fixture->count; i++) {
        assert_string_not_equal(fixture->ticks[i].symbol, "tBTCUSD");
    }
    assert_string_equal(stats.notice,
                        "tBTCUSD has a live source already, kraken: the ticks of script are "
                        "refused; end that one and start this one an hour later, or give this one "
                        "another --topic");
}

static void source_of_a_service_with_another_name_knows_its_own(void **state)
{
    struct fixture *fixture = *state;
    fixture->service = "kraken";
    create_poller(fixture, steps, 3);
    assert_true(tell(fixture, "tBTCUSD", "kraken", WALL_NS - SECOND));
    assert_true(tell(fixture, "tETHUSD", "script", WALL_NS - SECOND));
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_int_equal(stats.rows.rejected[ROW_OTHER_SOURCE], 2);
    assert_int_equal(stats.produced, 4);
    assert_non_null(strstr(stats.notice, "tETHUSD has a live source already, script"));
}

static void replay_into_a_coin_with_a_live_source_is_told_and_goes_on(void **state)
{
    struct fixture *fixture = *state;
    static const struct step replayed[] = {
        {.symbols = {"tBTCUSD", "tETHUSD"}, .times_ns = {WALL_NS - SECOND, WALL_NS}},
        {SOURCE_END, {NULL}, {0}, 0, 0, 0, {0}, false},
    };
    fixture->live = false;
    create_poller(fixture, replayed, 2);
    assert_true(tell(fixture, "tBTCUSD", "kraken", WALL_NS - SECOND));
    assert_true(tell(fixture, "tETHUSD", "kraken", WALL_NS - SECOND));
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_int_equal(stats.produced, 2);
    assert_int_equal(stats.rows.rejected[ROW_OTHER_SOURCE], 0);
    assert_string_equal(stats.notice, "tBTCUSD and 1 more have a live source already, kraken: the "
                                      "ticks of script lie beside its own");
}

static void records_with_their_own_times_are_not_stamped_nor_bound_by_the_log(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t time_ns = WALL_NS - 7200 * SECOND;
    static const struct step owned[] = {
        {.symbols = {"tBTCUSD"}, .times_ns = {time_ns}},
        {.symbols = {"tBTCUSD"}, .times_ns = {time_ns}},
        {SOURCE_END, {NULL}, {0}, 0, 0, 0, {0}, false},
    };
    fixture->own_times = true;
    create_poller(fixture, owned, 3);
    assert_true(tell_stamp(fixture->poller, "tBTCUSD", WALL_NS + 100 * SECOND));
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_string_equal(stats.notice, "");
    assert_int_equal(fixture->count, 2);
    assert_int_equal(fixture->ticks[0].event_time_ns, time_ns);
    assert_int_equal(fixture->ticks[0].seq, 0);
    assert_int_equal(fixture->ticks[0].run_id, 0);
    assert_memory_equal(&fixture->ticks[0], &fixture->ticks[1], sizeof fixture->ticks[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(coin_of_another_live_source_is_refused_by_name),
        TEST(source_of_a_service_with_another_name_knows_its_own),
        TEST(replay_into_a_coin_with_a_live_source_is_told_and_goes_on),
        TEST(records_with_their_own_times_are_not_stamped_nor_bound_by_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
