#include "page_backend.h"

#include <string.h>

#include "base/clock.h"
#include "market/coverage.h"
#include "market/json.h"
#include "page_markets.h"
#include "page_operator.h"
#include "page_side.h"
#include "record/bar.h"
#include "record/record_json.h"
#include "record/ticker.h"
#include "web/metrics.h"

enum { PARTITIONS = 6, BARS = 3, BAD_EVERY = 40, BAD_AT = 7 };

const char *const page_mode_names[MODES] = {"live",   "empty",   "failing",
                                            "replay", "unknown", "streams"};
const char *const page_sources[MODES] = {"synthetic", "bitfinex", "synthetic",
                                         "replay",    "bitfinex", "synthetic"};

static bool has_data(const struct page *page)
{
    return page->mode != MODE_EMPTY;
}

static bool give_info(void *context, struct strbuf *json, struct error *error)
{
    (void)error;
    const struct page *page = context;
    bool replay = page->mode == MODE_REPLAY;
    strbuf_append_format(
        json,
        "{\"version\":\"0.1.0\",\"verify\":%s,\"source\":\"%s\",\"synthetic\":%s,\"topic\":"
        "\"tickers\","
        "\"topics\":[\"tickers\"],\"group\":\"coins\",\"strategy\":\"range\",\"store\":\"SQLite "
        "file var/candles.db\","
        "\"members\":2,\"replay_from\":%s,\"replay_to\":%s,\"providers\":["
        "{\"service\":\"bitfinex\",\"name\":\"Bitfinex\",\"link\":"
        "\"https://www.bitfinex.com/\",\"words\":\"Data provided by Bitfinex\"}],\"links\":["
        "{\"name\":\"Grafana\",\"url\":\"http://127.0.0.1:3000/\"},"
        "{\"name\":\"Kafka-UI\",\"url\":\"http://127.0.0.1:8082\"}]}",
        replay ? "false" : "true", page_sources[page->mode],
        strcmp(page_sources[page->mode], "synthetic") == 0 ? "true" : "false",
        replay ? "\"2026-01-31T06:00:00Z\"" : "null", replay ? "\"2026-01-31T12:00:00Z\"" : "null");
    return true;
}

static void append_coin(const struct page *page, size_t index, struct strbuf *json)
{
    size_t count = tape_count(page->tape, index);
    struct ticker first = tape_get(page->tape, index, 0);
    struct ticker last = tape_get(page->tape, index, count - 1);
    double high = first.last_price;
    double low = first.last_price;
    for (size_t n = 0; n < count; ++n) {
        double price = tape_get(page->tape, index, n).last_price;
        high = price > high ? price : high;
        low = price < low ? price : low;
    }
    char name[SYMBOL_MAX + 2];
    char time[CLOCK_TEXT_SIZE];
    char first_time[CLOCK_TEXT_SIZE];
    symbol_display(last.symbol, name);
    clock_format_rfc3339(last.event_time_ns, time);
    clock_format_rfc3339(first.event_time_ns, first_time);
    double change = last.last_price - first.last_price;
    strbuf_append_format(json,
                         "%s{\"coin\":\"%s\",\"name\":\"%s\",\"last\":%.10g,\"time\":\"%s\","
                         "\"first_time\":\"%s\",\"change_24h\":%.10g,"
                         "\"change_24h_relative\":%.10g,\"high_24h\":%.10g,\"low_24h\":%.10g,"
                         "\"bid\":%.10g,\"ask\":%.10g,\"volume_24h\":%.10g,"
                         "\"candles\":[%s]}",
                         index > 0 ? "," : "", last.symbol, name, last.last_price, time, first_time,
                         change, change / first.last_price, high, low, last.figures[TICKER_BID],
                         last.figures[TICKER_ASK], last.figures[TICKER_VOLUME],
                         page->mode == MODE_STREAMS && index < 2
                             ? "{\"of\":\"trade\",\"source\":\"bitfinex\"},{\"of\":\"ticker\"},"
                               "{\"of\":\"bar\",\"source\":\"bitfinex\",\"timeframe\":\"5m\"}"
                             : "{\"of\":\"ticker\"}");
}

static bool give_coins(void *context, struct strbuf *json, struct error *error)
{
    (void)error;
    const struct page *page = context;
    strbuf_append_char(json, '[');
    for (size_t index = 0; has_data(page) && index < TAPE_COINS; ++index) {
        append_coin(page, index, json);
    }
    strbuf_append_char(json, ']');
    return true;
}

/* In the mode of streams, candles of trades have a volume, and the exchange's are those of ticks
 * but for their close; a part of their time is in a hole. */
