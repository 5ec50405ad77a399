/*
 * What a message of the topic is: a record, or why it never will be one. One answer for all who
 * read it: members of the group, verify, replay, tail, the page, the log's tail before producing.
 */
#ifndef CANDLEWICK_PIPELINE_RECORD_DECODER_H
#define CANDLEWICK_PIPELINE_RECORD_DECODER_H

#include "kafka/consumer/consumer.h"
#include "registry/client/client.h"

struct stop;

/* The plan of the newest schema id is kept, so that the registry client is asked once an id and not
 * once a message. One thread at a time. Begin with the kind and the
 * registry (borrowed) alone. */
struct record_decoder {
    const struct record_kind *kind;
    struct registry_client *registry;
    const struct decode_plan *plan;
    int32_t plan_id;
    int32_t schema_id;   /* of the newest message; -1: it does not say one, or was not looked at */
    struct guid guid;    /* the newest that a message named instead, */
    int32_t guid_number; /* and the registry client's number for it; 0: none yet */
    size_t seen;         /* messages of plan_id that the registry client was not told of yet */
};

/* Gives the plan back; the decoder may be used again. */
void record_decoder_release(struct record_decoder *decoder);

/* A live tick whose time lies further behind its Kafka timestamp, the wall clock of its producer or
 * of the broker, comes of a wrong clock or a wrong unit. */
enum { AHEAD_MAX_S = 3600 };

/* As decode_message in consumer.h asks: never blocks, for messages with key and value. */
enum decode_answer record_decode(struct record_decoder *decoder,
                                 const struct encoded_message *message, void *record,
                                 struct error *error);

/* A message that record_decode will be asked about soon: its schema is fetched meanwhile, so that
 * ids that the registry does not know are waited for side by side. Never blocks. */
void record_expect(struct record_decoder *decoder, const struct encoded_message *message);

/* Longer than the registry client takes to believe "no such id". */
enum { RECORD_DECODE_PATIENCE_MS = 15000 };

/* Any message, as the consumer judges it. Waits for its schema; DECODE_WAIT: it did not come within
 * `patience_ms` (ERROR_RETRY), or `stop` was requested (ERROR_FATAL). */
enum decode_answer record_decode_wait(struct record_decoder *decoder,
                                      const struct encoded_message *message, int patience_ms,
                                      struct stop *stop, void *record, struct error *error);

#endif
