/* What `demo` is made of: the embedded ends, and what runs between them. */
#ifndef CANDLEWICK_COMMANDS_DEMO_DEMO_PARTS_H
#define CANDLEWICK_COMMANDS_DEMO_DEMO_PARTS_H

#include "base/stop.h"
#include "cli/signal_watch.h"
#include "commands/wiring.h"
#include "kafka/admin/embedded.h"
#include "page/board.h"
#include "pipeline/flow.h"
#include "pipeline/ownership.h"
#include "registry/server/server.h"

struct demo {
    struct options options;            /* with the addresses of the embedded ends filled in */
    struct kafka_property *properties; /* options.properties, behind our own */
    char store[1100];                  /* options.store, where the user named none */
    char dead_letter_topic[TOPIC_NAME_SIZE];
    struct topic_spec topics[2];

    struct stop *stop;          /* signals, --duration, the end of the file */
    struct stop *feed_stop;     /* first the polling stops */
    struct signal_watch *watch; /* from the very start, as that may take a while too */
    struct source *source;      /* until the feed takes it over */
    struct embedded_kafka *kafka;
    struct registry_server *registry_server;
    struct registry_client *registry;
    struct flow *flow;
    struct ownership *ownership;
    struct producer *dead_letters;
    struct member *members[BOARD_MEMBERS_MAX];
    struct feed *feed;
    struct board *board;
    int64_t since_ns; /* monotonic; when all was started */
    int lock;         /* descriptor: the folder is this demo's; -1 */
    bool announced;   /* all of it runs */
};

/* Chooses the source and the store, and makes everything up to the dead letters' producer. On
 * failure what was made stays for demo_ends_destroy(). */
NODISCARD bool demo_ends_create(struct demo *demo, struct error *error);
void demo_ends_destroy(struct demo *demo);

/* Stops board, feed and members in the order of the data, so that what was sent is still written
 * and committed; logs the summary. False, `error` filled, when the feed failed or ticks were left
 * unstored; also false, `error` untouched, for a demo that was never announced. */
NODISCARD bool demo_wind_down(struct demo *demo, struct error *error);

/* Then, while the log is still there: `candlewick verify` of it. False as it is, for books that do
 * not balance too. */
NODISCARD bool demo_verify(struct demo *demo, struct error *error);

#endif
