#include "pipeline/group_member.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "pipeline/event_log.h"
#include "pipeline/ownership.h"
#include "pipeline/record_decoder.h"
#include "pipeline/send_window.h"
#include "pipeline/store_sink.h"

/* For how long a member is unhealthy after its store has lost its points, since only its health
 * shows that. */
enum { EMPTIED_TOLD_S = 600 };

enum { NO_ASSIGNMENT = -1 };

/* What a member knows about one of its streams. */
struct member_stream {
    struct record_decoder decoder; /* used on the poll thread only */
    atomic_llong committed; /* messages that the group had committed at the first assignment of the
                               stream; NO_ASSIGNMENT before it */
    atomic_llong not_held;  /* `committed`, if the store had no record of the kind then although
                               the group had committed some; otherwise 0 */
    bool store_checked;     /* protected by `store_check_lock`: the store was checked for records of
                        this     stream */
};

struct group_member {
    struct group_member_config config;
    struct stop *write_stop; /* ends the writes in progress when the drain is over */
    struct consumer *consumer;
    struct store_sink sinks[MEMBER_WRITERS_MAX]; /* one for each writer thread */
    struct member_stream streams[STREAMS_MAX];   /* the first consumer.stream_count are used */
    pthread_mutex_t store_check_lock; /* held while the store is checked, so that no writer writes
                                before; protects `store_checked` */
};

static enum decode_answer decode(void *context, int stream, const struct encoded_message *message,
                                 void *record, struct text_arena *texts, struct error *error)
{
    struct group_member *member = context;
    return record_decode(&member->streams[stream].decoder, message, record, texts, error);
}

static void expect(void *context, int stream, const struct encoded_message *message)
{
    struct group_member *member = context;
    record_expect(&member->streams[stream].decoder, message);
}

/* Checks a stream once, after its first assignment: the store must have records of its kind if the
 * group has committed messages. The caller holds `store_check_lock`. */
static bool expect_points_of(struct member_stream *stream, struct store *store, struct error *error)
{
    bool empty = false;
    long long committed = atomic_load(&stream->committed);
    if (committed <= 0 || stream->store_checked) {
        return true;
    }
    stream->store_checked =
        store_expect_points(store, stream->decoder.kind, committed, &empty, error);
    if (empty) {
        atomic_store(&stream->not_held, committed);
    }
    return stream->store_checked;
}

/* Checks that the store is not empty although the group has committed messages. If it is, it was
 * deleted while no member ran, which nothing else would notice. */
static bool expect_points(struct group_member *member, struct store *store, struct error *error)
{
    bool done = true;
    pthread_mutex_lock(&member->store_check_lock);
    for (size_t i = 0; i < member->config.consumer.stream_count && done; i++) {
        done = expect_points_of(&member->streams[i], store, error);
    }
    pthread_mutex_unlock(&member->store_check_lock);
    return done;
}

static bool write_batch(void *context, int writer, const struct record_set *records,
                        struct rejected_list *rejected, struct error *error)
{
    struct group_member *member = context;
    return expect_points(member, member->sinks[writer].store, error) &&
           store_sink_write(&member->sinks[writer], records, rejected, error);
}

static bool check_store(void *context, int writer, struct error *error)
{
    struct group_member *member = context;
    struct store *store = member->sinks[writer].store;
    return store_check(store, error) && expect_points(member, store, error);
}

/* Writes an assignment event with its partitions: "tickers 0,1,2". */
static void write_assignment(struct event_log *events, const struct assignment_event *event)
{
    static const char *const whats[] = {[ASSIGNMENT_ASSIGNED] = "assigned",
                                        [ASSIGNMENT_REVOKED] = "revoked",
                                        [ASSIGNMENT_LOST] = "lost"};
    if (events == NULL || event->count == 0) {
        return;
    }
    struct strbuf detail = strbuf_new(LONG_TEXT_MAX); /* as many as fit */
    strbuf_append_text(&detail, event->topic);
    for (size_t i = 0; i < event->count; i++) {
        strbuf_append_format(&detail, "%c%d", i == 0 ? ' ' : ',', (int)event->partitions[i]);
    }
    event_log_add(events, whats[event->kind], event->member, event->generation,
                  strbuf_text(&detail));
    strbuf_free(&detail);
}

static void on_assignment(void *context, const struct assignment_event *event)
{
    struct group_member *member = context;
    long long first = NO_ASSIGNMENT;
    if (event->kind == ASSIGNMENT_ASSIGNED && event->count > 0) {
        (void)atomic_compare_exchange_strong(&member->streams[event->stream].committed, &first,
                                             event->committed);
    }
    write_assignment(member->config.events, event);
    if (member->config.ownership == NULL) {
        return;
    }
    if (event->kind == ASSIGNMENT_ASSIGNED) {
        ownership_assigned(member->config.ownership, event->member, event->topic, event->partitions,
                           event->count, event->time_ns);
    } else {
        ownership_revoked(member->config.ownership, event->member, event->topic, event->partitions,
                          event->count, event->time_ns);
    }
}

