/*
 * Gathers what the page, its API and /metrics show: from the store, the log, the group and, if they
 * are in the same process, the producer and the members. It also serves them, until it is
 * destroyed.
 */
#ifndef CANDLEWICK_PAGE_PAGE_MODEL_H
#define CANDLEWICK_PAGE_PAGE_MODEL_H

#include "base/text/strbuf.h"
#include "kafka/admin/group.h"
#include "kafka/consumer/consumer.h"
#include "market/assets.h"
#include "pipeline/event_log.h"
#include "pipeline/ingest.h"
#include "record/stream.h"
#include "source/source_names.h"
#include "store/store.h"

struct page_model;
struct ownership;

enum { PAGE_MEMBERS_MAX = 16 };

/* Figures of the sources and members of this process. Zero-initialise; live_figures_clear() frees
 * what they hold. */
struct live_figures {
    struct truth_lag page_lag[STREAMS_MAX]; /* lags of what was sent to browsers, by stream */
    bool has_events;                        /* this program writes events */
    struct event_log_stats events;
    size_t ingest_count; /* one for each source; 0: nothing is produced here */
    struct ingest_stats ingests[SOURCES_MAX];
    size_t member_count;
    struct {
        char client_id[128];
        struct consumer_stats stats;
        struct consumer_measures measures;
        int64_t store_emptied_ns;
    } members[PAGE_MEMBERS_MAX];
};

/* Runs proofs for the page, on threads of its own. The functions are those of /api/verify
 * (web/server.h: verify, verify_start); zeroed: the page offers no proof. */
struct page_proofs {
    void *context;
    bool (*last)(void *context, struct strbuf *json, struct error *error);
    bool (*start)(void *context, int *wait_s, struct strbuf *json, struct error *error);
};

struct page_model_config {
    const char *listen;
    struct kafka_settings kafka;
    const struct stream *streams; /* the group's streams; of these the page shows ticks and
                                     trades live. Borrowed, as are the registry clients, one for
                                     each stream */
    struct registry_client *const *registries;
    size_t stream_count; /* 1 to STREAMS_MAX */
    const char *group;
    const char *strategy;     /* the assignment strategy to show; NULL: ask the cluster */
    const char *source;       /* "bitfinex", "replay:FILE", …; NULL: another process produces */
    const char *ticks_source; /* what ticks have as their source if they are synthetic or from a
                                 file; NULL: the service that a coin's name tells */
    struct store_config store;
    const struct assets *assets;            /* borrowed; NULL: the built-in ones */
    const char *grafana_url, *kafka_ui_url; /* borrowed; for links on the page; NULL: none */
    const char *lab_results;     /* borrowed; the file that `lab run` writes; NULL: none */
    int members;                 /* number of members in this process; 0: none */
    struct ownership *ownership; /* borrowed; the members update it; NULL: who owns what is
                                    inferred from the cluster's description of the group */
    void (*live)(void *context, struct live_figures *figures); /* fills in the figures of this
                                                                  process; NULL: there are none */
    void *live_context;
    void (*on_status)(void *context, const struct group_status *status); /* called about once a
                                                                            second, on a thread of
                                                                            the model, with the
                                                                            group's status on the
                                                                            first topic, unless
                                                                            Kafka does not answer;
                                                                            may be NULL */
    void *on_status_context;
    struct page_proofs proofs; /* its context must outlive the model */
};

/* Starts the server and its threads; does not connect to Kafka or the registry yet. */
NODISCARD struct page_model *page_model_create(const struct page_model_config *config,
                                               struct error *error);
void page_model_destroy(struct page_model *model); /* NULL is allowed */

/* Returns the page's URL, such as "http://127.0.0.1:8080"; borrowed. */
const char *page_model_url(const struct page_model *model);

#endif
