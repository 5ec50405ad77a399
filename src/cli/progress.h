/* Shows the progress of long work: in one line on the terminal, or, when stderr is no terminal, in
 * a log line every ten seconds. */
#ifndef CANDLEWICK_CLI_PROGRESS_H
#define CANDLEWICK_CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress;

/* Starts a thread that calls `describe` for the line a few times a second (for the log: every ten
 * seconds) until progress_end(). Returns NULL when no thread can be started; the work then goes on
 * without progress. */
struct progress *progress_begin(void (*describe)(void *context, char *line, size_t size),
                                void *context);
/* Stops the thread and clears the line. NULL is allowed. */
void progress_end(struct progress *progress);

/* Writes a line such as "1200 rows read, 37 %, 400 rows/s, 5s left". `share` is the part of all
 * rows that was read, 0 to 1; negative: unknown. `since_ns` is the monotonic time at which the work
 * began. Returns the length. */
size_t progress_rows(int64_t rows, double share, int64_t since_ns, char *line, size_t size);

#endif
