/* The parts of `demo`: the embedded cluster, registry and store, and what runs between them. */
#ifndef CANDLEWICK_COMMANDS_DEMO_DEMO_PARTS_H
#define CANDLEWICK_COMMANDS_DEMO_DEMO_PARTS_H

#include "base/stop.h"
#include "cli/signal_watch.h"
#include "commands/ingests.h"
#include "commands/page/proof_runner.h"
#include "kafka/admin/embedded.h"
#include "market/assets.h"
#include "page/page_model.h"
#include "pipeline/ownership.h"
#include "pipeline/send_window.h"
#include "registry/server/server.h"

struct demo {
    struct options options;            /* the user's options, with the addresses of the embedded
                                          parts */
    struct kafka_property *properties; /* the demo's own properties, followed by
                                          options.properties */
    char store[1100];                  /* the value of options.store when the user named none */
    char kinds[200];                   /* the value of options.streams: the user's kinds, and
                                          those that the sources write */
    struct wired_streams streams;      /* for the members, the ingest and the page */

    struct stop *stop;          /* requested by signals, by --duration and at the end of a
                                   replayed file */
    struct stop *ingest_stop;   /* stops only the polling of the source, which ends first */
    struct signal_watch *watch; /* created first, because signals must be handled during the
                                   start too */
    struct embedded_kafka *kafka;
    struct registry_server *registry_server;
    struct send_window *send_windows[STREAMS_MAX]; /* one for each stream */
    struct ownership *ownership;
    struct producer *dead_letters;
    struct event_log *events; /* NULL: no stream of events */
    struct group_events *group_events;
    struct group_member *members[PAGE_MEMBERS_MAX];
    struct ingests ingests;
    struct assets *assets;       /* what the page joins market caps by */
    struct proof_runner *proofs; /* NULL: the page offers no proof */
    struct page_model *model;
    int64_t since_ns; /* monotonic time at which everything had started */
    int lock;         /* descriptor of the lock on this demo's folder; -1: none */
    bool has_run_env; /* var/run.env has the addresses of this demo, rather than of another */
    bool announced;   /* everything runs, and the page's address has been printed */
};

/* Chooses the source and the store, and creates everything up to the producer of dead letters.
 * After a failure, demo_ends_destroy() frees what was created. */
NODISCARD bool demo_ends_create(struct demo *demo, struct error *error);
void demo_ends_destroy(struct demo *demo);

/* Returns how many messages were sent but are not committed yet. */
int64_t demo_open_messages(const struct demo *demo);

/* Stops the page, the ingest and the members, in this order, so that everything that was sent is
 * still written and committed; then logs the summary. Returns false with `error` filled when the
 * ingest failed or ticks were not stored; returns false with `error` unchanged when the demo was
 * never announced. */
NODISCARD bool demo_wind_down(struct demo *demo, struct error *error);

/* Runs `candlewick verify` on the log before the log is deleted. Call it after demo_wind_down().
 * Returns false when verify does, for instance because the books do not balance. */
NODISCARD bool demo_verify(struct demo *demo, struct error *error);

#endif
