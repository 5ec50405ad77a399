#include "kafka/client/commit_metadata.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char TOPIC_WORD[] = "topic=";
static const char FORMER_WORD[] = "former=";
static const char NOTHING_STORED_WORD[] = "stored=0";
static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool topic_id_known(const struct topic_id *id)
{
    return id->text[0] != '\0';
}

bool topic_id_differs(const struct topic_id *left, const struct topic_id *right)
{
    return topic_id_known(left) && topic_id_known(right) && strcmp(left->text, right->text) != 0;
}

struct topic_id topic_id_parse(struct str text)
{
    struct topic_id id = {.text = ""};
    for (size_t i = 0; i < text.length; i++) {
        if (memchr(DIGITS, text.data[i], sizeof DIGITS - 1) == NULL) {
            return id;
        }
    }
    if (text.length == TOPIC_ID_LENGTH) {
        (void)str_copy(text, id.text, sizeof id.text);
    }
    return id;
}

/* If the word begins with `name`, sets `value` to the rest and returns true. */
static bool value_of(struct str word, const char *name, struct str *value)
{
    size_t length = strlen(name);
    if (!str_starts_with(word, name)) {
        return false;
    }
    *value = (struct str){.data = word.data + length, .length = word.length - length};
    return true;
}

struct commit_metadata commit_metadata_parse(struct str text)
{
    struct commit_metadata metadata = {.former = 0};
    struct str word, value;
    int64_t former;
    while (text.data != NULL && str_split(&text, ' ', &word)) {
        if (value_of(word, TOPIC_WORD, &value)) {
            struct topic_id id = topic_id_parse(value);
            metadata.topic = topic_id_known(&id) ? id : metadata.topic;
        } else if (value_of(word, FORMER_WORD, &value) && str_to_int64(value, &former) &&
                   former > 0) {
            metadata.former = former;
        } else if (str_equal_text(word, NOTHING_STORED_WORD)) {
            metadata.nothing_stored = true;
        }
    }
    return metadata;
}

enum commit_place commit_metadata_place(const struct commit_metadata *metadata,
                                        const struct topic_id *topic)
{
    if (topic_id_differs(&metadata->topic, topic)) {
        return COMMIT_FOREIGN;
    }
    bool unlabelled = topic_id_known(topic) && !topic_id_known(&metadata->topic);
    return unlabelled ? COMMIT_UNLABELLED : COMMIT_HOLDS;
}

struct commit_metadata commit_metadata_next(const struct commit_metadata *metadata, int64_t offset,
                                            const struct topic_id *topic)
{
    if (offset < 0) {
        return (struct commit_metadata){.topic = *topic, .nothing_stored = true};
    }
    struct commit_metadata next = *metadata;
    if (topic_id_known(topic)) {
        next.topic = *topic;
    }
    if (commit_metadata_place(metadata, topic) == COMMIT_FOREIGN) {
        next.former = next.former > INT64_MAX - offset ? INT64_MAX : next.former + offset;
    }
    return next;
}

void commit_metadata_format(const struct commit_metadata *metadata, char text[COMMIT_METADATA_SIZE])
{
    char topic[sizeof TOPIC_WORD + TOPIC_ID_LENGTH] = "", former[40] = "";
    if (topic_id_known(&metadata->topic)) {
        (void)snprintf(topic, sizeof topic, "%s%s", TOPIC_WORD, metadata->topic.text);
    }
    if (topic_id_known(&metadata->topic) && metadata->former > 0) {
        (void)snprintf(former, sizeof former, " %s%" PRId64, FORMER_WORD, metadata->former);
    }
    bool first = topic[0] == '\0';
    (void)snprintf(text, COMMIT_METADATA_SIZE, "%s%s%s%s", topic, former,
                   metadata->nothing_stored && !first ? " " : "",
                   metadata->nothing_stored ? NOTHING_STORED_WORD : "");
}
