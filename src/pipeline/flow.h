/*
 * How far the members are behind the producer of the same process, counted from delivery reports
 * and commits. It keeps a producer from outrunning its consumers (the embedded cluster forgets what
 * passes 5 MiB a partition), and knows when everything that was sent has been committed. Any
 * thread.
 */
#ifndef CANDLEWICK_PIPELINE_FLOW_H
#define CANDLEWICK_PIPELINE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct flow;
struct stop;

/* `window`: how many messages may be sent and not yet committed. */
NODISCARD struct flow *flow_create(int partitions, int64_t window, struct error *error);
void flow_destroy(struct flow *flow); /* NULL is allowed */

/* Takes one place in the window; blocks while there is none. False: there is none, and the stop was
 * requested. A place that is there is given also then: a tick that has been stamped still goes. */
NODISCARD bool flow_take(struct flow *flow, const struct stop *stop);
/* Gives the place back: the message was not sent, or will never be delivered. */
void flow_give_back(struct flow *flow);
/* The message is in the log. */
void flow_delivered(struct flow *flow, int32_t partition, int64_t offset);
/* All before `next` is committed. */
void flow_committed(struct flow *flow, int32_t partition, int64_t next);

/* Taken and not given back, less what is committed: 0 when all is done. */
int64_t flow_open(struct flow *flow);

#endif
