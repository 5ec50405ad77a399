#include "pipeline/ownership.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/stream.h"

enum { MEMBER_NAME_MAX = 127, NO_TOPIC = -1, TOPIC_ID_SIZE = 64 };

struct span {
    struct stream_partition where; /* stream: index of the topic's name */
    char member[MEMBER_NAME_MAX + 1];
    int64_t from_ns;
    int64_t to_ns; /* 0 while still owned */
};

struct topic {
    char name[STREAM_TOPIC_SIZE];
    char id[TOPIC_ID_SIZE]; /* "" until it is known */
};

/* One time at which a topic was created again. */
struct remade {
    int topic;
    int64_t time_ns;
};

struct ownership {
    pthread_mutex_t lock;             /* protects all members below */
    int64_t changes;                  /* how often ownership_seen() has found another owner */
    struct topic topics[STREAMS_MAX]; /* in the order in which they were first seen */
    struct remade remade[OWNERSHIP_REMADE_MAX]; /* oldest first */
    size_t remade_count;
    size_t capacity;
    size_t first; /* index of the oldest span in the ring buffer */
    size_t count;
    struct span spans[];
};

struct ownership *ownership_create(size_t capacity, struct error *error)
{
    struct ownership *ownership =
        calloc(1, sizeof(struct ownership) + capacity * sizeof(struct span));
    if (ownership == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&ownership->lock, NULL);
    ownership->capacity = capacity;
    return ownership;
}

void ownership_destroy(struct ownership *ownership)
{
    if (ownership == NULL) {
        return;
    }
    pthread_mutex_destroy(&ownership->lock);
    free(ownership);
}

static struct span *span_at(struct ownership *ownership, size_t age)
{
    return &ownership->spans[(ownership->first + age) % ownership->capacity];
}

/* The caller holds the lock. Returns the index of the topic's name, which is added if it is new and
 * there is room; otherwise NO_TOPIC. */
static int find_topic(struct ownership *ownership, const char *topic)
{
    for (int i = 0; i < STREAMS_MAX; i++) {
        char *name = ownership->topics[i].name;
        if (name[0] == '\0') {
            (void)str_copy(str_from(topic), name, sizeof ownership->topics[i].name);
        }
        if (strcmp(name, topic) == 0) {
            return i;
        }
    }
    return NO_TOPIC;
}

/* Returns the partition's newest span that is still open; NULL if there is none. */
static struct span *open_span(struct ownership *ownership, struct stream_partition where)
{
    for (size_t i = ownership->count; i > 0; i--) {
        struct span *span = span_at(ownership, i - 1);
        if (span->where.stream == where.stream && span->where.partition == where.partition &&
            span->to_ns == 0) {
            return span;
        }
    }
    return NULL;
}

/* Returns whether the span is the member's; compares only as much of the name as a span keeps. */
static bool is_of(const struct span *span, const char *member)
{
    return strncmp(span->member, member, MEMBER_NAME_MAX) == 0;
}

/* Makes room for a span: removes the oldest closed one or, if all are open, the oldest. */
static void forget_one(struct ownership *ownership)
{
    size_t gone = 0;
    while (gone < ownership->count && span_at(ownership, gone)->to_ns == 0) {
        gone++;
    }
    for (size_t i = gone < ownership->count ? gone : 0; i > 0; i--) {
        *span_at(ownership, i) = *span_at(ownership, i - 1);
    }
    ownership->first = (ownership->first + 1) % ownership->capacity;
    ownership->count--;
}

/* The caller holds the lock. Closes the partition's open span, if any, and begins a new one. */
static void begin_span(struct ownership *ownership, struct stream_partition where,
                       const char *member, int64_t time_ns)
{
    struct span *before = open_span(ownership, where);
    if (before != NULL) { /* the member disappeared without a revocation */
        before->to_ns = time_ns;
    }
    if (ownership->count == ownership->capacity) {
        forget_one(ownership);
    }
    struct span *span = span_at(ownership, ownership->count++);
    *span = (struct span){.where = where, .from_ns = time_ns};
    (void)str_copy(str_from(member), span->member, sizeof span->member);
}

void ownership_assigned(struct ownership *ownership, const char *member, const char *topic,
                        const int32_t *partitions, size_t count, int64_t time_ns)
{
    pthread_mutex_lock(&ownership->lock);
    int stream = find_topic(ownership, topic);
    for (size_t i = 0; i < count && stream != NO_TOPIC; i++) {
        begin_span(ownership, (struct stream_partition){stream, partitions[i]}, member, time_ns);
    }
    pthread_mutex_unlock(&ownership->lock);
}

/* The caller holds the lock. Returns whether any partition has another owner than before. */
static bool see_topic(struct ownership *ownership, const struct topic_owners *seen, int64_t time_ns)
{
    bool changed = false;
    int stream = find_topic(ownership, seen->topic);
    for (size_t i = 0; i < seen->count && stream != NO_TOPIC; i++) {
        const struct stream_partition where = {stream, (int32_t)i};
        const char *owner = seen->owners[i];
        struct span *span = open_span(ownership, where);
        if (owner != NULL && (span == NULL || !is_of(span, owner))) {
            begin_span(ownership, where, owner, time_ns);
            changed = true;
        } else if (owner == NULL && span != NULL) {
            span->to_ns = time_ns;
            changed = true;
        }
    }
    return changed;
}

