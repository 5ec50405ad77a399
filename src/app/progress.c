#include "app/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"

enum {
    EVERY_MS = 250,
    LINE_SIZE = 120,
};

#define CLEAR_LINE "\r\033[K"

struct progress {
    void (*describe)(void *context, char *line, size_t size);
    void *context;
    struct stop *over;
    pthread_t thread;
};

static void *show(void *context)
{
    struct progress *progress = context;
    while (!stop_wait_ms(progress->over, EVERY_MS)) {
        char line[LINE_SIZE] = "";
        progress->describe(progress->context, line, sizeof line);
        /* The cursor goes back, so that a line of the log takes the place of this one. */
        fprintf(stderr, CLEAR_LINE "%s\r", line);
    }
    fputs(CLEAR_LINE, stderr);
    return NULL;
}

struct progress *progress_begin(void (*describe)(void *context, char *line, size_t size),
                                void *context)
{
    if (!isatty(STDERR_FILENO)) {
        return NULL;
    }
    struct error error;
    struct progress *progress = malloc(sizeof *progress);
    if (progress == NULL) {
        return NULL;
    }
    *progress =
        (struct progress){.describe = describe, .context = context, .over = stop_create(&error)};
    if (progress->over == NULL || pthread_create(&progress->thread, NULL, show, progress) != 0) {
        stop_destroy(progress->over);
        free(progress);
        return NULL;
    }
    return progress;
}

void progress_end(struct progress *progress)
{
    if (progress == NULL) {
        return;
    }
    stop_request(progress->over);
    pthread_join(progress->thread, NULL);
    stop_destroy(progress->over);
    free(progress);
}