static void change(const struct web_candles_wanted *wanted, struct candle_list *candles)
{
    for (size_t i = 0; i < candles->count; i++) {
        struct candle *candle = &candles->items[i];
        candle->volume = 0.1 + 0.2;
        candle->has_volume = strcmp(wanted->of, "ticker") != 0;
        candle->close = strcmp(wanted->of, "bar") == 0 ? candle->high : candle->close;
    }
}

/* Since an hour before the start all is covered, but for a hole from 10 to 5.5 minutes before it.
 */
static bool cover(const struct page *page, const struct web_candles_wanted *wanted,
                  struct coverage *coverage)
{
    int64_t now_ns = page->start_ms * NS_PER_MS;
    const struct event list = {.what = "coins", .source = "x", .time_ns = 5};
    struct event event = {.what = "covered",
                          .source = "x",
                          .begin_ns = now_ns - 3600 * NS_PER_SECOND,
                          .end_ns = now_ns + 7200 * NS_PER_SECOND,
                          .number = strcmp(wanted->of, "ticker") == 0 ? 15000 : 0,
                          .has_begin_ns = true,
                          .has_end_ns = true,
                          .has_number = true};
    *coverage = coverage_begin("x", wanted->coin);
    if (!coverage_add(coverage, &list, str_from(wanted->coin)) ||
        !coverage_add(coverage, &event, str_from("5:0-0"))) {
        return false;
    }
    (void)str_copy(str_from("hole"), event.what, sizeof event.what);
    (void)str_copy(str_from(wanted->coin), event.subject, sizeof event.subject);
    event.begin_ns = now_ns - 600 * NS_PER_SECOND;
    event.end_ns = now_ns - 330 * NS_PER_SECOND;
    return coverage_add(coverage, &event, str_from("connection lost")) &&
           coverage_conclude(coverage);
}

static bool give_candles(void *context, const struct web_candles_wanted *wanted,
                         struct candle_list *candles, struct coverage *coverage,
                         struct error *error)
{
    const struct page *page = context;
    if (page->mode == MODE_FAILING) {
        return error_set(error, ERROR_RETRY, "the store at http://127.0.0.1:8181 does not answer");
    }
    size_t index = tape_find(wanted->coin);
    if (has_data(page) && index < TAPE_COINS) {
        tape_candles(page->tape, index, wanted->interval_ns, wanted->from_ns, wanted->to_ns,
                     wanted->limit, candles);
    }
    if (page->mode != MODE_STREAMS) {
        return true;
    }
    change(wanted, candles);
    return cover(page, wanted, coverage) || error_set(error, ERROR_FATAL, "no memory");
}

/* Coin n is in partition 2n; the others are empty. */
size_t page_messages_in(const struct page *page, int partition)
{
    bool used = has_data(page) && partition % 2 == 0;
    return used ? tape_count(page->tape, (size_t)partition / 2) : 0;
}

static void append_partitions(const struct page *page, struct strbuf *json)
{
    bool owned = page->mode != MODE_EMPTY && page->mode != MODE_UNKNOWN;
    for (int partition = 0; partition < PARTITIONS; ++partition) {
        size_t end = page_messages_in(page, partition);
        size_t lag = end > 12 ? (size_t)partition + 1 : 0;
        strbuf_append_format(json,
                             "%s{\"partition\":%d,\"leader\":%d,\"replicas\":3,\"in_sync\":%d,"
                             "\"begin\":0,\"end\":%zu,\"committed\":%lld,\"lag\":%zu,"
                             "\"lag_s\":%s,\"owner\":%s}",
                             partition > 0 ? "," : "", partition, partition % 3 + 1,
                             page->mode == MODE_STREAMS && partition == 4 ? 2 : 3, end,
                             end > 0 ? (long long)(end - lag) : -1, lag,
                             partition == 5 ? "null" : "12.5",
                             !owned          ? "null"
                             : partition < 3 ? "\"demo-1\""
                                             : "\"demo-2\"");
    }
}

