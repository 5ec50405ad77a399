/*
 * avro-c as the oracle of a fuzz target. Some of its releases keep the memory of a message that
 * they refuse, and take any length for one that can be had: its memory is counted here, kept small,
 * and given back after each message.
 */
#ifndef CANDLEWICK_TESTS_FUZZ_ORACLE_H
#define CANDLEWICK_TESTS_FUZZ_ORACLE_H

#include <avro.h>

#include "base/text/str.h"

/* Before the first use of avro-c. */
void oracle_prepare(void);

/* What avro-c takes from here on is given back by the second: no value may outlive it. */
void oracle_begin(void);
void oracle_end(void);

enum oracle_verdict {
    ORACLE_REFUSED,   /* no message of this schema */
    ORACLE_READ,      /* read to its last byte, but written in another way than avro-c would */
    ORACLE_CANONICAL, /* avro-c writes it with the same bytes, and booleans are 0 or 1 */
};

/* Between begin and end. `value` is filled, unless it is refused. */
enum oracle_verdict oracle_read(struct str body, avro_value_t *value);

#endif
