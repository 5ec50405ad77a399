/* The fake exchange's WebSocket protocol and its faults, on text in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fake_exchange/fake_session.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define BEGIN_MS INT64_C(1795251600000)
#define SUBSCRIBE(symbol)                                                                          \
    "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"" symbol "\",\"subId\":\"s\"}"

/* A connection to an exchange with a book of a few trades. */
struct rig {
    struct fake_market market;
    struct fake_faults faults;
    struct fake_session *session;
    struct fake_moment now;
};

static struct fake_hit judge(void *context, enum fake_scope scope, int64_t connection)
{
    struct rig *rig = context;
    return fake_faults_next(&rig->faults, scope, connection, rig->now.real_ms);
}

/* Trade n of the book has the id 100 + n, the amount n and the price 1,000 + n. */
static void add_trade(struct rig *rig, int64_t after_ms, size_t coin)
{
    int64_t number = (int64_t)rig->market.count + 1;
    const struct fake_trade trade = {100 + number, BEGIN_MS + after_ms, (1000 + number) * FAKE_E8,
                                     number * FAKE_E8, coin};
    assert_true(fake_market_add(&rig->market, &trade));
}

static void start_with(struct rig *rig, const char *faults, size_t channels_max)
{
    struct error error = {0};
    const struct fake_session_config config = {.market = &rig->market,
                                               .connection = 1,
                                               .channels_max = channels_max,
                                               .heartbeat_ms = 15000,
                                               .judge = judge,
                                               .context = rig};
    assert_true(fake_market_finish(&rig->market, &error));
    if (!fake_faults_parse(faults, 1, &rig->faults, &error)) {
        fail_msg("%s", error.text);
    }
    rig->now.exchange_ms = rig->now.exchange_ms == 0 ? BEGIN_MS : rig->now.exchange_ms;
    rig->session = fake_session_create(&config, &rig->now);
    assert_non_null(rig->session);
}

/* Coins tA and tB; trades 1 and 2 are there, 3 to 8 come 10, 20, 20 (a burst of three of tA), 30
 * (tB) and 40 ms later. */
static struct rig *start(const char *faults)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tA")));
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tB")));
    const struct {
        int64_t after_ms;
        size_t coin;
    } trades[] = {{-5, 0}, {-1, 1}, {10, 0}, {20, 0}, {20, 0}, {20, 0}, {30, 1}, {40, 0}};
    for (size_t i = 0; i < COUNT(trades); i++) {
        add_trade(rig, trades[i].after_ms, trades[i].coin);
    }
    start_with(rig, faults, 0);
    return rig;
}

static void finish(struct rig *rig)
{
    fake_session_destroy(rig->session);
    fake_market_free(&rig->market);
    free(rig);
}

/* All that is unsent, a line each; free it. */
static char *take(struct rig *rig)
{
    struct strbuf text = strbuf_new(16 << 20);
    strbuf_append_text(&text, "");
    for (struct str frame = fake_session_unsent(rig->session); frame.length > 0;
         frame = fake_session_unsent(rig->session)) {
        strbuf_append_str(&text, frame);
        strbuf_append_char(&text, '\n');
        fake_session_sent(rig->session);
    }
    char *taken = strbuf_take(&text);
    assert_non_null(taken);
    return taken;
}

static void expect(struct rig *rig, const char *want)
{
    char *got = take(rig);
    assert_string_equal(got, want);
    free(got);
}

static void say(struct rig *rig, const char *text)
{
    fake_session_receive(rig->session, str_from(text), &rig->now);
}

static void pass(struct rig *rig, int64_t exchange_ms, int64_t real_ms)
{
    rig->now.exchange_ms += exchange_ms;
    rig->now.real_ms += real_ms;
    assert_int_equal(fake_session_pump(rig->session, &rig->now), FAKE_SESSION_GOES_ON);
}

/* Subscribes to tA and forgets what that gives. */
static void subscribe_first(struct rig *rig)
{
    say(rig, SUBSCRIBE("tA"));
    free(take(rig));
}

