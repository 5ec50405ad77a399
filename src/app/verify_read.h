/* Tells a proof what the topic and its dead letters hold. */
#ifndef CANDLEWICK_APP_VERIFY_READ_H
#define CANDLEWICK_APP_VERIFY_READ_H

#include <stdatomic.h>

#include "app/log_coins.h"
#include "app/tick_decoder.h"
#include "app/verify.h"
#include "kafka/reader.h"

struct verify_reading {
    const char *topic; /* of the ticks */
    struct verify *verify;
    struct tick_decoder decoder;
    struct log_coins coins; /* of the log up to the snapshot; log_coins_free() */
    struct stop *stop;
    atomic_llong messages; /* read so far; any thread may look */
};

enum verify_part {
    VERIFY_LOG,     /* the ticks' topic, up to the snapshot */
    VERIFY_LETTERS, /* the dead letters' */
    VERIFY_LATER,   /* the ticks' topic, behind the snapshot */
};

/* Reads the ranges of that part. ERROR_RETRY: brokers or registry away; ERROR_FATAL: sorting
 * failed, or a stop was requested. */
NODISCARD bool verify_read(struct verify_reading *reading, struct reader *reader,
                           const struct partition_range *ranges, size_t count,
                           enum verify_part part, struct error *error);

#endif
