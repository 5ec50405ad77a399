#include "page_markets.h"

#include <string.h>

#include "base/clock.h"

enum { SPARKS = 48, OLDER = 120 };

static const char providers[] =
    "[{\"service\":\"bitfinex\",\"name\":\"Bitfinex\",\"link\":\"https://www.bitfinex.com/\","
    "\"words\":\"Data provided by Bitfinex\"},"
    "{\"service\":\"coingecko\",\"name\":\"CoinGecko\",\"link\":\"https://www.coingecko.com/\","
    "\"words\":\"Data provided by CoinGecko\"}]";

/* A coin that is not on the tape. Numbers and texts are JSON: "null" is unknown. */
static const struct {
    const char *coin, *name, *asset, *quote, *of, *source, *price, *hour, *day, *week, *volume,
        *unit, *cap;
    bool made_up;
} others[] = {
    {"cg:bitcoin", "cg:bitcoin", "{\"ticker\":\"BTC\",\"name\":\"Bitcoin\"}", "\"USD\"", "ticker",
     "\"coingecko\"", "91230", "0.05", "2.92", "6.24", "41000000000", "\"USD\"", "1930000000000",
     false},
    {"SOLUSDT", "SOLUSDT", "{\"ticker\":\"SOL\",\"name\":\"Solana\"}", "\"USDT\"", "bar",
     "\"binance\"", "199.35", "-0.46", "0", "null", "1200000", "\"SOL\"", "null", false},
    {"tDRILL0", "tDRILL0", "null", "null", "ticker", "null", "1", "null", "null", "null", "null",
     "null", "null", true},
};

static void append_sparks(struct strbuf *json, bool some)
{
    for (int i = 0; i < SPARKS; i++) {
        bool hole = !some || (i > 20 && i < 25);
        strbuf_append_format(json, hole ? "%snull" : "%s%d", i > 0 ? "," : "", 100 + i * i % 17);
    }
}

static void append_end(struct strbuf *json, bool some, bool synthetic, bool made_up)
{
    strbuf_append_text(json, ",\"sparkline\":[");
    append_sparks(json, some);
    strbuf_append_format(json, "],\"sparkline_step_s\":1800,\"synthetic\":%s,\"made_up\":%s}",
                         synthetic ? "true" : "false", made_up ? "true" : "false");
}

/* The three coins of the tape; the first has the market cap of CoinGecko. */
static void append_tape_coin(const struct page *page, size_t index, struct strbuf *json)
{
    static const char *const assets[TAPE_COINS][2] = {
        {"BTC", "Bitcoin"}, {"ETH", "Ethereum"}, {"XRP", "XRP"}};
    struct ticker last = tape_get(page->tape, index, tape_count(page->tape, index) - 1);
    bool synthetic = strcmp(page_sources[page->mode], "synthetic") == 0;
    char name[SYMBOL_MAX + 2], time[CLOCK_TEXT_SIZE];
    symbol_display(last.symbol, name);
    clock_format_rfc3339(last.event_time_ns, time);
    strbuf_append_format(
        json,
        "{\"coin\":\"%s\",\"name\":\"%s\",\"asset\":{\"ticker\":\"%s\",\"name\":\"%s\"},"
        "\"quote\":\"USD\",\"of\":\"ticker\",\"source\":\"%s\",\"timeframe\":null,"
        "\"price\":%.10g,\"time\":\"%s\",\"change_1h\":%zu,\"change_24h\":-1.5,"
        "\"change_7d\":null,\"volume_24h\":%zu,\"volume_unit\":\"%s\",\"volume_source\":"
        "\"bitfinex\",\"market_cap\":%s",
        last.symbol, name, assets[index][0], assets[index][1], page_sources[page->mode],
        last.last_price, time, index, 1000 * (index + 1), assets[index][0],
        index == 0 ? "1930000000000,\"market_cap_unit\":\"USD\",\"market_cap_source\":"
                     "\"coingecko\",\"market_cap_coin\":\"cg:bitcoin\",\"market_cap_time\":"
                     "\"2026-01-31T12:00:00Z\""
                   : "null");
    append_end(json, true, synthetic, false);
}

static void append_other(size_t index, struct strbuf *json)
{
    strbuf_append_format(
        json,
        "{\"coin\":\"%s\",\"name\":\"%s\",\"asset\":%s,\"quote\":%s,\"of\":\"%s\",\"source\":%s,"
        "\"timeframe\":%s,\"price\":%s,\"time\":\"2026-01-31T12:00:00Z\",\"change_1h\":%s,"
        "\"change_24h\":%s,\"change_7d\":%s,\"volume_24h\":%s,\"volume_unit\":%s,"
        "\"volume_source\":%s,\"market_cap\":%s",
        others[index].coin, others[index].name, others[index].asset, others[index].quote,
        others[index].of, others[index].source,
        strcmp(others[index].of, "bar") == 0 ? "\"1m\"" : "null", others[index].price,
        others[index].hour, others[index].day, others[index].week, others[index].volume,
        others[index].unit, others[index].source, others[index].cap);
    if (strcmp(others[index].cap, "null") != 0) {
        strbuf_append_text(json, ",\"market_cap_unit\":\"USD\",\"market_cap_source\":"
                                 "\"coingecko\",\"market_cap_coin\":\"cg:bitcoin\","
                                 "\"market_cap_time\":\"2026-01-31T12:00:00Z\"");
    }
    append_end(json, !others[index].made_up, false, others[index].made_up);
}

