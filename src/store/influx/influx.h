/* InfluxDB 3's end, shared by its writing and its asking half. */
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
    char coin[RECORD_KEY_MAX + 1];
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
    struct strbuf body;        /* the batch's lines, one after the other */
    struct influx_line *lines; /* where each of them is in `body` */
    size_t lines_capacity;

    struct influx_witness witness; /* asked for */
    struct influx_witness newest;  /* the next one */
    int64_t next_look_ns;          /* on the monotonic clock, both */
    int64_t missing_since_ns;      /* 0: it is there */
    bool was_away;                 /* since the last look */

    size_t span; /* how far back the list of coins looks: see influx_query.c */
};

/* One request with the token, and one more where it was refused (401, 403) and the token file holds
 * another by now. True when an answer came, whatever its status but a redirect's: see
 * influx->response. */
NODISCARD bool influx_send(struct influx *influx, const struct http_request *request,
                           struct error *error);

/* influx_send() of a JSON body, which is freed. */
NODISCARD bool influx_send_json(struct influx *influx, const char *method, const char *path,
                                struct strbuf *json, struct error *error);

/* influx_write.c */
bool influx_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);

/* influx_witness.c */
/* Before a write: is what was written still there? False: do not write, `error` says why. When it
 * is gone, store_prepare() has been done again, and the log tells it. */
NODISCARD bool influx_look(struct influx *influx, struct error *error);
void influx_look_soon(struct influx *influx); /* after a failed write */
/* after it was written */
void influx_remember(struct influx *influx, const struct record_kind *kind, const void *record);

/* influx_query.c */
#define INFLUX_HOUR_NS (3600 * NS_PER_SECOND)
enum { INFLUX_SQL_LIMIT = 4 << 20 };

/* Asks `sql`, which is freed. The rows are the caller's to json_decref(); NULL on failure. */
NODISCARD json_t *influx_ask(struct influx *influx, struct strbuf *sql, struct error *error);
NODISCARD bool influx_has_point(struct influx *influx, const struct record_kind *kind,
                                const char *coin, int64_t time_ns, bool *found,
                                struct error *error);
/* The last answer: there is no such table or database. */
bool influx_has_no_table(const struct influx *influx);
/* The last answer: InfluxDB would have to open more files than it is allowed to. */
bool influx_refused_for_files(const struct influx *influx);
/* For rows that are not what was asked for: ERROR_RETRY, returns false. */
bool influx_unreadable(const struct influx *influx, struct error *error);
/* `time_ns` - `span_ns`; INT64_MIN for a span of INT64_MAX, or when there is no such time. */
int64_t influx_look_back(int64_t time_ns, int64_t span_ns);

bool influx_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool influx_price_at(struct store *store, const struct record_kind *kind, const char *coin,
                     int64_t time_ns, double *price, bool *found, struct error *error);
bool influx_any(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
bool influx_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);

/* influx_scan.c */
bool influx_scan(struct store *store, const struct record_kind *kind, const char *coin,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
bool influx_count_between(struct store *store, const struct record_kind *kind, const char *coin,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);

/* influx_contents.c */
bool influx_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
void influx_contents_end(struct store *store);

/* influx_scan.c: pieces of time, as large as InfluxDB opens at once. */
struct influx_pieces {
    struct influx *influx;
    const struct record_kind *kind;
    const char *coin; /* NULL: all */
    int64_t from_ns, to_ns;
    int64_t span_ns;
};
struct influx_pieces influx_pieces_begin(struct influx *influx, const struct record_kind *kind,
                                         const char *coin, int64_t from_ns, int64_t to_ns);
/* Where the next piece ends, and whether it is the last one. */
int64_t influx_piece_end(const struct influx_pieces *pieces);
void influx_piece_widen(struct influx_pieces *pieces);
/* After a refusal. False: it was for another reason, or the piece cannot get smaller. */
bool influx_piece_narrow(struct influx_pieces *pieces);

/* influx_coins.c */
bool influx_coins(struct store *store, const struct record_kind *kind, struct coin_summary **coins,
                  size_t *count, struct error *error);

#endif
