#include "kafka/client/client_end.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"

/* Shared by the thread that destroys the client and the caller that waits for it; whichever uses it
 * last frees it. */
struct ending {
    rd_kafka_t *client;
    int flags;
    pthread_mutex_t lock; /* protects `ended` and `left` */
    pthread_cond_t change;
    bool ended;
    bool left; /* the caller no longer waits */
};

static void free_ending(struct ending *ending)
{
    pthread_cond_destroy(&ending->change);
    pthread_mutex_destroy(&ending->lock);
    free(ending);
}

static void *end_main(void *argument)
{
    struct ending *ending = argument;
    rd_kafka_destroy_flags(ending->client, ending->flags);
    pthread_mutex_lock(&ending->lock);
    ending->ended = true;
    bool left = ending->left;
    pthread_cond_signal(&ending->change);
    pthread_mutex_unlock(&ending->lock);
    if (left) {
        free_ending(ending);
    }
    return NULL;
}

/* Returns whether the client was destroyed in time. */
static bool wait_for_end(struct ending *ending, int64_t deadline_ns)
{
    pthread_mutex_lock(&ending->lock);
    while (!ending->ended && clock_monotonic_ns() < deadline_ns) {
        waiting_until(&ending->change, &ending->lock, deadline_ns);
    }
    bool ended = ending->ended;
    ending->left = !ended;
    pthread_mutex_unlock(&ending->lock);
    return ended;
}

void client_end(rd_kafka_t *client, int flags, int64_t deadline_ns)
{
    pthread_t thread;
    struct ending *ending = calloc(1, sizeof *ending);
    if (ending == NULL) {
        rd_kafka_destroy_flags(client, flags);
        return;
    }
    ending->client = client;
    ending->flags = flags;
    pthread_mutex_init(&ending->lock, NULL);
    waiting_init(&ending->change);
    if (pthread_create(&thread, NULL, end_main, ending) != 0) {
        (void)end_main(ending);
        free_ending(ending);
    } else if (wait_for_end(ending, deadline_ns)) {
        (void)pthread_join(thread, NULL);
        free_ending(ending);
    } else {
        (void)pthread_detach(thread);
        log_info("client_ends_later", log_text("reason", "the brokers do not answer"));
    }
}