static void coin_is_subscribed_and_streamed_with_te_before_tu(void **state)
{
    (void)state;
    struct rig *rig = start(NULL);
    expect(rig, "{\"event\":\"info\",\"version\":2,\"serverId\":\"fake-1\",\"platform\":"
                "{\"status\":1}}\n");
    say(rig, "{\"event\":\"conf\",\"flags\":98304}");
    expect(rig, "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":98304}\n");
    say(rig, SUBSCRIBE("tA"));
    expect(rig, "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":200001,\"symbol\":"
                "\"tA\",\"subId\":\"s\",\"pair\":\"A\"}\n"
                "[200001,[[101,1795251599995,1,1001]],1,1795251600000]\n");
    pass(rig, 25, 25);
    expect(rig, "[200001,\"te\",[103,1795251600010,3,1003],2,1795251600025]\n"
                "[200001,\"tu\",[103,1795251600010,3,1003],3,1795251600025]\n"
                "[200001,\"te\",[104,1795251600020,4,1004],4,1795251600025]\n"
                "[200001,\"te\",[105,1795251600020,5,1005],5,1795251600025]\n"
                "[200001,\"te\",[106,1795251600020,6,1006],6,1795251600025]\n"
                "[200001,\"tu\",[104,1795251600020,4,1004],7,1795251600025]\n"
                "[200001,\"tu\",[105,1795251600020,5,1005],8,1795251600025]\n"
                "[200001,\"tu\",[106,1795251600020,6,1006],9,1795251600025]\n");
    assert_int_equal(fake_session_next_trade_ms(rig->session), BEGIN_MS + 30);
    pass(rig, 100, 15000 - 25);
    expect(rig, "[200001,\"hb\",10,1795251600125]\n"
                "[200001,\"te\",[108,1795251600040,8,1008],11,1795251600125]\n"
                "[200001,\"tu\",[108,1795251600040,8,1008],12,1795251600125]\n");
    assert_int_equal(fake_session_next_trade_ms(rig->session), INT64_MAX);
    assert_int_equal(fake_session_next_real_ms(rig->session), 30000);
    finish(rig);
}

