#include "pipeline/log_coins.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/ticker.h"

#define NOW_NS INT64_C(1767225600000000000)

/* One tick a letter, "A" to "Z" are run ids; a second apart, told at its time. A digit is the
 * partition from there on. */
static void tell(struct log_coins *log, const char *symbol, const char *source, const char *runs)
{
    struct error error = {0};
    int32_t partition = 0;
    for (size_t i = 0; runs[i] != '\0'; i++) {
        if (runs[i] >= '0' && runs[i] <= '9') {
            partition = runs[i] - '0';
            continue;
        }
        struct ticker tick = {.run_id = runs[i],
                              .event_time_ns = NOW_NS + (int64_t)i * NS_PER_SECOND};
        (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
        (void)str_copy(str_from(source), tick.source, sizeof tick.source);
        assert_true(
            log_coins_record(log, &ticker_kind, partition, &tick, tick.event_time_ns, &error));
    }
}

static int64_t told_ns(const char *runs)
{
    return NOW_NS + (int64_t)strlen(runs) * NS_PER_SECOND;
}

static void run_that_comes_back_is_of_two_producers_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *source, *runs;
        int64_t want; /* returns */
    } cases[] = {
        {"bitfinex", "", 0},
        {"bitfinex", "AAAA", 0},
        {"bitfinex", "AABB", 0},       /* one ended, one began */
        {"bitfinex", "ABCDEFGHIJ", 0}, /* many restarts */
        {"bitfinex", "ABA", 1},
        {"bitfinex", "AABBBA", 1},
        {"bitfinex", "ABABAB", 4},
        {"bitfinex", "ABCA", 1},
        {"bitfinex", "ABAAAACCC", 1},
        {"binance", "ABA", 1},
        {"replay", "ABABAB", 0},
        {"synthetic", "ABABAB", 0},
        /* Partitions were added between two runs; the coin's two are read side by side. */
        {"bitfinex", "1A7B1A7B1A", 0},
        {"bitfinex", "1A7B1B7A1B7A", 0},
        {"bitfinex", "1A7B1C7B1A", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct log_coins log = {0};
        tell(&log, "tBTCUSD", cases[i].source, cases[i].runs);
        assert_int_equal(log_coins_mixed(&log), cases[i].want > 0 ? 1 : 0);
        assert_true(log.coins.count == 0 || log.runs[0].returns == cases[i].want);
        log_coins_free(&log);
    }
}

static void each_coin_is_looked_at_by_itself_and_named(void **state)
{
    (void)state;
    struct log_coins log = {0};
    struct strbuf text = strbuf_new(10000);
    log_coins_mixed_to_text(&log, &text);
    assert_string_equal(strbuf_text(&text), "");
    tell(&log, "tA1", "bitfinex", "AABB");
    tell(&log, "tB1", "bitfinex", "BBAA"); /* the other way round, but in another coin */
    assert_int_equal(log_coins_mixed(&log), 0);
    tell(&log, "tB1", "bitfinex", "B");
    log_coins_mixed_to_text(&log, &text);
    assert_string_equal(strbuf_text(&text),
                        "2 producers of tB1 at once (run ids 65 and 66, from 2026-01-01T00:00:00Z "
                        "to 2026-01-01T00:00:00Z): stop one of them");
    strbuf_clear(&text);
    log_coins_mixed_to_json(&log, &text);
    assert_string_equal(strbuf_text(&text),
                        "[{\"coin\":\"tB1\",\"run_ids\":[65,66],\"returns\":1,"
                        "\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-01T00:00:00Z\"}]");
    for (int i = 0; i < 1000; i++) {
        char symbol[16];
        (void)snprintf(symbol, sizeof symbol, "tC%d", i);
        tell(&log, symbol, "bitfinex", "ABA");
    }
    assert_int_equal(log_coins_mixed(&log), 1001);
    strbuf_clear(&text);
    log_coins_mixed_to_text(&log, &text);
    assert_non_null(
        strstr(strbuf_text(&text), "2 producers of tB1, tC0, tC1, tC2, tC3 and 996 more"));
    strbuf_free(&text);
    log_coins_free(&log);
}