/* "streams": the ticks' partitions and members are those of the status itself. */
static void append_streams(const struct page *page, struct strbuf *json)
{
    strbuf_append_text(json,
                       "],\"streams\":[{\"kind\":\"ticker\",\"topic\":\"tickers\","
                       "\"dead_letter_topic\":\"" PAGE_LETTERS "\",\"lag\":9,\"partitions\":[");
    append_partitions(page, json);
    strbuf_append_text(json, "],\"members\":[{\"client_id\":\"demo-1\",\"partitions\":[0,1,2]},"
                             "{\"client_id\":\"demo-2\",\"partitions\":[3,4,5]}],"
                             "\"truth_lag\":{");
    if (page->mode == MODE_STREAMS) {
        strbuf_append_text(json,
                           "\"frame_to_kafka\":{\"measured\":9,\"negative\":0,\"half_s\":0.005,"
                           "\"most_s\":0.025},\"kafka_to_page\":{\"measured\":0,"
                           "\"negative\":3,\"half_s\":null,\"most_s\":null}");
    }
    strbuf_append_text(json, "}}");
    if (page->mode == MODE_STREAMS) {
        strbuf_append_format(
            json,
            ",{\"topic\":\"bars\",\"partitions\":["
            "{\"partition\":0,\"leader\":1,\"begin\":0,\"end\":%d,\"committed\":%d,\"lag\":0,"
            "\"owner\":\"demo-1\"},"
            "{\"partition\":1,\"leader\":2,\"begin\":0,\"end\":0,\"committed\":null,\"lag\":0,"
            "\"owner\":\"demo-2\"}],\"members\":["
            "{\"client_id\":\"demo-1\",\"partitions\":[0]},"
            "{\"client_id\":\"demo-2\",\"partitions\":[1]}]}",
            BARS, BARS);
        strbuf_append_format(json, "],\"topics_made_again\":[{\"topic\":\"bars\",\"time\":%lld}",
                             (long long)(page->start_ms + 60000));
    }
}

struct tenure {
    int first, last; /* partitions */
    const char *member;
    int from_s, to_s; /* since the start; -1: still */
};
/* demo-2 joins after 30 s, dies at 95 s, and is back at 120 s. */
static const struct tenure tenures[] = {
    {0, 5, "demo-1", 0, 30},    {0, 2, "demo-1", 32, -1},  {3, 5, "demo-2", 32, 95},
    {3, 5, "demo-1", 101, 120}, {3, 5, "demo-2", 122, -1},
};

static void append_timeline(const struct page *page, struct strbuf *json)
{
    const char *comma = "";
    for (size_t i = 0; i < sizeof tenures / sizeof tenures[0]; ++i) {
        const struct tenure *tenure = &tenures[i];
        for (int partition = tenure->first; partition <= tenure->last; ++partition) {
            strbuf_append_format(
                json,
                "%s{\"topic\":\"tickers\",\"partition\":%d,\"member\":\"%s\",\"from\":%lld,"
                "\"to\":",
                comma, partition, tenure->member,
                (long long)(page->start_ms + tenure->from_s * 1000));
            if (tenure->to_s < 0) {
                strbuf_append_text(json, "null}");
            } else {
                strbuf_append_format(json, "%lld}",
                                     (long long)(page->start_ms + tenure->to_s * 1000));
            }
            comma = ",";
        }
    }
}

bool page_status(void *context, struct strbuf *json, struct error *error)
{
    (void)error;
    const struct page *page = context;
    size_t end = 0;
    for (int partition = 0; partition < PARTITIONS; ++partition) {
        end += page_messages_in(page, partition);
    }
    bool live = page->mode == MODE_LIVE || page->mode == MODE_UNKNOWN || page->mode == MODE_STREAMS;
    strbuf_append_format(
        json,
        "{\"now\":%lld,\"replay\":%s,\"waiting_for\":%s,\"two_producers\":%s,\"topic\":\"tickers\","
        "\"group\":\"coins\","
        "\"strategy\":\"range\","
        "\"brokers\":3,\"end_total\":%zu,\"lag_total\":%d,\"lag_s\":65.5,\"ticks_per_second\":%s,"
        "\"rebalances\":%d,\"produced\":%zu,\"rejected\":{\"bad_price\":%d,\"funding\":0},"
        "\"written\":%zu,\"dead_lettered\":%d,\"members_unknown\":%s,\"partitions\":[",
        (long long)(clock_wall_ns() / NS_PER_MS),
        page->mode == MODE_REPLAY ? "{\"speed\":600,\"share\":1,\"finished\":true}" : "null",
        has_data(page) ? "null" : "\"the first price from Bitfinex\"",
        page->mode == MODE_UNKNOWN
            ? "\"tBTCUSD and 2 more coins (run ids 1 of a and 2 of b); stop one "
              "of the two\""
            : "null",
        end, has_data(page) ? 9 : 0, live ? "5" : "0", has_data(page) ? 3 : 0, end,
        has_data(page) ? 2 : 0, end, has_data(page) ? 1 : 0,
        page->mode == MODE_UNKNOWN ? "\"the in-process cluster does not describe groups\""
                                   : "null");
    append_partitions(page, json);
    strbuf_append_text(json, "],\"members\":[");
    if (has_data(page) && page->mode != MODE_UNKNOWN) {
        strbuf_append_format(
            json,
            "{\"client_id\":\"demo-1\",\"partitions\":[0,1,2],\"consumed\":%zu,\"written\":%zu},"
            "{\"client_id\":\"demo-2\",\"partitions\":[3,4,5],\"consumed\":%zu,\"written\":%zu,"
            "\"trouble\":%s}",
            end * 2 / 3, end * 2 / 3, end / 3, end / 3,
            page->mode == MODE_FAILING ? "\"the store does not answer\"" : "null");
    }
    append_streams(page, json);
    strbuf_append_text(json, "],\"timeline\":[");
    if (has_data(page)) {
        append_timeline(page, json);
    }
    strbuf_append_text(json, "]}");
    return true;
}

