/*
 * What goes wrong in the in-process cluster, on demand: one command a line.
 *
 *     topic NAME PARTITIONS            makes a topic
 *     errors REQUEST ERROR…            answers the next requests of this kind so, one each
 *     broker-errors ID REQUEST ERROR:MS…   the same at one broker, each answer after so long
 *     clear REQUEST                    forgets what `errors` still had
 *     leader TOPIC PARTITION ID        moves a partition
 *     coordinator GROUP ID             moves a group
 *     rtt ID MS                        every answer of this broker takes so long
 *     down ID, up ID                   0: all of them
 *
 * REQUEST is one of the names in brokers_control.c; ERROR is Kafka's name: "REQUEST_TIMED_OUT",
 * "_TRANSPORT" (the connection ends without an answer), "NO_ERROR".
 */
#ifndef CANDLEWICK_TESTS_BROKERS_CONTROL_H
#define CANDLEWICK_TESTS_BROKERS_CONTROL_H

#include "kafka/admin/embedded.h"

/* Does what `line` says, which is cut into words. False: `error` says what cannot be. */
NODISCARD bool brokers_command(struct embedded_kafka *kafka, char *line, struct error *error);

#endif