static void on_commit(void *context, struct stream_partition where, int64_t next_offset)
{
    struct group_member *member = context;
    struct send_window *send_window = member->config.send_windows[where.stream];
    if (send_window != NULL) {
        send_window_committed(send_window, where.partition, next_offset);
    }
}

static bool open_stores(struct group_member *member, struct error *error)
{
    for (int i = 0; i < member->config.consumer.writers; i++) {
        if (!store_sink_open(&member->sinks[i], &member->config.store, error)) {
            return false;
        }
    }
    return true;
}

static void init_streams(struct group_member *member)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct member_stream *stream = &member->streams[i];
        atomic_init(&stream->committed, NO_ASSIGNMENT);
        if (i < member->config.consumer.stream_count) {
            stream->decoder.kind = member->config.consumer.streams[i].kind;
            stream->decoder.registry = member->config.registries[i];
        }
    }
}

struct group_member *group_member_create(const struct group_member_config *config,
                                         struct error *error)
{
    struct group_member *member = calloc(1, sizeof *member);
    if (member == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&member->store_check_lock, NULL);
    member->config = *config;
    init_streams(member);
    struct consumer_config *consumer = &member->config.consumer;
    consumer->decode = decode;
    consumer->expect = expect;
    consumer->write = write_batch;
    consumer->check = check_store;
    consumer->context = member;
    consumer->on_assignment = on_assignment;
    consumer->on_commit = on_commit;
    consumer->event_context = member;
    member->write_stop = stop_create(error);
    consumer->write_stop = member->write_stop;
    member->config.store.stop = member->write_stop;
    if (member->write_stop != NULL && open_stores(member, error)) {
        member->consumer = consumer_create(consumer, error);
    }
    if (member->consumer == NULL) {
        group_member_destroy(member, NULL);
        return NULL;
    }
    return member;
}

int64_t group_member_store_emptied_ns(const struct group_member *member)
{
    int64_t newest_ns = 0;
    for (int i = 0; i < member->config.consumer.writers; i++) {
        int64_t emptied_ns = store_emptied_ns(member->sinks[i].store);
        newest_ns = emptied_ns > newest_ns ? emptied_ns : newest_ns;
    }
    return newest_ns;
}

/* Finds the first stream whose records were missing in the store when the member began; returns how
 * many messages the group had committed of it, and its kind. Returns 0 if there is no such
 * stream. */
static long long not_held_of(const struct group_member *member, const struct record_kind **kind)
{
    for (size_t i = 0; i < member->config.consumer.stream_count; i++) {
        long long not_held = atomic_load(&member->streams[i].not_held);
        if (not_held > 0) {
            *kind = member->streams[i].decoder.kind;
            return not_held;
        }
    }
    return 0;
}

void group_member_stats(struct group_member *member, struct consumer_stats *stats)
{
    consumer_stats(member->consumer, stats);
    int64_t since_ns = clock_wall_ns() - group_member_store_emptied_ns(member);
    if (!stats->healthy || since_ns >= EMPTIED_TOLD_S * NS_PER_SECOND) {
        return;
    }
    stats->healthy = false;
    const struct record_kind *kind = NULL;
    long long not_held = not_held_of(member, &kind);
    if (not_held > 0) {
        (void)snprintf(stats->reason, sizeof stats->reason,
                       "store: it held no %s when the member began, but the group had committed "
                       "%lld messages%s: candlewick replay --since TIME writes them again",
                       kind->records, not_held,
                       member->config.store.retention_ns > 0 ? " (maybe all older than --retention)"
                                                             : "");
    } else {
        (void)snprintf(stats->reason, sizeof stats->reason,
                       "store: what had been written %d s ago and before is gone: candlewick "
                       "replay --since TIME writes it again from the topic",
                       (int)(since_ns / NS_PER_SECOND));
    }
}

void group_member_measure(struct group_member *member, struct consumer_measures *measures)
{
    consumer_measure(member->consumer, measures);
}

const char *group_member_client_id(const struct group_member *member)
{
    return consumer_client_id(member->consumer);
}

void group_member_destroy(struct group_member *member, struct consumer_stats *stats)
{
    if (member == NULL) {
        return;
    }
    consumer_destroy(member->consumer, stats);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        record_decoder_release(&member->streams[i].decoder);
    }
    for (int i = 0; i < MEMBER_WRITERS_MAX; i++) {
        store_sink_close(&member->sinks[i]);
    }
    stop_destroy(member->write_stop);
    pthread_mutex_destroy(&member->store_check_lock);
    free(member);
}
