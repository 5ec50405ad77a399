/*
 * Watches the topic with a given name, for one consumer or reader: its id, to notice when the topic
 * is deleted and created again, and how many partitions it has. It has its own thread and Kafka
 * client, because on the consumer's own connection a request would wait for the fetch before it,
 * which a broker holds back for up to fetch.wait.max.ms (0.5 s). It requests the id at once, then
 * every 5 s (every second while the topic is missing), and whenever topic_watch_ask() is called.
 *
 * The id that it returns was the topic's at some time before the call. It may be outdated, but it
 * is never newer than a message that is fetched afterwards: such a message belongs to the topic
 * with that id, or to a later one. So no message is ever labelled with a topic that is newer than
 * its own.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPIC_WATCH_H
#define CANDLEWICK_KAFKA_ADMIN_TOPIC_WATCH_H

#include "kafka/admin/topic_id.h"

struct topic_watch;

/* Copies all text. Fails like kafka_client_create. */
NODISCARD struct topic_watch *topic_watch_create(const struct kafka_settings *settings,
                                                 const char *topic, struct error *error);
/* Blocks for about 100 ms at most; a request in flight ends in the background. NULL is allowed. */
void topic_watch_destroy(struct topic_watch *watch);

/* The functions below may be called on any thread. */

/* Requests the id now. Never blocks. */
void topic_watch_ask(struct topic_watch *watch);
/* Blocks until a request that began after the newest topic_watch_ask is answered (or has timed out
 * after TOPIC_ID_TIMEOUT_MS), at most until `deadline_ns` (monotonic). */
void topic_watch_wait(struct topic_watch *watch, int64_t deadline_ns);
/* Returns the newest answer. If that had no id, `id` is the last known one. Never blocks. */
struct topic_id_state topic_watch_newest(struct topic_watch *watch);

#endif
