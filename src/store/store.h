/*
 * Where points rest: one interface, two ends (InfluxDB 3, SQLite), chosen by the address.
 *
 * A point: the table of its kind, the key as tag, its time, the fields that are not null and the
 * run's columns (kind_stored_columns). Nothing else enters it, so a second delivery writes the same
 * bytes.
 */
#ifndef CANDLEWICK_STORE_STORE_H
#define CANDLEWICK_STORE_STORE_H

#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "market/candle.h"
#include "record/kind.h"
#include "record/rejected.h"
#include "record/ticker.h"

struct store;
struct stop;

struct store_config {
    const char *address;    /* "http://host:8181" (InfluxDB 3) or "sqlite:PATH" */
    const char *database;   /* InfluxDB's; "market" */
    const char *token_file; /* NULL: none; re-read after a 401 */
    const char *ca_file;    /* NULL: the system's */
    int64_t retention_ns;   /* by event time; 0: keep everything */
    bool gzip;              /* compress what is written to InfluxDB */
    bool read_only;         /* queries only: SQLite is not created, nothing is written */
    struct stop *stop;      /* borrowed; ends a request, or a wait for a lock, under way */
};

/* Opens one connection: use it from one thread at a time, and open one per thread.
 * ERROR_USAGE: an address of neither kind or with credentials in it, a token file that cannot be
 * read or that others can read, a file that is not ours or may not be written. Does not touch the
 * network. With read_only a missing SQLite file is no failure: each question says "nothing stored
 * yet" (ERROR_RETRY) until there is one. */
NODISCARD struct store *store_open(const struct store_config *config, struct error *error);
void store_close(struct store *store); /* NULL is allowed */

/* For a connection that may not be used for long: lets go of what it has open until its next use.
 * SQLite: a file whose log was pulled away can be begun anew only when no connection of this
 * process holds the old one. InfluxDB: nothing. */
void store_rest(struct store *store);

/* For a writer's connection that has nothing to write: whether what it wrote to is still there,
 * without a question to it. SQLite: false, ERROR_RETRY or ERROR_USAGE, when a file was removed or
 * replaced; it is let go of or begun anew, as before a write. InfluxDB: always true. */
NODISCARD bool store_look(struct store *store, struct error *error);

/* Before a first write, by one whom `committed` messages had been stored for: looks whether the
 * store holds a point of the kind. Where it holds none that is told, as by a write that finds its
 * points gone (store_emptied_ns()), and *empty is true. False: it does not answer, ERROR_RETRY. */
NODISCARD bool store_expect_points(struct store *store, const struct record_kind *kind,
                                   int64_t committed, bool *empty, struct error *error);

/* Makes the database and the kinds' tables where missing. Harmless again. ERROR_RETRY: away. */
NODISCARD bool store_prepare(struct store *store, struct error *error);

/* Writes the records; blocks for a request's time-out, or several where the batch is too large or
 * bad lines must be looked for. True: every record is durable, but for those added to `rejected`
 * (cleared first), which break the promises (their kind's check) or which the store refuses by
 * name. False, ERROR_RETRY: nothing is known, `rejected` is empty, write the same again
 * (error->retry_after_ms where the store named a wait). Never another kind. */
NODISCARD bool store_write(struct store *store, const struct record_set *records,
                           struct rejected_list *rejected, struct error *error);

struct candle_query {
    const struct record_kind *kind; /* one with a price */
    const char *coin;
    int64_t interval_ns;
    int64_t from_ns; /* inclusive */
    int64_t to_ns;   /* exclusive; INT64_MAX: no bound */
    bool cut;        /* the two as they are; else both move to the edges of their buckets, so that
                        no candle is cut */
    size_t limit;    /* newest candles only; 0: all (at most 100,000, or ERROR_REJECT) */
};
/* Appends to `candles`, oldest first. A failed query is an error, never "no data". */
NODISCARD bool store_candles(struct store *store, const struct candle_query *query,
                             struct candle_list *candles, struct error *error);

