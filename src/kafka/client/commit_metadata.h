/*
 * The text that members write beside each offset that they commit (the metadata field of
 * OffsetCommit): which topic the offset belongs to. A topic that was deleted and made again under
 * the same name has another id, and an offset of the old one says nothing about its messages.
 *
 *   topic=XYZ former=N
 *
 * XYZ is the topic's id as Kafka's tools print it (base64 of RFC 4648 section 5, unpadded). N, left
 * out when 0, counts the messages of former topics of that name that the group had committed in the
 * partition. Words that are not known are skipped.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_COMMIT_METADATA_H
#define CANDLEWICK_KAFKA_CLIENT_COMMIT_METADATA_H

#include "base/text/str.h"

enum {
    TOPIC_ID_LENGTH = 22, /* of 16 bytes */
    COMMIT_METADATA_SIZE = 64,
};

struct topic_id {
    char text[TOPIC_ID_LENGTH + 1]; /* "": not known */
};

struct commit_metadata {
    struct topic_id topic;
    int64_t former;
};

/* Unknown when it is none, or nobody wrote one (data NULL). */
struct topic_id topic_id_parse(struct str text);
bool topic_id_known(const struct topic_id *id);
/* Both are known, and differ: the topic was made again. */
bool topic_id_differs(const struct topic_id *left, const struct topic_id *right);

/* Whatever another program wrote, or nobody (data NULL), is no error: what is not there, or not
 * valid, stays unknown or 0. */
struct commit_metadata commit_metadata_parse(struct str text);
/* Whether an offset that is committed with `metadata` holds for the topic whose id is `topic` now.
 */
enum commit_place {
    COMMIT_HOLDS,      /* of this topic, or the id is not known */
    COMMIT_UNLABELLED, /* of a program that writes no metadata: taken as it stands */
    COMMIT_FOREIGN,    /* of another topic of that name */
};
enum commit_place commit_metadata_place(const struct commit_metadata *metadata,
                                        const struct topic_id *topic);
/* What an epoch writes that finds `offset` committed with `metadata` (< 0: nothing is). While the
 * id is not known the old label is kept: an older one is never wrong for long, a newer one is. */
struct commit_metadata commit_metadata_next(const struct commit_metadata *metadata, int64_t offset,
                                            const struct topic_id *topic);

/* "" while the topic is not known. */
void commit_metadata_format(const struct commit_metadata *metadata,
                            char text[COMMIT_METADATA_SIZE]);

#endif
