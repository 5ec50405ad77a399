/* The sources. Each create function returns NULL on failure, with `error` filled; free with
 * source_destroy(). */
#ifndef CANDLEWICK_SOURCE_SOURCES_H
#define CANDLEWICK_SOURCE_SOURCES_H

#include "source/source.h"

struct assets;
struct stop;

struct bitfinex_config {
    const char *base_url; /* "https://api-pub.bitfinex.com"; "/v2/tickers?symbols=" is appended */
    const char *coins;    /* "tBTCUSD,tETHUSD" or "ALL" */
    const char *ca_file;  /* NULL: the system's certificates */
    struct stop *stop;
};
/* Copies the configuration. Fails with ERROR_USAGE for a name that cannot be a coin. */
NODISCARD struct source *bitfinex_source_create(const struct bitfinex_config *config,
                                                struct error *error);

/* Requests the platform's status once; blocks for at most 5 s. Returns false when it does not
 * answer or is in maintenance; `error` says which. */
NODISCARD bool bitfinex_reachable(const struct bitfinex_config *config, struct error *error);

struct bitfinex_trades_config {
    const char *ws_url;   /* "wss://api-pub.bitfinex.com/ws/2", or without "/ws/2" */
    const char *base_url; /* of the REST interface, as in bitfinex_config: for refills */
    const char *coins;    /* "tBTCUSD,tETHUSD" */
    const char *ca_file;  /* NULL: the system's certificates */
    struct stop *stop;
    /* Zero selects the default named here. */
    int refill_per_minute;     /* 15: requests for trades that were missed */
    int64_t refill_max_age_ns; /* 24 h: older trades are not requested */
    int connects_per_minute;   /* 19: the exchange's limit is 20 */
    int silence_timeout_ms;    /* 30,000: how long a connection may be silent, or an answer take */
    int reconnect_wait_ms;     /* 5,000: the longest first wait after a connection is lost; later
                                  ones, and waits before a refill is asked
                                  for again, grow to 12 times that */
};
/*
 * Trades as Bitfinex's WebSocket interface pushes them, and events: holes, their refills by the
 * REST interface, and what was covered. `next` waits for at most 200 ms; connects and requests run
 * on two threads of the source's own. It does not send again what it was told (source.h, `tell`).
 * Copies the configuration. Fails with ERROR_USAGE for a name that cannot be a trading pair, and
 * for ALL.
 */
NODISCARD struct source *bitfinex_trades_source_create(const struct bitfinex_trades_config *config,
                                                       struct error *error);

struct bitfinex_bars_config {
    struct bitfinex_config exchange;
    const char *timeframe;    /* "1m" */
    int64_t history_ns;       /* how far back to ask when the log has no bar of a coin */
    int64_t interval_ns;      /* least time between two requests of one coin */
    int requests_per_minute;  /* at most, of all coins; > 0 */
    int64_t (*wall_ns)(void); /* for tests; NULL: the real clock */
};
/* Bitfinex's own bars, each 60 s after its end at the earliest. A bar that the exchange changes
 * later is sent again with the next revision, after an event bar_changed. Copies the configuration;
 * `exchange.stop` is needed. Fails with ERROR_USAGE for a timeframe that it does not have, for ALL
 * coins and for a name that cannot be a coin. */
NODISCARD struct source *bitfinex_bars_source_create(const struct bitfinex_bars_config *config,
                                                     struct error *error);

struct binance_config {
    const char *base_url;    /* "https://data-api.binance.vision", of the REST interface */
    const char *ws_url;      /* "wss://data-stream.binance.vision" */
    const char *coins;       /* "BTCUSDT,ETHUSDT" */
    const char *ca_file;     /* NULL: the system's certificates */
    const char *timeframe;   /* "1m" */
    int64_t history_ns;      /* how far back to ask when the log has no bar of a coin */
    int64_t interval_ns;     /* least time between two requests of one coin */
    int requests_per_minute; /* at most, of all coins; > 0 */
    int silence_timeout_ms;  /* how long the WebSocket may be silent */
    int reconnect_wait_ms;   /* the longest first wait after it is lost */
    struct stop *stop;
    /* Zero selects the default named here. */
    int64_t grace_ns; /* 10 s: how long after a bar's end it is requested, if the WebSocket has
                         not brought it */
    int64_t (*wall_ns)(void); /* for tests; NULL: the real clock */
};
/* Binance's finished bars: pushed by its WebSocket; the history, and what the WebSocket missed, are
 * asked for by REST. Both give a bar the same bytes, so it is sent once. A bar that is missing
 * between two others is reported by the events hole and hole_closed. Copies the configuration.
 * Fails with ERROR_USAGE for a timeframe that it does not have, for ALL coins, for more than 200
 * and for a name that is no symbol of Binance. */
