/* Reads the topic and its dead letters, and adds them to a proof (verify.h). */
#ifndef CANDLEWICK_VERIFY_VERIFY_READ_H
#define CANDLEWICK_VERIFY_VERIFY_READ_H

#include <stdatomic.h>

#include "kafka/reader/reader.h"
#include "pipeline/log_coins.h"
#include "pipeline/record_decoder.h"
#include "verify/verify.h"

struct verify_reading {
    const char *topic;        /* the topic of the records */
    struct topic_id topic_id; /* of that topic; dead letters with another id are not from it */
    struct verify *verify;
    struct record_decoder decoder;
    struct log_coins coins; /* which coins the log has up to the snapshot; the caller frees them
                               with log_coins_free() */
    struct stop *stop;
    atomic_llong messages; /* read so far; readable from any thread */
};

enum verify_part {
    VERIFY_LOG,     /* the records' topic, up to the snapshot */
    VERIFY_LETTERS, /* the dead-letter topic */
    VERIFY_LATER,   /* the records' topic, after the snapshot */
};

/* Reads the ranges of one part. Blocks until all are read. ERROR_RETRY: the brokers or the registry
 * cannot be reached; ERROR_FATAL: sorting failed, or a stop was requested. */
NODISCARD bool verify_read(struct verify_reading *reading, struct reader *reader,
                           const struct partition_range *ranges, size_t count,
                           enum verify_part part, struct error *error);

/* Follows the offsets of one partition that is read from `begin` on. Offsets are missing where
 * retention has deleted messages meanwhile, and at transaction markers, which are not messages. */
struct verify_course {
    int64_t begin;
    int64_t next;                 /* the offset that is expected next */
    int64_t first_ms;             /* the timestamp of the first message; -1: none yet */
    int64_t jump_offset, jump_ms; /* of the newest message that came after missing offsets; -1:
                                     none */
};
struct verify_course verify_course_from(int64_t begin);
void verify_course_follow(struct verify_course *course, int64_t offset, int64_t timestamp_ms);

/* Returns the offset from which on the log was read without loss, and the timestamp for
 * verify_log_begins(). The partition now begins at `begin_now`. If offsets were missing at several
 * places, any of these may be due to retention, so the result is after the last of them; but never
 * after `begin_now`, because all that the partition still has was read. */
int64_t verify_course_begin(const struct verify_course *course, int64_t begin_now,
                            int64_t *timestamp_ms);

#endif
