#include "cli/signal_watch.h"

#include <pthread.h>
#include <stdlib.h>

struct signal_watch {
    struct stop *stop;
    struct stop *over; /* requested when the watch is destroyed */
    int64_t limit_ns;
    pthread_t thread;
};

static void *wait_for_signals(void *context)
{
    struct signal_watch *watch = context;
    stop_wait_signals(watch->stop, watch->limit_ns);
    /* Stay alive until the command ends: a second signal ends the process, but only if a thread
     * that does not block the signal receives it. */
    (void)stop_wait_ms(watch->over, -1);
    return NULL;
}

struct signal_watch *signal_watch_create(struct stop *stop, int64_t limit_ns, struct error *error)
{
    struct signal_watch *watch = malloc(sizeof *watch);
    if (watch == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    *watch = (struct signal_watch){.stop = stop, .over = stop_create(error), .limit_ns = limit_ns};
    if (watch->over == NULL) {
        goto fail;
    }
    if (pthread_create(&watch->thread, NULL, wait_for_signals, watch) != 0) {
        error_set(error, ERROR_FATAL, "no thread to wait for signals could be made");
        goto fail;
    }
    return watch;

fail:
    stop_destroy(watch->over);
    free(watch);
    return NULL;
}

void signal_watch_destroy(struct signal_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    stop_request(watch->stop);
    stop_request(watch->over);
    pthread_join(watch->thread, NULL);
    stop_destroy(watch->over);
    free(watch);
}
