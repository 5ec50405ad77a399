/* Tells how far long work is: in one line on the terminal, or, where stderr is none, in a line of
 * the log every ten seconds. */
#ifndef CANDLEWICK_CLI_PROGRESS_H
#define CANDLEWICK_CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress;

/* Asks `describe` for the line a few times a second (for the log: when it is due), on a thread of
 * its own, until progress_end(). NULL where there is no thread for it: the work goes on without. */
struct progress *progress_begin(void (*describe)(void *context, char *line, size_t size),
                                void *context);
/* Clears the line. NULL is allowed. */
void progress_end(struct progress *progress);

/* Begins such a line: "1200 rows read, 37 %, 400 rows/s, 5s left". `share` of them all, 0 to 1;
 * negative: nobody knows; `since_ns`: the monotonic time when the work began. Gives the length. */
size_t progress_rows(int64_t rows, double share, int64_t since_ns, char *line, size_t size);

#endif
