/*
 * The book of what Kafka has said it keeps: one line a tick, written when its delivery report says
 * "persisted", and on disk (fdatasync) soon after.
 *
 *     tBTCUSD 1767225600000000000 40dd4c0000000000 … - 7 123456
 *
 * is symbol, event_time_ns, the bits of last_price and of the figures in the schema's order ("-":
 * null), seq and run_id. The test store writes its dump the same way, from its own reading.
 */
#ifndef CANDLEWICK_TESTS_LEDGER_H
#define CANDLEWICK_TESTS_LEDGER_H

#include "record/ticker.h"

struct error;
struct ledger;

/* Begins a new file. NULL: it cannot be made. */
NODISCARD struct ledger *ledger_create(const char *path, struct error *error);

/* Never blocks on the disk. Any thread. */
void ledger_add(struct ledger *ledger, const struct ticker *tick);

/* Writes and syncs what is left. False: something of it could not be written. NULL is allowed. */
NODISCARD bool ledger_destroy(struct ledger *ledger);

#endif
