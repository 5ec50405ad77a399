/*
 * Writes what happens to this program, its group and its brokers as events (record/event.h) to
 * their topic. Whoever writes one never waits: a thread of its own registers the schema and sends.
 * What cannot be sent waits, at most 1,000 events; then the oldest is given up, and counted.
 */
#ifndef CANDLEWICK_PIPELINE_EVENT_LOG_H
#define CANDLEWICK_PIPELINE_EVENT_LOG_H

#include "kafka/client/settings.h"
#include "record/event.h"
#include "registry/client/client.h"

struct event_log;
struct send_window;

enum { EVENT_LOG_WAITING_MAX = 1000 };

struct event_log_config {
    struct kafka_settings kafka;
    const char *topic;                /* that of the events, which somebody else makes; borrowed */
    struct registry_client *registry; /* borrowed; reads the kind event */
    const char *source;               /* who writes: at most SOURCE_MAX bytes; borrowed */
    struct send_window *send_window;  /* borrowed; NULL: nobody counts */
};

NODISCARD struct event_log *event_log_create(const struct event_log_config *config,
                                             struct error *error);

/* Writes a copy of the event, with a time and this log's source. Never blocks. Any thread. Does
 * nothing with a log that is NULL or ended; one that event_check() refuses is only logged. */
void event_log_write(struct event_log *log, const struct event *event);

/* Writes an event with a subject, a number (negative: none) and a detail (NULL: none; cut to what
 * fits), otherwise like event_log_write(). */
void event_log_tell(struct event_log *log, const char *what, const char *subject, int64_t number,
                    const char *detail);

struct event_log_stats {
    int64_t written; /* by event_log_write() */
    int64_t acknowledged;
    int64_t given_up; /* the oldest ones of too many, and those that Kafka can never take */
    int64_t waiting;  /* neither yet */
};
void event_log_stats(struct event_log *log, struct event_log_stats *stats); /* any thread */

/* Waits for at most `timeout_ms` until everything is acknowledged, gives up the rest, and takes no
 * more events. Returns whether all is acknowledged. NULL is allowed. */
bool event_log_end(struct event_log *log, int timeout_ms);

/* Ends the log at once, unless event_log_end() was called, and frees it. NULL is allowed. */
void event_log_destroy(struct event_log *log);

#endif
