/*
 * What a message of the topic is: a tick, or why it never will be one. One answer for all who read
 * it: members of the group, verify, replay, dlq.
 */
#ifndef CANDLEWICK_APP_TICK_DECODER_H
#define CANDLEWICK_APP_TICK_DECODER_H

#include "kafka/consumer.h"
#include "kafka/reader.h"
#include "registry/client.h"

struct stop;

/* The plan of the newest schema id is kept, so that the registry client is asked once an id and not
 * once a message. One thread at a time. Begin with the registry (borrowed) alone. */
struct tick_decoder {
    struct registry_client *registry;
    const struct decode_plan *plan;
    int32_t plan_id;
};

/* Gives the plan back; the decoder may be used again. */
void tick_decoder_release(struct tick_decoder *decoder);

/* As decode_message in consumer.h asks: never blocks, for messages with key and value. */
enum decode_answer tick_decode(struct tick_decoder *decoder, struct str key, struct str value,
                               struct ticker *tick, struct error *error);

/* Any message, as the consumer judges it. Waits for its schema; DECODE_WAIT: it did not come within
 * some 15 s (ERROR_RETRY), or `stop` was requested (ERROR_FATAL). */
enum decode_answer tick_decode_wait(struct tick_decoder *decoder, const struct message *message,
                                    struct stop *stop, struct ticker *tick, struct error *error);

#endif
