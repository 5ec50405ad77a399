/* The source of CoinGecko: which requests it has, and how their answers are read. tick_service.h
 * decides when to send them, and which ticks of the answers are new. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "record/ticker.h"
#include "source/coingecko/coingecko_chart.h"
#include "source/coingecko/coingecko_markets.h"
#include "source/service/poll_floor.h"
#include "source/service/tick_service.h"
#include "source/sources.h"

/* Between two requests for charts: without a key programs at an address have about 5 requests a
 * minute together, with one 30. */
#define OPEN_PAST_GAP_NS (15 * NS_PER_SECOND)
#define KEY_PAST_GAP_NS (4 * NS_PER_SECOND)

struct coingecko {
    bool all;                 /* follows the first COINGECKO_PAGE coins by market cap */
    struct coin_table wanted; /* empty for `all` */
    bool *missing; /* by index in `wanted`: the last answer lacked the coin, which is logged once */
    size_t first;  /* the first coin of the next request */
};

static void free_service(void *service)
{
    struct coingecko *gecko = service;
    coin_table_free(&gecko->wanted);
    free(gecko->missing);
    free(gecko);
}

/* Returns the number of coins that the next request asks for. */
static size_t count_asked(const struct coingecko *gecko)
{
    size_t left = gecko->wanted.count - gecko->first;
    return left < COINGECKO_PAGE ? left : COINGECKO_PAGE;
}

static void append_id(struct strbuf *path, const char *coin)
{
    http_append_escaped(path, str_from(coin + strlen(COINGECKO_PREFIX)));
}

static void write_prices(void *service, struct strbuf *path)
{
    const struct coingecko *gecko = service;
    strbuf_append_format(path,
                         "/coins/markets?vs_currency=usd&order=market_cap_desc&per_page=%d&page=1"
                         "&precision=full",
                         COINGECKO_PAGE);
    for (size_t i = 0; i < count_asked(gecko); i++) {
        strbuf_append_text(path, i == 0 ? "&ids=" : ",");
        append_id(path, gecko->wanted.coins[gecko->first + i].symbol);
    }
}

/* Logs each coin of which the answer has no good row, once until it has one. The service leaves out
 * coins that it does not know. */
static void tell_missing(struct coingecko *gecko, const struct source_batch *batch)
{
    for (size_t i = 0; i < count_asked(gecko); i++) {
        size_t coin = gecko->first + i;
        const char *name = gecko->wanted.coins[coin].symbol;
        bool missing = true;
        for (size_t k = 0; missing && k < batch->count; k++) {
            const struct ticker *tick = source_batch_at(batch, k);
            missing = strcmp(tick->symbol, name) != 0;
        }
        if (missing && !gecko->missing[coin]) {
            log_warn("unknown_coin", log_text("source", COINGECKO_NAME), log_text("coin", name),
                     log_text("reason", "the answer has no price of it; still asked for"));
        }
        gecko->missing[coin] = missing;
    }
}

static bool read_prices(void *service, const struct service_answer *answer,
                        struct source_batch *batch, struct row_counts *counts,
                        struct service_refusal *refusal, struct error *error)
{
    struct coingecko *gecko = service;
    if (!coingecko_markets_read(answer, gecko->all ? NULL : &gecko->wanted, batch, counts, refusal,
                                error)) {
        return false;
    }
    tell_missing(gecko, batch);
    gecko->first += count_asked(gecko);
    gecko->first = gecko->first < gecko->wanted.count ? gecko->first : 0;
    return true;
}

static bool write_past(void *service, const char *coin, int64_t from_ns, int64_t until_ns,
                       int64_t step_ns, struct strbuf *path)
{
    (void)service;
    /* A whole day or less, the time since the start aside, is asked for as a day: only then are its
     * points five minutes apart. */
    int64_t days = (until_ns - from_ns - 1) / NS_PER_DAY + 1;
    strbuf_append_text(path, "/coins/");
    append_id(path, coin);
    strbuf_append_format(path, "/market_chart?vs_currency=usd&days=%lld&precision=full",
                         step_ns < 3600 * NS_PER_SECOND ? 1 : (long long)days);
    return true;
}

static bool read_past(void *service, const char *coin, const struct service_answer *answer,
                      struct source_batch *batch, struct row_counts *counts,
                      struct service_refusal *refusal, struct error *error)
{
    (void)service;
    return coingecko_chart_read(answer, coin, batch, counts, refusal, error);
}

static const struct tick_service_reader reader = {
    .name = COINGECKO_NAME,
    .past_name = COINGECKO_CHART,
    .url_option = "--coingecko-url",
    .write_prices = write_prices,
    .read_prices = read_prices,
    .write_past = write_past,
    .read_past = read_past,
    .free_service = free_service,
};

static bool check_interval(const struct coingecko_config *config, struct error *error)
{
    static const struct poll_floor open = {
        COINGECKO_NAME, 120 * NS_PER_SECOND,
        "without a key CoinGecko allows a few requests a minute to an address; 60s with "
        "--coingecko-key-file"};
    static const struct poll_floor with_key = {COINGECKO_NAME, 60 * NS_PER_SECOND,
                                               "CoinGecko's answers are the same for that long"};
    return poll_floor_check(config->key_file != NULL ? &with_key : &open, config->interval_ns,
                            config->base_url, error);
}

static bool read_coins(struct coingecko *gecko, const char *names, struct error *error)
{
    if (!tick_service_coins(names, COINGECKO_PREFIX,
                            "CoinGecko: its names are ids behind cg:, such as cg:bitcoin",
                            &gecko->wanted, &gecko->all, error)) {
        return false;
    }
    gecko->missing = calloc(gecko->wanted.count + 1, sizeof *gecko->missing);
    return gecko->missing != NULL || error_set(error, ERROR_FATAL, "no memory for the coins");
}

struct source *coingecko_source_create(const struct coingecko_config *config, struct error *error)
{
    struct coingecko *gecko = calloc(1, sizeof *gecko);
    if (gecko == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    if (!check_interval(config, error) || !read_coins(gecko, config->coins, error)) {
        free_service(gecko);
        return NULL;
    }
    bool pro = strstr(config->base_url, "//pro-api.") != NULL;
    const struct tick_service_config ticks = {
        .reader = &reader,
        .service = gecko,
        .base_url = config->base_url,
        .ca_file = config->ca_file,
        .key_file = config->key_file,
        /* A Pro key has a host and a header of its own. */
        .key_header = pro ? "x-cg-pro-api-key" : "x-cg-demo-api-key",
        .interval_ns = config->interval_ns,
        .requests_per_minute = config->requests_per_minute,
        .past_gap_ns = config->key_file != NULL ? KEY_PAST_GAP_NS : OPEN_PAST_GAP_NS,
        .history_ns = config->history_ns,
        .wanted = &gecko->wanted,
        .stop = config->stop,
        .wall_ns = config->wall_ns,
    };
    return tick_service_create(&ticks, error);
}
