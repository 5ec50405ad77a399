#include "cli/options_table.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/consumer/dead_letter.h"

#define PREPARE TAKES(COMMAND_PREPARE)
#define PRODUCE TAKES(COMMAND_PRODUCE)
#define CONSUME TAKES(COMMAND_CONSUME)
#define SERVE TAKES(COMMAND_SERVE)
#define DEMO TAKES(COMMAND_DEMO)
#define CANDLES TAKES(COMMAND_CANDLES)
#define COMPARE TAKES(COMMAND_COMPARE)
#define STATUS TAKES(COMMAND_STATUS)
#define TAIL TAKES(COMMAND_TAIL)
#define VERIFY TAKES(COMMAND_VERIFY)
#define REPLAY TAKES(COMMAND_REPLAY)
#define DLQ TAKES(COMMAND_DLQ)
#define DLQ_RETRY TAKES(COMMAND_DLQ_RETRY)
#define LAB_PREDICT TAKES(COMMAND_LAB_PREDICT)
#define LAB_RUN TAKES(COMMAND_LAB_RUN)
#define LAB_MEMBER TAKES(COMMAND_LAB_MEMBER)
#define REGISTRY TAKES(COMMAND_REGISTRY)
#define FAKE_EXCHANGE TAKES(COMMAND_FAKE_EXCHANGE)
#define EVENT TAKES(COMMAND_EVENT)
#define TOP TAKES(COMMAND_TOP)
#define ALL (TAKES(COMMAND_COUNT) - TAKES(COMMAND_PREPARE))

/* Commands that read or write a real cluster; `demo` starts its own. */
#define LOG_READERS (TAIL | VERIFY | REPLAY | DLQ | DLQ_RETRY)
#define KAFKA (PREPARE | PRODUCE | CONSUME | SERVE | STATUS | EVENT | LOG_READERS)
#define SCHEMAS (PREPARE | PRODUCE | CONSUME | SERVE | TAIL | VERIFY | REPLAY | DLQ_RETRY | EVENT)
#define STORES (PREPARE | CONSUME | SERVE | DEMO | CANDLES | COMPARE | VERIFY | REPLAY | DLQ_RETRY)
#define RUN_READERS                                                                                \
    (SERVE | CANDLES | COMPARE | STATUS | TOP | EVENT | LOG_READERS) /* must match reads_run_env   \
                                                                      */
#define LOOKERS (CANDLES | COMPARE | STATUS | TOP | TAIL | VERIFY | DLQ | LAB_RUN | EVENT)
#define TOPICS (PREPARE | PRODUCE | CONSUME | DEMO)
#define SOURCES (PRODUCE | DEMO)
#define MEMBERS (CONSUME | DEMO)

#define FIELD OPTION_FIELD
#define RANGE(from, to) .least = (from), .most = (to)

#define MINUTE (60 * NS_PER_SECOND)
#define DAY (86400 * NS_PER_SECOND)

static const char *const level_words[] = {"debug", "info", "warn", "error", "off", NULL};
static const char *const candles_of_words[] = {"ticker", "bar", "trade", NULL};
static const char *const candle_formats[] = {"table", "csv", "json", NULL};
static const char *const lab_formats[] = {"table", "csv", "json", "markdown", NULL};
static const char *const report_formats[] = {"table", "json", NULL};
static const char *const letter_kind_words[] = {"all",         "no_key", "tombstone", "too_large",
                                                "undecodable", "ahead",  "refused",   NULL};
static const int letter_kind_values[] = {
    DEAD_LETTER_KINDS, DEAD_LETTER_NO_KEY, DEAD_LETTER_TOMBSTONE, DEAD_LETTER_TOO_LARGE,
    DEAD_LETTER_BAD,   DEAD_LETTER_AHEAD,  DEAD_LETTER_REFUSED};
static const int report_format_values[] = {FORMAT_TABLE, FORMAT_JSON};

