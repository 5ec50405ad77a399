#include "cli/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cli/output.h"

enum {
    EVERY_MS = 250,
    LOG_EVERY_MS = 10000,
    LINE_SIZE = 120,
};

#define CLEAR_LINE "\r\033[K"

struct progress {
    void (*describe)(void *context, char *line, size_t size);
    void *context;
    bool terminal;
    struct stop *over;
    pthread_t thread;
};

/* Returns the terminal's width. The line must fit into one row, because a wrapped line cannot be
 * cleared. */
static int terminal_width(void)
{
    int columns = output_columns(STDERR_FILENO);
    return columns > 0 ? columns : 80;
}

static void *show(void *context)
{
    struct progress *progress = context;
    while (!stop_wait_ms(progress->over, progress->terminal ? EVERY_MS : LOG_EVERY_MS)) {
        char line[LINE_SIZE] = "";
        progress->describe(progress->context, line, sizeof line);
        if (progress->terminal) {
            /* "\r" returns the cursor to the start of the line, so that a log line overwrites this
             * one. */
            fprintf(stderr, CLEAR_LINE "%.*s\r", terminal_width() - 1, line);
        } else {
            log_info("progress", log_text("so_far", line));
        }
    }
    if (progress->terminal) {
        fputs(CLEAR_LINE, stderr);
    }
    return NULL;
}

struct progress *progress_begin(void (*describe)(void *context, char *line, size_t size),
                                void *context)
{
    struct error error;
    struct progress *progress = malloc(sizeof *progress);
    if (progress == NULL) {
        return NULL;
    }
    *progress = (struct progress){.describe = describe,
                                  .context = context,
                                  .terminal = isatty(STDERR_FILENO) == 1,
                                  .over = stop_create(&error)};
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

size_t progress_rows(int64_t rows, double share, int64_t since_ns, char *line, size_t size)
{
    double seconds = (double)(clock_monotonic_ns() - since_ns) / (double)NS_PER_SECOND;
    struct strbuf text = strbuf_new(size - 1);
    strbuf_append_format(&text, "%lld rows read", (long long)rows);
    if (share >= 0) {
        strbuf_append_format(&text, ", %.0f %%", 100 * share);
    }
    if (seconds > 0) {
        strbuf_append_format(&text, ", %.0f rows/s", (double)rows / seconds);
    }
    if (share > 0 && share < 1 && seconds >= 1) {
        strbuf_append_format(&text, ", %.0fs left", seconds * (1 - share) / share);
    }
    (void)str_copy(strbuf_str(&text), line, size);
    size_t length = text.length;
    strbuf_free(&text);
    return length;
}
