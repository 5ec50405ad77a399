/*
 * The proof that the store holds what the log says: every tick once and with the same bits, nothing
 * else, candles that are those of the log's ticks, and a dead letter for each message that is no
 * stored tick. It is told the log and the dead letters in any order, sorts them by coin and time in
 * bounded memory, and walks them beside the store's points. It knows nothing of Kafka.
 *
 * All points of the store are looked at. One that no message gives is unexpected, unless its
 * message came after the snapshot (the group goes on), or may be one of those that the log has
 * forgotten: such a point can neither be proved nor be wrong. A partition that begins at offset N
 * has forgotten N messages, and no more.
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_H
#define CANDLEWICK_VERIFY_VERIFY_H

#include "kafka/consumer/letter.h"
#include "record/kind.h"
#include "store/store.h"

struct verify;

struct verify_config {
    const struct record_kind *kind; /* of the topic's records */
    const char *coin;               /* NULL: all; borrowed */
    int64_t from_ns, to_ns;         /* event time: [from, to); to INT64_MAX: no bound */
    int64_t interval_ns;            /* of the candles */
    size_t memory_bytes;            /* for sorting; what does not fit goes to a temporary file */
    const char *folder;             /* of that file; NULL: base/sorter.h says where */
};

/* A partition as the snapshot found it; the n-th is partition n. */
struct verify_partition {
    int64_t begin, end; /* the messages that are read: [begin, end) */
    int64_t settled;    /* the group has committed all before it: stored, or a dead letter */
    int64_t former;     /* messages that it committed of former topics of that name */
};

/* NULL: ERROR_FATAL. The partitions are copied. */
NODISCARD struct verify *verify_create(const struct verify_config *config,
                                       const struct verify_partition *partitions, size_t count,
                                       struct error *error);
void verify_destroy(struct verify *verify); /* NULL is allowed */

/* What the log holds at a place: a tick, or what can never be one, whose bytes are looked at.
 * False: ERROR_FATAL, as sorter_add(). One thread at a time, as all here. */
NODISCARD bool verify_log_tick(struct verify *verify, struct place place, const void *record,
                               struct error *error);
NODISCARD bool verify_log_unreadable(struct verify *verify, struct place place,
                                     const struct encoded_message *message, struct error *error);

/* The oldest message that is left of a partition whose older ones are gone; -1: its timestamp is
 * not known. Before verify_compare(). */
void verify_log_begins(struct verify *verify, struct place first, int64_t timestamp_ms);

/* A dead letter that names `place`: its bytes are a tick, or none. It accounts only for a message
 * of the same bytes. Errors as above. */
NODISCARD bool verify_letter_tick(struct verify *verify, struct place place, const void *record,
                                  struct error *error);
NODISCARD bool verify_letter_unreadable(struct verify *verify, struct place place,
                                        const struct encoded_message *letter, struct error *error);
/* A dead letter that names no place of this topic. */
void verify_letter_elsewhere(struct verify *verify);

/* When all that is told: compares with the store, over two connections to it, since one streams
 * points while the other is asked for candles. Once. False: the store failed (its error), or
 * sorting did (ERROR_FATAL); `stop` (NULL: none) requested: ERROR_FATAL. */
NODISCARD bool verify_compare(struct verify *verify, struct store *points, struct store *candles,
                              const struct stop *stop, struct error *error);

/* Then: a tick that came between the snapshot and the end of verify_compare(), which may have seen
 * its point. Errors as verify_log_tick(). */
NODISCARD bool verify_later_tick(struct verify *verify, struct place place, const void *record,
                                 struct error *error);

/* At last: the verdict. Once. False: ERROR_FATAL. */
NODISCARD bool verify_conclude(struct verify *verify, struct error *error);

/* How far verify_compare() is; any thread. */
int64_t verify_compared(const struct verify *verify);

enum verify_fault_kind {
    VERIFY_MISSING,     /* a tick of the log is not in the store */
    VERIFY_UNEXPECTED,  /* a point of the store is of no message */
    VERIFY_FORMER,      /* or may be of a former topic of that name, and of no message of this */
    VERIFY_DIFFERING,   /* the same coin and time, other values */
    VERIFY_CONFLICTING, /* the same in the log itself */
    VERIFY_CANDLE,      /* the store's candle is not that of the log's ticks */
    VERIFY_FOREIGN,     /* rows, columns or indexes of the store that are none of ours */
    VERIFY_UNACCOUNTED, /* a message that is no tick and has no dead letter */
    VERIFY_KINDS,       /* how many */
};
extern const char *const verify_fault_names[VERIFY_KINDS]; /* "missing", "unexpected", … */

/* So many are named, of each kind; all are counted. Of points which cannot be told from others that
 * may be right there is only a number. */
enum { VERIFY_FAULTS_MAX = 10000 };

struct verify_fault {
    uint32_t coin;      /* in report.coins; not for VERIFY_UNACCOUNTED and VERIFY_FOREIGN */
    int64_t time_ns;    /* of the tick or the candle; likewise */
    struct place place; /* partition -1: it has none */
    char *what;         /* VERIFY_FOREIGN alone: for people */
    int64_t rows;       /* the same */
};

struct verify_fault_list {
    struct verify_fault *items; /* by coin in order of appearance, then time; or by place */
    size_t count, capacity;
};

struct verify_coin {
    char symbol[RECORD_KEY_MAX + 1];
    bool in_log;
    int64_t oldest_ns, newest_ns; /* of its ticks in the log, whatever the span asked for */
    bool begins_before;           /* ticks of the candle in which that span begins lie before it */
    int64_t ticks;                /* in the log: messages, in the span asked for */
    int64_t points;               /* in the store, but for these: */
    int64_t forgotten;            /* may be of messages that the log has forgotten */
    int64_t former;               /* may be of messages of a former topic */
    int64_t later;                /* of messages that came after the snapshot */
    int64_t candles, candles_proved, candles_cut;
    int64_t faults[VERIFY_KINDS];
};

struct verify_report {
    int64_t
        messages; /* of the log: ticks of the coins and the span asked for, and unreadable ones */
    int64_t ticks, unreadable;
    int64_t sent_twice;       /* messages that say again what another says: one point */
    int64_t points;           /* in the store, compared */
    int64_t forgotten;        /* in the store, not provable: the log may have forgotten them */
    int64_t later;            /* in the store, of messages after the snapshot */
    int64_t log_forgot;       /* messages, of all partitions */
    int64_t missing_lettered; /* missing, though a letter says that the store refused them */
    int64_t closed_ticks;     /* of times of which InfluxDB does not tell its points */
    struct store_span *closed;
    size_t closed_count;     /* such times: no balance */
    char others[512];        /* tables of the store that were not looked at; "" : none */
    int64_t of_many;         /* ticks of one coin and time with more values than can be kept */
    int64_t refused;         /* ticks that the store refused by name: dead letters, not missing */
    int64_t not_yet_written; /* messages that the group has not committed */
    int64_t candles;         /* provable ones … */
    int64_t candles_proved;
    int64_t candles_cut; /* … and those of which the log covers a part only */
    int64_t letters;     /* messages; places are counted once: */
    int64_t letter_places;
    int64_t letters_outside;   /* places older than the log */
    int64_t letters_elsewhere; /* that name no message of this log */
    int64_t faults[VERIFY_KINDS];
    struct verify_fault_list named[VERIFY_KINDS];
    struct verify_coin *coins; /* in order of appearance */
    size_t coin_count;
    bool balanced; /* no fault, all is written, and all was looked at */
};

/* After verify_compare(); borrowed. */
const struct verify_report *verify_report(const struct verify *verify);

#endif
