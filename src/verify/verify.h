/*
 * Proves that the store holds what the log says: every record once and with the same bits, nothing
 * else, candles that equal those of the log's records, and a dead letter for each message that is
 * not a stored record. The caller passes in the log and the dead letters in any order; they are
 * sorted by series and time in bounded memory and compared with the store's points. This module
 * does not talk to Kafka.
 *
 * All points of the store are compared. A point without a message is unexpected, unless its message
 * came after the snapshot (the group keeps writing), or may be one that retention has deleted from
 * the log: such a point can be neither proved nor refuted. A partition whose log begins at offset N
 * has lost at most N messages.
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_H
#define CANDLEWICK_VERIFY_VERIFY_H

#include "kafka/consumer/dead_letter.h"
#include "record/kind.h"
#include "store/store.h"

struct verify;

struct verify_config {
    const struct record_kind *kind; /* kind of the topic's records */
    const char *coin;               /* the only key to look at; NULL: all; borrowed */
    int64_t from_ns, to_ns;         /* event time in [from_ns, to_ns); to_ns INT64_MAX: no bound */
    int64_t interval_ns;            /* length of the candles, if there are any */
    size_t memory_bytes;            /* for sorting; the rest goes to a temporary file */
    const char *folder;             /* for that file; NULL: see base/sorter.h */
};

/* One partition at the time of the snapshot; the array is indexed by partition number. */
struct verify_partition {
    int64_t begin, end; /* offsets that are read: [begin, end) */
    int64_t settled;    /* the group's committed offset: all before it is stored, or a dead
                           letter */
    int64_t former;     /* number of messages that the group committed of former topics with this
                           name */
};

/* Whether the proof compares candles, which are made from records of this kind: it has a price, and
 * the point's time is the price's. A bar is itself a candle. */
bool verify_has_candles(const struct record_kind *kind);

/* Returns NULL on failure (ERROR_FATAL). The partitions are copied. */
NODISCARD struct verify *verify_create(const struct verify_config *config,
                                       const struct verify_partition *partitions, size_t count,
                                       struct error *error);
void verify_destroy(struct verify *verify); /* NULL is allowed */

/* These two add a message of the log: a record, or one that can never be decoded to a record, of
 * which a hash of the bytes is kept. They return false with ERROR_FATAL, as sorter_add(). Like all
 * functions here, they are for one thread at a time. */
NODISCARD bool verify_log_record(struct verify *verify, struct place place, const void *record,
                                 struct error *error);
NODISCARD bool verify_log_unreadable(struct verify *verify, struct place place,
                                     const struct encoded_message *message, struct error *error);

/* Reports the oldest message of a partition whose earlier ones have been deleted; timestamp_ms -1:
 * not known. To be called before verify_compare(). */
void verify_log_begins(struct verify *verify, struct place first, int64_t timestamp_ms);

/* These two add a dead letter that names `place`: its bytes are a record, or not. It accounts only
 * for a message with the same bytes. Errors as above. */
NODISCARD bool verify_letter_record(struct verify *verify, struct place place, const void *record,
                                    struct error *error);
NODISCARD bool verify_letter_unreadable(struct verify *verify, struct place place,
                                        const struct encoded_message *letter, struct error *error);
/* Counts a dead letter that names no place of this topic. */
void verify_letter_elsewhere(struct verify *verify);

/* Compares with the store, after all of the above has been added; to be called once. Needs two
 * connections, because one streams points while the other is queried for candles. Returns false if
 * the store failed (its error), sorting failed or `stop` (NULL: none) was requested
 * (ERROR_FATAL). */
NODISCARD bool verify_compare(struct verify *verify, struct store *points, struct store *candles,
                              const struct stop *stop, struct error *error);

/* After verify_compare(): adds a record that was produced between the snapshot and the end of
 * verify_compare(), which may have read its point. Errors as verify_log_record(). */
NODISCARD bool verify_later_record(struct verify *verify, struct place place, const void *record,
                                   struct error *error);

/* Completes the report; to be called last, once. Returns false with ERROR_FATAL. */
NODISCARD bool verify_conclude(struct verify *verify, struct error *error);

/* The number of records and points that verify_compare() has processed; any thread. */
int64_t verify_compared(const struct verify *verify);

