/* What the fault store makes of a write request's body, and how it answers. */
#ifndef CANDLEWICK_TESTS_FAULT_STORE_H
#define CANDLEWICK_TESTS_FAULT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault_script.h"
#include "kept_points.h"

struct fault_outcome {
    int status;
    char *body; /* free() it; NULL: none */
    size_t refused;
};

/* Stores what the rule lets through, and says what is to be answered. */
void fault_store_lines(struct kept *kept, const struct fault *fault, const char *body,
                       size_t length, struct fault_outcome *outcome);

/* Sends it as the rule wants it. False: the connection was closed. */
bool fault_play_answer(int fd, const struct fault *fault, const struct fault_outcome *outcome);

size_t fault_count_lines(const char *body, size_t length);
int64_t fault_now_ns(void); /* CLOCK_MONOTONIC */
void fault_sleep_ms(int64_t ms);

#endif
