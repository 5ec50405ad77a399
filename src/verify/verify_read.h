/* Tells a proof what the topic and its dead letters hold. */
#ifndef CANDLEWICK_VERIFY_VERIFY_READ_H
#define CANDLEWICK_VERIFY_VERIFY_READ_H

#include <stdatomic.h>

#include "kafka/reader/reader.h"
#include "pipeline/log_coins.h"
#include "pipeline/record_decoder.h"
#include "verify/verify.h"

struct verify_reading {
    const char *topic;        /* of the ticks */
    struct topic_id topic_id; /* of that topic; letters of another one are of no message of it */
    struct verify *verify;
    struct record_decoder decoder;
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

/* How a partition was read from `begin` on. Retention may take messages meanwhile: the next one is
 * further on then. So it is behind a transaction's marker, which is no message. */
struct verify_course {
    int64_t begin;
    int64_t next;                 /* the offset that is expected */
    int64_t first_ms;             /* the timestamp of the first message; -1: none came */
    int64_t jump_offset, jump_ms; /* of the newest message that came too early; -1: none did */
};
struct verify_course verify_course_from(int64_t begin);
void verify_course_follow(struct verify_course *course, int64_t offset, int64_t timestamp_ms);

/* Where the log begins that was read, when the partition itself begins at `begin_now` by then, and
 * the timestamp of verify_log_begins(): of the newest jump, as nobody knows which one was
 * retention's. What the partition still has was read: it never begins behind `begin_now`. */
int64_t verify_course_begin(const struct verify_course *course, int64_t begin_now,
                            int64_t *timestamp_ms);

#endif
