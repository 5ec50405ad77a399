/*
 * Client of a Confluent-compatible schema registry. Fetching happens on a thread of its own, so
 * that a lookup never blocks: see registry_lookup. Compiled plans are cached by id (at most 64 ids;
 * the least recently used one goes).
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_CLIENT_H
#define CANDLEWICK_REGISTRY_CLIENT_CLIENT_H

#include "registry/codec/codec.h"
#include "registry/codec/guid.h"

struct registry_client;
struct stop;

/* How long an id that the registry does not know is waited for. */
struct registry_limits {
    int missing_after_ms;  /* an id is unknown when nothing else is answered for so long */
    int ask_again_ms;      /* then it is asked again after this, and twice this, and so on */
    int waiting_ms;        /* so much is spent in */
    int waiting_window_ms; /* any so much time on waiting for unknown ids, side by side; beyond it
                              an id is unknown when that is answered once */
    int none_known_ms;     /* while more than half of the last 1,000 messages have unknown ids, none
                              is called so for this long (once in waiting_window_ms); 0: it is */
};
extern const struct registry_limits registry_member_limits; /* of who writes the store */
extern const struct registry_limits registry_reader_limits; /* of who reads and then ends */

struct registry_config {
    const char *url;      /* of the registry; several addresses of it are asked in turn: "URL,URL"
                             (registry/client/endpoints.h) */
    const char *username; /* basic auth; NULL: none */
    const char *password;
    const char *ca_file; /* TLS; NULL: the system's */
    const char *cert_file;
    const char *key_file;
    const struct column *columns;         /* how records are read; borrowed for the client's life */
    const char *reader_schema;            /* text; copied */
    const struct registry_limits *limits; /* copied; NULL: a member's */
    int timeout_ms;                       /* of one request; 0: 10,000 */
    struct stop *stop; /* borrowed; ends a registry_register early; may be NULL */
};

/* NULL on failure: ERROR_USAGE for a bad URL, file, reader schema or columns. All text is copied.
 * Starts the fetch thread; asks nothing yet. */
NODISCARD struct registry_client *registry_client_create(const struct registry_config *config,
                                                         struct error *error);
/* Ends a request under way. All plans must have been released. NULL is allowed. */
void registry_client_destroy(struct registry_client *client);

/* The subject of a topic's values, by Confluent's TopicNameStrategy: "TOPIC-value". */
enum { REGISTRY_SUBJECT_SIZE = 249 + sizeof "-value" }; /* behind Kafka's longest topic name */
void registry_value_subject(const char *topic, char subject[static REGISTRY_SUBJECT_SIZE]);

/* POST /subjects/SUBJECT/versions. Blocks for a request's time-out; any thread. The same schema
 * again gives the same id. ERROR_RETRY: away; ERROR_FATAL: refused (409 incompatible, 422 not a
 * schema, 401 …), with its words. */
NODISCARD bool registry_register(struct registry_client *client, const char *subject,
                                 const char *schema_text, int32_t *schema_id, struct error *error);

enum registry_answer {
    REGISTRY_READY,    /* *plan is set; borrowed until registry_release */
    REGISTRY_PENDING,  /* being fetched, or the registry is away: ask again later */
    REGISTRY_MISSING,  /* the registry says that there is no such id, in the words of any registry
                          (registry/client/answer.h), and nothing else for missing_after_ms; it
                          answers other questions, and never gave a schema for this id */
    REGISTRY_UNUSABLE, /* the schema is there but cannot be read as ours: `error` says why */
};

/* The number that stands for the schema with this GUID in the three functions below; it is below
 * zero. Asked at /schemas/guids/{guid}, and judged as ids are. Any thread; never blocks. The GUID
 * may be forgotten (registry/codec/guid.h): its number is PENDING then, until a new one is taken.
 */
int32_t registry_guid_number(struct registry_client *client, const struct guid *guid);

/* Never blocks on the network. Any thread. `error` says why for PENDING, MISSING and UNUSABLE.
 * Answers over 3 MiB make an id UNUSABLE, when nothing else comes for missing_after_ms. */
enum registry_answer registry_lookup(struct registry_client *client, int32_t schema_id,
                                     const struct decode_plan **plan, struct error *error);
/* Messages of this id will be looked up soon: it is fetched meanwhile. Counts one message. */
void registry_expect(struct registry_client *client, int32_t schema_id);
/* So many messages of this id were seen, for none_known_ms. */
void registry_saw(struct registry_client *client, int32_t schema_id, size_t messages);
/* Gives back a plan of registry_lookup. */
void registry_release(struct registry_client *client, const struct decode_plan *plan);

#endif
