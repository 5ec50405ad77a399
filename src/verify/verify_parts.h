/*
 * The inside of the proof:
 *   verify.c          collects: adds records to the sorters, numbers the series
 *   verify_mark.c     a keyed 16-byte hash of what a record or a point holds
 *   verify_stored.c   compares records of the log with points of the store while the log is read
 *   verify_compare.c  compares records of the log with points of the store, series by series
 *   verify_candles.c  compares candles of the log's records with the store's
 *   verify_later.c    compares points without a message with messages after the snapshot
 *   verify_cover.c    how many messages of a series retention may have deleted
 *   verify_older.c    what members of earlier versions write of the log's records
 *   verify_places.c   compares messages that are not records with the dead letters
 */
#ifndef CANDLEWICK_VERIFY_VERIFY_PARTS_H
#define CANDLEWICK_VERIFY_VERIFY_PARTS_H

#include <stdatomic.h>

#include "base/sorter/sorter.h"
#include "market/candle.h"
#include "verify/verify.h"
#include "verify/verify_mark.h"

/* RECORD_OLDER: what an older member would have written of the message at this place.
 * RECORD_FORMER: a point of the store that is older than what the log has of its series. */
enum record_from { RECORD_LOG, RECORD_LETTER, RECORD_OLDER, RECORD_FORMER };

enum { RUNS_MAX = 64 };

/* A record of the log or of a dead letter; sorted by series, time, place, kind. */
struct kept_record {
    int64_t time_ns;
    struct place place;
    struct verify_mark mark;
    double price, amount; /* 0 if the kind has no candles, or no amounts */
    uint32_t series;
    unsigned int kind : 2; /* enum record_from */
    unsigned int has : 30; /* bit n: it has a value in the n-th of kind_stored_columns() */
};

/* A message that is not a record, or the dead letter of one. Sorted by place, then kind. */
struct place_record {
    struct place place;
    struct verify_mark mark; /* of the message's bytes */
    uint32_t kind;
    uint32_t bare; /* of a dead letter: it has no key and value; of a message: it is so large
                      that its dead letter may have none */
};

/* The partitions in which the log has a series. */
struct series_cover {
    int32_t *seen; /* numbers of partitions with messages of it */
    size_t count;
    int64_t strays; /* points of the store without a message that may be right all the same */
};

/* A range of times [from_ns, to_ns) of one series: a record with the bits of each of its points is
 * in the log. */
struct stored_span {
    int64_t from_ns, to_ns;
};

enum { WINDOW_POINTS = 256 };

/* Points of one series that were read from the store while the log is read. */
struct stored_window {
    int64_t given;          /* points that scans gave while the store was compared */
    bool begun, has_points; /* the store has points of the series; known once `begun` */
    bool disordered; /* the store has a row with another key than its place says, so no spans are
                        trusted */
    char *points;    /* records in the order of their times; owned */
    bool odd[WINDOW_POINTS]; /* by point: another program has written it (point_callback) */
    size_t count, capacity;
    size_t size;               /* how many points were asked for; 0: nothing was read yet */
    size_t asked;              /* how many of the points records were compared with */
    size_t next;               /* the point that is probably compared next */
    int64_t from_ns, to_ns;    /* the window has all points of this range of times */
    struct stored_span *spans; /* in the order of times, not overlapping; owned */
    size_t span_count, span_capacity;
};

/* What is known about the beginning of a partition. */
struct partition_begin {
    bool known;
    int64_t whole_ns; /* the log still has every live record of this time or later; INT64_MAX:
                         not known */
};

struct verify {
    struct verify_config config;
    bool has_candles;              /* kind_folds() of config.kind */
    struct stored_columns columns; /* the stored columns of config.kind */
    uint32_t newer;                /* bit n: the n-th of `columns` came after the schema's first
                                      version */
    struct verify_partition *partitions;
    struct partition_begin *begins; /* by partition */
    bool *may;                      /* by partition: whether a message of the series may have
                                       been in it; see find_candidates() */
    bool moved;                     /* the log has a series in another partition than the one
                                       that follows from its key: see verify_cover.c */
    size_t partition_count;
    struct verify_marker *marker;
    struct sorter *records;
    struct sorter *places;
    struct sorter *strays; /* points without a message (struct kept_record) */
    struct sorter *later;  /* records that were produced after the snapshot (struct kept_record) */