/* One coin's last stored record and span. */
struct coin_summary {
    char symbol[RECORD_KEY_MAX + 1];
    union record_room last; /* as stored: columns that a point has not are null */
    int64_t first_time_ns;
};
/* All coins of the kind, by name. `*coins` is the caller's to free(). Where InfluxDB will not open
 * all its files for that (--query-file-limit), those of the last days, with first_time_ns in them;
 * the log says so. */
NODISCARD bool store_coins(struct store *store, const struct record_kind *kind,
                           struct coin_summary **coins, size_t *count, struct error *error);

/* The last price at or before `time_ns`; *found false when there is none. */
NODISCARD bool store_price_at(struct store *store, const struct record_kind *kind, const char *coin,
                              int64_t time_ns, double *price, bool *found, struct error *error);

/* How many points of the kind there are, all coins. */
NODISCARD bool store_count(struct store *store, const struct record_kind *kind, int64_t *points,
                           struct error *error);

/* One stored point, a record of its kind with its key; columns that a point has not are "" or 0.
 * `odd` is NULL, or the stored name of a column whose cell is of another type than ours has, or is
 * missing: another program wrote the point, which cannot be any record's (a required double is 0
 * where it is not there, an integer INT64_MIN). Where that is "time" (SQLite alone), its time says
 * nothing; where it is
 * the key's, the row lies among those of its key and is of another (SQLite), or has another tag
 * besides (InfluxDB). Borrowed for the call. False ends the scan. */
typedef bool (*point_callback)(void *context, const void *point, const char *odd);

/* Gives the points of `coin` in [from_ns, to_ns) (to_ns INT64_MAX: no bound) to `callback`, in time
 * order, a bounded number of them in memory; true also when the callback ended it. The callback
 * must not use this store; it may use another connection. SQLite: one state of the file. InfluxDB:
 * asked in pieces, so that what is written meanwhile may be seen or not. */
NODISCARD bool store_scan(struct store *store, const struct record_kind *kind, const char *coin,
                          int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                          struct error *error);

/* What all there is in the table belongs to, for who must not overlook anything. */
struct store_contents {
    struct store_holding {
        char symbol[RECORD_KEY_MAX + 1];
        int64_t points;            /* store_scan() may give fewer: others hide */
        int64_t first_ns, last_ns; /* points lie in [first, last] */
    } * coins;                     /* by name */
    size_t coin_count;
    struct store_oddity {
        char what[160]; /* "coin \"tBTCUSD \"", "column x (Utf8)", for people, in ASCII */
        int64_t rows;
        bool named; /* all of them have a name that is no coin's: they concern no coin of ours */
    } * oddities;   /* that are none of ours */
    size_t oddity_count;
    struct store_span {
        int64_t from_ns, to_ns;
    } * closed; /* InfluxDB refuses to open so many files: nothing is known of [from, to) */
    size_t closed_count;
    int64_t least_ns, most_ns; /* times that the store takes */
    uint64_t
        other_types;  /* bit n: the n-th of kind_stored_columns() is of another type than ours */
    char others[512]; /* tables and the like in the same database that are not ours; may be "" */
};

/* Looks at the description of the kind's table and at every row's coin, in [from_ns, to_ns) (to
 * INT64_MAX: no bound). Until store_contents_end(), what this connection answers to store_scan()
 * and store_count_between() is of the same state of a SQLite file; nothing else may be asked of it.
 * False: `error` as of any question; end it all the same. */
NODISCARD bool store_contents_begin(struct store *store, const struct record_kind *kind,
                                    int64_t from_ns, int64_t to_ns, struct store_contents *contents,
                                    struct error *error);
void store_contents_end(struct store *store, struct store_contents *contents);

/* How many points store_scan() would give, without giving them. */
NODISCARD bool store_count_between(struct store *store, const struct record_kind *kind,
                                   const char *coin, int64_t from_ns, int64_t to_ns,
                                   int64_t *points, struct error *error);

/* When a write last found that what had been written is gone (the file was removed or replaced, the
 * database deleted), and went on into a new one: wall clock, 0: never. Any thread. */
int64_t store_emptied_ns(const struct store *store);

/* "InfluxDB 3 at http://…, database market" or "SQLite file …"; borrowed. */
const char *store_name(const struct store *store);

#endif
