#include "pipeline/flow.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/waiting.h"

/* How often a blocked producer checks the stop. */
enum { LOOK_MS = 50 };

struct partition_flow {
    int64_t delivered; /* one past the highest offset that a delivery report contained */
    int64_t committed;
};

struct flow {
    pthread_mutex_t lock; /* protects all members below */
    pthread_cond_t moved;
    int64_t window;
    int64_t in_flight; /* messages taken that are neither delivered nor given back */
    int count;
    struct partition_flow partitions[];
};

struct flow *flow_create(int partitions, int64_t window, struct error *error)
{
    size_t size = sizeof(struct flow) + (size_t)partitions * sizeof(struct partition_flow);
    struct flow *flow = calloc(1, size);
    if (flow == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    waiting_init(&flow->moved);
    pthread_mutex_init(&flow->lock, NULL);
    flow->window = window;
    flow->count = partitions;
    return flow;
}

void flow_destroy(struct flow *flow)
{
    if (flow == NULL) {
        return;
    }
    pthread_cond_destroy(&flow->moved);
    pthread_mutex_destroy(&flow->lock);
    free(flow);
}

static int64_t open_messages(const struct flow *flow)
{
    int64_t open = flow->in_flight;
    for (int i = 0; i < flow->count; i++) {
        const struct partition_flow *partition = &flow->partitions[i];
        if (partition->delivered > partition->committed) {
            open += partition->delivered - partition->committed;
        }
    }
    return open;
}

bool flow_take(struct flow *flow, const struct stop *stop)
{
    pthread_mutex_lock(&flow->lock);
    while (open_messages(flow) >= flow->window && !stop_requested(stop)) {
        waiting_until(&flow->moved, &flow->lock, clock_monotonic_ns() + LOOK_MS * NS_PER_MS);
    }
    bool taken = open_messages(flow) < flow->window;
    if (taken) {
        flow->in_flight++;
    }
    pthread_mutex_unlock(&flow->lock);
    return taken;
}

void flow_give_back(struct flow *flow)
{
    pthread_mutex_lock(&flow->lock);
    flow->in_flight--;
    pthread_cond_broadcast(&flow->moved);
    pthread_mutex_unlock(&flow->lock);
}

void flow_delivered(struct flow *flow, int32_t partition, int64_t offset)
{
    pthread_mutex_lock(&flow->lock);
    flow->in_flight--;
    if (partition >= 0 && partition < flow->count &&
        flow->partitions[partition].delivered < offset + 1) {
        flow->partitions[partition].delivered = offset + 1;
    }
    pthread_cond_broadcast(&flow->moved);
    pthread_mutex_unlock(&flow->lock);
}

void flow_committed(struct flow *flow, int32_t partition, int64_t next)
{
    pthread_mutex_lock(&flow->lock);
    if (partition >= 0 && partition < flow->count && flow->partitions[partition].committed < next) {
        flow->partitions[partition].committed = next;
        pthread_cond_broadcast(&flow->moved);
    }
    pthread_mutex_unlock(&flow->lock);
}

int64_t flow_open(struct flow *flow)
{
    pthread_mutex_lock(&flow->lock);
    int64_t open = open_messages(flow);
    pthread_mutex_unlock(&flow->lock);
    return open;
}
