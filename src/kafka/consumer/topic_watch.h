/*
 * Watches which topic stands behind a name, for one consumer: a thread and a Kafka client of its
 * own, so that nobody else's requests wait behind these, nor these behind others. The id is asked
 * for at once, every 5 s (every second while the topic is away), and whenever somebody doubts it.
 *
 * The id that is told is one the topic had at some time before the call: it can be old by now, but
 * is never newer than a message that is fetched afterwards. So what is labelled with it is labelled
 * with its own topic, or an older one, and never with a newer one.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_TOPIC_WATCH_H
#define CANDLEWICK_KAFKA_CONSUMER_TOPIC_WATCH_H

#include "kafka/admin/topic_id.h"

struct topic_watch;

/* Text is copied. NULL as for kafka_client_create. */
NODISCARD struct topic_watch *topic_watch_create(const struct kafka_settings *settings,
                                                 const char *topic, struct error *error);
/* Blocks for some 100 ms at most; a question that is still open ends in the background. NULL is
 * allowed. */
void topic_watch_destroy(struct topic_watch *watch);

/* All on any thread. */

/* Has the id asked for now. Never blocks. */
void topic_watch_ask(struct topic_watch *watch);
/* Blocks until a question that began after the newest topic_watch_ask is answered (or nobody
 * answered in TOPIC_ID_TIMEOUT_MS), at most until `deadline_ns` (monotonic). */
void topic_watch_wait(struct topic_watch *watch, int64_t deadline_ns);
/* The newest answer; its id is the newest one ever told, whatever its kind. Never blocks. */
struct topic_sight topic_watch_look(struct topic_watch *watch);

#endif