enum verify_fault_kind {
    VERIFY_MISSING,    /* a record of the log is not in the store */
    VERIFY_UNEXPECTED, /* a point of the store belongs to no message */
    VERIFY_FORMER,     /* the same, but it may be from a former topic with this name */
    VERIFY_DIFFERING,  /* the store has other values for this series and time */
    VERIFY_OLDER,      /* the store's point lacks only columns that the kind has got since: an older
                          member has written it */
    VERIFY_CONFLICTING, /* the log itself has different values for one series and time */
    VERIFY_CANDLE,      /* the store's candle is not that of the log's records */
    VERIFY_FOREIGN,     /* rows, columns or indexes of the store that this program never writes */
    VERIFY_UNACCOUNTED, /* a message that is not a record has no dead letter */
    VERIFY_KINDS,       /* how many */
};
extern const char *const verify_fault_names[VERIFY_KINDS]; /* "missing", "unexpected", … */

/* The most faults of each kind that are listed; all are counted. Unexpected points that cannot be
 * told from points which may be right are only counted. */
enum { VERIFY_FAULTS_MAX = 10000 };

struct verify_fault {
    uint32_t series;    /* index in report.series; not for VERIFY_UNACCOUNTED and VERIFY_FOREIGN */
    int64_t time_ns;    /* of the record or the candle; likewise */
    struct place place; /* partition -1: none */
    char *what;         /* only for VERIFY_FOREIGN: a description for people */
    int64_t rows;       /* only for VERIFY_FOREIGN */
};

struct verify_fault_list {
    struct verify_fault *items; /* by series in order of appearance, then time; or by place */
    size_t count, capacity;
};

struct verify_series {
    char name[RECORD_SERIES_MAX + 1]; /* record/series.h */
    bool in_log;
    int64_t oldest_ns,
        newest_ns;      /* of all its records in the log, also outside the requested span */
    bool begins_before; /* the log has records just before the span, in the candle that
                           it begins in */
    int64_t records;    /* messages in the log, in the requested span */
    int64_t points;     /* in the store, except for these: */
    int64_t forgotten;  /* may belong to messages that retention has deleted */
    int64_t former;     /* may belong to messages of a former topic */
    int64_t later;      /* belong to messages after the snapshot */
    int64_t candles, candles_proved, candles_cut;
    int64_t faults[VERIFY_KINDS];
};

struct verify_report {
    int64_t messages; /* of the log: records of the series and the span asked for, and unreadable
                         ones */
    int64_t records, unreadable;
    int64_t sent_twice;       /* messages that repeat another one: the same point */
    int64_t points;           /* in the store, compared */
    int64_t forgotten;        /* points in the store that cannot be proved: retention may have
                                 deleted their messages */
    int64_t later;            /* points in the store whose messages came after the snapshot */
    int64_t log_forgot;       /* deleted messages, of all partitions; an upper bound */
    int64_t missing_lettered; /* missing, although a dead letter says that the store refused them */
    int64_t closed_records;   /* in times whose points InfluxDB's file limit hides */
    struct store_span *closed;
    size_t closed_count;     /* number of such time ranges; above 0 nothing balances */
    char others[512];        /* other tables of the store, not compared; "": none */
    uint32_t older_lacks;    /* bit n: some point that counts as VERIFY_OLDER lacks the n-th of
                                kind_stored_columns() */
    int64_t of_many;         /* series and times with more different records than can be kept */
    int64_t refused;         /* records that the store refuses by name: dead letters, not missing */
    int64_t not_yet_written; /* messages that the group has not committed yet */
    int64_t candles;         /* those that can be proved … */
    int64_t candles_proved;
    int64_t candles_cut; /* … and those that the log covers only in part */
    int64_t letters;     /* dead letters; in letter_places each place counts once */
    int64_t letter_places;
    int64_t letters_outside;   /* places older than the log */
    int64_t letters_elsewhere; /* dead letters that belong to no message of this log */
    int64_t faults[VERIFY_KINDS];
    struct verify_fault_list named[VERIFY_KINDS];
    struct verify_series *series; /* in order of appearance */
    size_t series_count;
    bool balanced; /* no fault, all is written, and all was compared */
};

/* To be called after verify_compare(), and complete after verify_conclude(); borrowed. */
const struct verify_report *verify_report(const struct verify *verify);

#endif
