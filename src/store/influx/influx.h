/* The InfluxDB 3 back end: what its files for writing and for queries share. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_H

#include <jansson.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "store/backend.h"
#include "store/influx/influx_outcome.h"
#include "store/influx/line_protocol.h"

/* A point that was written: see influx_witness.c. */
struct influx_witness {
    const struct record_kind *kind; /* NULL: there is no witness */
    char series[RECORD_SERIES_MAX + 1];
    int64_t time_ns;
};

struct influx {
    struct store store; /* first: see backend.h */
    struct http_client *http;
    struct http_response response; /* of the last request */
    char *database;                /* [A-Za-z0-9_-], so it needs no escaping anywhere */
    char *write_path;
    char *token_file; /* NULL: no token */
    char *token;
    int64_t retention_ns;
    bool gzip;

    struct line_plan line_plans[RECORD_KINDS];
    struct strbuf body;        /* the batch as line protocol */
    struct influx_line *lines; /* where each line is in `body` */
    size_t lines_capacity;

    struct influx_witness witness; /* the point that influx_check_witness() searches for */
    struct influx_witness newest;  /* the newest point that was written; it becomes the next
                                      witness */
    int64_t next_check_ns;         /* the monotonic time of the next search; missing_since_ns too
                                     is monotonic */
    int64_t missing_since_ns;      /* when the witness was first not found; 0: it was found */
    bool was_away;                 /* a write has failed with a 5xx or without an answer since
                                      the last search */

    bool has_no_table; /* see influx_has_no_table() */
    size_t span;       /* how far back influx_list_series() looks: index of spans_ns in
                          influx_series.c */
};

/* Sends one request with the token. If InfluxDB refuses the token (401, 403), and the token file
 * contains another token by now, sends the request once more with that. Returns true if an answer
 * arrived, whatever its status (see influx->response), except for a redirect. */
NODISCARD bool influx_send(struct influx *influx, const struct http_request *request,
                           struct error *error);

/* Does the same with a JSON body, which is freed. */
NODISCARD bool influx_send_json(struct influx *influx, const char *method, const char *path,
                                struct strbuf *json, struct error *error);

/* influx_write.c */
bool influx_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);

/* influx_witness.c */
/* Called before a write: searches for the witness (influx_witness.c). Returns false if nothing may
 * be written now; `error` says why. If the earlier points are gone, logs that and calls
 * store_prepare() again. */
NODISCARD bool influx_check_witness(struct influx *influx, struct error *error);
void influx_check_soon(struct influx *influx); /* Called after a failed write: lets the next
                                                  write search for the witness again. */
/* Called after `record` was written: it may become the next witness. */
void influx_remember(struct influx *influx, const struct record_kind *kind, const void *record);

/* influx_query.c */
#define INFLUX_HOUR_NS (3600 * NS_PER_SECOND)
enum { INFLUX_SQL_LIMIT = 4 << 20 };

/* Runs the query `sql`, which is freed. Returns the rows, which the caller releases with
 * json_decref(); NULL on failure. For a table that was never written to it returns no rows:
 * influx_has_no_table() distinguishes that from an empty table. */
NODISCARD json_t *influx_ask(struct influx *influx, struct strbuf *sql, struct error *error);
NODISCARD bool influx_has_point(struct influx *influx, const struct record_kind *kind,
                                const char *series, int64_t time_ns, bool *found,
                                struct error *error);
/* Returns whether InfluxDB answered the last query that the table, or even the database, does not
 * exist. */
bool influx_has_no_table(const struct influx *influx);
/* Returns whether InfluxDB refused the last query because it would open too many files. */
bool influx_refused_for_files(const struct influx *influx);
/* Returns whether the last answer was longer than this program takes. */
bool influx_answer_too_long(const struct influx *influx);
/* Reads the answer to a count, whose column is "points". Returns 0 points for a table that does not
 * exist. */
bool influx_read_count(const struct influx *influx, const json_t *rows, int64_t *points,
                       struct error *error);
/* Called for rows that do not have the requested form: sets ERROR_RETRY and returns false. */
bool influx_unreadable(const struct influx *influx, struct error *error);
/* Returns `time_ns` - `span_ns`; INT64_MIN if span_ns is INT64_MAX or the result would be below the
 * range. */
int64_t influx_time_before(int64_t time_ns, int64_t span_ns);

bool influx_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool influx_price_at(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error);
/* influx_closes.c */
bool influx_closes(struct store *store, const struct record_kind *kind,
                   const struct series_closes *wanted, size_t count, struct error *error);
bool influx_any(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
bool influx_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);

/* influx_scan.c */
bool influx_scan(struct store *store, const struct record_kind *kind, const char *series,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
bool influx_count_between(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);

/* influx_contents.c */
bool influx_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
void influx_contents_end(struct store *store);

/* influx_scan.c: a time range that is queried in pieces, each as long as InfluxDB's file limit
 * allows. */
struct influx_pieces {
    struct influx *influx;
    const struct record_kind *kind;
    const char *series; /* NULL: all series */
    int64_t from_ns, to_ns;
    int64_t span_ns;
    struct text_arena texts; /* has room for the long texts of one point; used by influx_scan()
                                only */
    size_t at_once;          /* limit for the points of one answer */
};
struct influx_pieces influx_pieces_begin(struct influx *influx, const struct record_kind *kind,
                                         const char *series, int64_t from_ns, int64_t to_ns);
/* Returns the end of the next piece (exclusive). */
int64_t influx_piece_end(const struct influx_pieces *pieces);
void influx_piece_widen(struct influx_pieces *pieces);
/* Called after a refused query: makes the next piece shorter. Returns false if the file limit was
 * not the reason, or the piece cannot get shorter. */
bool influx_piece_narrow(struct influx_pieces *pieces);

/* influx_series.c */
bool influx_list_series(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error);

#endif
