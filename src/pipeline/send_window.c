#include "pipeline/send_window.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/waiting.h"

/* How often a blocked producer checks the stop. */
enum { LOOK_MS = 50 };

struct window_partition {
    int64_t delivered; /* one past the highest offset of a delivery report */
    int64_t committed;
};

struct send_window {
    pthread_mutex_t lock; /* protects all members below */
    pthread_cond_t moved;
    int64_t window;
    int64_t in_flight; /* places that are taken, but neither delivered nor freed */
    int count;
    struct window_partition partitions[];
};

struct send_window *send_window_create(int partitions, int64_t window, struct error *error)
{
    size_t size = sizeof(struct send_window) + (size_t)partitions * sizeof(struct window_partition);
    struct send_window *send_window = calloc(1, size);
    if (send_window == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    waiting_init(&send_window->moved);
    pthread_mutex_init(&send_window->lock, NULL);
    send_window->window = window;
    send_window->count = partitions;
    return send_window;
}

void send_window_destroy(struct send_window *send_window)
{
    if (send_window == NULL) {
        return;
    }
    pthread_cond_destroy(&send_window->moved);
    pthread_mutex_destroy(&send_window->lock);
    free(send_window);
}

static int64_t open_messages(const struct send_window *send_window)
{
    int64_t open = send_window->in_flight;
    for (int i = 0; i < send_window->count; i++) {
        const struct window_partition *partition = &send_window->partitions[i];
        if (partition->delivered > partition->committed) {
            open += partition->delivered - partition->committed;
        }
    }
    return open;
}

bool send_window_acquire(struct send_window *send_window, const struct stop *stop)
{
    pthread_mutex_lock(&send_window->lock);
    while (open_messages(send_window) >= send_window->window && !stop_requested(stop)) {
        waiting_until(&send_window->moved, &send_window->lock,
                      clock_monotonic_ns() + LOOK_MS * NS_PER_MS);
    }
    bool taken = open_messages(send_window) < send_window->window;
    if (taken) {
        send_window->in_flight++;
    }
    pthread_mutex_unlock(&send_window->lock);
    return taken;
}

void send_window_release(struct send_window *send_window)
{
    pthread_mutex_lock(&send_window->lock);
    send_window->in_flight--;
    pthread_cond_broadcast(&send_window->moved);
    pthread_mutex_unlock(&send_window->lock);
}

void send_window_delivered(struct send_window *send_window, int32_t partition, int64_t offset)
{
    pthread_mutex_lock(&send_window->lock);
    send_window->in_flight--;
    if (partition >= 0 && partition < send_window->count &&
        send_window->partitions[partition].delivered < offset + 1) {
        send_window->partitions[partition].delivered = offset + 1;
    }
    pthread_cond_broadcast(&send_window->moved);
    pthread_mutex_unlock(&send_window->lock);
}

void send_window_committed(struct send_window *send_window, int32_t partition, int64_t next)
{
    pthread_mutex_lock(&send_window->lock);
    if (partition >= 0 && partition < send_window->count &&
        send_window->partitions[partition].committed < next) {
        send_window->partitions[partition].committed = next;
        pthread_cond_broadcast(&send_window->moved);
    }
    pthread_mutex_unlock(&send_window->lock);
}

int64_t send_window_open(struct send_window *send_window)
{
    pthread_mutex_lock(&send_window->lock);
    int64_t open = open_messages(send_window);
    pthread_mutex_unlock(&send_window->lock);
    return open;
}
