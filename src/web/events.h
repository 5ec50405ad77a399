/* The reading end of the events ring: one stream is one connection of /api/events. */
#ifndef CANDLEWICK_WEB_EVENTS_H
#define CANDLEWICK_WEB_EVENTS_H

#include "base/text/strbuf.h"
#include "web/server.h"

struct event_stream;

/* Begins behind `last_event_id` (the request's Last-Event-ID, or NULL) when the ring knows it, else
 * with the next event. NULL: ERROR_RETRY, when `most` streams of the ring are open, or memory ran
 * out. `events` is borrowed. */
NODISCARD struct event_stream *event_stream_create(struct web_events *events, int most,
                                                   int heartbeat_ms, const char *last_event_id,
                                                   struct error *error);

/* The two functions that http_reply wants. The first waits at most half a second. */
bool event_stream_next(void *stream, struct strbuf *chunk);
void event_stream_destroy(void *stream);

#endif
