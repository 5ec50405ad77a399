#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    /* A client error is considered over if it has not recurred for this long while brokers
     * answer. */
    ERROR_LASTS_MS = 10000,
    /* If this many clients in a row get the answer that there is no such group, and none of them
     * ever had an assignment, the reason is not a missing group. */
    UNASSIGNED_CLIENTS = 3,
};

static void note_kafka_error(struct consumer *consumer, const char *text, bool lasts)
{
    consumer->kafka_noted = true;
    pthread_mutex_lock(&consumer->lock);
    struct obstacles *obstacles = &consumer->obstacles;
    (void)str_copy(str_from(text), obstacles->kafka, sizeof obstacles->kafka);
    obstacles->kafka_lasts = lasts;
    obstacles->kafka_since_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&consumer->lock);
}

static void note_trouble(struct consumer *consumer, struct consumer_stream *stream,
                         const char *text)
{
    stream->trouble_noted = true;
    pthread_mutex_lock(&consumer->lock);
    (void)str_copy(str_from(text), stream->trouble, sizeof stream->trouble);
    pthread_mutex_unlock(&consumer->lock);
}

static void set_brokers_down(struct consumer *consumer, bool down)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->obstacles.brokers_down = down;
    pthread_mutex_unlock(&consumer->lock);
}

/* Returns whether a new client may be free of a fatal error of this one, so that the member need
 * not end: the table is in docs/architecture.md (outcomes of Kafka's answers). With KIP-848
 * librdkafka makes every answer to a heartbeat that it does not know a fatal error
 * (rd_kafka_cgrp_handle_ConsumerGroupHeartbeat). */
static bool may_go_on(const struct consumer *consumer, rd_kafka_resp_err_t code)
{
    switch (code) {
    /* An operator has to grant the permission. */
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return false;
    /* The group was deleted, or its coordinator has forgotten it: joining creates it again. But a
     * group that has members of the classic protocol gives each new member the same answer. */
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
        return consumer->unassigned_clients < UNASSIGNED_CLIENTS;
    default:
        return kafka_error_kind(code) == ERROR_RETRY;
    }
}

static void fail(struct consumer *consumer, rd_kafka_resp_err_t code, const char *reason)
{
    char text[256];
    bool other_protocol = code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
    (void)snprintf(text, sizeof text, "%s%s", reason,
                   other_protocol ? " (it may have members of another protocol: end them, or use "
                                    "another --group or --strategy)"
                                  : "");
    consumer_fail(consumer, text);
}

/* Handles a fatal error: the client cannot continue. This is called within its poll, so a new
 * client is created later. */
static void take_fatal_error(struct consumer *consumer)
{
    char reason[128];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(consumer->client, reason, sizeof reason);
    if (consumer->renew_at_ns != 0 || consumer->renewing) {
        return; /* this client is being replaced already */
    }
    consumer->unassigned_clients++;
    if (!may_go_on(consumer, code)) {
        fail(consumer, code, reason);
        return;
    }
    int wait_ms = backoff_next_ms(&consumer->renewals, 0);
    consumer->renew_at_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    note_kafka_error(consumer, reason, false);
    log_warn("client_failed", log_text("member", consumer->client_id), log_text("reason", reason),
             log_int("retry_ms", wait_ms),
             log_text("meaning", "the member joins the group again with a new client"));
}

/* Handles an error; `stream` is NULL if it concerns no topic. */
static void take_error(struct consumer *consumer, struct consumer_stream *stream,
                       rd_kafka_resp_err_t code, const char *text, bool lasts)
{
    client_errors_add(&consumer->errors, consumer->client, code, text);
    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
        take_fatal_error(consumer);
        return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        set_brokers_down(consumer, true);
        return;
    /* Only one of several connections has failed; librdkafka reconnects. */
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
        return;
    default:
        break;
    }
    if (stream != NULL) {
        note_trouble(consumer, stream, text);
    } else {
        note_kafka_error(consumer, text, lasts);
    }
}

void consumer_error_callback(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    (void)client;
    take_error(opaque, NULL, (rd_kafka_resp_err_t)code, reason, false);
}

void consumer_message_error(struct consumer *consumer, struct consumer_stream *stream,
                            const rd_kafka_message_t *message)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (stream == NULL || stream == &consumer->streams[i]) {
            topic_change_doubt(&consumer->streams[i]);
        }
    }
    take_error(consumer, stream, message->err, rd_kafka_message_errstr(message), true);
}

static void forget_old_error(struct consumer *consumer)
{
    int64_t before_ns = clock_monotonic_ns() - ERROR_LASTS_MS * NS_PER_MS;
    pthread_mutex_lock(&consumer->lock);
    struct obstacles *obstacles = &consumer->obstacles;
    if (!obstacles->kafka_lasts && obstacles->kafka_since_ns < before_ns) {
        obstacles->kafka[0] = '\0';
    }
    pthread_mutex_unlock(&consumer->lock);
}

/* Only this thread changes round_trips, so it reads them without the lock; the lock is for readers
 * on other threads. */
static void note_round_trips(struct consumer *consumer, const char *json, size_t length)
{
    struct round_trips trips = consumer->measures.round_trips;
    if (round_trips_read(&trips, json, length)) {
        pthread_mutex_lock(&consumer->lock);
        consumer->measures.round_trips = trips;
        pthread_mutex_unlock(&consumer->lock);
    }
}

/* Gives a client up whose JoinGroup request stays without an answer. librdkafka waits for it for
 * max.poll.interval.ms (five minutes), without a word, even if the coordinator stands still or
 * another broker has become the coordinator; meanwhile the member reads nothing, or commits
 * nothing. KIP-848 has no such request. */
static void watch_join(struct consumer *consumer, const char *json, size_t length)
{
    static const char joins[] = "\"join_state\": \"wait-join\"";
    int64_t now_ns = clock_monotonic_ns();
    if (memmem(json, length, joins, sizeof joins - 1) == NULL) {
        consumer->joining_since_ns = 0;
    } else if (consumer->joining_since_ns == 0) {
        consumer->joining_since_ns = now_ns;
    } else if (now_ns - consumer->joining_since_ns > consumer->join_ms * NS_PER_MS &&
               consumer->renew_at_ns == 0) {
        consumer->joining_since_ns = 0;
        consumer->renew_at_ns = now_ns;
        log_warn("join_unanswered", log_text("member", consumer->client_id),
                 log_int("waited_ms", consumer->join_ms),
                 log_text("meaning", "the member joins the group again with a new client"));
    }
}

/* librdkafka calls this every 5 s (statistics.interval.ms). It shows whether any broker is
 * connected: RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN arrives sooner, but not always, and no error
 * reports that a broker is back. */
int consumer_stats_callback(rd_kafka_t *client, char *json, size_t length, void *opaque)
{
    (void)client;
    struct consumer *consumer = opaque;
    static const char up[] = "\"state\":\"UP\"";
    bool down = memmem(json, length, up, sizeof up - 1) == NULL;
    set_brokers_down(consumer, down);
    note_round_trips(consumer, json, length);
    watch_join(consumer, json, length);
    if (!down) {
        forget_old_error(consumer);
    }
    return 0; /* 0: librdkafka frees the JSON text */
}
