#include "commands/sources/wired_sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/whole_file.h"
#include "cli/options_named_sources.h"
#include "cli/options_streams.h"
#include "cli/source_coins.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/news.h"
#include "record/trade.h"
#include "source/sources.h"

enum {
    ASSETS_FILE_LIMIT = 1 << 20, /* as assets_create() has it */
    COINS_LIMIT = 1 << 20,       /* bytes of --coins */
};

struct assets *wiring_assets(const struct options *options, struct error *error)
{
    struct strbuf file = strbuf_new(ASSETS_FILE_LIMIT);
    struct assets *assets = NULL;
    if (options->assets == NULL) {
        assets = assets_create((struct str){.data = NULL}, "", error);
    } else if (!whole_file_read(options->assets, &file)) {
        (void)error_set(error, ERROR_USAGE, "--assets %s cannot be read: %s", options->assets,
                        strerror(errno));
    } else if (file.failed) {
        (void)error_set(error, ERROR_USAGE, "--assets %s is too large: it may have 1 MiB",
                        options->assets);
    } else {
        assets = assets_create(strbuf_str(&file), options->assets, error);
    }
    strbuf_free(&file);
    return assets;
}

typedef struct source *(*source_maker)(const struct options *options, struct str argument,
                                       struct stop *stop, struct error *error);

static struct source *make_bitfinex(const struct options *options, struct str argument,
                                    struct stop *stop, struct error *error)
{
    struct bitfinex_config config = {
        .base_url = options->exchange_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .stop = stop,
    };
    (void)argument;
    return bitfinex_source_create(&config, error);
}

static struct source *make_bitfinex_bars(const struct options *options, struct str argument,
                                         struct stop *stop, struct error *error)
{
    struct bitfinex_bars_config config = {
        .exchange = {.base_url = options->exchange_url,
                     .coins = options->coins,
                     .ca_file = options->exchange_ca_file,
                     .stop = stop},
        .timeframe = options->timeframe,
        .history_ns = options->history_ns,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_BITFINEX_BARS].name),
        .requests_per_minute = options->requests_per_minute,
    };
    (void)argument;
    return bitfinex_bars_source_create(&config, error);
}

static struct source *make_bitfinex_trades(const struct options *options, struct str argument,
                                           struct stop *stop, struct error *error)
{
    struct bitfinex_trades_config config = {
        .ws_url = options->exchange_ws_url,
        .base_url = options->exchange_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .stop = stop,
        .refill_per_minute = options->refill_per_minute,
        .refill_max_age_ns = options->refill_max_age_ns,
        .connects_per_minute = options->connects_per_minute,
        .silence_timeout_ms = options->exchange_silence_ms,
        .reconnect_wait_ms = options->reconnect_wait_ms,
    };
    (void)argument;
    return bitfinex_trades_source_create(&config, error);
}

/* Returns the age from which news is too old to send; 0: none is. An item is in the log for the
 * topic's retention, counted from when it was sent. A source that starts later cannot know it any
 * more, and must not send it again. */
static int64_t news_max_age(const struct options *options)
{
    int64_t kept_ns = options->topic_retention_ms * NS_PER_MS;
    int64_t margin_ns = kept_ns / 2 < NS_PER_DAY ? kept_ns / 2 : NS_PER_DAY;
    return options->topic_retention_ms < 0 ? 0 : kept_ns - margin_ns;
}

/* The text of --source may go on after the feeds' addresses, so they are copied. */
static struct source *make_rss(const struct options *options, struct str argument,
                               struct stop *stop, struct error *error)
{
    char *urls = strndup(argument.data, argument.length);
    struct rss_config config = {
        .urls = urls,
        .ca_file = options->exchange_ca_file,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_RSS].name),
        .max_age_ns = news_max_age(options),
        .assets = wiring_assets(options, error),
        .stop = stop,
    };
    struct source *source = NULL;
    if (urls == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for the feeds");
        assets_destroy(config.assets);
    } else if (config.assets != NULL) {
        source = rss_source_create(&config, error);
    }
    free(urls);
    return source;
}

