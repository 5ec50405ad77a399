/* The source of CoinMarketCap: which requests it has, and how their answers are read.
 * tick_service.h decides when to send them, and which ticks of the answers are new. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "source/coinmarketcap/coinmarketcap_quotes.h"
#include "source/service/poll_floor.h"
#include "source/service/tick_service.h"
#include "source/sources.h"

/* Between two requests for the past: the least plan allows 30 requests a minute. */
#define PAST_GAP_NS (4 * NS_PER_SECOND)

struct coinmarketcap {
    struct coinmarketcap_coins coins;
    bool missing_told;       /* the coins that the first answer lacked were logged */
    _Atomic int64_t credits; /* that the answers cost */
};

static void free_service(void *service)
{
    struct coinmarketcap *market = service;
    coin_table_free(&market->coins.known);
    free(market);
}

/* Returns whether the id of any coin is known. */
static bool knows_ids(const struct coinmarketcap_coins *coins)
{
    bool known = false;
    for (size_t i = 0; i < coins->known.count; i++) {
        known = known || coins->ids[i] != 0;
    }
    return known;
}

static void write_prices(void *service, struct strbuf *path)
{
    const struct coinmarketcap *market = service;
    const struct coinmarketcap_coins *coins = &market->coins;
    if (coins->all) {
        strbuf_append_format(path,
                             "/v1/cryptocurrency/listings/latest?start=1&limit=%d&sort=market_cap"
                             "&convert=USD",
                             COINMARKETCAP_COINS_MAX);
        return;
    }
    bool by_id = knows_ids(coins);
    const char *separator = by_id ? "?id=" : "?slug=";
    strbuf_append_text(path, "/v2/cryptocurrency/quotes/latest");
    for (size_t i = 0; i < coins->known.count; i++) {
        if (by_id && coins->ids[i] == 0) {
            continue;
        }
        strbuf_append_text(path, separator);
        if (by_id) {
            strbuf_append_format(path, "%lld", (long long)coins->ids[i]);
        } else {
            const char *name = coins->known.coins[i].symbol;
            http_append_escaped(path, str_from(name + strlen(COINMARKETCAP_PREFIX)));
        }
        separator = ",";
    }
    strbuf_append_text(path, "&convert=USD&skip_invalid=true");
}

/* Logs the coins that the service does not know by their names; from then on those are asked for
 * whose ids are known. */
static void tell_missing(struct coinmarketcap *market)
{
    const struct coinmarketcap_coins *coins = &market->coins;
    for (size_t i = 0; !market->missing_told && i < coins->known.count; i++) {
        if (coins->ids[i] == 0) {
            log_warn("unknown_coin", log_text("source", COINMARKETCAP_NAME),
                     log_text("coin", coins->known.coins[i].symbol),
                     log_text("reason",
                              "CoinMarketCap has no such coin: its names are those in its "
                              "pages' addresses; not asked for again in this run"));
        }
    }
    market->missing_told = true;
}

static bool read(struct coinmarketcap *market, const char *past_of,
                 const struct service_answer *answer, struct source_batch *batch,
                 struct row_counts *counts, struct service_refusal *refusal, struct error *error)
{
    int64_t credits = 0;
    const struct coinmarketcap_reading reading = {
        .answer = answer, .coins = &market->coins, .past_of = past_of};
    bool done = coinmarketcap_quotes_read(&reading, batch, counts, &credits, refusal, error);
    market->credits += credits;
    return done;
}

static bool read_prices(void *service, const struct service_answer *answer,
                        struct source_batch *batch, struct row_counts *counts,
                        struct service_refusal *refusal, struct error *error)
{
    struct coinmarketcap *market = service;
    if (!read(market, NULL, answer, batch, counts, refusal, error)) {
        return false;
    }
    if (!market->coins.all) {
        tell_missing(market);
    }
    return true;
}