static void flags_say_what_is_appended_to_lists(void **state)
{
    (void)state;
    static const struct {
        const char *conf;
        const char *want;
    } cases[] = {
        {NULL, "[200001,\"hb\"]\n"},
        {"{\"event\":\"conf\",\"flags\":0}", "[200001,\"hb\"]\n"},
        {"{\"event\":\"conf\",\"flags\":65536}", "[200001,\"hb\",2]\n"},
        {"{\"event\":\"conf\",\"flags\":32768}", "[200001,\"hb\",1795251600000]\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig *rig = start(NULL);
        if (cases[i].conf != NULL) {
            say(rig, cases[i].conf);
        }
        subscribe_first(rig);
        pass(rig, 0, 15000);
        expect(rig, cases[i].want);
        finish(rig);
    }
}

static void snapshot_has_the_newest_thirty_of_a_coin_newest_first(void **state)
{
    (void)state;
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tA")));
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tB")));
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tC")));
    for (int i = 0; i < 100; i++) {
        add_trade(rig, i - 99, i % 2 == 0);
    }
    start_with(rig, NULL, 0);
    free(take(rig));
    say(rig, SUBSCRIBE("tA"));
    char *got = take(rig);
    const char *rows = strchr(got, '\n') + 1;
    assert_memory_equal(rows, "[200001,[[200,", 14);
    assert_non_null(strstr(rows, ",[142,1795251599942,42,1042]]]\n"));
    free(got);
    say(rig, SUBSCRIBE("tC"));
    got = take(rig);
    assert_string_equal(strchr(got, '\n') + 1, "[200002,[]]\n");
    free(got);
    finish(rig);
}

static void requests_are_answered_or_refused_like_bitfinex_does(void **state)
{
    (void)state;
    static const struct {
        const char *say;
        const char *want;
    } cases[] = {
        {"{\"event\":\"ping\",\"cid\":1234}",
         "{\"event\":\"pong\",\"cid\":1234,\"ts\":1795251600000}\n"},
        {"{\"event\":\"ping\"}", "{\"event\":\"pong\",\"ts\":1795251600000}\n"},
        {"{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"btceth\",\"subId\":7}",
         "{\"event\":\"error\",\"msg\":\"symbol: invalid\",\"code\":10300,\"channel\":\"trades\","
         "\"symbol\":\"btceth\",\"pair\":\"tceth\",\"subId\":7}\n"},
        {SUBSCRIBE("tA"),
         "{\"event\":\"error\",\"msg\":\"subscribe: dup\",\"code\":10301,\"channel\":\"trades\","
         "\"symbol\":\"tA\",\"pair\":\"A\",\"subId\":\"s\"}\n"},
        {"{\"event\":\"subscribe\",\"channel\":\"nope\",\"symbol\":\"tB\"}",
         "{\"event\":\"error\",\"msg\":\"unknown channel\",\"code\":10302,\"channel\":\"nope\","
         "\"symbol\":\"tB\",\"pair\":\"B\"}\n"},
        {SUBSCRIBE("tC"),
         "{\"event\":\"error\",\"msg\":\"Reached limit of open channels\",\"code\":10305,"
         "\"channel\":\"trades\",\"symbol\":\"tC\",\"pair\":\"C\",\"subId\":\"s\"}\n"},
        {"{\"event\":\"unsubscribe\",\"chanId\":7}",
         "{\"event\":\"error\",\"msg\":\"not subscribed\",\"code\":10401}\n"},
        {"{\"event\":\"dance\"}",
         "{\"event\":\"error\",\"msg\":\"unknown event\",\"code\":10000}\n"},
        {"no json", "{\"event\":\"error\",\"msg\":\"unknown event\",\"code\":10000}\n"},
        {"[1,2]", "{\"event\":\"error\",\"msg\":\"unknown event\",\"code\":10000}\n"},
        {"{\"event\":\"unsubscribe\",\"chanId\":200001}",
         "{\"event\":\"unsubscribed\",\"status\":\"OK\",\"chanId\":200001}\n"},
    };
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tA")));
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tB")));
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tC")));
    start_with(rig, NULL, 2);
    say(rig, SUBSCRIBE("tA"));
    say(rig, SUBSCRIBE("tB"));
    free(take(rig));
    for (size_t i = 0; i < COUNT(cases); i++) {
        say(rig, cases[i].say);
        expect(rig, cases[i].want);
    }
    assert_int_equal(fake_session_channels(rig->session), 1);
    pass(rig, 0, 15000);
    expect(rig, "[200002,\"hb\"]\n");
    say(rig, SUBSCRIBE("tC")); /* there is room again */
    free(take(rig));
    assert_int_equal(fake_session_channels(rig->session), 2);
    finish(rig);
}

#define TE(id, ms) "[200001,\"te\",[10" #id ",17952516000" #ms "," #id ",100" #id "]"
#define TU(id, ms) "[200001,\"tu\",[10" #id ",17952516000" #ms "," #id ",100" #id "]"

static void fault_of_each_kind_does_to_the_frames_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *faults;
        const char *want; /* of the trades 3 to 6, with sequence numbers */
    } cases[] = {
        {"drop@99", TE(3, 10) ",2]\n" TU(3, 10) ",3]\n" TE(4, 20) ",4]\n" TE(5, 20) ",5]\n" TE(
                        6, 20) ",6]\n" TU(4, 20) ",7]\n" TU(5, 20) ",8]\n" TU(6, 20) ",9]\n"},
        {"seq-jump@2", TE(3, 10) ",2]\n" TU(3, 10) ",3]\n" TE(5, 20) ",6]\n" TE(6, 20) ",7]\n" TU(
                           5, 20) ",8]\n" TU(6, 20) ",9]\n"},
        {"seq-jump=3@1", TE(6, 20) ",8]\n" TU(6, 20) ",9]\n"},
        {"duplicate@1",
         TE(3, 10) ",2]\n" TU(3, 10) ",3]\n" TE(3, 10) ",4]\n" TU(3, 10) ",5]\n" TE(
             4,
             20) ",6]\n" TE(5,
                            20) ",7]\n" TE(6,
                                           20) ",8]\n" TU(4,
                                                          20) ",9]\n" TU(5,
                                                                         20) ",10]\n" TU(6,
                                                                                         20) ",11]"
                                                                                             "\n"},
        {"reorder@2", TE(3, 10) ",2]\n" TU(3, 10) ",3]\n" TE(5, 20) ",4]\n" TE(4, 20) ",5]\n" TE(
                          6, 20) ",6]\n" TU(5, 20) ",7]\n" TU(4, 20) ",8]\n" TU(6, 20) ",9]\n"},
        {"reorder@1;missed@2-", TU(3, 10) ",2]\n" TE(3, 10) ",3]\n"},
        {"tu-alone@1;missed@2-", TU(3, 10) ",2]\n"},
        {"tu-changed@1;missed@2-",
         TE(3, 10) ",2]\n[200001,\"tu\",[103,1795251600010,3.00000001,1003],3]\n"},
        {"missed@1-3", TE(6, 20) ",2]\n" TU(6, 20) ",3]\n"},
        {"late@1;missed@2-", ""},
        {"20060@1", ""},
        {"20051=1s@1;missed@2-",
         "{\"event\":\"info\",\"code\":20051,\"msg\":\"Stopping. Please try to reconnect\"}\n" TE(
             3, 10) ",2]\n" TU(3, 10) ",3]\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig *rig = start(cases[i].faults);
        say(rig, "{\"event\":\"conf\",\"flags\":65536}");
        subscribe_first(rig);
        pass(rig, 25, 25);
        char *got = take(rig);
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("%s:\n%snot\n%s", cases[i].faults, got, cases[i].want);
        }
        free(got);
        finish(rig);
    }
}

