/*
 * How fast a topic can be written at all: ready-made messages, the settings of `candlewick produce`
 * from the same function, every message acknowledged.
 *
 *     raw_write BROKERS TOPIC MESSAGES [COINS | trades]
 *
 * The messages are framed Avro of made ticks, of the same sizes as a replay's, keyed by coin; or of
 * trades of ten coins, each with the header in which live trades have the time of their arrival.
 * They are made before the clock starts. Prints one JSON object: messages, bytes, and when
 * (monotonic) the client was made and the last acknowledgement came.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "csv_header.h"
#include "kafka/client/encoded_message.h"
#include "kafka/client/settings.h"
#include "record/ticker.h"
#include "record/trade.h"
#include "registry/codec/codec.h"
#include "registry/codec/frame.h"
#include "source/replay/replay_csv.h"
#include "tick_maker.h"

enum { READY = 100000, POLL_EVERY = 1000, FULL_WAIT_MS = 10, FLUSH_MS = 60000 };

enum { TRADE_COINS = 10, TRADES_A_MS = 3 };
static const char arrived[] = "1767225600123456789";

struct ready {
    bool trades;
    struct strbuf bytes; /* of all messages: key, then value */
    struct {
        size_t key, value, end; /* where they begin and end */
    } messages[READY];
};

static bool add_message(struct ready *ready, size_t i, const struct encode_plan *plan,
                        const struct csv_layout *layout, struct str row)
{
    struct ticker tick = {.seq = (int64_t)i + 1};
    tick.run_id = INT64_C(0x123456789abcdef);
    struct csv_fields fields;
    if (!csv_split(layout, row, &fields) ||
        csv_read(layout, &fields, &(struct csv_reading){.source = NULL}, &tick) != ROW_FAULTS) {
        return false;
    }
    ready->messages[i].key = ready->bytes.length;
    strbuf_append_text(&ready->bytes, tick.symbol);
    ready->messages[i].value = ready->bytes.length;
    frame_append_header(&ready->bytes, 1);
    bool encoded = encode_plan_run(plan, &tick, NULL, &ready->bytes);
    ready->messages[i].end = ready->bytes.length;
    return encoded;
}

static bool make_messages(struct ready *ready, size_t coins)
{
    struct schema *schema = schema_parse(str_from(ticker_schema_text), NULL);
    struct encode_plan *plan =
        schema != NULL ? encode_plan_compile(schema, ticker_columns, NULL) : NULL;
    schema_destroy(schema);
    struct csv_layout layout;
    struct tick_maker maker;
    struct str header = {.data = tick_maker_header, .length = strlen(tick_maker_header) - 1};
    bool made = plan != NULL && csv_header_read(header, NULL, &layout, NULL) &&
                tick_maker_init(&maker, coins, 1000, 1);
    if (made) {
        struct strbuf row = strbuf_new(1024);
        ready->bytes = strbuf_new((size_t)READY * 512);
        for (size_t i = 0; i < READY && made; i++) {
            strbuf_clear(&row);
            tick_maker_row(&maker, &row);
            made = add_message(ready, i, plan, &layout, str_trim(strbuf_str(&row)));
        }
        strbuf_free(&row);
        tick_maker_free(&maker);
    }
    encode_plan_destroy(plan);
    return made;
}

static bool add_trade(struct ready *ready, size_t i, const struct encode_plan *plan,
                      struct random *random)
{
    struct trade trade = {.source = "bitfinex", .trade_id = INT64_C(1800000000) + (int64_t)i};
    (void)snprintf(trade.symbol, sizeof trade.symbol, "tC%zuUSD", 10 + i % TRADE_COINS);
    trade.exchange_time_ns = (INT64_C(1767225600000) + (int64_t)i / TRADES_A_MS) * NS_PER_MS;
    trade.price = 60000 + random_unit(random);
    trade.amount = random_unit(random) - 0.5;
    ready->messages[i].key = ready->bytes.length;
    strbuf_append_text(&ready->bytes, trade.symbol);
    ready->messages[i].value = ready->bytes.length;
    frame_append_header(&ready->bytes, 1);
    bool encoded = encode_plan_run(plan, &trade, NULL, &ready->bytes);
    ready->messages[i].end = ready->bytes.length;
    return encoded;
}

static bool make_trades(struct ready *ready)
{
    struct schema *schema = schema_parse(str_from(trade_schema_text), NULL);
    struct encode_plan *plan =
        schema != NULL ? encode_plan_compile(schema, trade_kind.columns, NULL) : NULL;
    struct random random = random_seeded(1);
    bool made = plan != NULL;
    schema_destroy(schema);
    ready->trades = true;
    ready->bytes = strbuf_new((size_t)READY * 512);
    for (size_t i = 0; i < READY && made; i++) {
        made = add_trade(ready, i, plan, &random);
    }
    encode_plan_destroy(plan);
    return made;
}

