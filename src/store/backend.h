/*
 * What the two back ends share. A back end's own struct starts with a `struct store`, and its
 * functions are called with the address of that. store.c checks the arguments before it calls them.
 */
#ifndef CANDLEWICK_STORE_BACKEND_H
#define CANDLEWICK_STORE_BACKEND_H

#include <stdatomic.h>

#include "store/store.h"

/* The largest number of candles that one query returns. */
enum { STORE_CANDLES_MAX = 100000 };

/* How many different texts store_contents.oddities has at most. */
enum { STORE_ODDITIES_MAX = 100 };

struct store_backend {
    bool seeks; /* see store_seeks() */
    void (*close)(struct store *store);
    void (*rest)(struct store *store);                       /* see store_rest(); NULL: there is
                                                                nothing to close */
    bool (*check)(struct store *store, struct error *error); /* see store_check(); NULL: there is
                                                               nothing to check */
    bool (*prepare)(struct store *store, struct error *error);
    bool (*write)(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);
    /* store.c has checked that the series is valid, the interval > 0, and from_ns < to_ns. Both
     * bounds are bucket edges unless query->cut is set. With a limit of 0 the back end returns up
     * to STORE_CANDLES_MAX + 1 candles; store.c refuses the answer if there are more than
     * STORE_CANDLES_MAX. */
    bool (*candles)(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
    bool (*list_series)(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error);
    bool (*price_at)(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error);
    /* store.c has checked the series and the spans, and has set all prices to NAN. */
    bool (*closes)(struct store *store, const struct record_kind *kind,
                   const struct series_closes *wanted, size_t count, struct error *error);
    /* Sets *any to true also when the back end cannot find out. */
    bool (*any)(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
    bool (*count)(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);
    /* For both functions store.c has checked that the series is valid and from_ns is below
     * to_ns. */
    bool (*scan)(struct store *store, const struct record_kind *kind, const char *series,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
    bool (*count_between)(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);
    bool (*contents)(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
    /* NULL: `contents` counts the points of each series. */
    bool (*contents_count)(struct store *store, const struct record_kind *kind,
                           struct store_contents *contents, struct error *error);
    void (*contents_end)(struct store *store);
};

struct store {
    const struct store_backend *backend;
    char *name; /* for messages; owned */
    bool read_only;
    atomic_llong emptied_ns; /* see store_emptied_ns() */
};

/* Both return NULL on failure and fill `error`. */
NODISCARD struct store *influx_open(const struct store_config *config, struct error *error);
NODISCARD struct store *sqlite_open(const struct store_config *config, const char *path,
                                    struct error *error);

/* Checks a record before either back end writes it. If it fails its kind's check, *admitted is
 * false and the record is added to `rejected` under `index`. Returns false when out of memory
 * (ERROR_RETRY). */
NODISCARD bool store_admit(const struct record_set *records, size_t index,
                           struct rejected_list *rejected, bool *admitted, struct error *error);

/* Appends one candle. Returns false when out of memory (ERROR_RETRY). */
/* Returns a time such that exactly those points of the series are stored before it whose moment is
 * before `time_ns`. The kind has a price. */
int64_t store_stored_before(const struct record_kind *kind, const char *series, int64_t time_ns);

NODISCARD bool store_add_candle(struct candle_list *candles, const struct candle *candle,
                                struct error *error);

/* Appends a zeroed summary to the growing array. Returns NULL when out of memory (ERROR_RETRY). */
NODISCARD struct series_summary *store_add_series(const struct record_kind *kind,
                                                  struct series_summary **list, size_t *count,
                                                  const char *series, struct error *error);

/* These functions append to the lists of store_contents. They return false when out of memory
 * (ERROR_RETRY). */
NODISCARD bool store_add_holding(struct store_contents *contents, const char *series,
                                 int64_t points, int64_t first_ns, int64_t last_ns,
                                 struct error *error);
NODISCARD PRINTF_LIKE(5, 6) bool store_add_oddity(struct store_contents *contents, bool named,
                                                  int64_t rows, struct error *error,
                                                  const char *format, ...);
NODISCARD bool store_add_closed(struct store_contents *contents, int64_t from_ns, int64_t to_ns,
                                struct error *error);
void store_add_other(struct store_contents *contents, const char *kind, const char *name);

/* Sets *text, which must be NULL, to the formatted text; the caller frees it. Returns false when
 * out of memory; *text is then NULL. */
NODISCARD PRINTF_LIKE(2, 3) bool store_set_text(char **text, const char *format, ...);

/* Records that earlier points are gone from the store: logs it, and sets store_emptied_ns(). */
void store_note_emptied(struct store *store, const char *why);

bool store_no_memory(struct error *error); /* fills in ERROR_RETRY; returns false */

#endif