void ownership_seen(struct ownership *ownership, const struct topic_owners *topics,
                    size_t topic_count, int64_t time_ns)
{
    bool changed = false;
    pthread_mutex_lock(&ownership->lock);
    for (size_t i = 0; i < topic_count; i++) {
        changed = see_topic(ownership, &topics[i], time_ns) || changed;
    }
    ownership->changes += changed ? 1 : 0;
    pthread_mutex_unlock(&ownership->lock);
}

/* The caller holds the lock. */
static void add_remade(struct ownership *ownership, int topic, int64_t time_ns)
{
    if (ownership->remade_count == OWNERSHIP_REMADE_MAX) {
        memmove(&ownership->remade[0], &ownership->remade[1],
                sizeof ownership->remade - sizeof ownership->remade[0]);
        ownership->remade_count--;
    }
    ownership->remade[ownership->remade_count++] = (struct remade){topic, time_ns};
}

void ownership_topic_seen(struct ownership *ownership, const char *topic, const char *topic_id,
                          int64_t time_ns)
{
    pthread_mutex_lock(&ownership->lock);
    int stream = find_topic(ownership, topic);
    char *known = stream != NO_TOPIC ? ownership->topics[stream].id : NULL;
    if (known != NULL && topic_id[0] != '\0' && strcmp(known, topic_id) != 0) {
        if (known[0] != '\0') {
            add_remade(ownership, stream, time_ns);
        }
        (void)str_copy(str_from(topic_id), known, TOPIC_ID_SIZE);
    }
    pthread_mutex_unlock(&ownership->lock);
}

void ownership_revoked(struct ownership *ownership, const char *member, const char *topic,
                       const int32_t *partitions, size_t count, int64_t time_ns)
{
    pthread_mutex_lock(&ownership->lock);
    int stream = find_topic(ownership, topic);
    for (size_t i = 0; i < count; i++) {
        struct span *span = open_span(ownership, (struct stream_partition){stream, partitions[i]});
        if (span != NULL && is_of(span, member)) {
            span->to_ns = time_ns;
        }
    }
    pthread_mutex_unlock(&ownership->lock);
}

void ownership_owner(struct ownership *ownership, const char *topic, int32_t partition,
                     char *member, size_t size)
{
    member[0] = '\0';
    pthread_mutex_lock(&ownership->lock);
    const struct stream_partition where = {find_topic(ownership, topic), partition};
    const struct span *span = open_span(ownership, where);
    if (span != NULL) {
        (void)str_copy(str_from(span->member), member, size);
    }
    pthread_mutex_unlock(&ownership->lock);
}

int64_t ownership_changes(struct ownership *ownership)
{
    pthread_mutex_lock(&ownership->lock);
    int64_t changes = ownership->changes;
    pthread_mutex_unlock(&ownership->lock);
    return changes;
}

void ownership_to_json(struct ownership *ownership, struct strbuf *json)
{
    strbuf_append_char(json, '[');
    pthread_mutex_lock(&ownership->lock);
    for (size_t i = 0; i < ownership->count; i++) {
        const struct span *span = span_at(ownership, i);
        strbuf_append_text(json, i > 0 ? ",{\"topic\":" : "{\"topic\":");
        strbuf_append_json_string(json, str_from(ownership->topics[span->where.stream].name));
        strbuf_append_format(json, ",\"partition\":%d,\"member\":", (int)span->where.partition);
        strbuf_append_json_string(json, str_from(span->member));
        strbuf_append_text(json, ",\"from\":");
        strbuf_append_int64(json, span->from_ns / NS_PER_MS);
        strbuf_append_text(json, ",\"to\":");
        if (span->to_ns == 0) {
            strbuf_append_text(json, "null}");
        } else {
            strbuf_append_int64(json, span->to_ns / NS_PER_MS);
            strbuf_append_char(json, '}');
        }
    }
    pthread_mutex_unlock(&ownership->lock);
    strbuf_append_char(json, ']');
}

void ownership_remade_to_json(struct ownership *ownership, struct strbuf *json)
{
    strbuf_append_char(json, '[');
    pthread_mutex_lock(&ownership->lock);
    for (size_t i = 0; i < ownership->remade_count; i++) {
        const struct remade *remade = &ownership->remade[i];
        strbuf_append_text(json, i > 0 ? ",{\"topic\":" : "{\"topic\":");
        strbuf_append_json_string(json, str_from(ownership->topics[remade->topic].name));
        strbuf_append_format(json, ",\"time\":%lld}", (long long)(remade->time_ns / NS_PER_MS));
    }
    pthread_mutex_unlock(&ownership->lock);
    strbuf_append_char(json, ']');
}
