#include "web/room.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct room {
    pthread_mutex_t lock; /* protects all below */
    pthread_cond_t given;
    size_t left;
    size_t kept;
};

struct room *room_create(size_t bytes, size_t kept_bytes, struct error *error)
{
    struct room *room = calloc(1, sizeof *room);
    pthread_condattr_t monotonic;
    if (room == NULL || pthread_condattr_init(&monotonic) != 0) {
        goto failed;
    }
    room->left = bytes;
    room->kept = kept_bytes;
    bool ready = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                 pthread_cond_init(&room->given, &monotonic) == 0;
    (void)pthread_condattr_destroy(&monotonic);
    if (ready && pthread_mutex_init(&room->lock, NULL) == 0) {
        return room;
    }
failed:
    free(room);
    (void)error_set(error, ERROR_FATAL, "no memory for the web server");
    return NULL;
}

void room_destroy(struct room *room)
{
    if (room != NULL) {
        (void)pthread_cond_destroy(&room->given);
        (void)pthread_mutex_destroy(&room->lock);
        free(room);
    }
}

bool room_take(struct room *room, size_t bytes, int within_ms)
{
    int64_t until_ns = clock_monotonic_ns() + within_ms * NS_PER_MS;
    struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_SECOND),
                             .tv_nsec = (long)(until_ns % NS_PER_SECOND)};
    (void)pthread_mutex_lock(&room->lock);
    size_t needed = bytes > room->kept ? bytes + room->kept : bytes;
    int result = 0;
    while (room->left < needed && result == 0) {
        result = pthread_cond_timedwait(&room->given, &room->lock, &until);
    }
    bool taken = room->left >= needed;
    room->left -= taken ? bytes : 0;
    (void)pthread_mutex_unlock(&room->lock);
    return taken;
}

void room_give(struct room *room, size_t bytes)
{
    (void)pthread_mutex_lock(&room->lock);
    room->left += bytes;
    (void)pthread_cond_broadcast(&room->given);
    (void)pthread_mutex_unlock(&room->lock);
}
