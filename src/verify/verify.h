/*
 * Proves that the store has exactly what the log says: every record once and with the same bits,
 * nothing else, candles that equal those of the log's records, and a dead letter for each message
 * that is not a stored record. The caller adds the log and the dead letters in any order; they are
 * sorted by series and time in bounded memory, and then compared with the store's points. This
 * module does not talk to Kafka.
 *
 * All points of the store are compared. A point without a message is a fault unless its message
 * came after the snapshot (the group keeps writing), or retention may have deleted its message from
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
    const char *coin;               /* compare only this key; NULL: all; borrowed */
    int64_t from_ns, to_ns;         /* event time in [from_ns, to_ns); to_ns INT64_MAX: no bound */
    int64_t interval_ns;            /* length of the candles, if the kind has any */
    size_t memory_bytes;            /* for sorting; the rest goes to a temporary file */
    const char *folder;             /* for that file; NULL: see base/sorter/sorter.h */
    bool memory_only;               /* no file: what does not fit into the memory is an error */
};

/* One partition at the time of the snapshot; the array is indexed by partition number. */
struct verify_partition {
    int64_t begin, end; /* offsets that are read: [begin, end) */
    int64_t settled;    /* the group's committed offset: each message before it is stored, or has
                           a dead letter */
    int64_t former;     /* number of messages that the group committed of former topics with this
                           name */
};

/* Returns NULL on failure (ERROR_FATAL). The partitions are copied. */
NODISCARD struct verify *verify_create(const struct verify_config *config,
                                       const struct verify_partition *partitions, size_t count,
                                       struct error *error);
void verify_destroy(struct verify *verify); /* NULL is allowed */

/* Lets verify_log_record() compare each record with its stored point at once, which takes less time
 * than later, when the points must be read for that. Call it before all records, and after the
 * group has committed them: it takes the store's snapshot, which lasts until the end of
 * verify_compare(). Until then nothing but verify_compare() and verify_log_record() may use
 * `points`. Does nothing for a store or a kind where this does not pay. Errors as of
 * verify_compare(). */
NODISCARD bool verify_compare_early(struct verify *verify, struct store *points,
                                    struct error *error);

/* Each adds one message of the log: verify_log_record() a record, verify_log_unreadable() a message
 * that can never be decoded to a record (a hash of its bytes is kept). `texts` contains the
 * record's long texts, here and in the functions below; it is borrowed for the call, and NULL if
 * the kind has none. Both return false with ERROR_FATAL, as sorter_add() does, or after
 * verify_compare_early() with the store's error. Like all functions here, they are for one thread
 * at a time. */
NODISCARD bool verify_log_record(struct verify *verify, struct place place, const void *record,
                                 const struct text_arena *texts, struct error *error);
NODISCARD bool verify_log_unreadable(struct verify *verify, struct place place,
                                     const struct encoded_message *message, struct error *error);

/* Says which message is now the oldest of a partition whose earlier messages have been deleted;
 * timestamp_ms -1: not known. Call it before verify_compare(). */
void verify_log_begins(struct verify *verify, struct place first, int64_t timestamp_ms);

/* Each adds a dead letter that names `place`: verify_letter_record() one whose bytes are a record,
 * verify_letter_unreadable() any other. A dead letter accounts only for a message with the same
 * bytes. Errors as above. */
NODISCARD bool verify_letter_record(struct verify *verify, struct place place, const void *record,
                                    const struct text_arena *texts, struct error *error);
NODISCARD bool verify_letter_unreadable(struct verify *verify, struct place place,
                                        const struct encoded_message *letter, struct error *error);
/* Counts a dead letter that names no place of this topic. */
void verify_letter_elsewhere(struct verify *verify);

/* Compares all that was added with the store; call it once. `points` is the store of
 * verify_compare_early(), if that was called. Needs two connections, because one
 * streams points while the other is queried for candles. Returns false if the store failed (with
 * its error), or with ERROR_FATAL if sorting failed or `stop` (NULL: none) was requested. */
NODISCARD bool verify_compare(struct verify *verify, struct store *points, struct store *candles,
                              const struct stop *stop, struct error *error);

/* Adds a record that was produced after the snapshot and before the end of verify_compare(), which
 * may have read its point. Call it after verify_compare(). Errors as verify_log_record(). */
NODISCARD bool verify_later_record(struct verify *verify, struct place place, const void *record,
                                   const struct text_arena *texts, struct error *error);

/* Completes the report; call it last, once. Returns false with ERROR_FATAL. */
NODISCARD bool verify_conclude(struct verify *verify, struct error *error);

/* Returns how many records and points verify_compare() has processed; any thread. */
int64_t verify_compared(const struct verify *verify);

