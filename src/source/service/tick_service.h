/*
 * A source that asks a service of prices at an interval, and for the past of its first coins in
 * between: when which request is sent, what of the answers is sent once, and what is told of it.
 * The service itself (paths, answers) is given as functions.
 */
#ifndef CANDLEWICK_SOURCE_SERVICE_TICK_SERVICE_H
#define CANDLEWICK_SOURCE_SERVICE_TICK_SERVICE_H

#include "base/text/strbuf.h"
#include "source/coins.h"
#include "source/service/service_answer.h"
#include "source/source.h"

struct stop;

/*
 * A reader returns true with a batch of ticks, or false with `error` and `refusal`; it counts all
 * rows but the ticks. `service` is what tick_service_config has. All but `report` are called on the
 * poller's thread.
 */
struct tick_service_reader {
    const char *name;       /* of the source and its ticks */
    const char *past_name;  /* the source of ticks of the past: the name and a suffix behind '-' */
    const char *url_option; /* "--coingecko-url" */
    /* The path of the next request for prices. */
    void (*write_prices)(void *service, struct strbuf *path);
    bool (*read_prices)(void *service, const struct service_answer *answer,
                        struct source_batch *batch, struct row_counts *counts,
                        struct service_refusal *refusal, struct error *error);
    /* The path of a request for the past of a coin. Returns false for a coin that the service does
     * not know. */
    bool (*write_past)(void *service, const char *coin, int64_t from_ns, int64_t until_ns,
                       int64_t step_ns, struct strbuf *path);
    bool (*read_past)(void *service, const char *coin, const struct service_answer *answer,
                      struct source_batch *batch, struct row_counts *counts,
                      struct service_refusal *refusal, struct error *error);
    void (*report)(void *service, struct source_report *report); /* any thread; may be NULL */
    void (*free_service)(void *service);
};

/* Texts are borrowed for the call, but for the reader's and key_header; `wanted` belongs to the
 * service. */
struct tick_service_config {
    const struct tick_service_reader *reader;
    void *service; /* owned by the source from tick_service_create() on, also when it fails */
    const char *base_url;
    const char *ca_file;     /* NULL: the system's certificates */
    const char *key_file;    /* NULL: no key */
    const char *key_header;  /* "x-api-key" */
    int64_t interval_ns;     /* between two requests for prices */
    int64_t past_gap_ns;     /* between two requests for the past, unless the server is on this
                                machine */
    int requests_per_minute; /* both intervals leave room for no more; > 0 */
    int64_t history_ns;      /* how much of the past is asked for; 0: none */
    const struct coin_table *wanted; /* the past of its first coins is asked for; empty: that of
                                        the first coins of the first answer */
    struct stop *stop;               /* borrowed */
    int64_t (*wall_ns)(void);        /* for tests; NULL: the real clock */
};

/* The times of ticks are the service's own; a time that a coin was sent with is not sent again
 * (sent_ticks.h), nor is a point of the past that is known (backfill.h). The key is in no record,
 * log or error text. Fails with ERROR_USAGE for an address or a key file that cannot be used. */
NODISCARD struct source *tick_service_create(const struct tick_service_config *config,
                                             struct error *error);

/* Reads --coins for a service whose coins begin with the prefix. Fails with ERROR_USAGE for a name
 * that is none of its coins; `hint` goes on from "NAME is no coin of ". The caller frees the table
 * in either case. */
NODISCARD bool tick_service_coins(const char *names, const char *prefix, const char *hint,
                                  struct coin_table *wanted, bool *all, struct error *error);

#endif
