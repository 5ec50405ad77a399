/* What may be written: values of every type, and what a refusal says. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/options.h"
#include "cli/options_suggest.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A text that may be written to, as those of main() and the environment. */
#define W(text) ((char[]){text})

#define TOPICS_EXPECTED                                                                            \
    "a topic's name (up to 245 of A-Z a-z 0-9 . _ -), with KIND= before it for another kind than " \
    "the ticks, each once, of: ticker, bar, trade, event, news"
#define STREAMS_EXPECTED "a list, each once, of: ticker, bar, trade, event, news"

/* "--listen=[::1]:0" and such: one argument after the command. */
static bool parse_one(const char *command, const char *argument, struct options *options,
                      struct error *error)
{
    static char texts[2][400]; /* the options borrow from them */
    (void)snprintf(texts[0], sizeof texts[0], "%s", command);
    (void)snprintf(texts[1], sizeof texts[1], "%s", argument);
    char name[] = "candlewick";
    char *argv[] = {name, texts[0], texts[1], NULL};
    struct options_input input = {.argc = argument[0] != '\0' ? 3 : 2, .argv = argv};
    *error = (struct error){0};
    return options_parse(&input, options, error);
}

static const struct {
    const char *command, *argument;
} good[] = {
    {"produce", "--brokers=a"},
    {"produce", "--brokers=a:9092,[::1]:9092,SASL_SSL://b:9093"},
    {"produce", "--topic=a.b_c-D9"},
    {"consume", "--topic=ticker=prices"},
    {"consume", "--streams=ticker"},
    {"produce", "--topic-retention=forever"},
    {"produce", "--registry=https://registry.example:8081/prefix"},
    {"consume", "--store=sqlite:some folder/a.db"},
    {"consume", "--store=https://x"},
    {"consume", "--gzip"},
    {"consume", "--gzip=false"},
    {"consume", "--retention=forever"},
    {"consume", "--retention=365d"},
    {"consume", "--batch-bytes=64KiB"},
    {"consume", "--batch-bytes=1048576"},
    {"consume", "--batch-bytes=2048B"},
    {"consume", "--batch-bytes=1GiB"},
    {"consume", "--metrics=127.0.0.1:0"},
    {"produce", "--source=replay:a b.csv.gz"},
    {"produce", "--poll-interval=10ms"},
    {"produce", "--poll-interval=5s,bitfinex=1m"},
    {"demo", "--poll-interval=bitfinex=1d"},
    {"produce", "--coins=ALL"},
    {"produce", "--coins=tDOGE:USD"},
    {"produce", "--speed=max"},
    {"produce", "--speed=0.5"},
    {"produce", "--seed=0"},
    {"produce", "--start=2026-01-01"},
    {"produce", "--start=1767225600"},
    {"serve", "--listen=[::1]:8080"},
    {"candles", "--from=-5"},
    {"candles", "--from=first"},
    {"candles", "--limit=100000"},
    {"tail", "--partition=0"},
    {"tail", "--last=0"},
    {"fake-exchange", "--data=x"},
};

static void good_values_are_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct options options;
        struct error error;
        if (!parse_one(good[i].command, good[i].argument, &options, &error)) {
            fail_msg("%s %s: %s", good[i].command, good[i].argument, error.text);
        }
        options_free(&options);
    }
}

