/*
 * The embedded schema registry: Confluent's REST API as far as confluent-kafka's serializers,
 * Kafka-UI and our client use it, kept in SQLite so that ids survive a restart. Compatibility
 * means: can our plan be compiled.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_H
#define CANDLEWICK_REGISTRY_SERVER_H

#include "base/attributes.h"
#include "base/error.h"

struct registry_server;

struct registry_server_config {
    const char *listen; /* "127.0.0.1:8081"; port 0: any free one */
    const char *path;   /* SQLite file; ":memory:" for none */
};

NODISCARD struct registry_server *
registry_server_create(const struct registry_server_config *config, struct error *error);
void registry_server_destroy(struct registry_server *server); /* NULL is allowed */
/* "http://127.0.0.1:41235"; borrowed. */
const char *registry_server_url(const struct registry_server *server);

#endif