static struct source *make_cryptopanic(const struct options *options, struct str argument,
                                       struct stop *stop, struct error *error)
{
    struct cryptopanic_config config = {
        .url = options->cryptopanic_url,
        .key_file = options->cryptopanic_key_file,
        .ca_file = options->exchange_ca_file,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_CRYPTOPANIC].name),
        .max_age_ns = news_max_age(options),
        .assets = wiring_assets(options, error),
        .stop = stop,
    };
    (void)argument;
    return config.assets != NULL ? cryptopanic_source_create(&config, error) : NULL;
}

static struct source *make_binance(const struct options *options, struct str argument,
                                   struct stop *stop, struct error *error)
{
    struct binance_config config = {
        .base_url = options->binance_url,
        .ws_url = options->binance_ws_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .timeframe = options->timeframe,
        .history_ns = options->history_ns,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_BINANCE].name),
        .requests_per_minute = options->requests_per_minute,
        .silence_timeout_ms = options->exchange_silence_ms,
        .reconnect_wait_ms = options->reconnect_wait_ms,
        .stop = stop,
    };
    (void)argument;
    return binance_source_create(&config, error);
}

static struct source *make_coingecko(const struct options *options, struct str argument,
                                     struct stop *stop, struct error *error)
{
    struct coingecko_config config = {
        .base_url = options->coingecko_url,
        .coins = options->coins,
        .ca_file = options->exchange_ca_file,
        .key_file = options->coingecko_key_file,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_COINGECKO].name),
        .history_ns = options->history_ns,
        .requests_per_minute = options->requests_per_minute,
        .stop = stop,
    };
    (void)argument;
    return coingecko_source_create(&config, error);
}

static struct source *make_coinmarketcap(const struct options *options, struct str argument,
                                         struct stop *stop, struct error *error)
{
    struct coinmarketcap_config config = {
        .base_url = options->coinmarketcap_url,
        .coins = options->coins,
        .key_file = options->coinmarketcap_key_file,
        .interval_ns = options_poll_interval(options, source_rows[SOURCE_ID_COINMARKETCAP].name),
        .ca_file = options->exchange_ca_file,
        .history_ns = options->history_ns,
        .requests_per_minute = options->requests_per_minute,
        .stop = stop,
    };
    (void)argument;
    return coinmarketcap_source_create(&config, error);
}

/* A replayed file is the only source, so its path ends the option's text. */
static struct source *make_replay(const struct options *options, struct str argument,
                                  struct stop *stop, struct error *error)
{
    struct replay_config config = {
        .path = argument.data,
        .coins = options->coins,
        .columns = options->columns,
        .zone_s = options->zone_s,
        .zone = options->zone_named ? options->zone : NULL,
        .paced = options->speed > 0,
        .as = options->replay_as,
        .loop = options->replay_loop,
        .stop = stop,
    };
    return replay_source_create(&config, error);
}

/* A synthetic source is live if its records have the wall clock's times; with --start, or as fast
 * as it goes, their times are computed. */
static bool is_live_synthetic(const struct options *options)
{
    return options->start_ns == 0 && options->speed > 0;
}

/* Returns whether a synthetic source of trades or bars is among the sources. The synthetic ticks
 * then have the same prices as these, and a history too. */
static bool has_market(const struct options *options)
{
    struct named_sources named;
    if (source_names_parse(str_from(options->source), &named, NULL) != SOURCES_NAMED) {
        return false;
    }
    for (size_t i = 0; i < named.count; i++) {
        if (named.items[i].id == SOURCE_ID_SYNTHETIC_TRADE ||
            named.items[i].id == SOURCE_ID_SYNTHETIC_BAR) {
            return true;
        }
    }
    return false;
}

static struct source *make_synthetic(const struct options *options, struct str argument,
                                     struct stop *stop, struct error *error)
{
    struct synthetic_config config = {
        .coins = options->coins,
        .seed = (uint64_t)options->seed,
        .start_ns = options->start_ns,
        .step_ns = options->step_ns,
        .live = is_live_synthetic(options),
        .limit = options->rows,
        .market = has_market(options),
        .history_ns = has_market(options) && !options->has_ticks ? options->history_ns : 0,
    };
    (void)argument;
    (void)stop;
    return synthetic_source_create(&config, error);
}