/* clang-format off: a table is read by its columns */
const struct option_row option_rows[] = {
    /* Kafka */
    {"--brokers", "KAFKA_BROKERS", FIELD(OPTION_BROKERS, brokers), KAFKA | LAB_MEMBER, MARK_RUN_ENV,
     .fallback = "127.0.0.1:19092,127.0.0.1:29092,127.0.0.1:39092", .value_name = "HOST:PORT,...",
     .help = "Kafka brokers to start from"},
    {"--brokers", NULL, FIELD(OPTION_BROKERS, brokers), LAB_RUN,
     .otherwise = "librdkafka's in-process cluster", .value_name = "HOST:PORT,...",
     .help = "real brokers to run on"},
    {"--streams", "STREAMS", FIELD(OPTION_STREAMS, streams), (KAFKA | DEMO) & ~EVENT, MARK_RUN_ENV,
     .fallback = "ticker", .value_name = "KIND,...",
     .help = "kinds of records to handle; each has its own topic and table"},
    {"--topic", "TOPIC", FIELD(OPTION_TOPICS, topics), KAFKA | DEMO, MARK_RUN_ENV,
     .fallback = "tickers", .value_name = "NAME,KIND=NAME,...",
     .help = "topic of the ticks, and of other kinds; dead letters go to NAME.dlq"},
    {"--topic-partitions", "TOPIC_PARTITIONS", FIELD(OPTION_INT, topic_partitions), TOPICS,
     .fallback = "6", RANGE(1, 1000), .value_name = "N",
     .help = "partitions of a topic that has to be made"},
    {"--topic-replication", "TOPIC_REPLICATION", FIELD(OPTION_INT, topic_replication), TOPICS,
     .fallback = "3", RANGE(1, 100), .value_name = "N",
     .help = "replicas of a topic that has to be made"},
    {"--topic-min-isr", "TOPIC_MIN_ISR", FIELD(OPTION_INT, topic_min_isr), TOPICS, .fallback = "2",
     RANGE(1, 100), .value_name = "N",
     .help = "replicas that must have a message before it counts as written"},
    {"--topic-retention", "TOPIC_RETENTION", FIELD(OPTION_DURATION_MS, topic_retention_ms), TOPICS,
     .fallback = "7d", RANGE(1000 * NS_PER_MS, OPTION_LONGEST), .word = "forever", .word_value = -1,
     .value_name = "DURATION",
     .help = "how long a topic that has to be made keeps messages, by produce time"},
    {"--group", "GROUP_ID", FIELD(OPTION_TEXT, group),
     CONSUME | SERVE | DEMO | STATUS | VERIFY | LAB_MEMBER, MARK_RUN_ENV, .fallback = "coins",
     .value_name = "NAME", .help = "consumer group"},
    {"--client-id", "CLIENT_ID", FIELD(OPTION_TEXT, client_id), KAFKA | LAB_MEMBER,
     .value_name = "NAME", .otherwise = "the host's name", .help = "name towards Kafka"},
    {"--strategy", "ASSIGNMENT_STRATEGY", FIELD(OPTION_CHOICE, strategy), MEMBERS | LAB_MEMBER,
     .fallback = "range", .words = strategy_names, .value_name = "NAME",
     .help = "how partitions are shared out; sticky is cooperative-sticky, consumer is KIP-848"},
    {"-X", "KAFKA_PROPERTIES", OPTION_PROPERTIES, 0, KAFKA | DEMO | LAB_RUN | LAB_MEMBER,
     .value_name = "KEY=VALUE",
     .help = "a librdkafka property, but for those we pin; may be repeated (variable: k=v,k=v)"},

    /* registry */
    {"--registry", "SCHEMA_REGISTRY_URL", FIELD(OPTION_URLS, registry), SCHEMAS, MARK_RUN_ENV,
     .fallback = "http://127.0.0.1:8081", .value_name = "URL,...",
     .help = "schema registry; of several addresses of it, the next is asked when one is away"},
    {"--registry-user", "SCHEMA_REGISTRY_USER", FIELD(OPTION_TEXT, registry_user), SCHEMAS,
     .value_name = "NAME", .help = "user for the registry"},
    {"--registry-password-file", "SCHEMA_REGISTRY_PASSWORD_FILE",
     FIELD(OPTION_TEXT, registry_password_file), SCHEMAS, .value_name = "PATH",
     .help = "file with that user's password"},
    {"--registry-ca-file", "SCHEMA_REGISTRY_CA_FILE", FIELD(OPTION_TEXT, registry_ca_file), SCHEMAS,
     .value_name = "PATH", .otherwise = "the system's",
     .help = "PEM file of the authorities to trust"},
    {"--registry-cert-file", "SCHEMA_REGISTRY_CERT_FILE", FIELD(OPTION_TEXT, registry_cert_file),
     SCHEMAS, .value_name = "PATH", .help = "PEM file of our certificate"},
    {"--registry-key-file", "SCHEMA_REGISTRY_KEY_FILE", FIELD(OPTION_TEXT, registry_key_file),
     SCHEMAS, .value_name = "PATH", .help = "PEM file of its key"},
    {"--registry-data", "REGISTRY_DATA", FIELD(OPTION_TEXT, registry_data), REGISTRY,
     .fallback = "var/registry.db", .value_name = "PATH",
     .help = "SQLite file that keeps the schemas and their ids"},

    /* store */
    {"--store", "STORE", FIELD(OPTION_STORE, store), STORES & ~DEMO, MARK_RUN_ENV,
     .fallback = "http://127.0.0.1:8181", .value_name = "URL|sqlite:PATH",
     .help = "where ticks rest: InfluxDB 3 or a SQLite file"},
    {"--store", "STORE", FIELD(OPTION_STORE, store), DEMO, .value_name = "URL|sqlite:PATH",
     .otherwise = "a SQLite file in --data-dir", .help = "where ticks rest"},
    {"--database", "INFLUX_DATABASE", FIELD(OPTION_TEXT, database), STORES, MARK_RUN_ENV,
     .fallback = "market", .value_name = "NAME", .help = "InfluxDB's database"},
    {"--token-file", "INFLUX_TOKEN_FILE", FIELD(OPTION_TEXT, token_file), STORES, MARK_RUN_ENV,
     .value_name = "PATH", .help = "file with InfluxDB's token"},
    {"--ca-file", "INFLUX_CA_FILE", FIELD(OPTION_TEXT, ca_file), STORES, .value_name = "PATH",
     .otherwise = "the system's", .help = "PEM file of the authorities to trust for InfluxDB"},
    {"--gzip", "STORE_GZIP", FIELD(OPTION_BOOL, gzip), MEMBERS | REPLAY | DLQ_RETRY,
     .fallback = "false", .help = "compress what is written to InfluxDB"},
    {"--retention", "RETENTION", FIELD(OPTION_DURATION, retention_ns),
     MEMBERS | PREPARE | SERVE | VERIFY, .fallback = "forever", RANGE(MINUTE, OPTION_LONGEST),
     .word = "forever", .word_value = 0, .value_name = "DURATION",
     .help = "how long the store keeps ticks, by event time"},

    /* source */
    {"--source", "SOURCE", FIELD(OPTION_SOURCE, source), SOURCES,
     .fallback = "bitfinex,bitfinex-trades,bitfinex-bars", .value_name = "SOURCE,...",
     .help = "bitfinex, bitfinex-trades, bitfinex-bars, binance, coingecko, "
             "coinmarketcap, rss:URL, cryptopanic, replay:FILE, synthetic"},
    {"--exchange-url", "BITFINEX_URL", FIELD(OPTION_URL, exchange_url), SOURCES,
     .fallback = "https://api-pub.bitfinex.com", .value_name = "URL",
     .help = "base of Bitfinex's public REST interface"},
    {"--exchange-ws-url", "BITFINEX_WS_URL", FIELD(OPTION_WS_URL, exchange_ws_url), SOURCES,
     .fallback = "wss://api-pub.bitfinex.com/ws/2", .value_name = "URL",
     .help = "bitfinex-trades: Bitfinex's public WebSocket"},
    {"--binance-url", "BINANCE_URL", FIELD(OPTION_URL, binance_url), SOURCES,
     .fallback = "https://data-api.binance.vision", .value_name = "URL",
     .help = "base of Binance's public REST interface"},
    {"--binance-ws-url", "BINANCE_WS_URL", FIELD(OPTION_WS_URL, binance_ws_url), SOURCES,
     .fallback = "wss://data-stream.binance.vision", .value_name = "URL",
     .help = "Binance's public WebSocket"},
    {"--coingecko-url", "COINGECKO_URL", FIELD(OPTION_URL, coingecko_url), SOURCES,
     .fallback = "https://api.coingecko.com/api/v3", .value_name = "URL",
     .help = "base of CoinGecko's interface; a Pro key has another host than a Demo key"},
    {"--coingecko-key-file", "COINGECKO_KEY_FILE", FIELD(OPTION_TEXT, coingecko_key_file), SOURCES,
     .value_name = "PATH", .otherwise = "no key", .help = "file with the key for it"},
    {"--coinmarketcap-url", "COINMARKETCAP_URL", FIELD(OPTION_URL, coinmarketcap_url), SOURCES,
     .fallback = "https://pro-api.coinmarketcap.com", .value_name = "URL",
     .help = "base of CoinMarketCap's interface"},
    {"--coinmarketcap-key-file", "COINMARKETCAP_KEY_FILE",
     FIELD(OPTION_TEXT, coinmarketcap_key_file), SOURCES, .value_name = "PATH",
     .help = "coinmarketcap: file with the key to its interface"},
    {"--exchange-ca-file", "BITFINEX_CA_FILE", FIELD(OPTION_TEXT, exchange_ca_file), SOURCES,
     .value_name = "PATH", .otherwise = "the system's",
     .help = "PEM file of the authorities to trust for them, and for news"},
    {"--cryptopanic-url", "CRYPTOPANIC_URL", FIELD(OPTION_URL, cryptopanic_url), SOURCES,
     .fallback = "https://cryptopanic.com/api/developer/v2/posts/", .value_name = "URL",
     .help = "cryptopanic: where its posts are"},
    {"--cryptopanic-key-file", "CRYPTOPANIC_KEY_FILE", FIELD(OPTION_TEXT, cryptopanic_key_file),
     SOURCES, .value_name = "PATH", .help = "cryptopanic: file with the key to its interface"},
    {"--exchange-silence", "EXCHANGE_SILENCE", FIELD(OPTION_SHORT_MS, exchange_silence_ms), SOURCES,
     .fallback = "30s", RANGE(100 * NS_PER_MS, DAY), .value_name = "DURATION",
     .help = "bitfinex-trades, binance: connect again when nothing at all has come for so long"},
    {"--reconnect-wait", "RECONNECT_WAIT", FIELD(OPTION_SHORT_MS, reconnect_wait_ms), SOURCES,
     .fallback = "5s", RANGE(10 * NS_PER_MS, 3600 * NS_PER_SECOND), .value_name = "DURATION",
     .help = "bitfinex-trades: longest first wait before connecting again; grows to 12 times that"},
    {"--connects-per-minute", "CONNECTS_PER_MINUTE", FIELD(OPTION_INT, connects_per_minute),
     SOURCES, .fallback = "19", RANGE(1, 60000), .value_name = "N",
     .help = "bitfinex-trades: never connect more often than so"},
    {"--refill-per-minute", "REFILL_PER_MINUTE", FIELD(OPTION_INT, refill_per_minute), SOURCES,
     .fallback = "15", RANGE(1, 60000), .value_name = "N",
     .help = "bitfinex-trades: never ask for missed trades more often than so"},
    {"--refill-max-age", "REFILL_MAX_AGE", FIELD(OPTION_DURATION, refill_max_age_ns), SOURCES,
     .fallback = "24h", RANGE(NS_PER_SECOND, OPTION_LONGEST), .value_name = "DURATION",
     .help = "bitfinex-trades: older ones are not asked for"},
    {"--columns", NULL, FIELD(OPTION_TEXT, columns), SOURCES, .value_name = "OURS=THEIRS,...",
     .help =
         "replay: what the file calls our columns, last_price=price; or all have, symbol='AAPL'"},
    {"--zone", NULL, FIELD(OPTION_TEXT, zone), SOURCES, .fallback = "UTC", .value_name = "ZONE",
     .help = "replay: of times that say none, as +01:00 or Europe/Berlin"},
    {"--as", NULL, FIELD(OPTION_TEXT, replay_as), SOURCES, .value_name = "NAME",
     .help = "replay: source of the file's records, else named after its content"},
    {"--loop", NULL, FIELD(OPTION_BOOL, replay_loop), DEMO, .fallback = "false",
     .only = "the times of all rounds but the first are made up, which no shared log or store may "
             "have: candlewick demo --source replay:FILE --loop",
     .help =
         "replay: begin the file again at its end, each time at later times, which are made up"},
    {"--coins", "COINS", FIELD(OPTION_COINS, coins), SOURCES, .fallback = "tBTCUSD,tETHUSD,tXRPUSD",
     .value_name = "COIN,...|ALL", .help = "coins to follow; of a replayed file all, unless set"},
    {"--assets", "ASSETS", FIELD(OPTION_TEXT, assets), SOURCES | SERVE, .value_name = "FILE",
     .otherwise = "the 100 built in",
     .help = "CSV of more assets: what each service calls a coin, and what texts call it"},
    {"--poll-interval", "POLL_INTERVAL", FIELD(OPTION_POLL, poll_intervals), SOURCES,
     .fallback = "5s", RANGE(10 * NS_PER_MS, DAY), .value_name = "DURATION,SOURCE=DURATION,...",
     .help = "time from one request to the next, of all sources or of one"},
    {"--requests-per-minute", "REQUESTS_PER_MINUTE", FIELD(OPTION_INT, requests_per_minute),
     SOURCES, .fallback = "30", RANGE(1, 60000), .value_name = "N",
     .help = "never ask the exchange more often than so, retries included"},
    {"--history", "HISTORY", FIELD(OPTION_DURATION, history_ns), SOURCES, .fallback = "1d",
     RANGE(MINUTE, 3650 * DAY), .value_name = "DURATION",
     .help = "bars, CoinGecko, CoinMarketCap, synthetic data: how far back to begin where the log "
             "has none"},
    {"--interval", "BAR_INTERVAL", FIELD(OPTION_TEXT, timeframe), SOURCES, .fallback = "1m",
     .value_name = "LENGTH",
     .help = "bitfinex-bars, binance: length of the bars to ask for, 1m to 1d"},
    {"--speed", NULL, FIELD(OPTION_FACTOR, speed), SOURCES, .fallback = "1", RANGE(0, 1000000),
     .word = "max", .word_value = 0, .value_name = "FACTOR",
     .help = "replay: so many times faster than recorded; max: without waiting"},
    {"--seed", NULL, FIELD(OPTION_LONG, seed), SOURCES, .fallback = "1", RANGE(0, INT64_MAX),
     .value_name = "N", .help = "synthetic: the same seed gives the same walk"},
    {"--start", NULL, FIELD(OPTION_TIME, start_ns), SOURCES, .fallback = "now", RANGE(1, INT64_MAX),
     .word = "now", .word_value = 0, .value_name = "TIME",
     .help = "synthetic: time of the first tick"},
    {"--step", NULL, FIELD(OPTION_DURATION, step_ns), SOURCES, RANGE(1, OPTION_LONGEST),
     .value_name = "DURATION", .otherwise = "--poll-interval",
     .help = "synthetic: time between two ticks of a coin"},
    {"--rows", NULL, FIELD(OPTION_LONG, rows), SOURCES, .fallback = "endless", RANGE(1, INT64_MAX),
     .word = "endless", .word_value = 0, .value_name = "N",
     .help = "synthetic: end after so many ticks a coin"},

    /* consumer */
    {"--batch-ticks", "BATCH_TICKS", FIELD(OPTION_COUNT, batch_ticks), MEMBERS, .fallback = "5000",
     RANGE(1, 1000000), .value_name = "N", .help = "a batch is written when it has so many ticks"},
    {"--batch-bytes", "BATCH_BYTES", FIELD(OPTION_SIZE, batch_bytes), MEMBERS, .fallback = "4MiB",
     RANGE(1024, 1 << 30), .value_name = "SIZE", .help = "or so many bytes of messages"},
    {"--batch-age", "BATCH_AGE", FIELD(OPTION_SHORT_MS, batch_age_ms), MEMBERS, .fallback = "250ms",
     RANGE(NS_PER_MS, MINUTE), .value_name = "DURATION",
     .help = "or when it is so old, at the latest"},
    {"--batches-in-flight", "BATCHES_IN_FLIGHT", FIELD(OPTION_INT, batches_in_flight), MEMBERS,
     .fallback = "4", RANGE(1, 16), .value_name = "N", .help = "batches written at the same time"},
    {"--drain-timeout", "DRAIN_TIMEOUT", FIELD(OPTION_SHORT_MS, drain_timeout_ms), MEMBERS,
     .fallback = "8s", RANGE(100 * NS_PER_MS, 10 * MINUTE), .value_name = "DURATION",
     .help = "time to finish what was read, at the end or when a partition is taken away"},

    /* running */
    {"--members", "MEMBERS", FIELD(OPTION_INT, members), DEMO, .fallback = "2", RANGE(1, 16),
     .value_name = "N", .help = "members of the group"},
    {"--data-dir", "DATA_DIR", FIELD(OPTION_TEXT, data_dir), DEMO, .fallback = "var/demo",
     .value_name = "PATH", .help = "folder of the registry's and the store's SQLite files"},
    {"--data-dir", "DATA_DIR", FIELD(OPTION_TEXT, data_dir), RUN_READERS, .value_name = "PATH",
     .otherwise = "the first of those that run", .help = "folder of the demo to read"},
    {"--verify", NULL, FIELD(OPTION_BOOL, verify_at_end), DEMO,
     .help = "prove at the end, while the log is still there, what verify proves"},
    {"--listen", "LISTEN", FIELD(OPTION_ADDRESS, listen), SERVE | DEMO,
     .fallback = "127.0.0.1:8080", .value_name = "HOST:PORT", .help = "address of the page"},
    {"--grafana-url", "GRAFANA_URL", FIELD(OPTION_URL, grafana_url), SERVE, .value_name = "URL",
     .help = "where a browser finds Grafana, for a link on the page"},
    {"--kafka-ui-url", "KAFKA_UI_URL", FIELD(OPTION_URL, kafka_ui_url), SERVE, .value_name = "URL",
     .help = "where a browser finds Kafka-UI, for a link on the page"},
    {"--page-verify", "PAGE_VERIFY", FIELD(OPTION_BOOL, page_verify), SERVE | DEMO,
     .help = "offer the page's proof also where other machines can reach the page"},
    {"--listen", "LISTEN", FIELD(OPTION_ADDRESS, listen), REGISTRY, .fallback = "127.0.0.1:8081",
     .value_name = "HOST:PORT", .help = "address of the registry"},
    {"--listen", "LISTEN", FIELD(OPTION_ADDRESS, listen), FAKE_EXCHANGE,
     .fallback = "127.0.0.1:8090", .value_name = "HOST:PORT", .help = "address of the exchange"},
    {"--metrics", "METRICS", FIELD(OPTION_ADDRESS, metrics), PRODUCE | CONSUME,
     .value_name = "HOST:PORT", .otherwise = "off", .help = "address for /metrics and /healthz"},
    {"--duration", NULL, FIELD(OPTION_DURATION, duration_ns),
     ALL & ~(PREPARE | CANDLES | COMPARE | STATUS | VERIFY | REPLAY | DLQ | DLQ_RETRY |
             LAB_PREDICT | LAB_RUN | EVENT),
     .fallback = "endless", RANGE(NS_PER_MS, OPTION_LONGEST), .word = "endless", .word_value = 0,
     .value_name = "DURATION", .help = "end after so long"},
    {"--wait", NULL, FIELD(OPTION_DURATION, wait_ns), PREPARE, .fallback = "60s",
     RANGE(NS_PER_MS, DAY), .value_name = "DURATION",
     .help = "how long to wait for brokers, registry or store that do not answer yet"},
    {"--wait", NULL, FIELD(OPTION_DURATION, wait_ns), VERIFY, .fallback = "30s",
     RANGE(NS_PER_MS, DAY), .value_name = "DURATION",
     .help = "how long the group may take to write what the topic holds at the start"},
    {"--wait", NULL, FIELD(OPTION_DURATION, wait_ns), EVENT, .fallback = "10s",
     RANGE(NS_PER_MS, DAY), .value_name = "DURATION",
     .help = "how long Kafka may take to acknowledge the event"},
    {"--memory", NULL, FIELD(OPTION_SIZE, memory_bytes), VERIFY, .fallback = "128MiB",
     RANGE(1 << 16, INT64_C(1) << 40), .value_name = "SIZE",
     .help = "for sorting; what does not fit goes to a temporary file in TMPDIR"},
    {"--check-options", NULL, FIELD(OPTION_BOOL, check_options),
     PREPARE | PRODUCE | CONSUME | SERVE | DEMO | REGISTRY, .fallback = "false",
     .help = "only say whether all that is named can be used, and end; nothing is asked or made"},
    {"--log-level", "LOG_LEVEL", FIELD(OPTION_CHOICE, log_level),
     ALL & ~(LAB_PREDICT | LOOKERS | REPLAY | DLQ_RETRY), .fallback = "info", .words = level_words,
     .value_name = "LEVEL", .help = "what is logged to standard error"},
    /* Off: these commands print all errors, which log lines of the clients would hide; and a lab
     * run kills and freezes its members, which causes many warnings. */
    {"--log-level", "LOG_LEVEL", FIELD(OPTION_CHOICE, log_level), LOOKERS, .fallback = "off",
     .words = level_words, .value_name = "LEVEL", .help = "what is logged to standard error"},
    /* Not off: these commands wait for a store that is unavailable, and must say so. */
    {"--log-level", "LOG_LEVEL", FIELD(OPTION_CHOICE, log_level), REPLAY | DLQ_RETRY,
     .fallback = "warn", .words = level_words, .value_name = "LEVEL",
     .help = "what is logged to standard error"},

    /* reading */
    {"--coin", NULL, FIELD(OPTION_COIN, coin), CANDLES | COMPARE | TOP, .fallback = "tBTCUSD",
     .value_name = "COIN", .help = "coin to show"},
    {"--coin", NULL, FIELD(OPTION_COIN, coin), VERIFY | REPLAY | DLQ_RETRY, .fallback = "ALL",
     .value_name = "COIN|ALL", .help = "only this coin"},
    {"--interval", NULL, FIELD(OPTION_INTERVAL, interval_ns), CANDLES | TOP | VERIFY,
     .fallback = "5m", RANGE(NS_PER_MS, OPTION_LONGEST), .value_name = "INTERVAL",
     .help = "length of a candle, with its unit: 30s, 5m, 1h, 1d; 1w (or 7d) from Monday, 1M for "
             "calendar months"},
    {"--interval", NULL, FIELD(OPTION_INTERVAL, interval_ns), COMPARE, .fallback = "1m",
     RANGE(NS_PER_MS, OPTION_LONGEST), .value_name = "INTERVAL",
     .help = "length of a candle: the timeframe of the bars"},
    {"--of", NULL, FIELD(OPTION_CHOICE, candles_of), CANDLES, .fallback = "ticker",
     .words = candles_of_words, .value_name = "KIND",
     .help =
         "what candles are made of: ticks, trades, or stored bars whose timeframe is --interval"},
    {"--bar-source", NULL, FIELD(OPTION_TEXT, bar_source), CANDLES | COMPARE,
     .otherwise = "the only one that there is", .value_name = "NAME",
     .help = "of bars and trades: whose, where several sources have the coin's"},
    {"--from", NULL, FIELD(OPTION_TIME, from_ns), CANDLES, .fallback = "first",
     RANGE(INT64_MIN, INT64_MAX), .word = "first", .word_value = INT64_MIN, .value_name = "TIME",
     .help = "event time to start at; its whole candle is shown"},
    {"--cut", NULL, FIELD(OPTION_BOOL, cut), CANDLES, .fallback = "false",
     .help = "only ticks between --from and --to: candles that these cut are marked \"cut\""},
    {"--from", NULL, FIELD(OPTION_TIME, from_ns), VERIFY | COMPARE, .fallback = "first",
     RANGE(INT64_MIN, INT64_MAX), .word = "first", .word_value = INT64_MIN, .value_name = "TIME",
     .help = "event time to start at"},
    {"--since", NULL, FIELD(OPTION_TIME, since_ns), REPLAY, MARK_REQUIRED,
     RANGE(INT64_MIN, INT64_MAX), .word = "first", .word_value = INT64_MIN, .value_name = "TIME",
     .help = "event time to start at; first: all that the topic holds"},
    {"--since", NULL, FIELD(OPTION_TIME, since_ns), DLQ_RETRY, .fallback = "first",
     RANGE(INT64_MIN, INT64_MAX), .word = "first", .word_value = INT64_MIN, .value_name = "TIME",
     .help = "only letters that were written since, as dlq shows it"},
    {"--kind", NULL, FIELD(OPTION_CHOICE, dead_letter_kind), DLQ_RETRY, .fallback = "all",
     .words = letter_kind_words, .word_values = letter_kind_values, .value_name = "KIND",
     .help = "only letters of this kind"},
    {"--dry-run", NULL, FIELD(OPTION_BOOL, dry_run), DLQ_RETRY, .fallback = "false",
     .help = "only say what could be written"},
    {"--unchecked", NULL, FIELD(OPTION_BOOL, unchecked), DLQ_RETRY, .fallback = "false",
     .help = "also write letters whose message the log no longer has to compare"},
    {"--to", NULL, FIELD(OPTION_TIME, to_ns), CANDLES, .fallback = "last",
     RANGE(INT64_MIN, INT64_MAX), .word = "last", .word_value = INT64_MAX, .value_name = "TIME",
     .help = "event time to end before; the whole candle that it lies in is shown"},
    {"--to", NULL, FIELD(OPTION_TIME, to_ns), VERIFY | REPLAY | COMPARE, .fallback = "last",
     RANGE(INT64_MIN, INT64_MAX), .word = "last", .word_value = INT64_MAX, .value_name = "TIME",
     .help = "event time to end before"},
    {"--limit", NULL, FIELD(OPTION_LONG, limit), CANDLES, .fallback = "all", RANGE(1, 100000),
     .word = "all", .word_value = 0, .value_name = "N", .help = "only the newest so many candles"},
    {"--format", NULL, FIELD(OPTION_CHOICE, format), CANDLES, .fallback = "table",
     .words = candle_formats, .value_name = "FORMAT", .help = "how candles are written"},
    {"--format", NULL, FIELD(OPTION_CHOICE, format), STATUS | COMPARE | LOG_READERS,
     .fallback = "table", .words = report_formats, .word_values = report_format_values,
     .value_name = "FORMAT", .help = "how it is written; json of tail: one object a line"},
    {"--page", "PAGE", FIELD(OPTION_URL, page), STATUS, MARK_RUN_ENV, .value_name = "URL",
     .help = "page of the stack, asked for its truth lag, and for members if the cluster does not "
             "tell"},
    {"--page", "PAGE", FIELD(OPTION_URL, page), TOP, MARK_RUN_ENV,
     .otherwise = "http://127.0.0.1:8080", .value_name = "URL", .help = "page to ask"},
    {"--favourites", "FAVOURITES", FIELD(OPTION_TEXT, favourites), TOP, .value_name = "COIN,...",
     .help = "coins that come first in the list"},
    {"--watch", NULL, FIELD(OPTION_BOOL, watch), STATUS, .fallback = "false",
     .help = "show it again and again until Ctrl-C"},
    {"--last", NULL, FIELD(OPTION_LONG, last), TAIL, .fallback = "10", RANGE(0, 10000),
     .value_name = "N", .help = "start so many messages before the end"},
    {"--last", NULL, FIELD(OPTION_LONG, last), DLQ, .fallback = "20", RANGE(0, 10000),
     .value_name = "N", .help = "show only the newest so many; all are counted"},
    {"--partition", NULL, FIELD(OPTION_INT, partition), TAIL, .fallback = "all", RANGE(0, 100000),
     .word = "all", .word_value = -1, .value_name = "N", .help = "only this partition"},
    {"--offset", NULL, FIELD(OPTION_LONG, offset), TAIL, .fallback = "none", RANGE(0, INT64_MAX),
     .word = "none", .word_value = -1, .value_name = "N",
     .help = "start at this offset of --partition instead of --last"},
    {"--follow", NULL, FIELD(OPTION_BOOL, follow), TAIL, .fallback = "false",
     .help = "wait for more messages until Ctrl-C"},
    {"--count", NULL, FIELD(OPTION_LONG, count), TAIL, .fallback = "all", RANGE(1, INT64_MAX),
     .word = "all", .word_value = 0, .value_name = "N", .help = "end after so many messages"},

    /* lab */
    {"--topics", NULL, FIELD(OPTION_TEXT, lab_topics), LAB_PREDICT, MARK_REQUIRED,
     .value_name = "NAME:N,...", .help = "topics, and how many partitions each has"},
    {"--members", NULL, FIELD(OPTION_TEXT, lab_members), LAB_PREDICT, MARK_REQUIRED,
     .value_name = "NAME,...", .help = "members; the group sorts them by name"},
    {"--subscriptions", NULL, FIELD(OPTION_TEXT, lab_subscriptions), LAB_PREDICT,
     .otherwise = "all topics", .value_name = "MEMBER=TOPIC,...;...",
     .help = "topics of members that do not read all: C0=a;C1=a,b"},
    {"--steps", NULL, FIELD(OPTION_TEXT, lab_steps), LAB_PREDICT,
     .otherwise = "the members join one by one", .value_name = "+NAME,-NAME,~NAME,...",
     .help = "one joins, leaves, crashes; all others are there at the start; none: only that"},
    {"--strategy", NULL, FIELD(OPTION_TEXT, lab_strategies), LAB_PREDICT,
     .fallback = "range,roundrobin,sticky,eager-sticky", .value_name = "NAME,...",
     .help = "range, roundrobin, sticky (librdkafka's cooperative-sticky), eager-sticky (Java's)"},
    {"--format", NULL, FIELD(OPTION_CHOICE, format), LAB_PREDICT, .fallback = "table",
     .words = lab_formats, .value_name = "FORMAT", .help = "how it is written"},

    {"--format", NULL, FIELD(OPTION_CHOICE, format), LAB_RUN, .fallback = "table",
     .words = lab_formats, .value_name = "FORMAT", .help = "how it is written"},
    {"--topics", NULL, FIELD(OPTION_TEXT, lab_topics), LAB_MEMBER, MARK_REQUIRED,
     .value_name = "NAME,...", .help = "topics to read"},
    {"--scenario", NULL, FIELD(OPTION_TEXT, lab_scenario), LAB_RUN, .fallback = "all",
     .value_name = "NAME,...",
     .help = "join, leave, crash, freeze, roll, roll-static, uneven, skew, seed, or all"},
    {"--strategy", NULL, FIELD(OPTION_TEXT, lab_strategies), LAB_RUN,
     .fallback = "range,roundrobin,sticky,consumer", .value_name = "NAME,...",
     .help = "to compare; sticky is cooperative-sticky, consumer is KIP-848"},
    {"--repeat", NULL, FIELD(OPTION_INT, lab_repeat), LAB_RUN, .fallback = "1", RANGE(1, 100),
     .value_name = "N", .help = "runs of each scenario with each strategy"},
    {"--rate", NULL, FIELD(OPTION_INT, lab_rate), LAB_RUN, .fallback = "20", RANGE(1, 1000),
     .value_name = "N", .help = "ticks a second to each partition meanwhile"},
    {"--seed", NULL, FIELD(OPTION_LONG, seed), LAB_RUN, RANGE(0, INT64_MAX),
     .otherwise = "by chance, and said", .value_name = "N", .help = "of the order of strategies"},
    {"--report", NULL, FIELD(OPTION_TEXT, lab_report), LAB_RUN, .value_name = "FILE.md",
     .help = "write all of it as Markdown too, with a timeline (SVG) of each beside it"},
    {"--lab-results", "LAB_RESULTS", FIELD(OPTION_TEXT, lab_results), LAB_RUN | SERVE | DEMO,
     .fallback = "var/lab.json", .value_name = "FILE",
     .help = "where lab run leaves its figures for the page"},

    /* event */
    {"--what", NULL, FIELD(OPTION_TEXT, event_what), EVENT, MARK_REQUIRED, .value_name = "WHAT",
     .help = "what happened, as drill; the first word that is no option says it, too"},
    {"--subject", NULL, FIELD(OPTION_TEXT, event_subject), EVENT, MARK_REQUIRED,
     .value_name = "SUBJECT",
     .help = "what or whom it happened to: a member, a coin; the second word says it, too"},
    {"--detail", NULL, FIELD(OPTION_TEXT, event_detail), EVENT, .value_name = "TEXT",
     .help = "more about it, at most 16 KiB"},

    /* fake-exchange */
    {"--data", NULL, FIELD(OPTION_TEXT, data), FAKE_EXCHANGE, .value_name = "FILE",
     .otherwise = "a book of trades made from --seed",
     .help = "to answer from: CSV of trades or of ticks, or a recorded body (JSON)"},
    {"--coins", NULL, FIELD(OPTION_COINS, coins), FAKE_EXCHANGE, .fallback = "ALL",
     .value_name = "COIN,...|ALL", .help = "made book: its coins; ALL: ten common ones"},
    {"--trades-per-minute", NULL, FIELD(OPTION_INT, trades_per_minute), FAKE_EXCHANGE,
     .fallback = "60", RANGE(1, 10000000), .value_name = "N",
     .help = "made book: trades of each coin"},
    {"--seed", NULL, FIELD(OPTION_LONG, seed), FAKE_EXCHANGE, .fallback = "1", RANGE(0, INT64_MAX),
     .value_name = "N", .help = "the same seed gives the same trades, and faults by chance"},
    {"--history", NULL, FIELD(OPTION_DURATION, history_ns), FAKE_EXCHANGE, .fallback = "1d",
     RANGE(NS_PER_MS, OPTION_LONGEST), .value_name = "DURATION",
     .help = "made book: how much of it is there at the start"},
    {"--length", NULL, FIELD(OPTION_DURATION, fake_length_ns), FAKE_EXCHANGE, .fallback = "1d",
     RANGE(NS_PER_MS, OPTION_LONGEST), .value_name = "DURATION",
     .help = "made book: how much of it comes after the start, in the exchange's time"},
    {"--start", NULL, FIELD(OPTION_TIME, start_ns), FAKE_EXCHANGE, .fallback = "now",
     RANGE(1, INT64_MAX), .word = "now", .word_value = 0, .value_name = "TIME",
     .help = "what the exchange's clock shows at first"},
    {"--speed", NULL, FIELD(OPTION_FACTOR, speed), FAKE_EXCHANGE, .fallback = "1",
     RANGE(0, 1000000), .value_name = "FACTOR",
     .help = "so many times faster than real time goes the exchange's clock"},
    {"--start-channels", NULL, FIELD(OPTION_INT, fake_start_channels), FAKE_EXCHANGE,
     .fallback = "0", RANGE(0, 100000), .value_name = "N",
     .help = "hold that clock until so many channels are subscribed"},
    {"--heartbeat", NULL, FIELD(OPTION_SHORT_MS, fake_heartbeat_ms), FAKE_EXCHANGE,
     .fallback = "15s", RANGE(NS_PER_MS, 3600 * NS_PER_SECOND), .value_name = "DURATION",
     .help = "time from one heartbeat of a channel to the next"},
    {"--limit", NULL, FIELD(OPTION_TEXT, fake_limits), FAKE_EXCHANGE, .value_name = "NAME=N,...",
     .otherwise = "Bitfinex's: tickers=30,trades=15,candles=30,connects=20,channels=25,block=60",
     .help = "requests and connects a minute, channels a connection, seconds of a block; 0: none"},
    {"--fault", NULL, FIELD(OPTION_TEXT, fault), FAKE_EXCHANGE, .value_name = "WHAT@WHERE,...;...",
     .help = "faults and their places: 429@3,5-7;trades/slow=2s@10;drop@1/500,90s,c2"},
};
/* clang-format on */
const size_t option_row_count = sizeof option_rows / sizeof option_rows[0];
_Static_assert(sizeof option_rows / sizeof option_rows[0] <= OPTIONS_MAX,
               "options.origins has a place for each row");

