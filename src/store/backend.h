/*
 * What the two ends share. An end's own struct starts with a `struct store`; its functions get it
 * back by that address. store.c has checked the arguments before it calls them.
 */
#ifndef CANDLEWICK_STORE_BACKEND_H
#define CANDLEWICK_STORE_BACKEND_H

#include <stdatomic.h>

#include "store/store.h"

/* The most candles that one query gives. */
enum { STORE_CANDLES_MAX = 100000 };

/* So many kinds of rows that are not ours are told apart. */
enum { STORE_ODDITIES_MAX = 100 };

struct store_backend {
    void (*close)(struct store *store);
    void (*rest)(struct store *store);                      /* NULL: nothing is to be let go of */
    bool (*look)(struct store *store, struct error *error); /* NULL: there is nothing to look at */
    bool (*prepare)(struct store *store, struct error *error);
    bool (*write)(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);
    /* The coin is valid, the interval > 0, from_ns a bucket's start and below to_ns. With a limit
     * of 0 the end gives at most STORE_CANDLES_MAX + 1 candles and store.c refuses the last. */
    bool (*candles)(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
    bool (*coins)(struct store *store, const struct record_kind *kind, struct coin_summary **coins,
                  size_t *count, struct error *error);
    bool (*price_at)(struct store *store, const struct record_kind *kind, const char *coin,
                     int64_t time_ns, double *price, bool *found, struct error *error);
    /* *any is true also when the end cannot say. */
    bool (*any)(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
    bool (*count)(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);
    /* Of both the coin is valid, and from_ns below to_ns. */
    bool (*scan)(struct store *store, const struct record_kind *kind, const char *coin,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
    bool (*count_between)(struct store *store, const struct record_kind *kind, const char *coin,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);
    bool (*contents)(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
    void (*contents_end)(struct store *store);
};

struct store {
    const struct store_backend *backend;
    char *name; /* for people; owned */
    bool read_only;
    atomic_llong emptied_ns; /* see store_emptied_ns() */
};

/* NULL on failure, `error` filled. */
NODISCARD struct store *influx_open(const struct store_config *config, struct error *error);
NODISCARD struct store *sqlite_open(const struct store_config *config, const char *path,
                                    struct error *error);

/* The gate that every record passes before either end writes it: *admitted is false for one that
 * breaks the promises (its kind's check), and it is added to `rejected` under `index`.
 * False: no memory, ERROR_RETRY. */
NODISCARD bool store_admit(const struct record_set *records, size_t index,
                           struct rejected_list *rejected, bool *admitted, struct error *error);

/* Puts one candle at the list's end; false: no memory, ERROR_RETRY. */
NODISCARD bool store_add_candle(struct candle_list *candles, const struct candle *candle,
                                struct error *error);

/* Makes room for one more in a growing array of summaries, zeroed. NULL: no memory, ERROR_RETRY. */
NODISCARD struct coin_summary *store_add_coin(const struct record_kind *kind,
                                              struct coin_summary **coins, size_t *count,
                                              const char *symbol, struct error *error);

/* One more of what store_contents lists. False: no memory, ERROR_RETRY. */
NODISCARD bool store_add_holding(struct store_contents *contents, const char *symbol,
                                 int64_t points, int64_t first_ns, int64_t last_ns,
                                 struct error *error);
NODISCARD PRINTF_LIKE(5, 6) bool store_add_oddity(struct store_contents *contents, bool named,
                                                  int64_t rows, struct error *error,
                                                  const char *format, ...);
NODISCARD bool store_add_closed(struct store_contents *contents, int64_t from_ns, int64_t to_ns,
                                struct error *error);
void store_add_other(struct store_contents *contents, const char *kind, const char *name);

/* An empty *text becomes the formatted one, to free(). False: no memory, *text stays NULL. */
NODISCARD PRINTF_LIKE(2, 3) bool store_set_text(char **text, const char *format, ...);

/* What had been written is no longer there: an event in the log, and store_emptied_ns(). */
void store_note_emptied(struct store *store, const char *why);

bool store_no_memory(struct error *error); /* fills in ERROR_RETRY; returns false */

#endif
