/*
 * Writes what happens to this program, its group and its brokers to the topic of events
 * (record/event.h). Callers never wait: a separate thread registers the schema and sends the
 * events. At most 1,000 events wait to be sent; beyond that the oldest is given up and counted.
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
    const char *topic;                /* the topic of events, which must exist; borrowed */
    struct registry_client *registry; /* borrowed; its reader schema is that of events */
    const char *source;               /* the events' column `source`: this program; at most
                                         SOURCE_MAX bytes; borrowed */
    struct send_window *send_window;  /* borrowed; counts the events that are sent and not
                                         committed; NULL: they are not counted */
};

NODISCARD struct event_log *event_log_create(const struct event_log_config *config,
                                             struct error *error);

/* Adds an event with this subject, number (negative: null) and detail (NULL: null), a time and this
 * log's source. Never blocks. Any thread. Does nothing if the log is NULL or has ended; only logs
 * an event that event_check() refuses, or whose detail is too long. */
void event_log_add(struct event_log *log, const char *what, const char *subject, int64_t number,
                   const char *detail);

struct event_log_stats {
    int64_t written; /* events accepted by event_log_add() */
    int64_t acknowledged;
    int64_t given_up; /* events that were dropped because too many waited, could not be sent, or
                         can never be delivered to Kafka */
    int64_t waiting;  /* events that are neither acknowledged nor given up */
};
void event_log_stats(struct event_log *log, struct event_log_stats *stats); /* any thread */

/* Accepts no more events, waits for at most `timeout_ms` until all are acknowledged, and gives up
 * the rest. Returns whether all were acknowledged. NULL is allowed. */
bool event_log_end(struct event_log *log, int timeout_ms);

/* Ends the log at once, unless event_log_end() was called, and frees it. NULL is allowed. */
void event_log_destroy(struct event_log *log);

#endif
