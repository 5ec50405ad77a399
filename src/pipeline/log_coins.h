/*
 * Collects which coins a log has, and which of them two producers sent at once. The caller passes
 * every record to log_coins_record(), those of a partition in the order of their offsets. (A coin
 * is in one partition; after partitions were added it can be in several.)
 *
 * A live producer puts its own run id into its ticks, and never uses an older one again. So if a
 * run id returns after another one (A, B, A), two producers ran at once, and the coin's candles mix
 * their ticks. If one ended before the other began (A, B), nothing is mixed. Ticks of a replay or a
 * synthetic source are ignored, because these use the same run ids again. Each partition of a coin
 * is judged separately, because the order in which partitions are read has no meaning. Records
 * without a run id (their kind has none, or it is 0, because they have their service's own times)
 * belong to no run.
 *
 * For a kind whose series do not name the source, also collects from which sources a coin's records
 * are.
 */
#ifndef CANDLEWICK_PIPELINE_LOG_COINS_H
#define CANDLEWICK_PIPELINE_LOG_COINS_H

#include "base/text/strbuf.h"
#include "source/coins.h"

enum {
    LOG_COINS_RUNS = 4,    /* how many runs of a coin in a partition are kept: the newest */
    LOG_COINS_SOURCES = 4, /* how many sources of a coin are kept: the first */
};

/* A producer's run, as seen in its ticks of one coin in one partition. */
struct producer_run {
    int64_t run_id;
    char source[SOURCE_MAX + 1];
    int64_t stamp_ns;   /* event time of its newest tick */
    int64_t spacing_ns; /* time between its newest two ticks; 0 if it has only one */
    int64_t seen_ns;    /* when its newest tick was passed to log_coins_record() */
    bool mixed;         /* its ticks are mixed with those of another run: A, B, A */
};

/* A coin's live ticks in one partition. */
struct partition_runs {
    struct partition_runs *next;
    int32_t partition;
    struct producer_run current; /* the run of the newest tick */
    struct producer_run former[LOG_COINS_RUNS];
    size_t former_count;
};

struct coin_runs {
    struct partition_runs *partitions; /* one for each partition that has the coin; owned */
    /* The members below are valid once a run has returned. */
    int64_t returns;        /* how often a run returned */
    int64_t pair[2];        /* the newest return: the run before it, and the run that returned */
    int64_t from_ns, to_ns; /* event times of the first and of the newest return */
    char sources[LOG_COINS_SOURCES][SOURCE_MAX + 1];
    size_t source_count;
};

/* All members zero: empty. */
struct log_coins {
    struct coin_table coins;
    struct coin_runs *runs; /* one for each coin; owned */
    size_t capacity;
};
void log_coins_free(struct log_coins *log);

/* Adds a record; all records of one log are of the same kind. `seen_ns` is the current time on the
 * clock that is passed to log_coins_overlap(); 0 if that is never called. Returns false with
 * ERROR_FATAL if out of memory. */
NODISCARD bool log_coins_record(struct log_coins *log, const struct record_kind *kind,
                                int32_t partition, const void *record, int64_t seen_ns,
                                struct error *error);

/* Returns false with ERROR_REJECT if the log (of `topic`) has no record of `coin`; the text names
 * the coins that it has. Returns true if `coin` is NULL. */
NODISCARD bool log_coins_known(const struct log_coins *log, const struct record_kind *kind,
                               const char *topic, const char *coin, struct error *error);

/* Coins that two producers are sending now. */
struct log_overlap {
    size_t coins;
    char coin[RECORD_KEY_MAX + 1];      /* one of the coins */
    struct producer_run earlier, later; /* two of the runs that send this coin at once */
};
/* Finds the coins of which two producers still send ticks at once. A run counts as ended when none
 * of its ticks has been passed to log_coins_record() for 5 s plus three times its spacing_ns. With
 * `run_id`, counts only the coins where this run is the later of the two; with NULL, counts all. A
 * run id is the time at which the run began, so the later run has the higher id. */
struct log_overlap log_coins_overlap(const struct log_coins *log, const int64_t *run_id,
                                     int64_t now_ns);
/* Writes the coins as text, e.g. "tBTCUSD and 3 more coins". */
enum { LOG_OVERLAP_COINS_SIZE = 112 };
void log_overlap_coins(const struct log_overlap *overlap, char text[LOG_OVERLAP_COINS_SIZE]);

/* Returns the number of coins that two producers sent at once. */
size_t log_coins_mixed(const struct log_coins *log);
/* Appends the start of a sentence about these coins, e.g. "2 producers of tBTCUSD at once (…)";
 * nothing if there are none. */
void log_coins_mixed_to_text(const struct log_coins *log, struct strbuf *text);
/* Appends a sentence that names coins whose records are from several sources, and these sources:
 * "ticks of tBTCUSD are from bitfinex and replay"; nothing if there are none. */
void log_coins_sources_to_text(const struct log_coins *log, const struct record_kind *kind,
                               struct strbuf *text);
/* Appends these coins as JSON: [{"coin":…,"sources":["bitfinex","replay"]}] */
void log_coins_sources_to_json(const struct log_coins *log, struct strbuf *json);
/* Appends the coins with several producers as JSON:
 * [{"coin":…,"run_ids":[a,b],"returns":n,"from":time,"to":time}] */
void log_coins_mixed_to_json(const struct log_coins *log, struct strbuf *json);

#endif