static void values_arrive_in_their_units(void **state)
{
    (void)state;
    struct options options;
    struct error error;
    assert_true(parse_one("consume", "--batch-bytes=64KiB", &options, &error));
    assert_int_equal(options.batch_bytes, 65536);
    options_free(&options);
    assert_true(parse_one("consume", "--batch-age=1.5s", &options, &error));
    assert_int_equal(options.batch_age_ms, 1500);
    options_free(&options);
    assert_true(parse_one("consume", "--topic-retention=1h", &options, &error));
    assert_true(options.topic_retention_ms == 3600 * 1000);
    options_free(&options);
    assert_true(parse_one("consume", "--topic-retention=forever", &options, &error));
    assert_true(options.topic_retention_ms == -1);
    options_free(&options);
    assert_true(parse_one("consume", "--retention=1d", &options, &error));
    assert_true(options.retention_ns == 86400 * NS_PER_SECOND);
    options_free(&options);
    assert_true(parse_one("produce", "--speed=max", &options, &error));
    assert_true(options.speed == 0);
    options_free(&options);
    assert_true(parse_one("produce", "--start=2026-01-01", &options, &error));
    assert_true(options.start_ns == 1767225600 * NS_PER_SECOND);
    options_free(&options);
    assert_true(parse_one("status", "--format=json", &options, &error));
    assert_int_equal(options.format, FORMAT_JSON);
    options_free(&options);
    assert_true(parse_one("candles", "--format=csv", &options, &error));
    assert_int_equal(options.format, FORMAT_CSV);
    options_free(&options);
    assert_true(parse_one("consume", "--log-level=off", &options, &error));
    assert_int_equal(options.log_level, LOG_OFF);
    options_free(&options);
}

