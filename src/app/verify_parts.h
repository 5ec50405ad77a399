/*
 * The proof's inside:
 *   verify.c          what is told: records into the sorters, coins by name
 *   verify_compare.c  ticks of the log beside points of the store, coin by coin
 *   verify_candles.c  candles of the log's ticks beside the store's
 *   verify_cover.c    from when on the log has all of a coin
 *   verify_places.c   messages that are no ticks beside the dead letters
 */
#ifndef CANDLEWICK_APP_VERIFY_PARTS_H
#define CANDLEWICK_APP_VERIFY_PARTS_H

#include <stdatomic.h>

#include "app/verify.h"
#include "base/sorter.h"
#include "market/candle.h"

enum record_kind { RECORD_LOG, RECORD_LETTER };

/* A tick of the log, or of a dead letter; by coin, time, place, kind. */
struct tick_record {
    int64_t time_ns;
    struct place place;
    uint64_t fingerprint;
    double price;
    uint32_t coin;
    uint32_t kind;
};

/* A message that is no tick, or the dead letter of one; by place, kind. */
struct place_record {
    struct place place;
    uint32_t kind;
};

/* The tick of a coin with the lowest offset in a partition. */
struct first_tick {
    struct place place;
    int64_t time_ns;
};

struct coin_cover {
    struct first_tick *firsts; /* of partitions whose oldest messages are gone */
    size_t count;
};

struct verify {
    struct verify_config config;
    struct verify_partition *partitions;
    size_t partition_count;
    struct sorter *ticks;
    struct sorter *places;

    /* Coins by name: open addressing, 0 is empty, else the coin's number + 1. */
    uint32_t *slots;
    size_t slot_count; /* a power of two */
    size_t coin_capacity;
    struct coin_cover *covers; /* of each coin */
    uint32_t recent;           /* the coin of the last tick */

    struct verify_report report;
    atomic_llong compared; /* points and ticks walked over */
};

/* Of all that is stored of a tick, by its bits. */
uint64_t verify_fingerprint(const struct ticker *tick);

/* The coin's number, which is made when it is new. False: ERROR_FATAL, no memory. */
NODISCARD bool verify_coin_number(struct verify *verify, const char *symbol, uint32_t *number,
                                  struct error *error);

int verify_compare_places(struct place left, struct place right);

/* Whether the group says that the message at `place` has been dealt with. */
bool verify_settled(const struct verify *verify, struct place place);

/* A letter that no message of the log goes with. */
void verify_stray_letter(struct verify *verify, struct place place);

/* Counts a fault, and names it while there is room. `coin` is in the report, or VERIFY_NO_COIN.
 * False: ERROR_FATAL, no memory. */
#define VERIFY_NO_COIN UINT32_MAX
NODISCARD bool verify_fault(struct verify *verify, enum verify_fault_kind kind, uint32_t coin,
                            int64_t time_ns, struct place place, struct error *error);

/* verify_candles.c: one coin's candles, fed in time order. */
struct candle_proof {
    struct verify *verify;
    struct store *store;
    uint32_t coin;
    int64_t to_ns;      /* nothing of the store behind it is asked for */
    int64_t cut_ns;     /* candles that begin before it are not proved */
    int64_t unsure_ns;  /* nor the one that begins here; INT64_MIN: none */
    struct candle open; /* ticks 0: none */
    struct candle_list pending;
};
struct candle_proof candle_proof_begin(struct verify *verify, struct store *store, uint32_t coin,
                                       int64_t cut_ns, int64_t to_ns);
/* A tick that is in the log and belongs into the store. */
NODISCARD bool candle_proof_tick(struct candle_proof *proof, int64_t time_ns, double price,
                                 struct error *error);
/* A tick that may be stored or not: its candle proves nothing. */
NODISCARD bool candle_proof_unsure(struct candle_proof *proof, int64_t time_ns,
                                   struct error *error);
/* Frees what the proof holds, whatever comes of it. */
NODISCARD bool candle_proof_end(struct candle_proof *proof, bool complete, struct error *error);

/* verify_cover.c. False: ERROR_FATAL, no memory. */
NODISCARD bool verify_cover_tick(struct verify *verify, uint32_t coin, struct place place,
                                 int64_t time_ns, struct error *error);
/* Points before it may be of messages that are gone; INT64_MIN: none are. */
int64_t verify_covered_from(const struct verify *verify, uint32_t coin);
void verify_cover_free(struct verify *verify);

/* verify_places.c */
NODISCARD bool verify_match_places(struct verify *verify, struct error *error);

#endif
