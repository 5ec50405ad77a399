#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* Ticks that are told while the disk is busy go down with the next sync: a group. */
struct ledger {
    FILE *file;
    bool failed;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t more;
    struct ticker *ticks;
    size_t count, capacity;
    bool ending, no_memory;
};

static void print_double(FILE *file, bool has, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (has) {
        fprintf(file, " %016" PRIx64, bits);
    } else {
        fputs(" -", file);
    }
}

static void print_tick(FILE *file, const struct ticker *tick)
{
    fprintf(file, "%s %" PRId64, tick->symbol, tick->event_time_ns);
    print_double(file, true, tick->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        print_double(file, tick->has[i], tick->figures[i]);
    }
    fprintf(file, " %" PRId64 " %" PRId64 "\n", tick->seq, tick->run_id);
}

static bool write_group(struct ledger *ledger, const struct ticker *ticks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_tick(ledger->file, &ticks[i]);
    }
    return fflush(ledger->file) == 0 && fdatasync(fileno(ledger->file)) == 0;
}

static void *write_down(void *context)
{
    struct ledger *ledger = context;
    bool ending = false;
    while (!ending) {
        pthread_mutex_lock(&ledger->lock);
        while (ledger->count == 0 && !ledger->ending) {
            pthread_cond_wait(&ledger->more, &ledger->lock);
        }
        struct ticker *ticks = ledger->ticks;
        size_t count = ledger->count;
        ending = ledger->ending;
        ledger->ticks = NULL;
        ledger->count = ledger->capacity = 0;
        pthread_mutex_unlock(&ledger->lock);
        if (count > 0 && !write_group(ledger, ticks, count)) {
            ledger->failed = true;
        }
        free(ticks);
    }
    return NULL;
}

struct ledger *ledger_create(const char *path, struct error *error)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL || (ledger->file = fopen(path, "we")) == NULL) {
        (void)error_set(error, ERROR_FATAL, "%s: %s", path, strerror(errno));
        free(ledger);
        return NULL;
    }
    pthread_mutex_init(&ledger->lock, NULL);
    pthread_cond_init(&ledger->more, NULL);
    if (pthread_create(&ledger->thread, NULL, write_down, ledger) != 0) {
        (void)error_set(error, ERROR_FATAL, "no thread for the ledger");
        (void)fclose(ledger->file);
        free(ledger);
        return NULL;
    }
    return ledger;
}

void ledger_add(struct ledger *ledger, const struct ticker *tick)
{
    pthread_mutex_lock(&ledger->lock);
    if (ledger->count == ledger->capacity) {
        size_t capacity = ledger->capacity > 0 ? 2 * ledger->capacity : 1024;
        struct ticker *ticks = reallocarray(ledger->ticks, capacity, sizeof *ticks);
        if (ticks != NULL) {
            ledger->ticks = ticks;
            ledger->capacity = capacity;
        }
    }
    if (ledger->count < ledger->capacity) {
        ledger->ticks[ledger->count++] = *tick;
    } else {
        ledger->no_memory = true;
    }
    pthread_cond_signal(&ledger->more);
    pthread_mutex_unlock(&ledger->lock);
}

bool ledger_destroy(struct ledger *ledger)
{
    if (ledger == NULL) {
        return true;
    }
    pthread_mutex_lock(&ledger->lock);
    ledger->ending = true;
    pthread_cond_signal(&ledger->more);
    pthread_mutex_unlock(&ledger->lock);
    pthread_join(ledger->thread, NULL);
    bool complete = !ledger->failed && !ledger->no_memory;
    complete = fclose(ledger->file) == 0 && complete;
    pthread_mutex_destroy(&ledger->lock);
    pthread_cond_destroy(&ledger->more);
    free(ledger);
    return complete;
}