const struct command_row command_rows[COMMAND_COUNT] = {
    [COMMAND_NONE] = {"", "turns exchange prices into candles, through Kafka", false},
    [COMMAND_PREPARE] = {"prepare", "makes what is missing: topics, schema, database and table",
                         false},
    [COMMAND_PRODUCE] = {"produce", "asks an exchange for prices and writes them to Kafka", false},
    [COMMAND_CONSUME] = {"consume", "a member of the group: writes ticks from Kafka to the store",
                         false},
    [COMMAND_SERVE] = {"serve", "shows the page and its API over any store and group", true},
    [COMMAND_DEMO] = {"demo", "all of it in one process, with a cluster of its own", false},
    [COMMAND_CANDLES] = {"candles", "prints the candles of a coin", true},
    [COMMAND_COMPARE] = {"compare",
                         "compares candles of ticks and of trades with the exchange's bars", true},
    [COMMAND_STATUS] = {"status", "prints offsets, lag and members of the group", true},
    [COMMAND_TAIL] = {"tail", "prints messages of the topic, decoded", true},
    [COMMAND_VERIFY] = {"verify", "proves that the store holds what the topic says", true},
    [COMMAND_REPLAY] = {"replay", "writes ticks of the topic to the store again", true},
    [COMMAND_DLQ] = {"dlq", "prints the dead letters: what is no tick, or was refused", true},
    [COMMAND_DLQ_RETRY] = {"dlq retry", "writes what can be read by now of them to the store",
                           true},
    [COMMAND_LAB_PREDICT] = {"lab predict", "what each assignment strategy makes of a group",
                             false},
    [COMMAND_LAB_RUN] = {"lab run", "compares assignment strategies on groups of real members",
                         false},
    [COMMAND_LAB_MEMBER] = {"lab member",
                            "a member of such a group: tells what it is given and reads", false},
    [COMMAND_REGISTRY] = {"registry", "a schema registry in a SQLite file", false},
    [COMMAND_FAKE_EXCHANGE] = {"fake-exchange", "answers and streams as Bitfinex does", false},
    [COMMAND_TOP] = {"top", "a live view of the markets, candles and partitions of a page", true},
    [COMMAND_EVENT] = {"event", "writes to the log that something happened, as a drill", true},
};

bool option_row_applies(const struct option_row *row, enum command command)
{
    return command == COMMAND_NONE || (row->commands & TAKES(command)) != 0;
}

const struct option_row *option_row_find(const char *flag, enum command command)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (strcmp(row->flag, flag) == 0 && option_row_applies(row, command)) {
            return row;
        }
    }
    return NULL;
}

const char *command_name(enum command command)
{
    return command < COMMAND_COUNT ? command_rows[command].name : "";
}

enum option_origin options_origin(const struct options *options, const char *flag)
{
    const struct option_row *row = option_row_find(flag, options->command);
    return row != NULL ? (enum option_origin)options->origins[row - option_rows] : ORIGIN_DEFAULT;
}