    /* A hash table of the series by name, with open addressing: 0 is an empty slot, otherwise the
     * series' number + 1. */
    uint32_t *slots;
    size_t slot_count; /* a power of two */
    size_t series_capacity;
    struct series_cover *covers;   /* by series */
    struct stored_window *windows; /* by series */
    size_t window_points;   /* most points of a window; 0: records are not compared while the log is
                               read */
    int64_t runs[RUNS_MAX]; /* the runs of which the log has records; RUNS_MAX: perhaps more */
    size_t run_count;
    uint32_t recent; /* number of the last record's series */

    /* Candles that differ from the store's, of a kind whose records come in any order: a record
     * that came after the snapshot may have changed them there. In the order of series and times;
     * owned. */
    struct doubted_candle {
        uint32_t series;
        int64_t time_ns;
        bool explained; /* such a record is in the candle */
    } * doubted;
    size_t doubted_count, doubted_capacity;

    struct store *snapshot;                /* whose contents are open; NULL: none */
    const struct store_contents *contents; /* of the snapshot; NULL: none */
    struct store_contents contents_room;
    struct verify_report report;
    atomic_llong compared; /* points and records processed so far */
};

/* Returns the series' number, and adds the series if it is new. Returns false when out of memory
 * (ERROR_FATAL). */
NODISCARD bool verify_series_number(struct verify *verify, const char *name, uint32_t *number,
                                    struct error *error);

/* Returns the key of the messages of a series: its name up to the first blank. */
struct str verify_series_key(const char *name);
/* Returns whether the key is a requested one. */
bool verify_key_wanted(const struct verify *verify, struct str key);

/* Returns whether the time is in the requested span. */
bool verify_in_span(const struct verify *verify, int64_t time_ns);

/* Adds a record, or a point (partition -1), to `into`, a sorter of struct kept_record. Returns
 * false with ERROR_FATAL. */
NODISCARD bool verify_add_record(struct verify *verify, struct sorter *into, struct place place,
                                 const void *record, const struct text_arena *texts,
                                 uint32_t series, enum record_from kind, struct error *error);

/* Returns whether the group has committed the message at `place`. */
bool verify_settled(const struct verify *verify, struct place place);

/* Reports rows of the store that this program never writes. Copies `what`. Returns false when out
 * of memory (ERROR_FATAL). */
NODISCARD bool verify_foreign(struct verify *verify, int64_t rows, const char *what,
                              struct error *error);

/* Returns whether InfluxDB refused to read some of [from_ns, to_ns]. */
bool verify_closed(const struct verify *verify, int64_t from_ns, int64_t to_ns);

/* Counts a dead letter whose source message is no longer in the log, or never was. */
void verify_stray_letter(struct verify *verify, struct place place);

/* Counts a fault, and lists it while there is room. `series` is its number, or VERIFY_NO_SERIES.
 * Returns false when out of memory (ERROR_FATAL). */
#define VERIFY_NO_SERIES UINT32_MAX
NODISCARD bool verify_fault(struct verify *verify, enum verify_fault_kind kind, uint32_t series,
                            int64_t time_ns, struct place place, struct error *error);

/* In verify_stored.c: open and close the store's contents. Errors as of verify_compare(). */
NODISCARD bool verify_begin_contents(struct verify *verify, struct store *points,
                                     struct error *error);
void verify_end_contents(struct verify *verify);
/* Adds what the contents say: series that the log does not have, and rows that this program does
 * not write. */
NODISCARD bool verify_take_contents(struct verify *verify, struct error *error);
/* Reports points that a count of rows found, but that the scans of the series have not given
 * (stored_window.given). */
NODISCARD bool verify_report_hidden(struct verify *verify, struct store *points,
                                    struct error *error);
/* Returns the contents' entry of the series; NULL: the store has no points of it. */
const struct series_extent *verify_extent(const struct verify *verify, uint32_t series);
/* Sets *stored to whether the store's point of the series and of the record's time has the record's
 * values; to false if they are not to be compared yet. Errors as of store_scan(), or
 * ERROR_FATAL. */
NODISCARD bool verify_is_stored(struct verify *verify, uint32_t series, const void *record,
                                bool *stored, struct error *error);
