#include "base/handover.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    BLOCK_RECORDS = 256, /* records per block; the lock is taken once per block */
    BLOCKS = 8,
};

struct block {
    char *records;
    size_t count;
};

/* The blocks are a ring. `filled` counts the blocks that the caller has filled, and `taken` those
 * that the thread has consumed; block n is blocks[n % BLOCKS]. */
struct handover {
    size_t record_bytes;
    handover_take take;
    void *context;
    pthread_t thread;
    struct block blocks[BLOCKS]; /* blocks from `taken` to before `filled` belong to the thread,
                                    the others to the caller */

    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    size_t filled, taken;
    bool failed; /* `take` has returned false */
    bool ending;
};

static bool take_block(struct handover *handover, const struct block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        if (!handover->take(handover->context, block->records + i * handover->record_bytes)) {
            return false;
        }
    }
    return true;
}

static void *run(void *context)
{
    struct handover *handover = context;
    pthread_mutex_lock(&handover->lock);
    while (!handover->ending) {
        if (handover->taken == handover->filled) {
            pthread_cond_wait(&handover->changed, &handover->lock);
            continue;
        }
        const struct block *block = &handover->blocks[handover->taken % BLOCKS];
        bool failed = handover->failed;
        pthread_mutex_unlock(&handover->lock);
        failed = failed || !take_block(handover, block);
        pthread_mutex_lock(&handover->lock);
        handover->failed = failed;
        handover->taken++;
        pthread_cond_broadcast(&handover->changed);
    }
    pthread_mutex_unlock(&handover->lock);
    return NULL;
}

static void free_all(struct handover *handover)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        free(handover->blocks[i].records);
    }
    pthread_cond_destroy(&handover->changed);
    pthread_mutex_destroy(&handover->lock);
    free(handover);
}

struct handover *handover_create(size_t record_bytes, handover_take take, void *context,
                                 struct error *error)
{
    struct handover *handover = calloc(1, sizeof *handover);
    if (handover == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    handover->record_bytes = record_bytes;
    handover->take = take;
    handover->context = context;
    pthread_mutex_init(&handover->lock, NULL);
    pthread_cond_init(&handover->changed, NULL);
    bool room = true;
    for (size_t i = 0; i < BLOCKS; i++) {
        handover->blocks[i].records = calloc(BLOCK_RECORDS, record_bytes);
        room = room && handover->blocks[i].records != NULL;
    }
    if (!room || pthread_create(&handover->thread, NULL, run, handover) != 0) {
        (void)error_set(error, ERROR_FATAL, "no memory, or no thread, to work with two threads");
        free_all(handover);
        return NULL;
    }
    return handover;
}

void handover_destroy(struct handover *handover)
{
    if (handover == NULL) {
        return;
    }
    pthread_mutex_lock(&handover->lock);
    handover->ending = true;
    pthread_cond_broadcast(&handover->changed);
    pthread_mutex_unlock(&handover->lock);
    pthread_join(handover->thread, NULL);
    free_all(handover);
}

/* Only the caller changes `filled`, so it may read it without the lock. */
static struct block *open_block(struct handover *handover)
{
    return &handover->blocks[handover->filled % BLOCKS];
}

void *handover_room(struct handover *handover)
{
    struct block *block = open_block(handover);
    return block->records + block->count * handover->record_bytes;
}

/* Passes the open block on, and waits until at most `left` blocks are not consumed. */
static bool pass_on(struct handover *handover, size_t left)
{
    pthread_mutex_lock(&handover->lock);
    if (open_block(handover)->count > 0) {
        handover->filled++;
        pthread_cond_broadcast(&handover->changed);
    }
    while (handover->filled - handover->taken > left) {
        pthread_cond_wait(&handover->changed, &handover->lock);
    }
    bool fine = !handover->failed;
    pthread_mutex_unlock(&handover->lock);
    open_block(handover)->count = 0;
    return fine;
}

bool handover_put(struct handover *handover)
{
    return ++open_block(handover)->count < BLOCK_RECORDS || pass_on(handover, BLOCKS - 1);
}

bool handover_pass(struct handover *handover)
{
    open_block(handover)->count++;
    return pass_on(handover, BLOCKS - 1);
}

bool handover_drain(struct handover *handover)
{
    return pass_on(handover, 0);
}
