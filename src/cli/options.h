/*
 * The user's options, from flags, environment, var/run.env and defaults: validated, and in the
 * units that the program uses. Each option is a row of one table (options_table.c), from which
 * `--help` and the table in docs/manual.md are made, too.
 *
 * A flag overrides the environment, the environment overrides var/run.env (which only candles,
 * compare, status, top, tail, verify, replay, dlq, dlq retry, event and serve read), and that
 * overrides the default. An empty environment variable counts as unset.
 */
#ifndef CANDLEWICK_CLI_OPTIONS_H
#define CANDLEWICK_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text/table.h"
#include "kafka/client/settings.h"

enum command {
    COMMAND_NONE, /* no subcommand; as help_on it means plain --help */
    COMMAND_PREPARE,
    COMMAND_PRODUCE,
    COMMAND_CONSUME,
    COMMAND_SERVE,
    COMMAND_DEMO,
    COMMAND_CANDLES,
    COMMAND_COMPARE,
    COMMAND_STATUS,
    COMMAND_TOP,
    COMMAND_TAIL,
    COMMAND_VERIFY,
    COMMAND_REPLAY,
    COMMAND_DLQ,
    COMMAND_DLQ_RETRY,
    COMMAND_LAB_PREDICT,
    COMMAND_LAB_RUN,
    COMMAND_LAB_MEMBER,
    COMMAND_REGISTRY,
    COMMAND_FAKE_EXCHANGE,
    COMMAND_EVENT,
    COMMAND_COUNT,
    /* Requests that are not subcommands: */
    COMMAND_HELP,          /* --help, help, COMMAND --help: see help_on */
    COMMAND_VERSION,       /* --version */
    COMMAND_HELP_MARKDOWN, /* --help-markdown */
};

/* From which records `candles` makes candles, in the order of the words of --of. */
enum candles_of { CANDLES_OF_TICKS, CANDLES_OF_BARS, CANDLES_OF_TRADES };

/* From where a value was read; a later origin overrides an earlier one. */
enum option_origin { ORIGIN_DEFAULT, ORIGIN_RUN_ENV, ORIGIN_ENVIRONMENT, ORIGIN_FLAG };

enum { OPTIONS_MAX = 160 };
struct options_memory;

/* Text options that are not set and have no default are NULL. Options that the command does not
 * accept have their defaults. */
struct options {
    enum command command;
    enum command help_on;

    /* Kafka */
    const char *brokers;               /* "host:port,host:port" */
    struct kafka_property *properties; /* those of KAFKA_PROPERTIES, then those of -X, which
                                          override them */
    size_t property_count;
    const char *client_id; /* default: the host's name; "demo" for demo */
    const char
        *streams; /* kinds of records: "ticker,trade"; options_streams() makes streams of it */
    const char *topics; /* the streams' topics: "NAME" for the ticks, "KIND=NAME" for another
                           kind */
    const char *topic;  /* the topic of the ticks, derived from `topics` */
    int topic_partitions, topic_replication, topic_min_isr;
    int64_t topic_retention_ms; /* -1: for ever */
    const char *group;
    enum strategy strategy;

    /* registry */
    const char *registry; /* "URL,URL" */
    const char *registry_user, *registry_password_file;
    const char *registry_ca_file, *registry_cert_file, *registry_key_file;
    const char *registry_data; /* SQLite file of the embedded registry; demo: in data_dir */

    /* store */
    const char *store; /* URL, or "sqlite:PATH"; demo's default: "sqlite:" in data_dir */
    const char *database, *token_file, *ca_file;
    bool gzip;
    int64_t retention_ns; /* 0: keep everything */

    /* source */
    const char *source; /* "bitfinex", "replay:FILE", "synthetic", or several names with commas
                           between them: see source_names.h */
    const char *exchange_url, *exchange_ws_url, *exchange_ca_file;
    const char *cryptopanic_url, *cryptopanic_key_file;
    const char *binance_url, *binance_ws_url;
    const char *coingecko_url, *coingecko_key_file;
    const char *coinmarketcap_url, *coinmarketcap_key_file;
    int exchange_silence_ms, reconnect_wait_ms, connects_per_minute, refill_per_minute;
    int64_t refill_max_age_ns;
    const char *columns;        /* "last_price=price,…"; NULL: none */
    const char *zone;           /* "+01:00" or "Europe/Berlin" */
    int64_t zone_s;             /* its seconds east of UTC, if it is an offset */
    bool zone_named;            /* `zone` is the name of a place */
    const char *replay_as;      /* source of a file's records; NULL: the file's own */
    bool replay_loop;           /* demo: the file is replayed again and again */
    const char *coins;          /* "ALL", or a list */
    const char *assets;         /* file with further assets (market/assets.h); NULL: none */
    const char *poll_intervals; /* "5s,bitfinex=1m"; see options_poll_interval() */
    int64_t poll_interval_ns;   /* the interval of each source that --poll-interval does not name */
    const char *timeframe;      /* of the bars that a source asks for: "1m" */
    int requests_per_minute;
    double speed;     /* 0: "max", no waiting */
    int64_t seed;     /* >= 0 */
    int64_t start_ns; /* 0: now */
    int64_t step_ns;  /* default: poll_interval_ns */
    int64_t rows;     /* ticks per coin; 0: endless */

