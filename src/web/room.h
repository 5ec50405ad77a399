/* A memory budget that all answers of one kind share. When it is used up, a caller waits a little
 * and then fails. Any thread. */
#ifndef CANDLEWICK_WEB_ROOM_H
#define CANDLEWICK_WEB_ROOM_H

#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct room;

/* `bytes` is the budget; large requests cannot use its last `kept_bytes`, which small ones need.
 * Returns NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct room *room_create(size_t bytes, size_t kept_bytes, struct error *error);
/* NULL is allowed. */
void room_destroy(struct room *room);

/* Waits at most `within_ms` until `bytes` are free; returns false if they are not. A request of
 * more than `kept_bytes` is a large one. */
NODISCARD bool room_take(struct room *room, size_t bytes, int within_ms);
void room_give(struct room *room, size_t bytes);

#endif
