/*
 * The embedded schema registry: Confluent's REST API as far as confluent-kafka's serializers,
 * Kafka-UI and our client use it, kept in SQLite so that ids survive a restart.
 *
 * Avro schemas without references (registry/codec/schema.h). Compatibility means: can a plan of
 * ours be compiled, and can no null meet a field without null. A schema that differs in docs alone
 * is the same one. Deleting hides: messages may still need an id, so none is ever given up. There
 * is no import mode and no context. Subjects with a slash cannot be addressed. What a request asks
 * for is done or refused: see registry/server/server_query.h.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_H

#include "base/compiler/attributes.h"
#include "base/error.h"

struct registry_server;

struct registry_server_config {
    const char *listen; /* "127.0.0.1:8081"; port 0: any free one */
    const char *path;   /* SQLite file; ":memory:" for none */
};

/* Serves on threads of its own when it returns. NULL: ERROR_USAGE for a bad address, ERROR_FATAL
 * for one that is taken and for a file that cannot be used (another program's database is left
 * alone). Two servers may share a file. */
NODISCARD struct registry_server *
registry_server_create(const struct registry_server_config *config, struct error *error);
void registry_server_destroy(struct registry_server *server); /* NULL is allowed */
/* "http://127.0.0.1:41235"; borrowed. */
const char *registry_server_url(const struct registry_server *server);

#endif
