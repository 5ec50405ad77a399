#include "pipeline/member.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "pipeline/flow.h"
#include "pipeline/ownership.h"
#include "pipeline/record_decoder.h"
#include "pipeline/store_sink.h"

/* How long a member is unhealthy after its store has lost its points, which nothing else
 * reports. */
enum { EMPTIED_TOLD_S = 600 };

enum { NO_ASSIGNMENT = -1 };

struct member {
    struct member_config config;
    struct stop *write_stop; /* ends the writes in progress when the drain is over */
    struct consumer *consumer;
    struct store_sink sinks[MEMBER_WRITERS_MAX]; /* one for each writer thread */
    struct record_decoder decoder;               /* used on the poll thread only */
    atomic_llong committed;  /* messages that the group had committed at the first assignment;
                                NO_ASSIGNMENT before it */
    atomic_llong not_held;   /* the same number if the store was empty then, otherwise 0 */
    pthread_mutex_t looking; /* held while the store is checked, so that nothing is written before;
                                protects `looked` */
    bool looked;
};

static enum decode_answer decode(void *context, const struct encoded_message *message, void *record,
                                 struct error *error)
{
    struct member *member = context;
    return record_decode(&member->decoder, message, record, error);
}

static void expect(void *context, const struct encoded_message *message)
{
    struct member *member = context;
    record_expect(&member->decoder, message);
}

/* Checks, once after the first assignment, that the store is not empty although the group has
 * committed messages. It then was deleted while no member ran, which nothing else would notice. */
static bool expect_points(struct member *member, struct store *store, struct error *error)
{
    bool empty = false;
    long long committed = atomic_load(&member->committed);
    pthread_mutex_lock(&member->looking);
    bool due = committed > 0 && !member->looked;
    bool done =
        !due || store_expect_points(store, member->config.consumer.kind, committed, &empty, error);
    member->looked = member->looked || (due && done);
    pthread_mutex_unlock(&member->looking);
    if (empty) {
        atomic_store(&member->not_held, committed);
    }
    return done;
}

static bool write_batch(void *context, int writer, const struct record_set *records,
                        struct rejected_list *rejected, struct error *error)
{
    struct member *member = context;
    return expect_points(member, member->sinks[writer].store, error) &&
           store_sink_write(&member->sinks[writer], records, rejected, error);
}

static bool look(void *context, int writer, struct error *error)
{
    struct member *member = context;
    struct store *store = member->sinks[writer].store;
    return store_look(store, error) && expect_points(member, store, error);
}

static void on_assignment(void *context, const struct assignment_event *event)
{
    struct member *member = context;
    long long first = NO_ASSIGNMENT;
    if (event->kind == ASSIGNMENT_ASSIGNED && event->count > 0) {
        (void)atomic_compare_exchange_strong(&member->committed, &first, event->committed);
    }
    if (member->config.ownership == NULL) {
        return;
    }
    if (event->kind == ASSIGNMENT_ASSIGNED) {
        ownership_taken(member->config.ownership, event->member, event->partitions, event->count,
                        event->time_ns);
    } else {
        ownership_given_up(member->config.ownership, event->member, event->partitions, event->count,
                           event->time_ns);
    }
}

static void on_commit(void *context, int32_t partition, int64_t next_offset)
{
    struct member *member = context;
    if (member->config.flow != NULL) {
        flow_committed(member->config.flow, partition, next_offset);
    }
}

static bool open_stores(struct member *member, struct error *error)
{
    for (int i = 0; i < member->config.consumer.writers; i++) {
        if (!store_sink_open(&member->sinks[i], &member->config.store, error)) {
            return false;
        }
    }
    return true;
}

struct member *member_create(const struct member_config *config, struct error *error)
{
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&member->looking, NULL);
    atomic_init(&member->committed, NO_ASSIGNMENT);
    member->config = *config;
    member->decoder.kind = config->consumer.kind;
    member->decoder.registry = config->registry;
    struct consumer_config *consumer = &member->config.consumer;
    consumer->decode = decode;
    consumer->expect = expect;
    consumer->write = write_batch;
    consumer->look = look;
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
        member_destroy(member, NULL);
        return NULL;
    }
    return member;
}

int64_t member_store_emptied_ns(const struct member *member)
{
    int64_t newest_ns = 0;
    for (int i = 0; i < member->config.consumer.writers; i++) {
        int64_t emptied_ns = store_emptied_ns(member->sinks[i].store);
        newest_ns = emptied_ns > newest_ns ? emptied_ns : newest_ns;
    }
    return newest_ns;
}

void member_stats(struct member *member, struct consumer_stats *stats)
{
    consumer_stats(member->consumer, stats);
    int64_t since_ns = clock_wall_ns() - member_store_emptied_ns(member);
    if (!stats->healthy || since_ns >= EMPTIED_TOLD_S * NS_PER_SECOND) {
        return;
    }
    stats->healthy = false;
    long long not_held = atomic_load(&member->not_held);
    if (not_held > 0) {
        (void)snprintf(stats->reason, sizeof stats->reason,
                       "store: it held nothing when the member began, but the group had committed "
                       "%lld messages%s: candlewick replay --since TIME writes them again",
                       not_held,
                       member->config.store.retention_ns > 0 ? " (maybe all older than --retention)"
                                                             : "");
    } else {
        (void)snprintf(stats->reason, sizeof stats->reason,
                       "store: what had been written %d s ago and before is gone: candlewick "
                       "replay --since TIME writes it again from the topic",
                       (int)(since_ns / NS_PER_SECOND));
    }
}

void member_measure(struct member *member, struct consumer_measures *measures)
{
    consumer_measure(member->consumer, measures);
}

const char *member_client_id(const struct member *member)
{
    return consumer_client_id(member->consumer);
}

void member_destroy(struct member *member, struct consumer_stats *stats)
{
    if (member == NULL) {
        return;
    }
    consumer_destroy(member->consumer, stats);
    record_decoder_release(&member->decoder);
    for (int i = 0; i < MEMBER_WRITERS_MAX; i++) {
        store_sink_close(&member->sinks[i]);
    }
    stop_destroy(member->write_stop);
    pthread_mutex_destroy(&member->looking);
    free(member);
}