/* Each 40th message of partition 4 carries a schema that the registry does not know. */
void page_tick_message(const struct page *page, int32_t partition, size_t offset,
                       struct strbuf *json)
{
    struct ticker tick = tape_get(page->tape, (size_t)partition / 2, offset);
    bool bad = partition == 4 && offset % BAD_EVERY == BAD_AT;
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(tick.event_time_ns / NS_PER_MS * NS_PER_MS + 3 * NS_PER_MS, time);
    strbuf_append_format(json,
                         "{\"partition\":%d,\"offset\":%zu,\"timestamp\":\"%s\",\"key\":\"%s\","
                         "\"schema_id\":%d,\"size\":%d,\"error\":%s,\"value\":",
                         (int)partition, offset, time, tick.symbol, bad ? 9 : 1, bad ? 11 : 78,
                         bad ? "\"schema 9 is not in the registry <b>at all</b>\"" : "null");
    if (bad) {
        strbuf_append_text(json, "null");
    } else {
        record_to_json(&ticker_kind, &tick, NULL, json);
    }
    strbuf_append_char(json, '}');
}

static void append_bar(size_t offset, struct strbuf *json)
{
    struct bar bar = {.symbol = "AAPL",
                      .source = "replay",
                      .timeframe = "1d",
                      .open_time_ns = (int64_t)offset * 24 * 3600 * NS_PER_SECOND,
                      .open = 10,
                      .high = 30,
                      .low = 5,
                      .close = 20 + (double)offset};
    strbuf_append_format(json,
                         "{\"partition\":0,\"offset\":%zu,\"timestamp\":\"2026-01-31T12:00:00Z\","
                         "\"key\":\"AAPL\",\"schema_id\":2,\"size\":60,\"error\":null,\"value\":",
                         offset);
    record_to_json(&bar_kind, &bar, NULL, json);
    strbuf_append_char(json, '}');
}

static bool give_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                          int limit, struct strbuf *json, struct error *error)
{
    const struct page *page = context;
    bool bars = topic != NULL && strcmp(topic, "bars") == 0;
    if (topic != NULL && strcmp(topic, PAGE_LETTERS) == 0) {
        page_letters(offset, json);
        return true;
    }
    if (partition >= PARTITIONS) {
        return error_set(error, ERROR_REJECT, "topic tickers has no partition %d: 0 to %d",
                         (int)partition, PARTITIONS - 1);
    }
    size_t end = !bars ? page_messages_in(page, partition) : partition == 0 ? BARS : 0;
    size_t most = (size_t)limit;
    size_t first = offset >= 0 ? (size_t)offset : end > most ? end - most : 0;
    strbuf_append_char(json, '[');
    for (size_t n = first; n < end && n < first + most; ++n) {
        if (n > first) {
            strbuf_append_char(json, ',');
        }
        if (bars) {
            append_bar(n, json);
        } else {
            page_tick_message(page, partition, n, json);
        }
    }
    strbuf_append_char(json, ']');
    return true;
}

static void give_metrics(void *context, struct strbuf *text)
{
    const struct page *page = context;
    metrics_family(text, "page_server_ticks", METRIC_GAUGE, "Made-up ticks, by coin.");
    for (size_t index = 0; has_data(page) && index < TAPE_COINS; ++index) {
        struct ticker tick = tape_get(page->tape, index, 0);
        metrics_int(text, "page_server_ticks", METRIC_LABELS({"coin", tick.symbol}),
                    (int64_t)tape_count(page->tape, index));
    }
}

static bool give_health(void *context, struct strbuf *lines)
{
    const struct page *page = context;
    bool fails = page->mode == MODE_FAILING;
    strbuf_append_text(lines, fails ? "not ready: the store does not answer\n" : "");
    return !fails;
}

struct web_backend page_backend(struct page *page)
{
    struct web_backend backend = {.context = page,
                                  .info = give_info,
                                  .coins = give_coins,
                                  .markets = page_markets,
                                  .news = page_news,
                                  .candles = give_candles,
                                  .status = page_status,
                                  .messages = give_messages,
                                  .history = page_history,
                                  .verify = page_verify,
                                  .verify_start = page_verify_start,
                                  .compare = page_compare,
                                  .metrics = give_metrics,
                                  .healthy = give_health};
    page_set_operator(&backend);
    return backend;
}
