/* Reads the event ring. Each connection of /api/events has one stream. */
#ifndef CANDLEWICK_WEB_EVENTS_H
#define CANDLEWICK_WEB_EVENTS_H

#include "base/text/strbuf.h"
#include "web/server.h"

struct event_stream;

/* Creates a stream that starts after `last_event_id` (the request's Last-Event-ID, or NULL) if the
 * ring knows that event, else with the next event. Returns NULL with ERROR_RETRY when `most`
 * streams of the ring are open or memory runs out. `events` is borrowed. */
NODISCARD struct event_stream *event_stream_create(struct web_events *events, int most,
                                                   int heartbeat_ms, const char *last_event_id,
                                                   struct error *error);

/* These are http_reply's stream_next and stream_free. event_stream_next() waits for at most half a
 * second. */
bool event_stream_next(void *stream, struct strbuf *chunk);
void event_stream_destroy(void *stream);

#endif