NODISCARD struct source *binance_source_create(const struct binance_config *config,
                                               struct error *error);

enum { RSS_FEEDS_MAX = 16 };

struct rss_config {
    const char *urls;      /* of feeds, comma-separated; "default": four well-known ones */
    const char *ca_file;   /* NULL: the system's certificates */
    int64_t interval_ns;   /* from one request for a feed to the next; > 0 */
    int64_t max_age_ns;    /* older items are not sent, because the log may have had them and
                              deleted them since; 0: all are sent */
    struct assets *assets; /* which coins titles name; owned by the source, also when it cannot be
                              created; NULL: none are looked for */
    struct stop *stop;     /* borrowed */
    int64_t (*wall_ns)(void); /* for tests; NULL: the real clock */
};
/*
 * News of feeds. Each item is sent when it is first seen, and never again: the source must be told
 * of all news in the log. Redirects are followed; what answers 410 is not asked again. Copies the
 * configuration. Fails with ERROR_USAGE for what is no feed's address, and for an interval below a
 * minute, unless all feeds are on this machine.
 */
NODISCARD struct source *rss_source_create(const struct rss_config *config, struct error *error);

struct cryptopanic_config {
    const char *url;      /* "https://cryptopanic.com/api/developer/v2/posts/" */
    const char *key_file; /* see base/secret_file.h */
    /* as for feeds: */
    const char *ca_file;
    int64_t interval_ns;
    int64_t max_age_ns;
    struct assets *assets;
    struct stop *stop;
    int64_t (*wall_ns)(void);
};
/* News of CryptoPanic, as of feeds, with the coins that it names and its readers' votes. The key is
 * in no record, log or error text. Copies the configuration. Fails with ERROR_USAGE for a missing
 * or unusable key, for an address that is none, and for an interval with which the free plan's
 * requests would not last a day, unless the address is on this machine. */
NODISCARD struct source *cryptopanic_source_create(const struct cryptopanic_config *config,
                                                   struct error *error);

struct coingecko_config {
    const char *base_url; /* "https://api.coingecko.com/api/v3" */
    const char *coins;    /* "cg:bitcoin,cg:ethereum", or "ALL": the 250 with the greatest caps */
    const char *ca_file;  /* NULL: the system's certificates */
    const char *key_file; /* with a Demo key, or a Pro key for a "pro-api" host; NULL: none */
    int64_t interval_ns;  /* between two requests: at least 60 s, and 120 s without a key */
    int64_t history_ns;   /* how much of the past of the first 10 coins is asked for, of which 90
                             days count; 0: none */
    int requests_per_minute;  /* at most, charts included; > 0 */
    struct stop *stop;        /* borrowed */
    int64_t (*wall_ns)(void); /* for tests; NULL: the real clock */
};
/* CoinGecko's prices and market caps in USD, and charts for their past. A tick's time is the coin's
 * own; a time that is in the log already is not sent again. Copies the configuration. Fails with
 * ERROR_USAGE for an interval below the service's own (unless it is on this machine), a name that
 * is none of its coins and a key file that cannot be used. */
NODISCARD struct source *coingecko_source_create(const struct coingecko_config *config,
                                                 struct error *error);

struct coinmarketcap_config {
    const char *base_url; /* "https://pro-api.coinmarketcap.com" */
    const char *coins;    /* "cmc:bitcoin,cmc:ethereum", at most 200; or "ALL": the 200 with the
                             greatest caps */
    const char *key_file;
    int64_t interval_ns; /* between two requests, each of which costs credits: at least 60 s */
    /* as for CoinGecko: */
    const char *ca_file;
    int64_t history_ns;
    int requests_per_minute;
    struct stop *stop;
    int64_t (*wall_ns)(void);
};
/* CoinMarketCap's prices and market caps in USD, and historical quotes if the key's plan has them;
 * otherwise as CoinGecko. Its report has the credits that the answers cost; when those of a day or
 * month are used up, no request is sent before that is over. Fails with ERROR_USAGE for a missing
 * key, too. */
NODISCARD struct source *coinmarketcap_source_create(const struct coinmarketcap_config *config,
                                                     struct error *error);

#define REPLAY_TICKS_SOURCE "replay" /* source of a file's ticks, unless `as` names another */