void verify_window_free(struct stored_window *window);

/* In verify_candles.c: compares candles with the store's, on a thread of its own, in the order in
 * which they are passed. */
struct candle_checks;
/* `store` is used by that thread alone until the end. Returns NULL with ERROR_FATAL. */
NODISCARD struct candle_checks *candle_checks_begin(struct verify *verify, struct store *store,
                                                    struct error *error);
/* Waits for all checks, or with `error` NULL drops those that have not begun. Returns false with
 * the error of a check that failed. */
bool candle_checks_end(struct candle_checks *checks, struct error *error);

/* In verify_candles.c: compares the candles of one series, whose records must be passed in time
 * order. */
struct candle_proof {
    struct verify *verify;
    struct candle_checks *checks;
    uint32_t series;
    int64_t to_ns;      /* the store is queried only for candles before this time */
    int64_t cut_ns;     /* candles that begin before this are not compared */
    int64_t unsure_ns;  /* the candle that begins at this time is not compared either; INT64_MIN:
                           none */
    struct candle open; /* ticks is 0 if none is open */
    struct candle_list pending;
};
struct candle_proof candle_proof_begin(struct verify *verify, struct candle_checks *checks,
                                       uint32_t series, int64_t cut_ns, int64_t to_ns);
/* Adds a record that is in the log and should be in the store. */
NODISCARD bool candle_proof_tick(struct candle_proof *proof, int64_t time_ns, double price,
                                 double amount, struct error *error);
/* Marks the candle of this time as not to be compared: a record in it may or may not be stored. */
NODISCARD bool candle_proof_unsure(struct candle_proof *proof, int64_t time_ns,
                                   struct error *error);
/* Passes on the last candles if `complete`, and frees the proof in any case. */
NODISCARD bool candle_proof_end(struct candle_proof *proof, bool complete, struct error *error);

/* Notes that a record which came after the snapshot has this time: if its candle is a doubted one,
 * that candle is neither proved nor a fault. Call it after verify_compare(). */
void verify_explain_candle(struct verify *verify, uint32_t series, int64_t time_ns);
/* Reports the doubted candles that nothing explains. Returns false with ERROR_FATAL. */
NODISCARD bool verify_settle_doubted(struct verify *verify, struct error *error);

/* In verify_cover.c: notes that the log has a message of the series in this partition. Returns
 * false when out of memory (ERROR_FATAL). */
NODISCARD bool verify_cover_record(struct verify *verify, uint32_t series, int32_t partition,
                                   struct error *error);
/* Returns the time before which candles may lack records that retention has deleted; INT64_MIN:
 * none do. */
int64_t verify_whole_from(struct verify *verify, uint32_t series);
/* Returns whether the point, of which the log has no message, was written before this log began: it
 * is older than all that the log has of its series and, if the kind has runs, of none of the log's.
 */
bool verify_is_former(const struct verify *verify, uint32_t series, const void *point);
/* Counts a point without a message. Returns false if it is a fault for sure: retention can have
 * deleted none of the series' messages, and there was no former topic. */
bool verify_count_stray(struct verify *verify, uint32_t series);
/* Decides how many of the counted points may belong to deleted messages, how many to a former
 * topic, and how many are unexpected. */
NODISCARD bool verify_settle_strays(struct verify *verify, struct error *error);
void verify_cover_free(struct verify *verify);

/* In verify_older.c: adds what members that know only an earlier version of the schema write of the
 * record, if that differs. Returns false with ERROR_FATAL. */
NODISCARD bool verify_add_older(struct verify *verify, struct sorter *into, struct place place,
                                const void *record, const struct text_arena *texts, uint32_t series,
                                struct error *error);
/* Returns the columns that came with a later version of the schema than the first: bit n for the
 * n-th. */
uint32_t verify_newer_columns(const struct stored_columns *columns);
/* Reports a point that lacks these columns. Returns false when out of memory (ERROR_FATAL). */
NODISCARD bool verify_fault_older(struct verify *verify, uint32_t series, int64_t time_ns,
                                  struct place place, uint32_t lacks, struct error *error);

/* verify_later.c */
NODISCARD bool verify_match_later(struct verify *verify, struct error *error);

/* verify_places.c */
NODISCARD bool verify_match_places(struct verify *verify, struct error *error);

#endif
