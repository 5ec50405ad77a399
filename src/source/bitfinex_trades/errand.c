#include "source/bitfinex_trades/errand.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text/str.h"

struct errand {
    void (*run)(void *context);
    void *context;
    char name[16];
    int done_fd; /* an eventfd(2): readable from a call's end to errand_take() */
    bool out;    /* the owner's: a call was started, and its end was not taken yet */
    pthread_t thread;
    pthread_mutex_t lock; /* protects what follows */
    pthread_cond_t changed;
    bool wanted; /* the thread is to make a call */
    bool over;   /* the thread is to exit */
};

/* Waits for the next call. Returns false when there will be none. */
static bool wait_for_call(struct errand *errand)
{
    (void)pthread_mutex_lock(&errand->lock);
    while (!errand->wanted && !errand->over) {
        (void)pthread_cond_wait(&errand->changed, &errand->lock);
    }
    bool wanted = !errand->over;
    errand->wanted = false;
    (void)pthread_mutex_unlock(&errand->lock);
    return wanted;
}

static void *work(void *context)
{
    struct errand *errand = context;
    (void)pthread_setname_np(pthread_self(), errand->name);
    while (wait_for_call(errand)) {
        errand->run(errand->context);
        (void)eventfd_write(errand->done_fd, 1);
    }
    return NULL;
}

struct errand *errand_create(const char *name, void (*run)(void *context), void *context,
                             struct error *error)
{
    struct errand *errand = calloc(1, sizeof *errand);
    if (errand == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a thread");
        return NULL;
    }
    errand->run = run;
    errand->context = context;
    (void)str_copy(str_from(name), errand->name, sizeof errand->name);
    (void)pthread_mutex_init(&errand->lock, NULL);
    (void)pthread_cond_init(&errand->changed, NULL);
    errand->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int failure = errand->done_fd < 0 ? errno : pthread_create(&errand->thread, NULL, work, errand);
    if (failure != 0) {
        (void)error_set(error, ERROR_FATAL, "cannot start a thread: %s", strerror(failure));
        if (errand->done_fd >= 0) {
            (void)close(errand->done_fd);
        }
        free(errand);
        return NULL;
    }
    return errand;
}

static void signal_thread(struct errand *errand, bool over)
{
    (void)pthread_mutex_lock(&errand->lock);
    errand->wanted = !over;
    errand->over = over;
    (void)pthread_cond_signal(&errand->changed);
    (void)pthread_mutex_unlock(&errand->lock);
}

void errand_destroy(struct errand *errand)
{
    if (errand == NULL) {
        return;
    }
    signal_thread(errand, true);
    (void)pthread_join(errand->thread, NULL);
    (void)pthread_cond_destroy(&errand->changed);
    (void)pthread_mutex_destroy(&errand->lock);
    (void)close(errand->done_fd);
    free(errand);
}

void errand_start(struct errand *errand)
{
    errand->out = true;
    signal_thread(errand, false);
}

bool errand_is_free(const struct errand *errand)
{
    return !errand->out;
}

bool errand_take(struct errand *errand)
{
    eventfd_t calls = 0;
    if (!errand->out || eventfd_read(errand->done_fd, &calls) != 0) {
        return false;
    }
    errand->out = false;
    return true;
}

int errand_fd(const struct errand *errand)
{
    return errand->done_fd;
}
