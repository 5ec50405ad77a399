#include "kafka/client_end.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

struct ending {
    rd_kafka_t *client;
    int flags;
};

static void *end_main(void *argument)
{
    struct ending *ending = argument;
    rd_kafka_destroy_flags(ending->client, ending->flags);
    free(ending);
    return NULL;
}

void client_end(rd_kafka_t *client, int flags, int64_t deadline_ns)
{
    pthread_t thread;
    struct ending *ending = malloc(sizeof *ending);
    if (ending != NULL) {
        *ending = (struct ending){client, flags};
    }
    if (ending == NULL || pthread_create(&thread, NULL, end_main, ending) != 0) {
        free(ending);
        rd_kafka_destroy_flags(client, flags);
        return;
    }
    const struct timespec deadline = {
        .tv_sec = deadline_ns / NS_PER_SECOND,
        .tv_nsec = deadline_ns % NS_PER_SECOND,
    };
    if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &deadline) != 0) {
        (void)pthread_detach(thread);
        log_info("client_ends_later", log_text("reason", "the brokers do not answer"));
    }
}
