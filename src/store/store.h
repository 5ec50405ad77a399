/*
 * The store of points. One interface with two back ends (InfluxDB 3, SQLite), chosen by the
 * address.
 *
 * A point consists of the table of its kind, the values of the kind's tags, its time, the fields
 * that are not null, and the run's columns (kind_stored_columns). It depends on nothing else, so a
 * second delivery of a record writes the same bytes.
 *
 * Queries ask for points by series (record/series.h): "tBTCUSD" (a ticker), "AAPL replay 1d" (a
 * bar). It is no error that a table does not exist yet, because no record of the kind was ever
 * written: it then has no points.
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
    const char *database;   /* of InfluxDB; NULL: "market" */
    const char *token_file; /* NULL: no token; re-read after a 401 or 403 */
    const char *ca_file;    /* NULL: the system's */
    int64_t retention_ns;   /* by event time; 0: keep everything */
    bool gzip;              /* compress write requests to InfluxDB */
    bool read_only;         /* only queries are possible; a missing SQLite file is not created */
    struct stop *stop;      /* borrowed; ends a running request or a wait for a lock */
};

/* Opens one connection. One thread at a time may use it, so open one per thread. Does not touch the
 * network. Fails with ERROR_USAGE if the address is of neither kind or has credentials in it, if
 * the token file cannot be read or others can read it, or if the SQLite file is not this program's,
 * has a newer layout, or cannot be written. With read_only a missing SQLite file is not an error:
 * each query fails with "nothing stored yet" (ERROR_RETRY) until the file exists. */
NODISCARD struct store *store_open(const struct store_config *config, struct error *error);
void store_close(struct store *store); /* NULL is allowed */

/* Call it on a connection that will not be used for a while. SQLite: closes the file until the next
 * use, because after the -wal or -shm of an open file was removed, the file can be opened again
 * only when no connection of this process has the old ones open. InfluxDB: does nothing. */
void store_rest(struct store *store);

/* Call it when a writer has nothing to write: checks, without a query, that the files it has
 * written to still exist. SQLite: returns false with ERROR_RETRY or ERROR_USAGE if a file was
 * removed or replaced, and closes it or opens it again, as store_write() does; with ERROR_FATAL as
 * store_write(). InfluxDB: always returns true. */
NODISCARD bool store_check(struct store *store, struct error *error);

/* Sets *any to whether a point of the kind is stored. Fails with ERROR_RETRY without an answer. */
NODISCARD bool store_any(struct store *store, const struct record_kind *kind, bool *any,
                         struct error *error);

/* Call it before the first write of a group member, with the number of messages that the group has
 * committed: checks whether the store has any point of the kind. If it has none, *empty is true and
 * the loss is logged, as after a write that finds its earlier points gone (store_emptied_ns()).
 * Returns false if the store does not answer (ERROR_RETRY). */
NODISCARD bool store_expect_points(struct store *store, const struct record_kind *kind,
                                   int64_t committed, bool *empty, struct error *error);

/* Creates the database and the kinds' tables where they are missing; may be called again. Returns
 * false with ERROR_RETRY if the store cannot be reached. */
NODISCARD bool store_prepare(struct store *store, struct error *error);

/* Writes the records; blocks for one request's time-out, or several if the batch is too large or
 * bad lines must be searched for. On true every record is durable, except those in `rejected`
 * (cleared first): they fail their kind's check, or the store refuses them by name. On false
 * `rejected` is empty. ERROR_RETRY: the outcome is unknown, and the same records must be written
 * again (after error->retry_after_ms if the store named a wait). ERROR_FATAL: nothing was written,
 * and this program can never write there again: a newer one has migrated the SQLite file. */
NODISCARD bool store_write(struct store *store, const struct record_set *records,
                           struct rejected_list *rejected, struct error *error);

struct candle_query {
    const struct record_kind *kind; /* must have a price */
    const char *series;
    int64_t interval_ns;
    int64_t from_ns; /* inclusive */
    int64_t to_ns;   /* exclusive; INT64_MAX: no bound */
    bool cut;        /* use from_ns and to_ns as they are, so that the first and last candle may
                        be cut; if false, both are moved outwards to bucket edges */
    size_t limit;    /* return only so many candles, the newest; 0: all (ERROR_REJECT if there
                        are more than 100,000) */
};
/* Appends to `candles`, oldest first. A failed query is an error, never "no data". This and all
 * other queries fail with ERROR_FATAL after a newer program has migrated the SQLite file. */
NODISCARD bool store_candles(struct store *store, const struct candle_query *query,
                             struct candle_list *candles, struct error *error);

/* One series' last stored record, and the time of its first. */
struct series_summary {
    char series[RECORD_SERIES_MAX + 1];
    union record_room last; /* as stored: columns that the point does not have are null, and long
                               texts are not read */
    int64_t first_time_ns;
};
/* Lists all series of the kind, ordered by the values of their tags. The caller frees `*list` with
 * free(). If InfluxDB's file limit (--query-file-limit) forbids that, lists only the series of the
 * last days, with a first_time_ns in those days, and logs that. */
NODISCARD bool store_list_series(struct store *store, const struct record_kind *kind,
                                 struct series_summary **list, size_t *count, struct error *error);

/* Finds the last price at or before `time_ns`; *found is false if there is none. */
NODISCARD bool store_price_at(struct store *store, const struct record_kind *kind,
                              const char *series, int64_t time_ns, double *price, bool *found,
                              struct error *error);

