/* Which value an option gets, from which place, and what is refused. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/options_named_sources.h"
#include "cli/options_streams.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A text that may be written to, as those of main() and the environment. */
#define W(text) ((char[]){text})

enum { ARGUMENTS_MAX = 12 };

/* `arguments` are split at blanks. */
static bool parse_with(const char *arguments, char *const *environment, const char *run_env,
                       struct options *options, struct error *error)
{
    static char text[1000]; /* the options borrow from it */
    static char *argv[ARGUMENTS_MAX];
    int argc = 1;
    argv[0] = text;
    (void)snprintf(text, sizeof text, "candlewick %s", arguments);
    char *save = NULL;
    (void)strtok_r(text, " ", &save);
    for (char *word = strtok_r(NULL, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        assert_true(argc < ARGUMENTS_MAX);
        argv[argc++] = word;
    }
    struct options_input input = {
        .argc = argc, .argv = argv, .environment = environment, .run_env_path = run_env};
    *error = (struct error){0};
    return options_parse(&input, options, error);
}

static struct options parsed(const char *arguments)
{
    struct options options;
    struct error error;
    if (!parse_with(arguments, NULL, NULL, &options, &error)) {
        fail_msg("%s: %s", arguments, error.text);
    }
    return options;
}

static void expect_refusal(const char *arguments, char *const *environment, const char *run_env,
                           const char *want)
{
    struct options options;
    struct error error;
    if (parse_with(arguments, environment, run_env, &options, &error)) {
        fail_msg("%s was taken", arguments);
    }
    assert_string_equal(error.text, want);
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_null(strchr(error.text, '\n'));
}

static void no_options_give_the_documented_defaults(void **state)
{
    (void)state;
    struct options options = parsed("consume");
    assert_int_equal(options.command, COMMAND_CONSUME);
    assert_string_equal(options.brokers, "127.0.0.1:19092,127.0.0.1:29092,127.0.0.1:39092");
    assert_string_equal(options.registry, "http://127.0.0.1:8081");
    assert_string_equal(options.store, "http://127.0.0.1:8181");
    assert_string_equal(options.database, "market");
    assert_null(options.token_file);
    assert_string_equal(options.topic, "tickers");
    assert_int_equal(options.topic_partitions, 6);
    assert_int_equal(options.topic_replication, 3);
    assert_int_equal(options.topic_min_isr, 2);
    assert_true(options.topic_retention_ms == INT64_C(7) * 86400 * 1000);
    assert_string_equal(options.group, "coins");
    assert_int_equal(options.strategy, STRATEGY_RANGE);
    assert_false(options.gzip);
    assert_true(options.retention_ns == 0);
    assert_int_equal(options.batch_ticks, 5000);
    assert_int_equal(options.batch_bytes, 4 << 20);
    assert_int_equal(options.batch_age_ms, 250);
    assert_int_equal(options.batches_in_flight, 4);
    assert_int_equal(options.drain_timeout_ms, 8000);
    assert_true(options.duration_ns == 0);
    assert_null(options.metrics);
    assert_int_equal(options.log_level, LOG_INFO);
    assert_int_equal(options.property_count, 0);
    char host[256] = "";
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    assert_string_equal(options.client_id, host);
    options_free(&options);
}

/* A file of stocks holds none of an exchange's usual coins. */
static void a_file_is_read_whole_unless_coins_are_named(void **state)
{
    (void)state;
    char *const environment[] = {W("COINS=tLTCUSD"), NULL};
    struct options options = parsed("produce --source replay:bars.csv");
    assert_string_equal(options.coins, "ALL");
    options_free(&options);
    options = parsed("produce --source replay:bars.csv --coins tBTCUSD");
    assert_string_equal(options.coins, "tBTCUSD");
    options_free(&options);
    struct error error;
    assert_true(parse_with("demo --source replay:bars.csv", environment, NULL, &options, &error));
    assert_string_equal(options.coins, "tLTCUSD");
    options_free(&options);
}

static void no_options_give_a_source_its_defaults(void **state)
{
    (void)state;
    struct options options = parsed("produce");
    assert_string_equal(options.source, "bitfinex,bitfinex-trades,bitfinex-bars");
    assert_string_equal(options.exchange_url, "https://api-pub.bitfinex.com");
    assert_string_equal(options.coins, "tBTCUSD,tETHUSD,tXRPUSD");
    assert_true(options.poll_interval_ns == 5 * NS_PER_SECOND);
    assert_true(options.step_ns == 5 * NS_PER_SECOND);
    assert_int_equal(options.requests_per_minute, 30);
    assert_true(options.speed == 1);
    assert_true(options.seed == 1 && options.start_ns == 0 && options.rows == 0);
    options_free(&options);
    options = parsed("produce --poll-interval 2s");
    assert_true(options.step_ns == 2 * NS_PER_SECOND); /* follows it */
    options_free(&options);
}

static void all_coins_are_followed_by_the_tickers_unless_a_source_is_named(void **state)
{
    (void)state;
    const struct {
        const char *line, *source;
    } cases[] = {
        {"demo --coins ALL", "bitfinex"},
        {"produce --coins ALL --source bitfinex-bars", "bitfinex-bars"},
        {"produce --coins tBTCUSD", "bitfinex,bitfinex-trades,bitfinex-bars"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options = parsed(cases[i].line);
        assert_string_equal(options.source, cases[i].source);
        options_free(&options);
    }
}

static void a_poll_interval_is_of_one_source_or_of_those_not_named(void **state)
{
    (void)state;
    const struct {
        const char *line;
        int64_t bitfinex_s, others_s;
    } cases[] = {
        {"produce", 5, 5},
        {"produce --poll-interval 2s", 2, 2},
        {"produce --poll-interval bitfinex=60s", 60, 5},
        {"produce --poll-interval bitfinex=60s,7s", 60, 7},
        {"demo --poll-interval synthetic=1s,8s", 8, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options = parsed(cases[i].line);
        assert_int_equal(options_poll_interval(&options, "bitfinex"),
                         cases[i].bitfinex_s * NS_PER_SECOND);
        assert_int_equal(options_poll_interval(&options, "replay"),
                         cases[i].others_s * NS_PER_SECOND);
        assert_int_equal(options.step_ns, cases[i].others_s * NS_PER_SECOND);
        options_free(&options);
    }
}

static void no_options_give_readers_their_defaults(void **state)
{
    (void)state;
    struct options options = parsed("candles");
    assert_string_equal(options.coin, "tBTCUSD");
    assert_true(options.interval_ns == 300 * NS_PER_SECOND);
    assert_true(options.from_ns == INT64_MIN && options.to_ns == INT64_MAX);
    assert_true(options.limit == 0);
    assert_int_equal(options.format, FORMAT_TABLE);
    options_free(&options);
    options = parsed("tail");
    assert_true(options.last == 10 && options.count == 0 && options.offset == -1);
    assert_int_equal(options.partition, -1);
    assert_false(options.follow);
    options_free(&options);
    options = parsed("status");
    assert_false(options.watch);
    assert_null(options.page);
    options_free(&options);
}

static void listen_defaults_differ_by_command(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *want;
    } cases[] = {{"serve", "127.0.0.1:8080"},
                 {"demo", "127.0.0.1:8080"},
                 {"registry", "127.0.0.1:8081"},
                 {"fake-exchange --data x", "127.0.0.1:8090"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options options = parsed(cases[i].arguments);
        assert_string_equal(options.listen, cases[i].want);
        options_free(&options);
    }
}

static void demo_keeps_its_files_in_its_folder(void **state)
{
    (void)state;
    struct options options = parsed("demo");
    assert_string_equal(options.data_dir, "var/demo");
    assert_string_equal(options.registry_data, "var/demo/registry.db");
    assert_string_equal(options.store, "sqlite:var/demo/market.db");
    assert_string_equal(options.client_id, "demo");
    assert_int_equal(options.members, 2);
    options_free(&options);
    options = parsed("demo --data-dir /x/y --store sqlite:z");
    assert_string_equal(options.registry_data, "/x/y/registry.db");
    assert_string_equal(options.store, "sqlite:z");
    options_free(&options);
}

/* A var/run.env in a folder of its own. */
struct run_env {
    char folder[256];
    char path[300];
};

static struct run_env write_run_env(const char *content)
{
    struct run_env made;
    support_make_folder(made.folder, sizeof made.folder);
    (void)snprintf(made.path, sizeof made.path, "%s/run.env", made.folder);
    support_write_file(made.path, content, strlen(content));
    return made;
}

static void flag_beats_environment_beats_run_env_beats_default(void **state)
{
    (void)state;
    struct run_env run_env =
        write_run_env("# a comment\r\n\nSTORE=sqlite:file\nKAFKA_BROKERS = x:1\n"
                      "GROUP_ID=\nSTORE=sqlite:second\nOTHER=thing\n");
    char *const environments[][3] = {
        {NULL}, {W("STORE=sqlite:env"), NULL}, {W("XSTORE=sqlite:x"), W("STORE="), NULL}};
    static const struct {
        const char *arguments;
        size_t environment;
        const char *want;
        enum option_origin origin;
    } cases[] = {
        {"candles --store sqlite:flag", 1, "sqlite:flag", ORIGIN_FLAG},
        {"candles --store=sqlite:flag", 0, "sqlite:flag", ORIGIN_FLAG},
        {"candles --store sqlite:a --store sqlite:b", 0, "sqlite:b", ORIGIN_FLAG},
        {"candles", 1, "sqlite:env", ORIGIN_ENVIRONMENT},
        {"candles", 2, "sqlite:file", ORIGIN_RUN_ENV}, /* an empty variable counts as unset */
        {"candles", 0, "sqlite:file", ORIGIN_RUN_ENV},
        {"serve", 0, "sqlite:file", ORIGIN_RUN_ENV},
        {"consume", 0, "http://127.0.0.1:8181", ORIGIN_DEFAULT}, /* it writes: never by chance */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options options;
        struct error error;
        assert_true(parse_with(cases[i].arguments, environments[cases[i].environment], run_env.path,
                               &options, &error));
        assert_string_equal(options.store, cases[i].want);
        assert_int_equal(options_origin(&options, "--store"), cases[i].origin);
        options_free(&options);
    }
    support_remove_folder(run_env.folder);
}

/* What a demo leaves behind has no brokers any more. */
static void folder_of_an_ended_demo_has_a_store_and_no_log(void **state)
{
    (void)state;
    struct run_env run_env = write_run_env("STORE=sqlite:file\nSOURCE=synthetic\n");
    char *const environment[] = {W("KAFKA_BROKERS=x:1"), NULL};
    static const char *const good[] = {"candles", "compare", "status --brokers x:1"};
    static const char *const bad[] = {"status", "verify", "tail", "dlq"};
    char arguments[400], want[1000];
    struct options options;
    struct error error;
    (void)snprintf(want, sizeof want,
                   "the stack of %s has ended, and its log with it: candlewick candles --data-dir "
                   "%s shows what it stored; for a log start it again (./launch.sh), or name the "
                   "--brokers (and --registry) of another",
                   run_env.path, run_env.folder);
    for (size_t i = 0; i < COUNT(bad); i++) {
        (void)snprintf(arguments, sizeof arguments, "%s --data-dir %s", bad[i], run_env.folder);
        expect_refusal(arguments, NULL, "", want);
        assert_true(parse_with(arguments, environment, "", &options, &error));
        options_free(&options);
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        (void)snprintf(arguments, sizeof arguments, "%s --data-dir %s", good[i], run_env.folder);
        assert_true(parse_with(arguments, NULL, "", &options, &error));
        options_free(&options);
    }
    support_remove_folder(run_env.folder);
}

static void streams_have_the_topics_that_are_named_or_the_usual_ones(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *topic, *dead_letter_topic;
    } cases[] = {
        {"consume", "tickers", "tickers.dlq"},
        {"consume --topic prices", "prices", "prices.dlq"},
        {"consume --topic ticker=prices", "prices", "prices.dlq"},
        {"consume --streams ticker --topic prices", "prices", "prices.dlq"},
        {"produce --topic prices", "prices", "prices.dlq"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options options = parsed(cases[i].arguments);
        struct stream streams[STREAMS_MAX];
        assert_int_equal(options_streams(&options, streams), 1);
        assert_ptr_equal(streams[0].kind, &ticker_kind);
        assert_string_equal(streams[0].topic, cases[i].topic);
        assert_string_equal(streams[0].dead_letter_topic, cases[i].dead_letter_topic);
        assert_string_equal(options.topic, cases[i].topic);
        options_free(&options);
    }
}

static void run_env_names_what_came_from_it(void **state)
{
    (void)state;
    struct run_env run_env =
        write_run_env("KAFKA_BROKERS=127.0.0.1:1,127.0.0.1:2\n"
                      "SCHEMA_REGISTRY_URL=http://127.0.0.1:3\nSTORE=sqlite:a b.db\n"
                      "PAGE=http://127.0.0.1:4\nGROUP_ID=g\nTOPIC=t\n"
                      "INFLUX_DATABASE=d\nINFLUX_TOKEN_FILE=/secrets/token\n");
    static const struct {
        const char *arguments, *want;
    } cases[] = {
        {"candles", "--store, --database, --token-file"},
        {"status", "--brokers, --topic, --group, --page"},
        {"status --group h", "--brokers, --topic, --page"},
        {"tail", "--brokers, --topic, --registry"},
        {"serve", "--brokers, --topic, --group, --registry, --store, --database, --token-file"},
        {"consume", ""},
        {"candles --store http://other:8181", "--database"}, /* whose token is its own */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options options;
        struct error error;
        assert_true(parse_with(cases[i].arguments, NULL, run_env.path, &options, &error));
        char names[200];
        assert_int_equal(options_from_run_env(&options, names, sizeof names),
                         cases[i].want[0] != '\0');
        assert_string_equal(names, cases[i].want);
        options_free(&options);
    }
    struct options options;
    struct error error;
    assert_true(parse_with("status", NULL, run_env.path, &options, &error));
    assert_string_equal(options.brokers, "127.0.0.1:1,127.0.0.1:2");
    assert_string_equal(options.page, "http://127.0.0.1:4");
    options_free(&options);
    assert_true(parse_with("candles", NULL, run_env.path, &options, &error));
    assert_string_equal(options.database, "d");
    assert_string_equal(options.token_file, "/secrets/token");
    options_free(&options);
    assert_true(
        parse_with("candles --store http://other:8181", NULL, run_env.path, &options, &error));
    assert_null(options.token_file);
    options_free(&options);
    support_remove_folder(run_env.folder);
}

/* What a demo leaves behind: its log is gone, and no other one is held against its store. */
static void store_of_a_stack_that_has_ended_meets_no_other_log(void **state)
{
    (void)state;
    struct run_env run_env = write_run_env("STORE=sqlite:a.db\n");
    static const char *const refused[] = {
        "verify", "replay --since first", "dlq retry", "dlq", "tail", "status", "event drill x"};
    char want[700];
    (void)snprintf(want, sizeof want,
                   "the stack of %s has ended, and its log with it: candlewick candles shows what "
                   "it stored; for a log start it again (./launch.sh), or name the --brokers (and "
                   "--registry) of another",
                   run_env.path);
    for (size_t i = 0; i < COUNT(refused); i++) {
        expect_refusal(refused[i], NULL, run_env.path, want);
    }
    static const char *const taken[] = {"verify --brokers b:1",
                                        "verify --store sqlite:b.db",
                                        "tail --brokers b:1",
                                        "candles",
                                        "compare",
                                        "serve"};
    for (size_t i = 0; i < COUNT(taken); i++) {
        struct options options;
        struct error error;
        assert_true(parse_with(taken[i], NULL, run_env.path, &options, &error));
        options_free(&options);
    }
    support_remove_folder(run_env.folder);
}

static void range_that_ends_before_it_begins_is_refused(void **state)
{
    (void)state;
    static const char want[] = "--since is not before --to: nothing lies between";
    expect_refusal("replay --since 2026-11-22 --to 2026-11-21", NULL, NULL, want);
    expect_refusal("replay --since 2026-11-22 --to 2026-11-22T00:00:00Z", NULL, NULL, want);
    expect_refusal("verify --from 2026-11-22 --to 2026-11-21", NULL, NULL,
                   "--from is not before --to: nothing lies between");
}

static void run_env_that_is_broken_is_refused_by_line_or_name(void **state)
{
    (void)state;
    char folder[256];
    char path[300];
    char want[400];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/run.env", folder);
    support_write_file(path, "TOPIC=a\n\nSTORE\n", 15);
    (void)snprintf(want, sizeof want,
                   "%s line 3 is not KEY=VALUE; start the program that writes it anew, or delete "
                   "the file",
                   path);
    want[255] = '\0';
    expect_refusal("candles", NULL, path, want);
    support_write_file(path, "STORE=ftp://x\n", 14);
    (void)snprintf(want, sizeof want,
                   "%s: STORE: \"ftp://x\" is not a URL like http://127.0.0.1:8181, or sqlite:PATH",
                   path);
    want[255] = '\0';
    expect_refusal("candles", NULL, path, want);
    struct options options = parsed("consume"); /* does not look at it */
    options_free(&options);
    support_remove_folder(folder);
    struct error error;
    assert_true(parse_with("candles", NULL, path, &options, &error)); /* need not be there */
    options_free(&options);
}

static void environment_that_is_bad_is_refused_by_the_variables_name(void **state)
{
    (void)state;
    char *const strategy[] = {W("ASSIGNMENT_STRATEGY=stiky"), NULL};
    expect_refusal("consume", strategy, NULL,
                   "ASSIGNMENT_STRATEGY: \"stiky\" is not one of range, roundrobin, sticky, "
                   "consumer; did you mean sticky?");
    struct options options;
    struct error error;
    /* A flag beats it, and a command that has no such option does not look. */
    assert_true(parse_with("consume --strategy sticky", strategy, NULL, &options, &error));
    assert_int_equal(options.strategy, STRATEGY_STICKY);
    options_free(&options);
    assert_true(parse_with("produce", strategy, NULL, &options, &error));
    options_free(&options);
    char *const gzip[] = {W("STORE_GZIP=maybe"), NULL};
    expect_refusal("consume", gzip, NULL, "STORE_GZIP: \"maybe\" is not true or false");
}

static void properties_come_from_environment_then_flags(void **state)
{
    (void)state;
    char *const environment[] = {W("KAFKA_PROPERTIES=a.b=1, c=x=y"), NULL};
    struct options options;
    struct error error;
    assert_true(parse_with("consume -X d=2 -Xe=3,4 -X f=", environment, NULL, &options, &error));
    static const char *const want[][2] = {
        {"a.b", "1"}, {"c", "x=y"}, {"d", "2"}, {"e", "3,4"}, {"f", ""}};
    assert_int_equal(options.property_count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_string_equal(options.properties[i].key, want[i][0]);
        assert_string_equal(options.properties[i].value, want[i][1]);
    }
    assert_int_equal(options_origin(&options, "-X"), ORIGIN_FLAG);
    options_free(&options);
    assert_null(options.properties);
}

static void properties_that_are_bad_are_refused_without_showing_them(void **state)
{
    (void)state;
    static const char want[] = "is not KEY=VALUE, as in socket.keepalive.enable=true (a value with "
                               "a comma in it: by -X)";
    char text[200];
    (void)snprintf(text, sizeof text, "-X: what is given %s", want);
    expect_refusal("consume -X hunter2", NULL, NULL, text);
    expect_refusal("consume -X =hunter2", NULL, NULL, text);
    char *const environment[] = {W("KAFKA_PROPERTIES=sasl.password=a,hunter2"), NULL};
    (void)snprintf(text, sizeof text, "KAFKA_PROPERTIES: what is given %s", want);
    expect_refusal("consume", environment, NULL, text);
}

static void synthetic_alone_stands_for_the_kinds_of_the_streams(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"demo --source synthetic", "synthetic"},
        {"demo --source synthetic --streams ticker,event", "synthetic"},
        {"demo --source synthetic --streams ticker,bar", "synthetic,synthetic-bar"},
        {"produce --source synthetic --streams trade", "synthetic,synthetic-trade"},
        {"produce --source synthetic --streams ticker,trade,bar,event",
         "synthetic,synthetic-trade,synthetic-bar"},
        {"produce --source synthetic-bar --streams trade,bar", "synthetic-bar"},
        {"produce --source synthetic-ticker --streams ticker,bar", "synthetic-ticker"},
        {"produce --source bitfinex --streams ticker,trade,bar,event", "bitfinex"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options = parsed(cases[i].line);
        assert_string_equal(options.source, cases[i].want);
        options_free(&options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synthetic_alone_stands_for_the_kinds_of_the_streams),
        cmocka_unit_test(no_options_give_the_documented_defaults),
        cmocka_unit_test(no_options_give_a_source_its_defaults),
        cmocka_unit_test(a_poll_interval_is_of_one_source_or_of_those_not_named),
        cmocka_unit_test(all_coins_are_followed_by_the_tickers_unless_a_source_is_named),
        cmocka_unit_test(a_file_is_read_whole_unless_coins_are_named),
        cmocka_unit_test(no_options_give_readers_their_defaults),
        cmocka_unit_test(listen_defaults_differ_by_command),
        cmocka_unit_test(demo_keeps_its_files_in_its_folder),
        cmocka_unit_test(flag_beats_environment_beats_run_env_beats_default),
        cmocka_unit_test(folder_of_an_ended_demo_has_a_store_and_no_log),
        cmocka_unit_test(streams_have_the_topics_that_are_named_or_the_usual_ones),
        cmocka_unit_test(run_env_names_what_came_from_it),
        cmocka_unit_test(store_of_a_stack_that_has_ended_meets_no_other_log),
        cmocka_unit_test(range_that_ends_before_it_begins_is_refused),
        cmocka_unit_test(run_env_that_is_broken_is_refused_by_line_or_name),
        cmocka_unit_test(environment_that_is_bad_is_refused_by_the_variables_name),
        cmocka_unit_test(properties_come_from_environment_then_flags),
        cmocka_unit_test(properties_that_are_bad_are_refused_without_showing_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