enum verify_fault_kind {
    VERIFY_MISSING,    /* a record of the log is not in the store */
    VERIFY_UNEXPECTED, /* a point of the store belongs to no message */
    VERIFY_FORMER,     /* a point without a message that may be from a former topic of this name, or
                          is older than verify_series_since() and of none of the log's runs */
    VERIFY_DIFFERING,  /* the store's point has other values than the record of this series and
                          time */
    VERIFY_OLDER,      /* the store's point lacks only columns that later versions of the schema
                          added: a member that knows an earlier version has written it */
    VERIFY_CONFLICTING, /* the log itself has records with different values for this series and
                           time */
    VERIFY_CANDLE,      /* the store's candle differs from that of the log's records */
    VERIFY_FOREIGN,     /* rows, columns or indexes of the store that this program never writes */
    VERIFY_UNACCOUNTED, /* a message that is not a record has no dead letter */
    VERIFY_KINDS,       /* number of kinds */
};
extern const char *const verify_fault_names[VERIFY_KINDS]; /* the names of the kinds of faults,
                                                              such as "missing" */

/* How many faults of each kind are listed at most; all are counted. Unexpected points are only
 * counted where others like them may be right. */
enum { VERIFY_FAULTS_MAX = 10000 };

struct verify_fault {
    uint32_t series;    /* index in report.series; not for VERIFY_UNACCOUNTED and VERIFY_FOREIGN */
    int64_t time_ns;    /* time of the record or the candle; not for VERIFY_UNACCOUNTED and
                           VERIFY_FOREIGN */
    struct place place; /* partition -1: none */
    char *what;         /* only for VERIFY_FOREIGN: a description for people */
    int64_t rows;       /* only for VERIFY_FOREIGN: how many rows it describes */
};

struct verify_fault_list {
    struct verify_fault *items; /* in the order in which they were found */
    size_t count, capacity;
};

struct verify_series {
    char name[RECORD_SERIES_MAX + 1]; /* record/series.h */
    bool in_log;
    int64_t oldest_ns,
        newest_ns;      /* times of its oldest and newest record in the log, in the span or not */
    bool begins_before; /* the log has records just before the span that are in the same candle
                           as its start */
    int64_t records;    /* messages in the log, in the requested span */
    int64_t points;     /* points in the store, without those that the next three count */
    int64_t forgotten;  /* points whose messages retention may have deleted */
    int64_t former;     /* points that may belong to messages of a former topic */
    int64_t later;      /* points of messages after the snapshot */
    int64_t candles, candles_proved, candles_cut;
    int64_t faults[VERIFY_KINDS];
};

struct verify_report {
    int64_t messages; /* messages of the log: records of the requested keys and span, and
                         unreadable messages */
    int64_t records, unreadable;
    int64_t sent_twice;       /* messages that repeat another one: both are the same point */
    int64_t points;           /* points of the store that were compared */
    int64_t forgotten;        /* points in the store that cannot be proved: retention may have
                                 deleted their messages */
    int64_t later;            /* points in the store whose messages came after the snapshot */
    int64_t log_forgot;       /* deleted messages, of all partitions; an upper bound */
    int64_t missing_lettered; /* missing records of which a dead letter says that the store
                                 refused them */
    int64_t closed_records;   /* records in the time ranges that InfluxDB's file limit hides */
    struct store_span *closed;
    size_t closed_count;     /* number of these ranges; if above 0, the books never balance */
    char others[512];        /* other tables of the store, not compared; "": none */
    uint32_t older_lacks;    /* bit n: some point that counts as VERIFY_OLDER lacks the n-th of
                                kind_stored_columns() */
    int64_t of_many;         /* how many pairs of series and time have records with more
                                different values than the proof keeps */
    int64_t refused;         /* records that the store refuses by name: dead letters, not missing */
    int64_t not_yet_written; /* messages that the group has not committed yet */
    int64_t parting; /* of these, events that a member wrote as it left the group: if it was the
                        last one, nobody has read them */
    int64_t log_since_ns; /* stored time of the log's oldest record; INT64_MAX: it has none */
    int64_t candles;      /* candles that were compared */
    int64_t candles_proved;
    int64_t candles_cut; /* candles that were not compared, because the log covers them only in
                            part */
    int64_t letters;     /* dead letters; of several for one place, letter_places counts one */
    int64_t letter_places;
    int64_t letters_outside;   /* places older than the log */
    int64_t letters_elsewhere; /* dead letters that belong to no message of this log */
    int64_t faults[VERIFY_KINDS];
    struct verify_fault_list named[VERIFY_KINDS];
    struct verify_series *series; /* in order of appearance */
    size_t series_count;
    bool balanced; /* no fault, all is written, and all was compared */
};

/* Returns the report, after verify_compare(); it is complete after verify_conclude(). Borrowed. */
const struct verify_report *verify_report(const struct verify *verify);

/* Returns the time of the log's oldest record of the series, also outside the requested span; of
 * all series if the log has none of this one. INT64_MAX: the log has no record. */
int64_t verify_series_since(const struct verify_report *report, uint32_t series);

#endif