/* The last prices of one series in equal spans of time: span i has the moments in
 * [from_ns + i * step_ns, from_ns + (i + 1) * step_ns). */
struct series_closes {
    const char *series; /* borrowed */
    int64_t from_ns, step_ns;
    size_t count;
    double *prices; /* the caller's, one for each span; set to NAN where the span has no price */
};
/* Finds the prices of several series of a kind with a price. SQLite searches once for each span,
 * however many points that has. InfluxDB is asked once for all series that have the same spans; if
 * its file limit forbids that, they have no prices. `wanted` is changed only in its prices. */
NODISCARD bool store_closes(struct store *store, const struct record_kind *kind,
                            const struct series_closes *wanted, size_t count, struct error *error);

/* Counts the points of the kind in all series. */
NODISCARD bool store_count(struct store *store, const struct record_kind *kind, int64_t *points,
                           struct error *error);

/* Receives one stored point, as a record of its kind with its tags; columns that the point does not
 * have are 0 or "". `odd` is NULL, or names (as stored) a column whose value has another type than
 * this program writes, or is missing although it is required (a double is then 0, an integer
 * INT64_MIN, a text ""): another program must have written the point. If `odd` is the time column
 * (SQLite only), the point's time is meaningless. If it is the column of the kind's first tag, the
 * row was found under this series but has other tags (SQLite), or it has a further tag (InfluxDB).
 * The point and `texts`, which contains its long texts, are borrowed for the call. Returning false
 * ends the scan. */
typedef bool (*point_callback)(void *context, const void *point, const struct text_arena *texts,
                               const char *odd);

/* Passes the points of the series in [from_ns, to_ns) (INT64_MAX: no bound) to `callback`, in time
 * order; only a bounded number is in memory at once. Returns true also if the callback ended the
 * scan. The callback must not use this connection, but may use another. SQLite reads one snapshot
 * of the file; InfluxDB is queried in pieces, so points that are written meanwhile may or may not
 * be seen. */
NODISCARD bool store_scan(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                          struct error *error);

/* Returns whether store_scan() finds the first points of a range quickly, so that it may be called
 * for a few points at a time: true for SQLite, and false for InfluxDB. */
bool store_seeks(const struct store *store);

enum { STORE_NOT_COUNTED = -1 };

/* Everything that the kind's table contains, for a caller that must not overlook anything. */
struct store_contents {
    struct series_extent {
        char series[RECORD_SERIES_MAX + 1];
        int64_t points;            /* store_scan() may return fewer, if rows are hidden;
                                      STORE_NOT_COUNTED: see store_contents_count() */
        int64_t first_ns, last_ns; /* all points lie in [first_ns, last_ns] */
    } * series;                    /* by name */
    size_t series_count;
    int64_t uncounted; /* points of all series together, if those of each are not counted yet */
    struct store_oddity {
        char what[160]; /* ASCII text for people: "coin \"tBTCUSD \"", "column x (Utf8)" */
        int64_t rows;
        bool named; /* each of these rows has a tag that no valid record can have, so none of
                       them belongs to a valid series */
    } * oddities;   /* rows and columns that this program does not write */
    size_t oddity_count;
    struct store_span {
        int64_t from_ns, to_ns;
    } * closed; /* time ranges [from_ns, to_ns) that could not be read because of InfluxDB's file
                   limit */
    size_t closed_count;
    int64_t least_ns, most_ns; /* the range of times that the store can represent */
    uint64_t other_types; /* bit n: the n-th of kind_stored_columns() has another type than this
                             program writes */
    char others[512];     /* names of other programs' tables and the like in the same database; may
                             be "" */
};

/* Reads the description of the kind's table, and the series of every row in [from_ns, to_ns)
 * (INT64_MAX: no bound). From here to store_contents_end() only
 * store_contents_count(), store_scan() and store_count_between() may be called on this connection;
 * for a SQLite file they see the same snapshot. Returns false with `error` set as by any query;
 * store_contents_end() must be called even then. */
NODISCARD bool store_contents_begin(struct store *store, const struct record_kind *kind,
                                    int64_t from_ns, int64_t to_ns, struct store_contents *contents,
                                    struct error *error);
/* Counts the points of each series, if store_contents_begin() has not: SQLite counts all rows of a
 * table without bounds sooner than those of one series. Adds an oddity if some rows belong to none.
 * A caller that has scanned all series, and got as many points as `uncounted`, need not ask. Errors
 * as above. */
NODISCARD bool store_contents_count(struct store *store, const struct record_kind *kind,
                                    struct store_contents *contents, struct error *error);
void store_contents_end(struct store *store, struct store_contents *contents);

/* Counts the points that store_scan() would pass to its callback. */
NODISCARD bool store_count_between(struct store *store, const struct record_kind *kind,
                                   const char *series, int64_t from_ns, int64_t to_ns,
                                   int64_t *points, struct error *error);

/* Returns the wall-clock time of the last write that found earlier points gone (the file was
 * removed or replaced, the database deleted) and continued in a new store; 0: never. Any thread. */
int64_t store_emptied_ns(const struct store *store);

/* Returns "InfluxDB 3 at http://…, database market" or "SQLite file …"; borrowed. */
const char *store_name(const struct store *store);

#endif
