/*
 * Client of a Confluent-compatible schema registry. A thread of its own fetches schemas, so that a
 * lookup never blocks: see registry_lookup. Compiled plans are cached by id (at most 64; the least
 * recently used one is dropped).
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_CLIENT_H
#define CANDLEWICK_REGISTRY_CLIENT_CLIENT_H

#include "registry/codec/codec.h"
#include "registry/codec/guid.h"

struct registry_client;
struct stop;

/* How long to wait for an id that the registry does not know. */
struct registry_limits {
    int missing_after_ms;  /* an id is declared unknown after only such answers for this long */
    int ask_again_ms;      /* an unknown id is fetched again after this, then twice this, and so
                              on */
    int waiting_ms;        /* the most time spent waiting for unknown ids per waiting_window_ms;
                              overlapping waits count once. After that one "no such id" is enough */
    int waiting_window_ms; /* length of that sliding window */
    int none_known_ms;     /* while more than half of the last 1,000 messages have unknown ids,
                              no id is declared unknown for this long (once per
                              waiting_window_ms); 0: off */
};
extern const struct registry_limits registry_member_limits; /* for members, which write the store */
extern const struct registry_limits registry_reader_limits; /* for commands that read, then exit */

struct registry_config {
    const char *url;      /* of the registry; "URL,URL" for several addresses of one registry,
                             tried in turn (registry/client/endpoints.h) */
    const char *username; /* basic auth; NULL: none */
    const char *password;
    const char *ca_file; /* TLS; NULL: the system's */
    const char *cert_file;
    const char *key_file;
    const struct column *columns;         /* how records are read; borrowed for the client's life */
    const char *reader_schema;            /* text; copied */
    const struct registry_limits *limits; /* copied; NULL: those of a member */
    int timeout_ms;                       /* of one request; 0: 10,000 */
    struct stop *stop; /* borrowed; ends a registry_register early; may be NULL */
};

/* Returns NULL on failure: ERROR_USAGE for a bad URL, file, reader schema or columns. All text is
 * copied. Starts the fetch thread, but sends no request yet. */
NODISCARD struct registry_client *registry_client_create(const struct registry_config *config,
                                                         struct error *error);
/* Aborts a running request. All plans must have been released before. NULL is allowed. */
void registry_client_destroy(struct registry_client *client);

/* The subject of a topic's values, by Confluent's TopicNameStrategy: "TOPIC-value". */
enum { REGISTRY_SUBJECT_SIZE = 249 + sizeof "-value" }; /* 249: Kafka's longest topic name */
void registry_value_subject(const char *topic, char subject[static REGISTRY_SUBJECT_SIZE]);

/* POST /subjects/SUBJECT/versions. Blocks for at most one request time-out; any thread. Registering
 * the same schema again returns the same id. ERROR_RETRY: the registry cannot be reached;
 * ERROR_FATAL: it refused (409 incompatible, 422 not a schema, 401 …), with its message. */
NODISCARD bool registry_register(struct registry_client *client, const char *subject,
                                 const char *schema_text, int32_t *schema_id, struct error *error);

enum registry_answer {
    REGISTRY_READY,    /* *plan is set; borrowed until registry_release */
    REGISTRY_PENDING,  /* being fetched, or the registry is unreachable: ask again later */
    REGISTRY_MISSING,  /* the registry knows no such id: it has said nothing else (see
                          registry/client/answer.h) for missing_after_ms, answers other requests,
                          and never returned a schema for this id */
    REGISTRY_UNUSABLE, /* the schema exists but cannot be read as ours; `error` says why */
};

/* Returns a negative number that stands for this GUID in the three functions below. The schema is
 * fetched from /schemas/guids/{guid} and handled as one with an id. Any thread; never blocks. The
 * GUID may be forgotten (registry/codec/guid.h): its number then stays PENDING, and a new one must
 * be requested. */
int32_t registry_guid_number(struct registry_client *client, const struct guid *guid);

/* Never blocks on the network. Any thread. `error` is set for PENDING, MISSING and UNUSABLE. An id
 * is also UNUSABLE if all its answers for missing_after_ms were larger than 3 MiB. */
enum registry_answer registry_lookup(struct registry_client *client, int32_t schema_id,
                                     const struct decode_plan **plan, struct error *error);
/* Announces that a message of this id will be looked up soon, so that its schema is fetched
 * meanwhile. Counts as one message seen. */
void registry_expect(struct registry_client *client, int32_t schema_id);
/* Counts messages seen with this id, for none_known_ms. */
void registry_saw(struct registry_client *client, int32_t schema_id, size_t messages);
/* Releases a plan that registry_lookup returned. */
void registry_release(struct registry_client *client, const struct decode_plan *plan);

#endif
