/*
 * Decides whether a message is a record, or why it can never be one. Everything that reads messages
 * uses this, so that all agree: members of the group, verify, replay, tail, the page, and the
 * ingest when it reads the tail of the log.
 */
#ifndef CANDLEWICK_PIPELINE_RECORD_DECODER_H
#define CANDLEWICK_PIPELINE_RECORD_DECODER_H

#include "kafka/consumer/consumer.h"
#include "registry/client/client.h"

struct stop;

/* Decodes messages of one kind. It keeps the plan of the newest schema id, so that it asks the
 * registry client only when the id changes and not for each message. Use it on one thread at a
 * time. Set `kind` and `registry` (borrowed) and zero all other members. */
struct record_decoder {
    const struct record_kind *kind;
    struct registry_client *registry;
    const struct decode_plan *plan;
    int32_t plan_id;
    int32_t schema_id;   /* schema id of the newest message; -1 if it has none, or was not read */
    struct guid guid;    /* the newest GUID that a message had instead of an id */
    int32_t guid_number; /* the registry client's number for this GUID; 0 if there is none yet */
    size_t seen;         /* messages with plan_id of which the registry client does not know yet
                            (registry_saw()) */
};

/* Releases the plan; the decoder can be used again. */
void record_decoder_release(struct record_decoder *decoder);

/* If a live tick's event time is further ahead of its Kafka timestamp (the wall clock of its
 * producer or broker), its clock or its unit is wrong. */
enum { AHEAD_MAX_S = 3600 };

/* Decodes a message with a key and a value, as decode_message in consumer.h requires. `texts` may
 * be NULL if the kind has no long texts. Never blocks. */
enum decode_answer record_decode(struct record_decoder *decoder,
                                 const struct encoded_message *message, void *record,
                                 struct text_arena *texts, struct error *error);

/* Announces a message that record_decode() will be called with soon, so that the registry client
 * fetches its schema meanwhile; so many unknown ids are fetched in parallel. Never blocks. */
void record_expect(struct record_decoder *decoder, const struct encoded_message *message);

/* Longer than the registry client takes until it believes the answer "no such id". */
enum { RECORD_DECODE_PATIENCE_MS = 15000 };

/* Decodes any message, with the same result as a member. Waits for the schema; returns DECODE_WAIT
 * if that did not arrive within `patience_ms` (ERROR_RETRY), or if `stop` was requested
 * (ERROR_FATAL). */
enum decode_answer record_decode_wait(struct record_decoder *decoder,
                                      const struct encoded_message *message, int patience_ms,
                                      struct stop *stop, void *record, struct text_arena *texts,
                                      struct error *error);

#endif
