/* One line on the terminal that tells how far long work is; nothing where stderr is no terminal. */
#ifndef CANDLEWICK_APP_PROGRESS_H
#define CANDLEWICK_APP_PROGRESS_H

#include <stddef.h>

struct progress;

/* Asks `describe` for the line a few times a second, on a thread of its own, until progress_end().
 * NULL where there is no terminal, or no thread for it: the work goes on without. */
struct progress *progress_begin(void (*describe)(void *context, char *line, size_t size),
                                void *context);
/* Clears the line. NULL is allowed. */
void progress_end(struct progress *progress);

#endif
