/*
 * Decides what a message of the topic is: a record, or why it can never be one. All readers use it,
 * so that they agree: members of the group, verify, replay, tail, the page, and the reading of the
 * log's tail before producing.
 */
#ifndef CANDLEWICK_PIPELINE_RECORD_DECODER_H
#define CANDLEWICK_PIPELINE_RECORD_DECODER_H

#include "kafka/consumer/consumer.h"
#include "registry/client/client.h"

struct stop;

/* The decoder keeps the plan of the newest schema id, so that it asks the registry client once for
 * each change of the id and not for each message. Use it on one thread at a time. Initialise `kind`
 * and `registry` (borrowed); all else is zero. */
struct record_decoder {
    const struct record_kind *kind;
    struct registry_client *registry;
    const struct decode_plan *plan;
    int32_t plan_id;
    int32_t schema_id;   /* of the newest message; -1 if it has none, or was not looked at */
    struct guid guid;    /* the newest GUID that a message had in place of an id, */
    int32_t guid_number; /* and the registry client's number for it; 0 if there is none yet */
    size_t seen;         /* messages of plan_id that the registry client was not informed of yet */
};

/* Releases the plan; the decoder may be used again. */
void record_decoder_release(struct record_decoder *decoder);

/* A live tick whose event time is more than this after its Kafka timestamp (the wall clock of its
 * producer or broker) has a wrong clock or a wrong unit. */
enum { AHEAD_MAX_S = 3600 };

/* Decodes a message with a key and a value, as decode_message in consumer.h requires. Never
 * blocks. */
enum decode_answer record_decode(struct record_decoder *decoder,
                                 const struct encoded_message *message, void *record,
                                 struct error *error);

/* Announces a message that record_decode will be called with soon, so that its schema is fetched
 * meanwhile; so many unknown ids are fetched in parallel. Never blocks. */
void record_expect(struct record_decoder *decoder, const struct encoded_message *message);

/* It is longer than the registry client takes to accept the answer "no such id". */
enum { RECORD_DECODE_PATIENCE_MS = 15000 };

/* Decodes any message, and judges it as the consumer does. It waits for the schema, and returns
 * DECODE_WAIT if that did not arrive within `patience_ms` (ERROR_RETRY), or if `stop` was requested
 * (ERROR_FATAL). */
enum decode_answer record_decode_wait(struct record_decoder *decoder,
                                      const struct encoded_message *message, int patience_ms,
                                      struct stop *stop, void *record, struct error *error);

#endif
