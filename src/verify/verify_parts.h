/*
 * The proof's inside:
 *   verify.c          what is told: records into the sorters, coins by name
 *   verify_mark.c     what a tick or a point holds, as 16 bytes
 *   verify_compare.c  ticks of the log beside points of the store, coin by coin
 *   verify_candles.c  candles of the log's ticks beside the store's
 *   verify_later.c    points without a message beside messages that came after the snapshot
 *   verify_cover.c    how many messages of a coin the log may have forgotten
 *   verify_places.c   messages that are no ticks beside the dead letters
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_PARTS_H
#define CANDLEWICK_VERIFY_VERIFY_PARTS_H

#include <stdatomic.h>

#include "base/sorter.h"
#include "market/candle.h"
#include "verify/verify.h"
#include "verify/verify_mark.h"

enum record_from { RECORD_LOG, RECORD_LETTER };

/* A tick of the log, or of a dead letter; by coin, time, place, kind. */
struct tick_record {
    int64_t time_ns;
    struct place place;
    struct verify_mark mark;
    double price; /* 0: the kind has none */
    uint32_t coin;
    unsigned int kind : 2; /* enum record_from */
    unsigned int has : 30; /* bit n: it has the n-th of kind_stored_columns() */
};

/* A message that is no tick, or the dead letter of one; by place, kind. */
struct place_record {
    struct place place;
    struct verify_mark mark; /* of its bytes */
    uint32_t kind;
    uint32_t bare; /* a letter: has no bytes; a message: so large that its letter may have none */
};

/* Where the log has a coin. */
struct coin_cover {
    int32_t *seen; /* partitions with messages of it */
    size_t count;
    int64_t strays; /* points of the store that no message gives */
};

/* How a partition begins. */
struct partition_begin {
    bool told;
    int64_t whole_ns; /* no live tick from here on was forgotten; INT64_MAX: not known */
};

struct verify {
    struct verify_config config;
    struct verify_partition *partitions;
    struct partition_begin *begins; /* of each */
    bool *may;                      /* of each, and … */
    bool moved;                     /* … see verify_cover.c */
    size_t partition_count;
    struct verify_marker *marker;
    struct sorter *ticks;
    struct sorter *places;
    struct sorter *strays; /* points without a message, and ... */
    struct sorter *later;  /* ... the ticks that came after the snapshot: struct tick_record */

    /* Coins by name: open addressing, 0 is empty, else the coin's number + 1. */
    uint32_t *slots;
    size_t slot_count; /* a power of two */
    size_t coin_capacity;
    struct coin_cover *covers; /* of each coin */
    uint32_t recent;           /* the coin of the last tick */

    const struct store_contents *contents; /* while the store is compared */
    struct verify_report report;
    atomic_llong compared; /* points and ticks walked over */
};

/* The coin's number, which is made when it is new. False: ERROR_FATAL, no memory. */
NODISCARD bool verify_coin_number(struct verify *verify, const char *symbol, uint32_t *number,
                                  struct error *error);

int verify_compare_places(struct place left, struct place right);

/* Whether a tick of that time is asked for. */
bool verify_in_span(const struct verify *verify, int64_t time_ns);

/* Puts what is known of a tick, or of a point (partition -1), into one of the sorters of struct
 * tick_record. False: ERROR_FATAL. */
NODISCARD bool verify_add_tick(struct verify *verify, struct sorter *into, struct place place,
                               const void *record, uint32_t coin, enum record_from kind,
                               struct error *error);

/* Whether the group says that the message at `place` has been dealt with. */
bool verify_settled(const struct verify *verify, struct place place);

/* Rows of the store that are none of ours. Copies `what`. False: ERROR_FATAL, no memory. */
NODISCARD bool verify_foreign(struct verify *verify, int64_t rows, const char *what,
                              struct error *error);

/* Whether InfluxDB refused to open a piece in [from_ns, to_ns]. */
bool verify_closed(const struct verify *verify, int64_t from_ns, int64_t to_ns);

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
NODISCARD bool verify_cover_tick(struct verify *verify, uint32_t coin, int32_t partition,
                                 struct error *error);
/* Candles that begin before it may lack ticks which the log has forgotten; INT64_MIN: none do. */
int64_t verify_whole_from(struct verify *verify, uint32_t coin);
/* A point without a message. False: none of the coin's can have been forgotten, nor be of a former
 * topic. */
bool verify_count_stray(struct verify *verify, uint32_t coin);
/* Says of those that were counted how many the log may have forgotten, how many may be of a former
 * topic, and how many are neither. */
NODISCARD bool verify_settle_strays(struct verify *verify, struct error *error);
void verify_cover_free(struct verify *verify);

/* verify_later.c */
NODISCARD bool verify_match_later(struct verify *verify, struct error *error);

/* verify_places.c */
NODISCARD bool verify_match_places(struct verify *verify, struct error *error);

#endif