    /* consumer */
    size_t batch_ticks, batch_bytes;
    int batch_age_ms, batches_in_flight, drain_timeout_ms;

    /* running */
    const char *listen;                     /* "host:port" */
    const char *grafana_url, *kafka_ui_url; /* the page's links; NULL: none */
    bool page_verify;                       /* the page offers the proof to other machines too */
    const char *metrics;                    /* "host:port"; NULL: off */
    int64_t duration_ns;                    /* 0: no limit */
    int64_t wait_ns;     /* how long prepare waits for the systems, and verify for the group */
    size_t memory_bytes; /* most memory that sorting takes */
    int members;
    const char *data_dir;
    bool verify_at_end;       /* demo: run verify at the end */
    const char *run_env_path; /* the run.env file that was read; NULL: the command reads none */
    enum log_level log_level;
    bool check_options; /* only check that the options can be used */

    /* reading */
    const char *page; /* base URL of a running page; NULL: none known */
    const char *coin; /* "ALL" where the command accepts it */
    enum candles_of candles_of;
    const char *bar_source; /* the source of the bars; NULL: the only one that is stored */
    int64_t interval_ns;
    bool cut;
    int64_t from_ns, to_ns; /* INT64_MIN and INT64_MAX when not set */
    int64_t since_ns;       /* INT64_MIN: from the first message */
    int64_t limit;          /* return only so many candles, the newest; 0: all */
    enum output_format format;
    bool watch, follow;
    const char *favourites; /* coins with commas between; NULL: none */
    int64_t last;           /* start so many messages before the end */
    int64_t count;          /* stop after so many messages; 0: no limit */
    int partition;          /* -1: all */
    int64_t offset;         /* -1: not set; else partition >= 0 */
    int dead_letter_kind;   /* an enum dead_letter_kind; DEAD_LETTER_KINDS: all */
    bool dry_run;
    bool unchecked; /* write dead letters too whose message the log no longer has */

    /* lab; src/lab parses these texts */
    const char *lab_topics, *lab_members, *lab_subscriptions, *lab_steps, *lab_strategies;
    const char *lab_scenario;
    int lab_repeat, lab_rate;
    const char *lab_report;  /* file; NULL: none */
    const char *lab_results; /* file */

    /* event */
    const char *event_what, *event_subject, *event_detail;

    /* fake-exchange; src/fake_exchange parses the texts */
    const char *data;        /* CSV or JSON file; NULL: trades are made up from the seed */
    const char *fault;       /* which faults happen at which requests; NULL: none */
    const char *fake_limits; /* NULL: Bitfinex's */
    int trades_per_minute;   /* of each coin */
    int fake_start_channels;
    int fake_heartbeat_ms;
    int64_t history_ns, fake_length_ns; /* length of the book of trades before and after its
                                           start */

    /* set by `demo`: the store has ticks of an earlier start, so synthetic ticks get no past */
    bool has_ticks;

    unsigned char origins[OPTIONS_MAX]; /* an enum option_origin for each row; see
                                           options_origin() */
    struct options_memory *memory;      /* owns the texts above; see options_free() */
};

struct options_input {
    int argc;
    char *const *argv;        /* must outlive the options, which borrow its texts */
    char *const *environment; /* "NAME=value"…, NULL at the end; must outlive the options */
    const char *run_env_path; /* the run.env to read unless --data-dir names another folder; need
                                 not exist */
};

/* Fails with ERROR_USAGE (ERROR_FATAL: no memory); the text is one line that says what is wrong and
 * what is allowed. After a failure `options` need not be freed. */
NODISCARD bool options_parse(const struct options_input *input, struct options *options,
                             struct error *error);
void options_free(struct options *options);

/* Returns from where the value of `flag` ("--store") was read. */
enum option_origin options_origin(const struct options *options, const char *flag);

/* Lists the flags whose values come from var/run.env: "--brokers, --store". Returns false when
 * there are none. */
bool options_from_run_env(const struct options *options, char *names, size_t size);

/* Returns whether the brokers are those of a run.env whose stack has ended meanwhile; `error` then
 * says so, and what to do. */
bool options_log_has_ended(const struct options *options, struct error *error);

/* Returns the subcommand's name, such as "produce"; "" for COMMAND_NONE and requests that are not
 * subcommands. */
const char *command_name(enum command command);

/* Prints the output of `candlewick COMMAND --help`; for COMMAND_NONE that of `candlewick
 * --help`. */
void options_print_help(enum command command, FILE *stream);

/* Prints the table of all options in docs/manual.md, as Markdown. */
void options_print_markdown(FILE *stream);

#endif
