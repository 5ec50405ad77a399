/*
 * Which coins a log has, and of which two producers wrote at once. Told every tick, those of a
 * partition in the order of the log. (A coin is in one partition; in more, once partitions were
 * added.)
 *
 * A live producer stamps with a run id of its own, and never writes under an older one again. So a
 * run id that comes back after another one (A, B, A) is of two producers that ran at once: their
 * ticks are mixed in the coin's candles. One that ended and one that began (A, B) are no such
 * thing; nor are ticks of a replay or a synthetic source, which give the same run ids again. Each
 * of a coin's partitions is looked at by itself: in which order they are read says nothing.
 */
#ifndef CANDLEWICK_VERIFY_LOG_COINS_H
#define CANDLEWICK_VERIFY_LOG_COINS_H

#include "base/text/strbuf.h"
#include "source/coins.h"

enum { LOG_COINS_RUNS = 4 }; /* former runs that are remembered of a coin: the newest */

/* A coin's live ticks in one partition. */
struct partition_runs {
    struct partition_runs *next;
    int32_t partition;
    int64_t current; /* run id of the newest tick */
    int64_t former[LOG_COINS_RUNS];
    size_t former_count;
};

struct coin_runs {
    struct partition_runs *partitions; /* those that the coin is in; owned */
    /* Filled once a run came back. */
    int64_t returns;        /* how often one did */
    int64_t pair[2];        /* the newest two of those runs: the one before and the one that came */
    int64_t from_ns, to_ns; /* event times of the first return and of the newest */
};

/* Zero-initialised it is empty. */
struct log_coins {
    struct coin_table coins;
    struct coin_runs *runs; /* of each coin; owned */
    size_t capacity;
};
void log_coins_free(struct log_coins *log);

/* False: ERROR_FATAL, no memory. */
NODISCARD bool log_coins_tick(struct log_coins *log, int32_t partition, const struct ticker *tick,
                              struct error *error);

/* False: ERROR_REJECT, the log (of `topic`) has no tick of `coin`; it names those that there are.
 * `coin` NULL: true. */
NODISCARD bool log_coins_known(const struct log_coins *log, const char *topic, const char *coin,
                               struct error *error);

/* Coins that two producers wrote at once. */
size_t log_coins_mixed(const struct log_coins *log);
/* A sentence about them without its end, such as "2 producers of tBTCUSD at once (…)"; nothing when
 * there is none. */
void log_coins_mixed_to_text(const struct log_coins *log, struct strbuf *text);
/* [{"coin":…,"run_ids":[a,b],"returns":n,"from":time,"to":time}] */
void log_coins_mixed_to_json(const struct log_coins *log, struct strbuf *json);

#endif
