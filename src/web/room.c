#include "web/room.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/waiting.h"

struct room {
    pthread_mutex_t lock; /* protects the fields below */
    pthread_cond_t given;
    size_t left;
    size_t kept;
};

struct room *room_create(size_t bytes, size_t kept_bytes, struct error *error)
{
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for the web server");
        return NULL;
    }
    room->left = bytes;
    room->kept = kept_bytes;
    waiting_init(&room->given);
    (void)pthread_mutex_init(&room->lock, NULL);
    return room;
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
    (void)pthread_mutex_lock(&room->lock);
    size_t needed = bytes > room->kept ? bytes + room->kept : bytes;
    bool in_time = true;
    while (room->left < needed && in_time) {
        in_time = waiting_until(&room->given, &room->lock, until_ns);
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