static void late_trade_comes_when_it_is_due_with_its_own_time(void **state)
{
    (void)state;
    struct rig *rig = start("late=2s@1");
    subscribe_first(rig);
    pass(rig, 15, 15);
    expect(rig, "");
    assert_int_equal(fake_session_next_real_ms(rig->session), 15 + 2000);
    pass(rig, 1999, 1999);
    char *got = take(rig);
    assert_null(strstr(got, "[103,"));
    assert_non_null(strstr(got, "[108,"));
    free(got);
    pass(rig, 1, 1);
    expect(rig, TE(3, 10) "]\n" TU(3, 10) "]\n");
    finish(rig);
}

static void dropped_and_silent_connections_send_nothing_more_or_later(void **state)
{
    (void)state;
    struct rig *rig = start("drop@2");
    subscribe_first(rig);
    rig->now.exchange_ms += 25;
    assert_int_equal(fake_session_pump(rig->session, &rig->now), FAKE_SESSION_DROP);
    finish(rig);

    rig = start("silent=3s@2");
    subscribe_first(rig);
    rig->now.exchange_ms += 25;
    assert_int_equal(fake_session_pump(rig->session, &rig->now), FAKE_SESSION_SILENT);
    assert_int_equal(fake_session_silent_until(rig->session), 3000);
    free(take(rig));
    rig->now.real_ms = 2999;
    assert_int_equal(fake_session_pump(rig->session, &rig->now), FAKE_SESSION_SILENT);
    expect(rig, "");
    pass(rig, 0, 1);
    char *got = take(rig);
    assert_memory_equal(got, TU(3, 10) "]\n" TE(4, 20), strlen(TU(3, 10) "]\n" TE(4, 20)));
    free(got);
    finish(rig);
}

static void connection_that_was_told_to_reconnect_is_cut_after_a_while(void **state)
{
    (void)state;
    struct rig *rig = start("20051=1s@1");
    subscribe_first(rig);
    pass(rig, 15, 15);
    pass(rig, 999, 999);
    rig->now.real_ms += 1;
    assert_int_equal(fake_session_pump(rig->session, &rig->now), FAKE_SESSION_DROP);
    finish(rig);
}

static void maintenance_is_told_and_what_happens_in_it_is_not_streamed(void **state)
{
    (void)state;
    struct rig *rig = start(NULL);
    subscribe_first(rig);
    rig->now.maintenance = true;
    pass(rig, 25, 20000);
    expect(rig, "{\"event\":\"info\",\"code\":20060,\"msg\":\"Entering in Maintenance mode\"}\n");
    pass(rig, 1, 20000);
    expect(rig, "");
    rig->now.maintenance = false;
    pass(rig, 1, 1);
    expect(rig, "{\"event\":\"info\",\"code\":20061,\"msg\":\"Maintenance ended. You can resume "
                "normal activity\"}\n");
    pass(rig, 15, 1);
    expect(rig, TE(8, 40) "]\n" TU(8, 40) "]\n");
    finish(rig);
    rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->now.maintenance = true;
    start_with(rig, NULL, 0);
    char *got = take(rig);
    assert_non_null(strstr(got, "\"platform\":{\"status\":0}"));
    free(got);
    finish(rig);
}

