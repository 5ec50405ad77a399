/*
 * The one error type. A function that can fail accepts a `struct error *` on its caller's stack,
 * returns false (or NULL) and fills it; the error path allocates nothing.
 */
#ifndef CANDLEWICK_BASE_ERROR_H
#define CANDLEWICK_BASE_ERROR_H

#include <stdbool.h>

#include "base/compiler/attributes.h"

/* What the caller should do. Code branches on the kind, never on the text. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_RETRY,  /* the other side is unavailable or busy: the same call may work later */
    ERROR_REJECT, /* this input is bad and will stay bad: count it and continue */
    ERROR_USAGE,  /* the user asked for something impossible: exit code 2 */
    ERROR_FATAL,  /* this program cannot continue: exit code 1 */
};

struct error {
    enum error_kind kind;
    int retry_after_ms; /* with ERROR_RETRY: the wait that the server asked for; 0: none */
    char text[512];     /* one line, for people: names the problem and the remedy */
    const char *remedy; /* a second line, used when the first has no room for the remedy: a
                           literal, or NULL */
};

/* Room for an error's text among some words, so that none of it is cut. */
enum { ERROR_REASON_SIZE = 1024 };

/* For `remedy`, when this machine refuses a connection: no service listens on that port. */
#define ERROR_REMEDY_START "does it run? Start ./launch.sh, or name the addresses"

/* Fills `error` (unless it is NULL) and returns false, so that a function can `return
 * error_set(...)`. Too long a text is cut, behind a word if possible; line breaks become spaces. */
PRINTF_LIKE(3, 4)
bool error_set(struct error *error, enum error_kind kind, const char *format, ...);

/* Does the same with a copy of `from`. */
bool error_pass(struct error *error, const struct error *from);

/* Inserts "what: " before the text in `error`. Returns false. */
PRINTF_LIKE(2, 3) bool error_prefix(struct error *error, const char *format, ...);

#endif
