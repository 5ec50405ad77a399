/*
 * The embedded schema registry: the part of Confluent's REST API that confluent-kafka's
 * serializers, Kafka-UI and this program's client use. It stores the schemas in SQLite, so that ids
 * survive a restart.
 *
 * It stores Avro schemas without references (registry/codec/schema.h), and checks compatibility
 * with schema_can_read(). Schemas that differ only in docs are the same schema. A delete only hides
 * a schema: messages may still need its id, so no id is ever removed. There is no import mode, and
 * there are no contexts. Subjects with a slash cannot be addressed. The server does what a request
 * asks for, or refuses it: see registry/server/server_query.h.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_H

#include "base/compiler/attributes.h"
#include "base/error.h"

struct registry_server;

struct registry_server_config {
    const char *listen; /* "127.0.0.1:8081"; port 0: any free one */
    const char *path;   /* SQLite file; ":memory:": no file */
};

/* On return the server is running, on its own threads. Returns NULL with ERROR_USAGE for a bad
 * address, or ERROR_FATAL for an address in use or a file that cannot be used (another program's
 * database is left unchanged). Two servers may share a file. */
NODISCARD struct registry_server *
registry_server_create(const struct registry_server_config *config, struct error *error);
void registry_server_destroy(struct registry_server *server); /* NULL is allowed */
/* Returns "http://127.0.0.1:41235"; borrowed. */
const char *registry_server_url(const struct registry_server *server);

#endif