static void subscriptions_have_faults_of_their_own(void **state)
{
    (void)state;
    struct rig *rig = start("10300@1;10001@2;hb-early@3");
    free(take(rig));
    say(rig, SUBSCRIBE("tA"));
    expect(rig, "{\"event\":\"error\",\"msg\":\"symbol: invalid\",\"code\":10300,\"channel\":"
                "\"trades\",\"symbol\":\"tA\",\"pair\":\"A\",\"subId\":\"s\"}\n");
    say(rig, SUBSCRIBE("tA"));
    expect(rig, "{\"event\":\"error\",\"msg\":\"unknown pair\",\"code\":10001,\"channel\":"
                "\"trades\",\"symbol\":\"tA\",\"pair\":\"A\",\"subId\":\"s\"}\n");
    say(rig, SUBSCRIBE("tA"));
    char *got = take(rig);
    assert_memory_equal(got, "[200001,\"hb\"]\n{\"event\":\"subscribed\"", 35);
    free(got);
    finish(rig);
}

/* However far behind the client is, no more than a little is kept for it, and nothing is lost. */
static void slow_client_costs_little_memory_and_gets_all(void **state)
{
    (void)state;
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tA")));
    enum { TRADES = 50000 };
    for (int i = 0; i < TRADES; i++) {
        add_trade(rig, 1 + i / 3, 0);
    }
    start_with(rig, NULL, 0);
    subscribe_first(rig);
    rig->now.exchange_ms += TRADES;
    int rounds = 0, tes = 0, tus = 0;
    for (char *got = NULL; rounds == 0 || got[0] != '\0'; rounds++) {
        free(got);
        pass(rig, 0, 0);
        pass(rig, 0, 0); /* once is enough: no more is added */
        got = take(rig);
        assert_true(strlen(got) < (128 << 10));
        for (const char *at = got; (at = strstr(at, "\"t")) != NULL; at += 2) {
            tes += at[2] == 'e';
            tus += at[2] == 'u';
        }
        if (got[0] == '\0') {
            free(got);
            break;
        }
    }
    assert_true(rounds > 10);
    assert_int_equal(tes, TRADES);
    assert_int_equal(tus, TRADES);
    finish(rig);
}

/* A client that is never quite done with what was sent makes nothing grow. */
static void client_that_always_lags_a_little_goes_on(void **state)
{
    (void)state;
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_non_null(coin_table_add(&rig->market.coins, str_from("tA")));
    enum { TRADES = 60000 };
    for (int i = 0; i < TRADES; i++) {
        add_trade(rig, 1 + i, 0);
    }
    start_with(rig, NULL, 0);
    subscribe_first(rig);
    rig->now.exchange_ms += 2 * TRADES;
    pass(rig, 0, 0);
    for (int frame = 0; frame < 2 * TRADES - 1; frame++) {
        pass(rig, 0, 0);
        fake_session_sent(rig->session);
    }
    pass(rig, 0, 0);
    struct str last = fake_session_unsent(rig->session);
    assert_memory_equal(last.data, "[200001,\"tu\",[60100,", 20);
    fake_session_sent(rig->session);
    expect(rig, "");
    finish(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coin_is_subscribed_and_streamed_with_te_before_tu),
        cmocka_unit_test(flags_say_what_is_appended_to_lists),
        cmocka_unit_test(snapshot_has_the_newest_thirty_of_a_coin_newest_first),
        cmocka_unit_test(requests_are_answered_or_refused_like_bitfinex_does),
        cmocka_unit_test(fault_of_each_kind_does_to_the_frames_what_it_says),
        cmocka_unit_test(late_trade_comes_when_it_is_due_with_its_own_time),
        cmocka_unit_test(dropped_and_silent_connections_send_nothing_more_or_later),
        cmocka_unit_test(connection_that_was_told_to_reconnect_is_cut_after_a_while),
        cmocka_unit_test(maintenance_is_told_and_what_happens_in_it_is_not_streamed),
        cmocka_unit_test(subscriptions_have_faults_of_their_own),
        cmocka_unit_test(slow_client_costs_little_memory_and_gets_all),
        cmocka_unit_test(client_that_always_lags_a_little_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
