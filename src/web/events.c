#include "web/events.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/waiting.h"

enum {
    WAIT_MS = 500,          /* how often the server checks whether it should end, at least */
    CHUNK_EVENTS = 256,     /* the most events that are copied while the lock is held */
    CHUNK_BYTES = 64 << 10, /* after this many bytes no further event is copied */
    EVENT_LIMIT = 4 << 20,  /* the most bytes of one event */
    RING_LIMIT = 16 << 20,  /* the most bytes of all events in the ring; the newest event is
                               always kept */
    RECONNECT_MS = 2000,    /* how long a browser waits before it reconnects */
};

/* One event, as it is sent. */
struct event {
    char *text; /* NULL: memory ran out when it was published */
    size_t length;
};

struct web_events {
    pthread_mutex_t lock; /* protects the fields below */
    pthread_cond_t changed;
    struct event *ring; /* event number n is in slot n % capacity */
    size_t capacity;
    size_t bytes;   /* of all events in the ring */
    int64_t first;  /* number of the oldest event in the ring */
    int64_t next;   /* number of the next event; the first is 1 */
    int64_t run_ms; /* distinguishes this ring's event ids from those of an earlier process */
    int readers;    /* number of open streams */
    bool closed;
};

struct event_stream {
    struct web_events *events;
    int64_t next;      /* number of the event to be read next */
    int64_t beat_ns;   /* when the next heartbeat is due, monotonic */
    int64_t period_ns; /* time between two heartbeats */
    bool greeted;
};

struct web_events *web_events_create(size_t capacity, struct error *error)
{
    struct web_events *events = calloc(1, sizeof *events);
    struct event *ring = calloc(capacity, sizeof *ring);
    if (events == NULL || ring == NULL) {
        free(ring);
        free(events);
        (void)error_set(error, ERROR_FATAL, "no memory for %zu events", capacity);
        return NULL;
    }
    *events = (struct web_events){.ring = ring,
                                  .capacity = capacity,
                                  .first = 1,
                                  .next = 1,
                                  .run_ms = clock_wall_ns() / NS_PER_MS};
    waiting_init(&events->changed);
    (void)pthread_mutex_init(&events->lock, NULL);
    return events;
}

void web_events_destroy(struct web_events *events)
{
    if (events == NULL) {
        return;
    }
    for (size_t i = 0; i < events->capacity; ++i) {
        free(events->ring[i].text);
    }
    free(events->ring);
    (void)pthread_cond_destroy(&events->changed);
    (void)pthread_mutex_destroy(&events->lock);
    free(events);
}

/* Writes each line of the data as a separate field, because a line break ends a field. */
static void append_data(struct strbuf *text, struct str data)
{
    struct str line;
    while (str_split(&data, '\n', &line)) {
        strbuf_append_text(text, "data: ");
        strbuf_append_str(text, str_trim(line));
        strbuf_append_char(text, '\n');
    }
}

/* Drops the oldest event. The caller holds the lock. */
static void drop_oldest(struct web_events *events)
{
    struct event *oldest = &events->ring[(size_t)events->first % events->capacity];
    events->bytes -= oldest->length;
    free(oldest->text);
    *oldest = (struct event){0};
    events->first++;
}

void web_events_publish(struct web_events *events, const char *name, struct str json)
{
    struct strbuf body = strbuf_new(EVENT_LIMIT);
    append_data(&body, json);
    struct strbuf text = strbuf_new(EVENT_LIMIT);
    (void)pthread_mutex_lock(&events->lock);
    int64_t number = events->next;
    int64_t run_ms = events->run_ms;
    if (!events->closed) {
        strbuf_append_format(&text, "id: %lld-%lld\nevent: %s\n", (long long)run_ms,
                             (long long)number, name);
        strbuf_append_str(&text, strbuf_str(&body));
        strbuf_append_char(&text, '\n');
        if ((size_t)(number - events->first) == events->capacity) {
            drop_oldest(events);
        }
        struct event *slot = &events->ring[(size_t)number % events->capacity];
        size_t length = text.length;
        slot->text = body.failed ? NULL : strbuf_take(&text);
        slot->length = slot->text != NULL ? length : 0;
        events->bytes += slot->length;
        events->next = number + 1;
        while (events->bytes > RING_LIMIT && events->first < number) {
            drop_oldest(events);
        }
        (void)pthread_cond_broadcast(&events->changed);
    }
    (void)pthread_mutex_unlock(&events->lock);
    strbuf_free(&text);
    strbuf_free(&body);
}

void web_events_close(struct web_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    events->closed = true;
    (void)pthread_cond_broadcast(&events->changed);
    (void)pthread_mutex_unlock(&events->lock);
}