struct writing {
    int64_t acknowledged, failed, bytes, last_ns;
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    struct writing *writing = context;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        writing->acknowledged++;
        writing->bytes += (int64_t)message->len;
    } else {
        writing->failed++;
    }
}

/* librdkafka owns the headers only on success. */
static rd_kafka_resp_err_t produce_with_header(rd_kafka_topic_t *topic, char *key, size_t key_bytes,
                                               char *value, size_t value_bytes, rd_kafka_t *client)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    (void)rd_kafka_header_add(headers, ARRIVED_HEADER, -1, arrived, sizeof arrived - 1);
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {.ptr = key, .size = key_bytes}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {.ptr = value, .size = value_bytes}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    rd_kafka_error_t *failure = rd_kafka_produceva(client, parts, sizeof parts / sizeof *parts);
    rd_kafka_resp_err_t code = rd_kafka_error_code(failure);
    if (failure != NULL) {
        rd_kafka_error_destroy(failure);
        rd_kafka_headers_destroy(headers);
    }
    return code;
}

static rd_kafka_resp_err_t produce(rd_kafka_t *client, rd_kafka_topic_t *topic,
                                   const struct ready *ready, size_t i)
{
    char *key = ready->bytes.data + ready->messages[i].key;
    char *value = ready->bytes.data + ready->messages[i].value;
    size_t key_bytes = ready->messages[i].value - ready->messages[i].key;
    size_t value_bytes = ready->messages[i].end - ready->messages[i].value;
    if (ready->trades) {
        return produce_with_header(topic, key, key_bytes, value, value_bytes, client);
    }
    int result =
        rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, 0, value, value_bytes, key, key_bytes, NULL);
    return result == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
}

/* librdkafka only refers to the bytes: they stay where they are. */
static bool send_one(rd_kafka_t *client, rd_kafka_topic_t *topic, const struct ready *ready,
                     size_t i)
{
    rd_kafka_resp_err_t code;
    while ((code = produce(client, topic, ready, i)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            (void)fprintf(stderr, "raw_write: %s\n", rd_kafka_err2str(code));
            return false;
        }
        (void)rd_kafka_poll(client, FULL_WAIT_MS);
    }
    return true;
}

static bool write_all(rd_kafka_t *client, const char *name, const struct ready *ready,
                      int64_t count, struct writing *writing)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    bool good = topic != NULL;
    for (int64_t i = 0; i < count && good; i++) {
        good = send_one(client, topic, ready, (size_t)(i % READY));
        if (i % POLL_EVERY == 0) {
            (void)rd_kafka_poll(client, 0);
        }
    }
    good = rd_kafka_flush(client, FLUSH_MS) == RD_KAFKA_RESP_ERR_NO_ERROR && good;
    writing->last_ns = clock_monotonic_ns();
    if (topic != NULL) {
        rd_kafka_topic_destroy(topic);
    }
    return good && writing->failed == 0;
}

static rd_kafka_t *open_client(const char *brokers, struct writing *writing, struct error *error)
{
    const struct kafka_settings settings = {.brokers = brokers, .client_id = "raw-write"};
    rd_kafka_conf_t *conf = kafka_producer_conf(&settings, error);
    if (conf == NULL) {
        return NULL;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, writing);
    return kafka_client_create(RD_KAFKA_PRODUCER, conf, error);
}

int main(int argc, char **argv)
{
    int64_t count = 0, coins = 10;
    bool trades = argc == 5 && strcmp(argv[4], "trades") == 0;
    if (argc < 4 || argc > 5 || !str_to_int64(str_from(argv[3]), &count) ||
        (argc == 5 && !trades && (!str_to_int64(str_from(argv[4]), &coins) || coins < 1))) {
        (void)fputs("usage: raw_write BROKERS TOPIC MESSAGES [COINS | trades]\n", stderr);
        return 2;
    }
    log_set_level(LOG_WARN);
    static struct ready ready;
    if (!(trades ? make_trades(&ready) : make_messages(&ready, (size_t)coins))) {
        (void)fputs("raw_write: the messages could not be made\n", stderr);
        return 1;
    }
    struct writing writing = {0};
    struct error error = {0};
    int64_t start_ns = clock_monotonic_ns();
    rd_kafka_t *client = open_client(argv[1], &writing, &error);
    if (client == NULL) {
        (void)fprintf(stderr, "raw_write: %s\n", error.text);
        return 1;
    }
    bool done = write_all(client, argv[2], &ready, count, &writing);
    rd_kafka_destroy(client);
    strbuf_free(&ready.bytes);
    (void)printf("{\"lines\":%lld,\"bytes\":%lld,\"start_ns\":%lld,\"last_ns\":%lld}\n",
                 (long long)writing.acknowledged, (long long)writing.bytes, (long long)start_ns,
                 (long long)writing.last_ns);
    return done ? 0 : 1;
}
