/* One message, decoded as far as that is possible, and as JSON. */
#ifndef CANDLEWICK_PAGE_MESSAGES_MESSAGE_VIEW_H
#define CANDLEWICK_PAGE_MESSAGES_MESSAGE_VIEW_H

#include "base/text/strbuf.h"
#include "kafka/consumer/dead_letter.h"
#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"

/* What decodes the messages of one topic; everything is borrowed. */
struct message_viewer {
    struct record_decoder *decoder;
    struct stop *stop;
    bool dead_letters;        /* the topic is one of dead letters */
    int64_t schemas_until_ns; /* monotonic: no longer does it wait for schemas, for all messages
                                 together */
    struct text_arena *texts; /* of the newest record; the caller frees it */
};

/* Valid until the message is given back, or the viewer looks at the next one. */
struct message_view {
    const struct message *message;
    bool is_dead_letter;
    bool decoded;      /* `record` is set */
    int32_t schema_id; /* -1: none */
    const struct record_kind *kind;
    const struct text_arena *texts;
    union record_room record;
    struct error why_not; /* why the value was not decoded */
};

/* Decodes the message; waits for its schema. */
void message_view(struct message_viewer *viewer, const struct message *message,
                  struct message_view *view);

/* Appends the message as /api/messages has it (web/server.h). */
void message_view_to_json(const struct message_view *view, struct strbuf *json);

#endif