/* Returns the number in "RUN-NUMBER" if this ring still has that event; otherwise -1. */
static int64_t known_number(const struct web_events *events, const char *last_event_id)
{
    struct str rest = str_from(last_event_id);
    struct str run;
    struct str number;
    int64_t run_ms;
    int64_t value;
    bool known = str_split(&rest, '-', &run) && str_split(&rest, '-', &number) &&
                 str_to_int64(run, &run_ms) && str_to_int64(number, &value) &&
                 run_ms == events->run_ms && value > 0 && value < events->next;
    return known ? value : -1;
}

/* Counts one more open stream; fails when `most` are open already. */
static bool enter(struct web_events *events, int most, struct error *error)
{
    (void)pthread_mutex_lock(&events->lock);
    bool free_place = events->readers < most;
    events->readers += free_place ? 1 : 0;
    (void)pthread_mutex_unlock(&events->lock);
    return free_place ||
           error_set(error, ERROR_RETRY,
                     "%d pages are live already, and no more can be: this one has to ask by itself "
                     "until another is closed",
                     most);
}

static void leave(struct web_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    events->readers--;
    (void)pthread_mutex_unlock(&events->lock);
}

struct event_stream *event_stream_create(struct web_events *events, int most, int heartbeat_ms,
                                         const char *last_event_id, struct error *error)
{
    if (!enter(events, most, error)) {
        return NULL;
    }
    struct event_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        leave(events);
        (void)error_set(error, ERROR_RETRY, "no memory for another reader of events");
        return NULL;
    }
    stream->events = events;
    stream->period_ns = heartbeat_ms * NS_PER_MS;
    stream->beat_ns = clock_monotonic_ns() + stream->period_ns;
    (void)pthread_mutex_lock(&events->lock);
    int64_t last = last_event_id != NULL ? known_number(events, last_event_id) : -1;
    stream->next = last > 0 ? last + 1 : events->next;
    (void)pthread_mutex_unlock(&events->lock);
    return stream;
}

void event_stream_destroy(void *context)
{
    struct event_stream *stream = context;
    leave(stream->events);
    free(stream);
}

/* Copies the events that the stream has not read; before them, if it has missed any, a "lost" event
 * with their number. The caller holds the lock. */
static void take_events(struct event_stream *stream, struct strbuf *chunk)
{
    struct web_events *events = stream->events;
    int64_t lost = stream->next < events->first ? events->first - stream->next : 0;
    stream->next += lost;
    int64_t until = stream->next + CHUNK_EVENTS;
    if (lost > 0) {
        strbuf_append_format(chunk, "event: lost\ndata: {\"lost\":%lld}\n\n", (long long)lost);
    }
    for (; stream->next < events->next && stream->next < until && chunk->length < CHUNK_BYTES;
         ++stream->next) {
        const struct event *event = &events->ring[(size_t)stream->next % events->capacity];
        if (event->text == NULL) {
            strbuf_append_text(chunk, "event: lost\ndata: {\"lost\":1}\n\n");
        } else {
            strbuf_append(chunk, event->text, event->length);
        }
    }
}

/* Waits until there is an event, the ring is closed, a heartbeat is due or WAIT_MS is over. The
 * caller holds the lock. */
static void wait_for_events(const struct event_stream *stream)
{
    struct web_events *events = stream->events;
    int64_t until_ns = clock_monotonic_ns() + WAIT_MS * NS_PER_MS;
    if (stream->beat_ns < until_ns) {
        until_ns = stream->beat_ns;
    }
    bool in_time = true;
    while (stream->next >= events->next && !events->closed && in_time) {
        in_time = waiting_until(&events->changed, &events->lock, until_ns);
    }
}

bool event_stream_next(void *context, struct strbuf *chunk)
{
    struct event_stream *stream = context;
    if (!stream->greeted) {
        stream->greeted = true;
        strbuf_append_format(chunk, "retry: %d\n\n", RECONNECT_MS);
        return true;
    }
    struct web_events *events = stream->events;
    (void)pthread_mutex_lock(&events->lock);
    wait_for_events(stream);
    take_events(stream, chunk);
    bool more = !events->closed || stream->next < events->next;
    (void)pthread_mutex_unlock(&events->lock);
    int64_t now_ns = clock_monotonic_ns();
    if (chunk->length > 0) {
        stream->beat_ns = now_ns + stream->period_ns;
    } else if (now_ns >= stream->beat_ns) {
        strbuf_append_text(chunk, ": still here\n\n");
        stream->beat_ns = now_ns + stream->period_ns;
    }
    return more;
}