/* Returns whether synthetic sources write events: if --streams has them, and in a demo without
 * --source, where they stand in for the sources of an exchange, which write events. */
static bool has_events(const struct options *options)
{
    bool stands_in =
        options->command == COMMAND_DEMO && options_origin(options, "--source") == ORIGIN_DEFAULT;
    return stands_in || options_name_stream(options, &event_kind);
}

static struct source *make_synthetic_stream(const struct options *options,
                                            const struct record_kind *kind, struct stop *stop,
                                            struct error *error)
{
    bool live = is_live_synthetic(options);
    int64_t start_ns = options->start_ns != 0 ? options->start_ns : clock_wall_ns();
    int64_t length_ns = 0;
    bool ends = options->rows > 0 &&
                !__builtin_mul_overflow(options->rows, options->step_ns, &length_ns) &&
                length_ns < RECORD_TIME_END_NS - start_ns;
    struct synthetic_stream_config config = {
        .kind = kind,
        .coins = options->coins,
        .seed = (uint64_t)options->seed,
        .live = live,
        .start_ns = start_ns,
        .history_ns = live ? options->history_ns : 0,
        .end_ns = ends ? start_ns + length_ns : 0,
        .writes_events = has_events(options),
        .stop = stop,
    };
    return kind == &news_kind ? synthetic_news_source_create(&config, error)
                              : synthetic_stream_source_create(&config, error);
}

static struct source *make_synthetic_trade(const struct options *options, struct str argument,
                                           struct stop *stop, struct error *error)
{
    (void)argument;
    return make_synthetic_stream(options, &trade_kind, stop, error);
}

static struct source *make_synthetic_bar(const struct options *options, struct str argument,
                                         struct stop *stop, struct error *error)
{
    (void)argument;
    return make_synthetic_stream(options, &bar_kind, stop, error);
}

static struct source *make_synthetic_news(const struct options *options, struct str argument,
                                          struct stop *stop, struct error *error)
{
    (void)argument;
    return make_synthetic_stream(options, &news_kind, stop, error);
}

static const source_maker source_makers[SOURCE_IDS] = {
    [SOURCE_ID_BITFINEX] = make_bitfinex,
    [SOURCE_ID_BITFINEX_BARS] = make_bitfinex_bars,
    [SOURCE_ID_BITFINEX_TRADES] = make_bitfinex_trades,
    [SOURCE_ID_RSS] = make_rss,
    [SOURCE_ID_CRYPTOPANIC] = make_cryptopanic,
    [SOURCE_ID_BINANCE] = make_binance,
    [SOURCE_ID_COINGECKO] = make_coingecko,
    [SOURCE_ID_COINMARKETCAP] = make_coinmarketcap,
    [SOURCE_ID_REPLAY] = make_replay,
    [SOURCE_ID_SYNTHETIC] = make_synthetic,
    [SOURCE_ID_SYNTHETIC_TICKER] = make_synthetic, /* it runs without synthetic trades and bars */
    [SOURCE_ID_SYNTHETIC_TRADE] = make_synthetic_trade,
    [SOURCE_ID_SYNTHETIC_BAR] = make_synthetic_bar,
    [SOURCE_ID_SYNTHETIC_NEWS] = make_synthetic_news,
};

struct source *wired_source(const struct options *options, const struct named_source *named,
                            struct stop *stop, struct error *error)
{
    struct options own = *options;
    struct strbuf coins = strbuf_new(COINS_LIMIT);
    struct assets *assets = wiring_assets(options, error);
    struct source *source = NULL;
    if (assets != NULL) {
        source_coins(options, named->id, assets, &coins);
        own.coins = strbuf_text(&coins);
        source = source_makers[named->id](&own, named->argument, stop, error);
    }
    assets_destroy(assets);
    strbuf_free(&coins);
    return source;
}