static const struct {
    const char *command, *argument, *want;
} bad[] = {
    {"", "",
     "a command is missing; one of prepare, produce, consume, serve, demo, candles, compare, "
     "status, "
     "top, tail, verify, replay, dlq, dlq retry, lab predict, lab run, lab member, registry, "
     "fake-exchange, "
     "event"},
    {"prodcue", "", "\"prodcue\" is not a command; did you mean produce?"},
    {"fake-exchang", "", "\"fake-exchang\" is not a command; did you mean fake-exchange?"},
    {"cat", "",
     "\"cat\" is not one of prepare, produce, consume, serve, demo, candles, compare, status, "
     "top, tail, verify, replay, dlq, dlq retry, lab predict, lab run, lab member, registry, "
     "fake-exchange, "
     "event"},
    {"--brokers", "x", "--brokers stands before the command; write: candlewick COMMAND --brokers"},
    {"help", "serv", "\"serv\" is not a command; did you mean serve?"},
    {"produce", "x", "produce: \"x\" is not an option; those start with --"},
    {"produce", "-", "produce: \"-\" is not an option; those start with --"},
    {"produce", "--brokres=x", "produce: unknown option --brokres; did you mean --brokers?"},
    {"produce", "--nonsense",
     "produce: unknown option --nonsense; \"candlewick produce --help\" lists what there is"},
    {"produce", "-z",
     "produce: unknown option -z; \"candlewick produce --help\" lists what there is"},
    {"produce", "--members=2", "produce does not take --members; it is for demo, lab predict"},
    {"produce", "--strategy=range",
     "produce does not take --strategy; it is for consume, demo, lab predict, lab run, lab member"},
    {"consume", "--strategy=stiky",
     "--strategy: \"stiky\" is not one of range, roundrobin, sticky, consumer; did you mean "
     "sticky?"},
    {"consume", "--strategy", "--strategy: a value is missing: --strategy NAME"},
    {"consume", "--strategy=", "--strategy: a value is missing: --strategy NAME"},
    {"consume", "--gzip=", "--gzip: a value is missing: --gzip true|false"},
    {"consume", "--gzip=2", "--gzip: \"2\" is not true or false"},
    {"demo", "--members=0", "--members: \"0\" is not a whole number from 1 to 16"},
    {"demo", "--members=17", "--members: \"17\" is not a whole number from 1 to 16"},
    {"demo", "--members=two", "--members: \"two\" is not a whole number from 1 to 16"},
    {"demo", "--members=99999999999999999999",
     "--members: \"99999999999999999999\" is not a whole number from 1 to 16"},
    {"produce", "--seed=-1", "--seed: \"-1\" is not a whole number from 0 up"},
    {"consume", "--batch-bytes=1023",
     "--batch-bytes: \"1023\" is not a size like 64KiB or 4MiB, from 1KiB to 1GiB"},
    {"consume", "--batch-bytes=2GiB",
     "--batch-bytes: \"2GiB\" is not a size like 64KiB or 4MiB, from 1KiB to 1GiB"},
    {"consume", "--batch-bytes=9999999999GiB",
     "--batch-bytes: \"9999999999GiB\" is not a size like 64KiB or 4MiB, from 1KiB to 1GiB"},
    {"consume", "--batch-bytes=KiB",
     "--batch-bytes: \"KiB\" is not a size like 64KiB or 4MiB, from 1KiB to 1GiB"},
    {"consume", "--batch-age=1500us",
     "--batch-age: \"1500us\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 1ms to 1m"},
    {"produce", "--poll-interval=9ms",
     "--poll-interval: \"9ms\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 10ms to 1d, with SOURCE= before it for one source, each once"},
    {"produce", "--poll-interval=5s,6s",
     "--poll-interval: \"5s,6s\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 10ms to 1d, with SOURCE= before it for one source, each once"},
    {"produce", "--poll-interval=bitfinex=1m,bitfinex=2m",
     "--poll-interval: \"bitfinex=1m,bitfinex=2m\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 10ms to 1d, with SOURCE= before it for one source, each once"},
    {"produce", "--poll-interval=bitfinx=1m",
     "--poll-interval: \"bitfinx=1m\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 10ms to 1d, with SOURCE= before it for one source, each once"},
    {"produce", "--poll-interval=5s,bitfinex=2d",
     "--poll-interval: \"5s,bitfinex=2d\" is not a duration like 250ms, 5s, "
     "10m, 24h or 7d, from 10ms to 1d, with SOURCE= before it for one source, each once"},
    {"produce", "--duration=soon",
     "--duration: \"soon\" is not a duration like 250ms, 5s, 10m, "
     "24h or 7d, from 1ms up, or endless"},
    {"produce", "--speed=0", "--speed: \"0\" is not a number above 0 and up to 1000000, or max"},
    {"produce", "--speed=-1", "--speed: \"-1\" is not a number above 0 and up to 1000000, or max"},
    {"produce", "--speed=nan",
     "--speed: \"nan\" is not a number above 0 and up to 1000000, or max"},
    {"produce", "--start=yesterday",
     "--start: \"yesterday\" is not a time like "
     "2026-11-21T09:05:00Z or seconds since 1970, or now"},
    {"produce", "--source=bitfinx",
     "--source: \"bitfinx\" is not one of bitfinex, bitfinex-trades, bitfinex-bars, binance, "
     "coingecko, coinmarketcap, rss:URL, "
     "cryptopanic, replay:FILE, synthetic, "
     "synthetic-ticker, synthetic-trade, synthetic-bar, synthetic-news; did you mean "
     "bitfinex?"},
    {"produce", "--source=cinnamon",
     "--source: \"cinnamon\" is not one of bitfinex, bitfinex-trades, bitfinex-bars, binance, "
     "coingecko, coinmarketcap, rss:URL, "
     "cryptopanic, replay:FILE, synthetic, "
     "synthetic-ticker, synthetic-trade, synthetic-bar, synthetic-news"},
    {"demo", "--source=bitfinex, bitfinex", "--source: \"bitfinex\" is named twice"},
    {"demo", "--source=bitfinex,synthetic",
     "--source: \"synthetic\" does not go with what stands before it: live prices, made-up ones "
     "and those of a file never mix"},
    {"produce",
     "--source=replay:", "--source: \"replay:\" needs a file: replay:FILE, as replay:prices.csv"},
    {"produce", "--source=replay",
     "--source: \"replay\" needs a file: replay:FILE, as replay:prices.csv"},
    {"produce", "--source=rss",
     "--source: \"rss\" needs a feed: rss:URL, or rss:default for well-known ones"},
    {"produce", "--coins=t,x/y", "--coins: \"t,x/y\" is not a list like tBTCUSD,tDOGE:USD, or ALL"},
    {"produce", "--brokers=a:0",
     "--brokers: \"a:0\" is not a list like "
     "127.0.0.1:9092,127.0.0.1:9093"},
    {"produce", "--brokers=a:x,b:1",
     "--brokers: \"a:x,b:1\" is not a list like "
     "127.0.0.1:9092,127.0.0.1:9093"},
    {"produce", "--brokers=a:1,",
     "--brokers: \"a:1,\" is not a list like "
     "127.0.0.1:9092,127.0.0.1:9093"},
    {"produce", "--brokers=http://a:1/",
     "--brokers: \"http://a:1/\" is not a list like "
     "127.0.0.1:9092,127.0.0.1:9093"},
    {"produce", "--topic=a/b", "--topic: \"a/b\" is not " TOPICS_EXPECTED},
    {"produce", "--topic=..", "--topic: \"..\" is not " TOPICS_EXPECTED},
    {"consume", "--topic=a,b", "--topic: \"a,b\" is not " TOPICS_EXPECTED},
    {"consume", "--topic=a,ticker=b", "--topic: \"a,ticker=b\" is not " TOPICS_EXPECTED},
    {"consume", "--topic=rumour=a", "--topic: \"rumour=a\" is not " TOPICS_EXPECTED},
    {"consume", "--topic=ticker=", "--topic: \"ticker=\" is not " TOPICS_EXPECTED},
    {"consume", "--streams=rumour", "--streams: \"rumour\" is not " STREAMS_EXPECTED},
    {"consume", "--streams=ticker,rumour", "--streams: \"ticker,rumour\" is not " STREAMS_EXPECTED},
    {"consume", "--streams=ticker,ticker", "--streams: \"ticker,ticker\" is not " STREAMS_EXPECTED},
    {"consume", "--streams=ticker,", "--streams: \"ticker,\" is not " STREAMS_EXPECTED},
    {"produce", "--registry=127.0.0.1:8081",
     "--registry: \"127.0.0.1:8081\" is not a URL like http://127.0.0.1:8081, or a list of them"},
    {"produce", "--exchange-ws-url=https://a/ws/2",
     "--exchange-ws-url: \"https://a/ws/2\" is not a URL like wss://127.0.0.1:8443/ws/2"},
    {"produce", "--registry=http://a:1,",
     "--registry: \"http://a:1,\" is not a URL like http://127.0.0.1:8081, or a list of them"},
    {"produce", "--registry=http://a:1,b:2",
     "--registry: \"http://a:1,b:2\" is not a URL like http://127.0.0.1:8081, or a list of them"},
    {"produce", "--registry=http://a:1,http://me:hunter2@b",
     "--registry: a URL with a password in it is not taken; use --registry-user and "
     "--registry-password-file"},
    {"produce", "--registry=http://me:hunter2@host",
     "--registry: a URL with a password in it is not taken; use --registry-user and "
     "--registry-password-file"},
    {"produce", "--registry=http://me:1/hunter2@host",
     "--registry: a URL with a password in it is not taken; use --registry-user and "
     "--registry-password-file"},
    {"produce", "--brokers=me:hunter2@host:9092",
     "--brokers: what is given is not a list like 127.0.0.1:9092,127.0.0.1:9093"},
    {"produce", "sasl.password=hunter2",
     "produce: \"sasl.password\" is not an option; those start with --"},
    {"consume", "--store=https://hunter2@host",
     "--store: a URL with a password in it is not taken; use --token-file"},
    {"consume", "--store=sqlite:",
     "--store: \"sqlite:\" is not a URL like http://127.0.0.1:8181, or sqlite:PATH"},
    {"consume", "--group=a\nb", "--group: \"a b\" is not a text without control characters"},
    {"serve", "--listen=8080",
     "--listen: \"8080\" is not an address like 127.0.0.1:8080 or [::1]:8080"},
    {"serve", "--listen=a:65536",
     "--listen: \"a:65536\" is not an address like 127.0.0.1:8080 or [::1]:8080"},
    {"candles", "--coin=t/x",
     "--coin: \"t/x\" is not a coin like tBTCUSD or BRK.B (A-Z a-z 0-9 and : . _ ^ = -, 64 at "
     "most)"},
    {"status", "--format=csv", "--format: \"csv\" is not one of table, json"},
    {"status", "--format=tabel",
     "--format: \"tabel\" is not one of table, json; did you mean table?"},
    {"candles", "--of=trades",
     "--of: \"trades\" is not one of ticker, bar, trade; did you mean trade?"},
    {"candles", "--to=-9223372036.854775808", "--from is not before --to: nothing lies between"},
    {"tail", "--offset=3", "--offset needs --partition too: each partition counts its own"},
    {"produce", "--topic-replication=1",
     "--topic-min-isr 2 is more than --topic-replication 1: no message could ever be acknowledged"},
    {"produce", "--registry-user=a", "--registry-user needs --registry-password-file too"},
    {"produce", "--registry-user=a:b",
     "--registry-user: a name with a colon cannot be sent: the registry would take what follows it "
     "for the password"},
    {"produce", "--registry-password-file=a", "--registry-password-file needs --registry-user too"},
    {"produce", "--registry-key-file=a", "--registry-key-file needs --registry-cert-file too"},
    {"replay", "",
     "replay needs --since TIME: event time to start at; first: all that the topic holds"},
    {"produce", "--group-of-a-very-long-name-that-no-option-could-have-at-all=1",
     "produce: unknown option --group-of-a-very-long-name-that-no-opti; \"candlewick produce "
     "--help\" lists what there is"},
};

