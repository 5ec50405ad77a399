/* A bounded amount of memory that answers share: who finds none left waits a little, or is told to
 * come back. Any thread. */
#ifndef CANDLEWICK_WEB_ROOM_H
#define CANDLEWICK_WEB_ROOM_H

#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct room;

/* `kept_bytes` of `bytes` are for small takers: a large one never gets the last of it. NULL:
 * ERROR_FATAL. */
NODISCARD struct room *room_create(size_t bytes, size_t kept_bytes, struct error *error);
/* NULL is allowed. */
void room_destroy(struct room *room);

/* Waits at most `within_ms` until `bytes` are free. A taker of more than what is kept is a large
 * one. */
NODISCARD bool room_take(struct room *room, size_t bytes, int within_ms);
void room_give(struct room *room, size_t bytes);

#endif
