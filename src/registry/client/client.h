/*
 * Client of a Confluent-compatible schema registry. A separate thread fetches the schemas, so that
 * registry_lookup() never blocks. Compiled plans are cached by schema id (at most 64; the least
 * recently used one is dropped).
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_CLIENT_H
#define CANDLEWICK_REGISTRY_CLIENT_CLIENT_H

#include "registry/codec/codec.h"
#include "registry/codec/guid.h"

struct registry_client;
struct stop;

/* How long messages wait for a schema id that the registry does not know. */
struct registry_limits {
    int missing_after_ms;  /* how long the registry must have answered nothing but "no such id"
                              before an id is declared unknown */
    int ask_again_ms;      /* an id that was declared unknown is fetched again after this time,
                              then after twice this, and so on */
    int waiting_ms;        /* budget: in any waiting_window_ms, messages wait at most this long
                              for unknown ids; overlapping waits count once. Once it is used up,
                              a single "no such id" declares an id unknown */
    int waiting_window_ms; /* length of that sliding window */
    int none_known_ms;     /* while more than half of the last 1,000 messages have unknown ids,
                              no id is declared unknown for this long (at most once per
                              waiting_window_ms); 0: off */
};
extern const struct registry_limits registry_member_limits; /* for members, which write the store */
extern const struct registry_limits registry_reader_limits; /* for commands that read, then exit */

struct registry_config {
    const char *url;      /* URL of the registry; "URL,URL": several addresses of one registry,
                             tried in turn (registry/client/endpoints.h) */
    const char *username; /* basic auth; NULL: none */
    const char *password;
    const char *ca_file; /* TLS; NULL: the system's */
    const char *cert_file;
    const char *key_file;
    const struct column *columns;         /* the struct into which records are decoded; borrowed
                                             for the client's life */
    const char *reader_schema;            /* text; copied */
    const struct registry_limits *limits; /* copied; NULL: those of a member */
    int timeout_ms;                       /* for one request; 0: 10,000 */
    struct stop *stop; /* borrowed; ends a registry_register early; may be NULL */
};

/* Returns NULL on failure: ERROR_USAGE for a bad URL, file, reader schema or columns. All text is
 * copied. Starts the fetch thread, but sends no request yet. */
NODISCARD struct registry_client *registry_client_create(const struct registry_config *config,
                                                         struct error *error);
/* Aborts a running request. The caller must have released all plans before. NULL is allowed. */
void registry_client_destroy(struct registry_client *client);

/* Writes the subject of a topic's values, by Confluent's TopicNameStrategy: "TOPIC-value". */
enum { REGISTRY_SUBJECT_SIZE = 249 + sizeof "-value" }; /* 249: Kafka's longest topic name */
void registry_value_subject(const char *topic, char subject[static REGISTRY_SUBJECT_SIZE]);

/* Sends POST /subjects/SUBJECT/versions. Blocks for at most one request time-out; any thread.
 * Registering the same schema again returns the same id. Returns false with ERROR_RETRY if the
 * registry cannot be reached, and with ERROR_FATAL and the registry's message if it refused (409
 * incompatible, 422 not a schema, 401 …). */
NODISCARD bool registry_register(struct registry_client *client, const char *subject,
                                 const char *schema_text, int32_t *schema_id, struct error *error);

enum registry_answer {
    REGISTRY_READY,    /* *plan is set; borrowed until registry_release */
    REGISTRY_PENDING,  /* the schema is being fetched, or the registry is unreachable: call again
                          later */
    REGISTRY_MISSING,  /* declared unknown: the registry has answered nothing but "no such id"
                          for missing_after_ms, answers other requests, and never returned a
                          schema for this id */
    REGISTRY_UNUSABLE, /* the schema exists but cannot be read as the reader's record; `error`
                          says why */
};

/* Returns a negative number that stands for this GUID in registry_lookup(), registry_expect() and
 * registry_saw(). The schema is fetched from /schemas/guids/{guid} and then treated as one with an
 * id. Any thread; never blocks. Only the newest GUIDs are kept (registry/codec/guid.h); the number
 * of a dropped one stays PENDING, and the caller must ask for a new number. */
int32_t registry_guid_number(struct registry_client *client, const struct guid *guid);

/* Returns what is known about a schema id. Never blocks on the network. Any thread. `error` is set
 * for PENDING, MISSING and UNUSABLE. An id is also UNUSABLE if all its answers for missing_after_ms
 * were larger than 3 MiB. */
enum registry_answer registry_lookup(struct registry_client *client, int32_t schema_id,
                                     const struct decode_plan **plan, struct error *error);
/* Queues the fetch of a schema, because a message with this id will be looked up soon. Counts as
 * one message for registry_saw(). */
void registry_expect(struct registry_client *client, int32_t schema_id);
/* Counts messages with this id, for none_known_ms. */
void registry_saw(struct registry_client *client, int32_t schema_id, size_t messages);
/* Releases a plan that registry_lookup returned. */
void registry_release(struct registry_client *client, const struct decode_plan *plan);

#endif
