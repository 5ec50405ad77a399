#include "record/stream.h"

#include <stdio.h>

bool stream_set(struct stream *stream, const struct record_kind *kind, struct str topic)
{
    *stream = (struct stream){.kind = kind};
    if (!str_copy(topic, stream->topic, sizeof stream->topic)) {
        return false;
    }
    int length = snprintf(stream->dead_letter_topic, sizeof stream->dead_letter_topic, "%s%s",
                          stream->topic, STREAM_DEAD_LETTERS);
    return length > 0 && (size_t)length < sizeof stream->dead_letter_topic;
}

const struct stream *stream_of_kind(const struct stream *streams, size_t count,
                                    const struct record_kind *kind)
{
    for (size_t i = 0; i < count; i++) {
        if (streams[i].kind == kind) {
            return &streams[i];
        }
    }
    return NULL;
}
