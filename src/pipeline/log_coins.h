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
#ifndef CANDLEWICK_PIPELINE_LOG_COINS_H
#define CANDLEWICK_PIPELINE_LOG_COINS_H

#include "base/text/strbuf.h"
#include "source/coins.h"

enum { LOG_COINS_RUNS = 4 }; /* former runs that are remembered of a coin: the newest */

/* A producer's run, by its ticks of one coin in one partition. */
struct producer_run {
    int64_t run_id;
    char source[SOURCE_MAX + 1];
    int64_t stamp_ns;   /* event time of its newest tick */
    int64_t spacing_ns; /* from the tick before that; 0: there was none */
    int64_t told_ns;    /* when the newest was told, as log_coins_tick() was given it */
    bool mixed;         /* it came back after another run, or another one did after it */
};

/* A coin's live ticks in one partition. */
struct partition_runs {
    struct partition_runs *next;
    int32_t partition;
    struct producer_run current; /* of the newest tick */
    struct producer_run former[LOG_COINS_RUNS];
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

/* `told_ns`: a time of any clock that log_coins_overlap() is asked with; 0 where nobody asks.
 * False: ERROR_FATAL, no memory. */
NODISCARD bool log_coins_tick(struct log_coins *log, int32_t partition, const struct ticker *tick,
                              int64_t told_ns, struct error *error);

/* False: ERROR_REJECT, the log (of `topic`) has no tick of `coin`; it names those that there are.
 * `coin` NULL: true. */
NODISCARD bool log_coins_known(const struct log_coins *log, const char *topic, const char *coin,
                               struct error *error);

/* The coins that two producers send at the time of asking. */
struct log_overlap {
    size_t coins;
    char coin[SYMBOL_MAX + 1];          /* one of them, */
    struct producer_run earlier, later; /* and two runs that send it */
};
/* Runs that came back, and of which a tick was told lately: at most 5 s and three of their own
 * spacings before `now_ns`, so that one that has ended is forgotten. A run id is the time at which
 * its run began, so the later run is the one with the higher id. `run_id`: only coins of which this
 * run is the later one count; NULL: all. */
struct log_overlap log_coins_overlap(const struct log_coins *log, const int64_t *run_id,
                                     int64_t now_ns);
/* "tBTCUSD and 3 more coins". */
enum { LOG_OVERLAP_COINS_SIZE = 80 };
void log_overlap_coins(const struct log_overlap *overlap, char text[LOG_OVERLAP_COINS_SIZE]);

/* Coins that two producers wrote at once. */
size_t log_coins_mixed(const struct log_coins *log);
/* A sentence about them without its end, such as "2 producers of tBTCUSD at once (…)"; nothing when
 * there is none. */
void log_coins_mixed_to_text(const struct log_coins *log, struct strbuf *text);
/* [{"coin":…,"run_ids":[a,b],"returns":n,"from":time,"to":time}] */
void log_coins_mixed_to_json(const struct log_coins *log, struct strbuf *json);

#endif