static bool write_past(void *service, const char *coin, int64_t from_ns, int64_t until_ns,
                       int64_t step_ns, struct strbuf *path)
{
    const struct coinmarketcap *market = service;
    int64_t id = coinmarketcap_coins_id(&market->coins, coin);
    int64_t count = (until_ns - from_ns) / step_ns + 1;
    if (id == 0) {
        return false;
    }
    strbuf_append_format(
        path,
        "/v2/cryptocurrency/quotes/historical?id=%lld&time_start=%lld&time_end=%lld&count=%lld"
        "&interval=%s&convert=USD",
        (long long)id, (long long)(from_ns / NS_PER_SECOND), (long long)(until_ns / NS_PER_SECOND),
        (long long)count, step_ns < 3600 * NS_PER_SECOND ? "5m" : "1h");
    return true;
}

static bool read_past(void *service, const char *coin, const struct service_answer *answer,
                      struct source_batch *batch, struct row_counts *counts,
                      struct service_refusal *refusal, struct error *error)
{
    bool done = read(service, coin, answer, batch, counts, refusal, error);
    /* It does not know the coin, or has no past of it: prices go on. */
    refusal->for_good = !done && (answer->status == 400 || answer->status == 404);
    if (!done && refusal->of_plan) {
        (void)error_set(error, ERROR_RETRY,
                        "CoinMarketCap gives historical quotes from its plan Hobbyist on (Hobbyist "
                        "and Startup a month, Standard three, Professional twelve): the key's plan "
                        "has none (code 1006), so --history brings nothing here");
    }
    return done;
}

static void report(void *service, struct source_report *report)
{
    struct coinmarketcap *market = service;
    source_report_add(report, "credits_spent",
                      "Credits of the plan that the service's answers cost.", true,
                      market->credits);
}

static const struct tick_service_reader reader = {
    .name = COINMARKETCAP_NAME,
    .past_name = COINMARKETCAP_PAST,
    .url_option = "--coinmarketcap-url",
    .write_prices = write_prices,
    .read_prices = read_prices,
    .write_past = write_past,
    .read_past = read_past,
    .report = report,
    .free_service = free_service,
};

static bool check(const struct coinmarketcap_config *config, struct error *error)
{
    static const struct poll_floor floor = {
        COINMARKETCAP_NAME, 60 * NS_PER_SECOND,
        "CoinMarketCap's answers are the same for that long, and each costs credits"};
    if (config->key_file == NULL) {
        return error_set(error, ERROR_USAGE,
                         "coinmarketcap needs a key: put the one that its site gives you (the plan "
                         "Basic is free) into a file that only you can read, and name it with "
                         "--coinmarketcap-key-file");
    }
    return poll_floor_check(&floor, config->interval_ns, config->base_url, error);
}

static bool read_coins(struct coinmarketcap *market, const char *names, struct error *error)
{
    struct coinmarketcap_coins *coins = &market->coins;
    if (!tick_service_coins(names, COINMARKETCAP_PREFIX,
                            "CoinMarketCap: its names are those in its pages' addresses, behind "
                            "cmc:, such as cmc:bitcoin",
                            &coins->known, &coins->all, error)) {
        return false;
    }
    return coins->known.count <= COINMARKETCAP_COINS_MAX ||
           error_set(error, ERROR_USAGE,
                     "--coins has %zu coins of CoinMarketCap: one request, which is to be cheap, "
                     "has at most %d",
                     coins->known.count, COINMARKETCAP_COINS_MAX);
}

struct source *coinmarketcap_source_create(const struct coinmarketcap_config *config,
                                           struct error *error)
{
    static const struct coin_table none = {.count = 0};
    struct coinmarketcap *market = calloc(1, sizeof *market);
    if (market == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    if (!check(config, error) || !read_coins(market, config->coins, error)) {
        free_service(market);
        return NULL;
    }
    const struct tick_service_config ticks = {
        .reader = &reader,
        .service = market,
        .base_url = config->base_url,
        .ca_file = config->ca_file,
        .key_file = config->key_file,
        .key_header = "X-CMC_PRO_API_KEY",
        .interval_ns = config->interval_ns,
        .requests_per_minute = config->requests_per_minute,
        .past_gap_ns = PAST_GAP_NS,
        .history_ns = config->history_ns,
        .wanted = market->coins.all ? &none : &market->coins.known,
        .stop = config->stop,
        .wall_ns = config->wall_ns,
    };
    return tick_service_create(&ticks, error);
}
