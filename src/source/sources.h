/* The three sources. Each create gives NULL on failure, `error` filled; free with source_destroy().
 */
#ifndef CANDLEWICK_SOURCE_SOURCES_H
#define CANDLEWICK_SOURCE_SOURCES_H

#include "source/source.h"

struct stop;

struct bitfinex_config {
    const char *base_url; /* "https://api-pub.bitfinex.com": "/v2/tickers?symbols=" is added */
    const char *coins;    /* "tBTCUSD,tETHUSD" or "ALL" */
    const char *ca_file;  /* NULL: the system's */
    struct stop *stop;
};
/* ERROR_USAGE: a coin that cannot be one. Copies everything. */
NODISCARD struct source *bitfinex_source_create(const struct bitfinex_config *config,
                                                struct error *error);

/* One request for the platform's status; blocks for 5 s at most. False: it does not answer, or is
 * in maintenance; `error` says which. */
NODISCARD bool bitfinex_reachable(const struct bitfinex_config *config, struct error *error);

struct replay_config {
    const char *path;    /* CSV, or gzip of it (told by its first bytes, not its name) */
    const char *coins;   /* "ALL" or the ones to take; others count as ROW_UNKNOWN_COIN */
    const char *columns; /* where the file calls a column otherwise: "last_price=price"; NULL: it
                            does not */
    int64_t zone_s;      /* of times that say none, in seconds east of UTC */
    struct stop *stop;   /* ends the first reading early; borrowed for the call; NULL: none */
};
/*
 * ERROR_USAGE: no such file, no CSV text, no header, a column missing or there twice, newest rows
 * first (told by the first thousand). Reads the file once through to hash its (unpacked) content:
 * run_id. ERROR_FATAL: a read error, or gzip data that is cut off or broken: before the first tick,
 * so that half a file is never played.
 *
 * seq is the row in the file, 1 up: blank lines are no rows, rejected rows are, so that a tick's
 * identity is the same whatever `coins` asks for. Rejected lines are logged by number, the first 20
 * each and a summary at the end; rows of coins that were not asked for are only counted.
 * A row older than its coin's last tick is rejected, by the times in the file. Rows of the same
 * time are told apart by +1 ns each: event_time_ns = max(time, the coin's last event_time_ns + 1).
 * A row that is equal to its coin's last one in all columns of ours is that row again: no tick. A
 * replay without a single tick ends as an error for good, which says what became of the rows.
 */
NODISCARD struct source *replay_source_create(const struct replay_config *config,
                                              struct error *error);

struct synthetic_config {
    const char *coins; /* their names; "ALL" makes ten common ones */
    uint64_t seed;
    int64_t start_ns; /* time of the first tick; 0: now */
    int64_t step_ns;  /* between two ticks of a coin; > 0 */
    bool live;        /* pace by the wall clock; else as fast as asked for */
    int64_t limit;    /* rounds of one tick a coin; 0: endless */
};
/*
 * A seeded random walk, the same bits on every platform (whole numbers are walked; a price is their
 * quotient by a power of ten). A coin's prices depend on seed, step and its own name alone.
 *
 * With a start: tick k of a coin is at start + k * step, run_id is a hash of seed, start, step and
 * coins, seq the number of the tick: the same input is the same identity. Ends before time would
 * pass the year 2262.
 * Without one no identity may come up twice. Live: the poller stamps time, seq and run_id, as it
 * does for an exchange. Else: the start is now, or just after the log's newest tick if that is
 * later (the poller tells it by `begin`), and goes into run_id.
 *
 * Figures: bid < last_price < ask; daily_change, its relative, high and low are those since the
 * walk's day began (every 24 h of its own time; an approximation of rolling figures); volume is a
 * slow walk of its own. All have at most 8 decimals.
 * ERROR_USAGE: what cannot be a coin, a step or limit out of range.
 */
NODISCARD struct source *synthetic_source_create(const struct synthetic_config *config,
                                                 struct error *error);

#endif
