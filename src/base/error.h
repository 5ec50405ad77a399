/*
 * The one error shape. A function that can fail takes a `struct error *` on its caller's stack,
 * returns false (or NULL) and fills it; nothing is allocated on the error path.
 */
#ifndef CANDLEWICK_BASE_ERROR_H
#define CANDLEWICK_BASE_ERROR_H

#include <stdbool.h>

#include "base/compiler/attributes.h"

/* What the caller should do. Code branches on the kind, never on the words. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_RETRY,  /* the other end is away or busy: the same call may work later */
    ERROR_REJECT, /* this input is bad and will stay bad: count it and go on */
    ERROR_USAGE,  /* the user asked for something that cannot be: exit 2 */
    ERROR_FATAL,  /* this program cannot go on: exit 1 */
};

struct error {
    enum error_kind kind;
    int retry_after_ms; /* with ERROR_RETRY: the wait the other end asked for; 0 if it named none */
    char text[512];     /* one line, for people: names the thing and the remedy */
    const char *remedy; /* a second line, where the first has no room for it: a literal, or NULL */
};

/* The remedy where a service of this machine refuses a connection: nothing listens there. */
#define ERROR_REMEDY_START "does it run? Start ./launch.sh, or name the addresses"

/* Fills `error` (NULL is allowed: nothing is kept) and returns false, so that a function can
 * `return error_set(...)`. Longer text is cut; line breaks in it become spaces. */
PRINTF_LIKE(3, 4)
bool error_set(struct error *error, enum error_kind kind, const char *format, ...);

/* The same, with what is in `from`. */
bool error_pass(struct error *error, const struct error *from);

/* Puts "what: " before the text already in `error`. Returns false. */
PRINTF_LIKE(2, 3) bool error_prefix(struct error *error, const char *format, ...);

#endif