static bool fails(const struct page *page, struct error *error)
{
    return page->mode == MODE_FAILING &&
           !error_set(error, ERROR_RETRY, "the store at http://127.0.0.1:8181 does not answer");
}

bool page_markets(void *context, struct strbuf *json, struct error *error)
{
    const struct page *page = context;
    if (fails(page, error)) {
        return false;
    }
    if (page->mode == MODE_EMPTY) {
        strbuf_append_text(json, "{\"as_of\":null,\"markets\":[],\"providers\":[]}");
        return true;
    }
    strbuf_append_text(json, "{\"as_of\":\"2026-01-31T12:00:00Z\",\"markets\":[");
    for (size_t index = 0; index < TAPE_COINS; index++) {
        append_tape_coin(page, index, json);
        strbuf_append_char(json, ',');
    }
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        append_other(index, json);
        strbuf_append_text(json, index + 1 < sizeof others / sizeof others[0] ? "," : "");
    }
    strbuf_append_format(json, "],\"providers\":%s}", providers);
    return true;
}

#define FIFTY "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"

/* What feeds might send. The real API would not pass on some of it; the page trusts nobody. */
static const struct {
    const char *title, *url, *coins;
    bool dated, synthetic;
    int votes; /* -1: none */
} hostile[] = {
    {"<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script><b>bold</b>",
     "https://news.example/markup", "BTC,ETH", true, false, 7},
    {"A link that is a script", "javascript:window.hacked=1", "ETH", true, false, -1},
    {"A link that is a page", "data:text/html,<script>window.hacked=1</script>", "", true, false,
     -1},
    {"Falls \xe2\x80\xae"
     "seidob ,oga gnol\xe2\x81\xa6 and goes on",
     "http://news.example/bidi", "XRP", false, false, -1},
    {FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY, "https://news.example/long", "NOSUCH", true, false, -1},
    {"Made up, says its source", NULL, "BTC", true, true, -1},
    {"&lt;i&gt; {{title}} ${title} %s", "https://news.example/words?a=%3Cb%3E", "", true, false, 1},
};
enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

/* Returns whether the item names one of the coins. */
static bool is_wanted(const char *wanted, const char *coins)
{
    struct str rest = str_from(wanted != NULL ? wanted : ""), name;
    bool any = wanted == NULL;
    while (!any && str_split(&rest, ',', &name)) {
        struct str has = str_from(coins), coin;
        while (!any && str_split(&has, ',', &coin)) {
            any = str_equal(coin, name);
        }
    }
    return any;
}

static void append_news(struct strbuf *json, size_t index, int64_t time_ns)
{
    static const char *const coins[] = {"BTC", "XRP", "SOL"};
    bool old = index >= HOSTILE;
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, time);
    strbuf_append_format(json, "{\"id\":\"n%zu\",\"time\":\"%s\",\"dated\":%s,\"title\":", index,
                         time, old || hostile[index].dated ? "true" : "false");
    strbuf_append_json_string(json, str_from(old ? "Older news" : hostile[index].title));
    strbuf_append_text(json, ",\"url\":");
    const char *url = old ? "https://news.example/older" : hostile[index].url;
    if (url != NULL) {
        strbuf_append_json_string(json, str_from(url));
    } else {
        strbuf_append_text(json, "null");
    }
    strbuf_append_text(json, ",\"source\":\"news.example\",\"coins\":[");
    struct str rest = str_from(old ? coins[index % 3] : hostile[index].coins), coin;
    for (bool first = true; str_split(&rest, ',', &coin); first = false) {
        strbuf_append_text(json, first ? "" : ",");
        strbuf_append_json_string(json, coin);
    }
    bool votes = !old && hostile[index].votes >= 0;
    strbuf_append_text(json, "],\"votes\":");
    strbuf_append_format(json, votes ? "%d" : "null", old ? 0 : hostile[index].votes);
    strbuf_append_format(json, ",\"score\":%s,\"synthetic\":%s}", votes ? "-0.25" : "null",
                         !old && hostile[index].synthetic ? "true" : "false");
}

bool page_news(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
               struct error *error)
{
    const struct page *page = context;
    static const char *const older_coins[] = {"BTC", "XRP", "SOL"};
    int64_t newest_ns = page->start_ms * NS_PER_MS;
    size_t found = 0, index = 0;
    int64_t last_ns = 0;
    if (fails(page, error)) {
        return false;
    }
    strbuf_append_text(json, "{\"news\":[");
    size_t count = page->mode == MODE_EMPTY ? 0 : HOSTILE + OLDER;
    for (; index < count && found < wanted->limit; index++) {
        int64_t time_ns = newest_ns - (int64_t)index * 600 * NS_PER_SECOND;
        const char *coins = index < HOSTILE ? hostile[index].coins : older_coins[index % 3];
        if (time_ns < wanted->before_ns && is_wanted(wanted->coins, coins)) {
            strbuf_append_text(json, found++ > 0 ? "," : "");
            append_news(json, index, time_ns);
            last_ns = time_ns;
        }
    }
    char next[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(last_ns, next);
    strbuf_append_format(json, index < count ? "],\"next\":\"%s\"" : "],\"next\":null", next);
    strbuf_append_text(json, ",\"providers\":[{\"service\":\"cryptopanic.com\",\"name\":"
                             "\"CryptoPanic\",\"link\":\"https://cryptopanic.com/\",\"words\":"
                             "\"Data provided by CryptoPanic\"}]}");
    return true;
}
