/*
 * The text that members commit beside each offset (the metadata field of OffsetCommit). It says to
 * which topic the offset belongs: a topic that was deleted and created again under the same name
 * has another id, and an offset of the old one says nothing about the messages of the new one.
 *
 * topic=XYZ former=N stored=0
 *
 * XYZ is the topic's id as Kafka's tools print it (base64 of RFC 4648 section 5, unpadded). N is
 * the number of messages of former topics of that name that the group has committed in this
 * partition; it is omitted when 0. "stored=0" says that no message of this partition was stored
 * yet: all that the group has committed became dead letters. Unknown words are ignored.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_COMMIT_METADATA_H
#define CANDLEWICK_KAFKA_CLIENT_COMMIT_METADATA_H

#include "base/text/str.h"

enum {
    TOPIC_ID_LENGTH = 22, /* 16 bytes in base64 */
    COMMIT_METADATA_SIZE = 80,
};

struct topic_id {
    char text[TOPIC_ID_LENGTH + 1]; /* "" if unknown */
};

struct commit_metadata {
    struct topic_id topic;
    int64_t former;
    bool nothing_stored; /* false also if an older version or another program committed it */
};

/* Parses an id. Returns the unknown id if the text is no topic id, or missing (data NULL). */
struct topic_id topic_id_parse(struct str text);
bool topic_id_known(const struct topic_id *id);
/* Returns whether both are known and differ, which means that the topic was created again. */
bool topic_id_differs(const struct topic_id *left, const struct topic_id *right);

/* Parses the text of a commit. Never fails, whatever another program wrote, even nothing (data
 * NULL): what is missing or invalid stays unknown or 0. */
struct commit_metadata commit_metadata_parse(struct str text);
/* What a committed offset with its metadata means for the topic that has the name now. */
enum commit_place {
    COMMIT_HOLDS,      /* it belongs to this topic, or the topic's id is unknown */
    COMMIT_UNLABELLED, /* it was committed without a topic id (by another program); it is
                          accepted */
    COMMIT_FOREIGN,    /* it belongs to another topic of that name */
};
enum commit_place commit_metadata_place(const struct commit_metadata *metadata,
                                        const struct topic_id *topic);
/* Returns the metadata to commit from now on, after a commit of `offset` with `metadata` was read
 * (offset < 0: nothing was committed). While the topic's id is unknown the old id is kept: an id
 * that is too old will be corrected later, but one that is too new would hide that the topic has
 * changed. */
struct commit_metadata commit_metadata_next(const struct commit_metadata *metadata, int64_t offset,
                                            const struct topic_id *topic);

/* Writes the text to commit. Without a topic's id, `former` is omitted. */
void commit_metadata_format(const struct commit_metadata *metadata,
                            char text[COMMIT_METADATA_SIZE]);

#endif