struct replay_config {
    const char *path;    /* CSV, plain or gzip (recognised by its first bytes, not its name) */
    const char *coins;   /* "ALL" or the coins to read; rows of others count as ROW_UNKNOWN_COIN */
    const char *columns; /* the file's names for our columns where they differ,
                            "last_price=price"; may be NULL */
    int64_t zone_s;      /* zone of times that name none, in seconds east of UTC */
    const char *zone;    /* the zone's name instead ("Europe/Berlin"), which becomes the process's:
                            create the source before other threads run; NULL: zone_s counts */
    bool paced;          /* the rows wait for their times, so they are to be in order */
    const char *as;      /* the source of records that name none, at most SOURCE_MAX bytes; NULL:
                            "replay" for ticks, else "replay-" and letters of the content's hash */
    struct stop *stop;   /* ends the scan of the file early; borrowed for the call; may be NULL */
    bool loop;           /* begins again at its end, for ever (replay/replay_loop.h); `as` does not
                            count then */
};
/*
 * Scans the whole file once; the hash of its (unpacked) content becomes the run_id. Fails with
 * ERROR_USAGE when the file does not exist, is no CSV text, has no header that can be read, or
 * lacks a column or has one twice. Fails with ERROR_FATAL for a read error or packed data that is
 * cut off or broken: before the first record, so that half a file is never replayed.
 *
 * seq is the row's number in the file, counted from 1. Blank lines do not count, rejected rows do,
 * so that a tick's identity does not depend on `coins`. Rejected lines are logged by number, the
 * first 20 one by one and a summary at the end; rows of coins that were not asked for are only
 * counted. A file whose newest rows come first (judged by the first thousand), and one in no order
 * whose rows are to wait for their times, is sorted. A row whose time in the file is older than
 * that of its coin's last record is rejected. Ticks of the same time differ by 1 ns: event_time_ns
 * = max(time, the coin's last event_time_ns + 1). A row that equals its coin's last one in all
 * columns that we read is a repeat and no record. A replay without a single record ends as a
 * failure for good, whose text counts the rejected rows.
 */
NODISCARD struct source *replay_source_create(const struct replay_config *config,
                                              struct error *error);

struct synthetic_config {
    const char *coins; /* names of the coins; "ALL" means ten common ones */
    uint64_t seed;
    int64_t start_ns; /* time of the first tick; 0: now */
    int64_t step_ns;  /* between two ticks of a coin; > 0 */
    bool live;        /* paced by the wall clock; else as fast as `next` is called */
    int64_t limit;    /* rounds of one tick per coin; 0: endless */
    /* only for a live source without start_ns */
    bool market;        /* its prices are those of synthetic trades */
    int64_t history_ns; /* how far back its ticks begin if the log has none */
};
/*
 * A seeded random walk with the same bits on every platform (it walks integers; a price is an
 * integer divided by a power of ten). A coin's prices depend only on seed, step and its name.
 *
 * With start_ns set, tick k of a coin is at start + k * step, run_id is a hash of seed, start, step
 * and coins, and seq is the tick's number: the same configuration yields the same identities. It
 * ends before the time would pass the year 2262. Without start_ns no identity may occur twice. A
 * live source leaves time, seq and run_id to the poller, as an exchange does. Otherwise the start
 * is now, or just after the log's newest tick if that is later (the poller passes it to `begin`),
 * and is hashed into run_id.
 *
 * Figures: bid < last_price < ask; daily_change, daily_change_relative, high and low are since the
 * walk's day began (every 24 h of the walk's time, which approximates rolling figures); volume is a
 * separate slow walk. All have at most 8 decimals. Fails with ERROR_USAGE for a name that cannot be
 * a coin and for a step or limit out of range.
 */
NODISCARD struct source *synthetic_source_create(const struct synthetic_config *config,
                                                 struct error *error);

struct synthetic_stream_config {
    const struct record_kind *kind; /* trade_kind or bar_kind */
    const char *coins;              /* as for ticks */
    uint64_t seed;
    bool live;                /* paced by the wall clock; else as fast as `next` is called */
    int64_t start_ns;         /* where it begins; 0: now */
    int64_t history_ns;       /* how much earlier than `start_ns` it begins */
    int64_t end_ns;           /* where it ends; 0: before the year 2262 */
    bool writes_events;       /* only if `live`: the events started, coins, covered, ended */
    struct stop *stop;        /* borrowed; needed if `live` */
    int64_t (*wall_ns)(void); /* for tests; NULL: the real clock */
};
/*
 * Made-up trades, or the 1m bars that these trades make. A coin's trades depend only on the seed,
 * its name and the time, so that every run has the same, and bars agree with candles of trades. A
 * live source continues after what the log has of a coin. Fails with ERROR_USAGE for a name that
 * cannot be a coin.
 */
NODISCARD struct source *
synthetic_stream_source_create(const struct synthetic_stream_config *config, struct error *error);

/* News that are made up: "Synthetic headline n" every five minutes, without a link, naming one of
 * the coins; `kind` and `seed` do not matter. */
NODISCARD struct source *synthetic_news_source_create(const struct synthetic_stream_config *config,
                                                      struct error *error);

#endif
