/* What is written to stderr between two calls: the log, mostly. Threads that log must have ended.
 */
#ifndef CANDLEWICK_TESTS_CAPTURE_H
#define CANDLEWICK_TESTS_CAPTURE_H

struct capture {
    char folder[256];
    char path[300];
    int stderr_before;
};

void capture_start(struct capture *capture);
char *capture_end(struct capture *capture); /* to free() */

/* How often `part` stands in `text`. */
int capture_count(const char *text, const char *part);

#endif
