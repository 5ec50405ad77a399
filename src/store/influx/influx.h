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
    const struct record_kind *kind; /* NULL: none */
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
    struct strbuf body;        /* the batch's lines, one after another */
    struct influx_line *lines; /* their places in `body` */
    size_t lines_capacity;

    struct influx_witness witness; /* the point that is looked for */
    struct influx_witness newest;  /* the newest one written: becomes the next witness */
    int64_t next_look_ns;          /* both on the monotonic clock */
    int64_t missing_since_ns;      /* 0: it is not missing */
    bool was_away;                 /* since the last check */

    bool has_no_table; /* see influx_has_no_table() */
    size_t span;       /* how far back the list of series looks: see influx_series.c */
};

/* Sends one request with the token. If it is refused (401, 403) and the token file holds another
 * token by now, sends it once more with that. Returns true if an answer arrived, whatever its
 * status (see influx->response), except for a redirect. */
NODISCARD bool influx_send(struct influx *influx, const struct http_request *request,
                           struct error *error);

/* As influx_send(), with a JSON body, which is freed. */
NODISCARD bool influx_send_json(struct influx *influx, const char *method, const char *path,
                                struct strbuf *json, struct error *error);

/* influx_write.c */
bool influx_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);

/* influx_witness.c */
/* Before a write: checks that what was written earlier is still there. On false do not write;
 * `error` says why. If it is gone, the loss is logged and store_prepare() has been run again. */
NODISCARD bool influx_look(struct influx *influx, struct error *error);
void influx_look_soon(struct influx *influx); /* to be called after a failed write */
/* To be called after `record` was written. */
void influx_remember(struct influx *influx, const struct record_kind *kind, const void *record);

/* influx_query.c */
#define INFLUX_HOUR_NS (3600 * NS_PER_SECOND)
enum { INFLUX_SQL_LIMIT = 4 << 20 };

/* Runs the query `sql`, which is freed. The caller releases the rows with json_decref(); NULL on
 * failure. A table that was never written to has no rows: influx_has_no_table() tells it apart from
 * an empty one. */
NODISCARD json_t *influx_ask(struct influx *influx, struct strbuf *sql, struct error *error);
NODISCARD bool influx_has_point(struct influx *influx, const struct record_kind *kind,
                                const char *series, int64_t time_ns, bool *found,
                                struct error *error);
/* Whether the last query said that the table does not exist, or not even the database. */
bool influx_has_no_table(const struct influx *influx);
/* Whether the last query was refused because it would open more files than InfluxDB allows. */
bool influx_refused_for_files(const struct influx *influx);
/* Reads the answer to a count: column points. Nothing is counted of a table that does not exist. */
bool influx_read_count(const struct influx *influx, const json_t *rows, int64_t *points,
                       struct error *error);
/* For rows that do not have the requested form: sets ERROR_RETRY, returns false. */
bool influx_unreadable(const struct influx *influx, struct error *error);
/* `time_ns` - `span_ns`; INT64_MIN if span_ns is INT64_MAX or the result would be below it. */
int64_t influx_look_back(int64_t time_ns, int64_t span_ns);

bool influx_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool influx_price_at(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error);
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

/* influx_scan.c: a time range read in pieces, each as long as InfluxDB's file limit allows. */
struct influx_pieces {
    struct influx *influx;
    const struct record_kind *kind;
    const char *series; /* NULL: all series */
    int64_t from_ns, to_ns;
    int64_t span_ns;
};
struct influx_pieces influx_pieces_begin(struct influx *influx, const struct record_kind *kind,
                                         const char *series, int64_t from_ns, int64_t to_ns);
/* The end of the next piece (exclusive). */
int64_t influx_piece_end(const struct influx_pieces *pieces);
void influx_piece_widen(struct influx_pieces *pieces);
/* After a refused query: makes the next piece shorter. Returns false if the file limit was not the
 * reason, or the piece cannot get shorter. */
bool influx_piece_narrow(struct influx_pieces *pieces);

/* influx_series.c */
bool influx_list_series(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error);

#endif