static void coin_that_is_not_there_is_refused_with_those_that_are(void **state)
{
    (void)state;
    struct log_coins log = {0};
    struct error error = {0};
    assert_true(log_coins_known(&log, &ticker_kind, "tickers", NULL, &error));
    assert_false(log_coins_known(&log, &ticker_kind, "tickers", "tNOPE", &error));
    assert_non_null(strstr(error.text, "it has ticks of: none"));
    tell(&log, "tA1", "replay", "A");
    tell(&log, "tB1", "bitfinex", "A");
    assert_true(log_coins_known(&log, &ticker_kind, "tickers", "tB1", &error));
    assert_false(log_coins_known(&log, &ticker_kind, "tickers", "tNOPE", &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_string_equal(error.text,
                        "--coin tNOPE: topic tickers has no tick of it; it has ticks of: tA1, tB1");
    log_coins_free(&log);
}

static void overlap_is_told_to_the_later_run_while_both_go_on(void **state)
{
    (void)state;
    static const struct {
        const char *source, *runs;
        int after_s;        /* the last tick */
        const char *all;    /* the runs of the overlap, earlier and later; "": none */
        const char *of_own; /* the earlier one of that which run B is told */
    } cases[] = {
        {"bitfinex", "AAAABBBB", 0, "", ""}, /* one ended, one began */
        {"bitfinex", "AABABAB", 0, "AB", "A"},
        {"bitfinex", "BBABABA", 0, "AB", "A"}, /* whoever is first in what is left of the log */
        {"bitfinex", "ABABAB", 8, "AB", "A"},
        {"bitfinex", "ABABAB", 12, "", ""}, /* both ended */
        {"bitfinex", "ABABABBBBBBBBBBBBBBB", 0, "", ""},
        {"bitfinex", "ABABABAAAAAAAAAAAAAA", 0, "", ""},
        {"bitfinex", "ABABABBBBBBBBBBBBBBBABAB", 0, "AB", "A"}, /* both again */
        {"bitfinex", "BCBCBC", 0, "BC", ""},                    /* B is the earlier one */
        {"bitfinex", "ABCABCABC", 0, "AC", "A"},
        {"bitfinex", "ABABABAAAAAAAAAAAAAACCCC", 0, "", ""}, /* B ended, later A did and C began */
        {"replay", "ABABAB", 0, "", ""},
        {"synthetic", "ABABAB", 0, "", ""},
        {"bitfinex", "1A7B1A7B1A7B", 0, "", ""}, /* partitions read side by side */
        {"bitfinex", "1AAAA7ABABAB", 0, "AB", "A"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct log_coins log = {0};
        const int64_t own = 'B', now_ns = told_ns(cases[i].runs) + cases[i].after_s * NS_PER_SECOND;
        tell(&log, "tBTCUSD", cases[i].source, cases[i].runs);
        struct log_overlap all = log_coins_overlap(&log, NULL, now_ns);
        struct log_overlap of_own = log_coins_overlap(&log, &own, now_ns);
        assert_int_equal(all.coins, cases[i].all[0] != '\0');
        assert_int_equal(of_own.coins, cases[i].of_own[0] != '\0');
        if (all.coins > 0) {
            assert_string_equal(all.coin, "tBTCUSD");
            assert_string_equal(all.later.source, "bitfinex");
            assert_int_equal(all.earlier.run_id, cases[i].all[0]);
            assert_int_equal(all.later.run_id, cases[i].all[1]);
        }
        if (of_own.coins > 0) {
            assert_int_equal(of_own.earlier.run_id, cases[i].of_own[0]);
            assert_int_equal(of_own.later.run_id, own);
        }
        log_coins_free(&log);
    }
}

/* A live run beside a replay of the same coins is no second producer; each coin counts once. */
static void overlap_counts_coins(void **state)
{
    (void)state;
    struct log_coins log = {0};
    static const char *const coins[] = {"tA1", "tB1", "tC1", "tD1"};
    static const char *const runs[] = {"ABABAB", "1ABABAB2ABABAB", "AABBBBBBBB", "AAAAAAA"};
    for (size_t i = 0; i < sizeof coins / sizeof coins[0]; i++) {
        tell(&log, coins[i], "bitfinex", runs[i]);
        tell(&log, coins[i], "replay", "RARARA");
    }
    struct log_overlap overlap = log_coins_overlap(&log, NULL, told_ns("ABABAB"));
    assert_int_equal(overlap.coins, 2);
    assert_string_equal(overlap.coin, "tA1");
    log_coins_free(&log);
}

/* Ticks with the service's own times have run id 0, whoever sends them. */
static void records_without_a_run_are_of_no_producer(void **state)
{
    (void)state;
    struct log_coins log = {0};
    struct error error = {0};
    for (int64_t i = 0; i < 9; i++) {
        struct ticker tick = {.symbol = "cg:bitcoin",
                              .source = "coingecko",
                              .run_id = i % 3 == 0 ? 7 : 0,
                              .event_time_ns = NOW_NS + i};
        assert_true(log_coins_record(&log, &ticker_kind, 0, &tick, NOW_NS, &error));
    }
    assert_int_equal(log_coins_mixed(&log), 0);
    assert_int_equal(log_coins_overlap(&log, NULL, NOW_NS).coins, 0);
    assert_int_equal(log.coins.count, 1);
    log_coins_free(&log);
}

static void sources_of_a_coin_are_named(void **state)
{
    (void)state;
    struct log_coins log = {0};
    struct strbuf text = strbuf_new(1000), json = strbuf_new(1000);
    tell(&log, "tA1", "bitfinex", "A");
    log_coins_sources_to_text(&log, &ticker_kind, &text);
    assert_string_equal(strbuf_text(&text), "");
    tell(&log, "tA1", "replay", "AB");
    tell(&log, "tB1", "bitfinex", "AB");
    tell(&log, "tC1", "b", "A");
    tell(&log, "tC1", "a", "A");
    tell(&log, "tC1", "c", "A");
    tell(&log, "tC1", "a", "A");
    log_coins_sources_to_text(&log, &ticker_kind, &text);
    assert_string_equal(strbuf_text(&text), "ticks of tA1 are from bitfinex and replay; ticks of "
                                            "tC1 are from b, a and c");
    log_coins_sources_to_json(&log, &json);
    assert_string_equal(strbuf_text(&json),
                        "[{\"coin\":\"tA1\",\"sources\":[\"bitfinex\",\"replay\"]},"
                        "{\"coin\":\"tC1\",\"sources\":[\"b\",\"a\",\"c\"]}]");
    strbuf_free(&text);
    strbuf_free(&json);
    log_coins_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_is_told_to_the_later_run_while_both_go_on),
        cmocka_unit_test(overlap_counts_coins),
        cmocka_unit_test(records_without_a_run_are_of_no_producer),
        cmocka_unit_test(sources_of_a_coin_are_named),
        cmocka_unit_test(run_that_comes_back_is_of_two_producers_at_once),
        cmocka_unit_test(each_coin_is_looked_at_by_itself_and_named),
        cmocka_unit_test(coin_that_is_not_there_is_refused_with_those_that_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