static void bad_words_are_refused_in_one_line_that_says_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct options options;
        struct error error;
        if (parse_one(bad[i].command, bad[i].argument, &options, &error)) {
            fail_msg("%s %s was taken", bad[i].command, bad[i].argument);
        }
        assert_string_equal(error.text, bad[i].want);
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_null(strchr(error.text, '\n'));
        assert_null(strstr(error.text, "hunter2"));
    }
}

static void value_that_looks_like_a_flag_is_a_missing_value(void **state)
{
    (void)state;
    char *argv[] = {W("candlewick"), W("consume"), W("--group"), W("--gzip"), NULL};
    struct options_input input = {.argc = 4, .argv = argv};
    struct options options;
    struct error error = {0};
    assert_false(options_parse(&input, &options, &error));
    assert_string_equal(error.text, "--group: a value is missing: --group NAME");
}

static void edit_distance_counts_slips(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        size_t want;
    } cases[] = {{"", "", 0},
                 {"a", "", 1},
                 {"sticky", "stiky", 1},
                 {"ab", "ba", 1},
                 {"produce", "prodcue", 1},
                 {"kitten", "sitting", 3},
                 {"abc", "abc", 0},
                 {"abc", "xyz", 3}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(str_edit_distance(cases[i].left, cases[i].right), cases[i].want);
        assert_int_equal(str_edit_distance(cases[i].right, cases[i].left), cases[i].want);
    }
    static const char lengthy[] = "--a-name-of-more-than-forty-bytes-in-length";
    assert_true(str_edit_distance(lengthy, "a") == SIZE_MAX);
    assert_null(option_suggest_flag(lengthy, COMMAND_NONE));
    assert_null(option_suggest_flag("--", COMMAND_NONE));
    assert_string_equal(option_suggest_flag("--tpoic", COMMAND_TAIL), "--topic");
    assert_null(option_suggest_flag("--tpoic", COMMAND_CANDLES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_values_are_taken),
        cmocka_unit_test(values_arrive_in_their_units),
        cmocka_unit_test(bad_words_are_refused_in_one_line_that_says_what_is_allowed),
        cmocka_unit_test(value_that_looks_like_a_flag_is_a_missing_value),
        cmocka_unit_test(edit_distance_counts_slips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
