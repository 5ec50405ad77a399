#include "app/member.h"

#include <stdlib.h>
#include <string.h>

#include "app/flow.h"
#include "app/ownership.h"
#include "base/stop.h"
#include "registry/frame.h"

/* One writer thread's connection; only that thread touches it. */
struct writer_store {
    struct store *store;
    bool prepared;
};

struct member {
    struct member_config config;
    struct stop *write_stop; /* the drain is over: ends a write under way */
    struct consumer *consumer;
    struct writer_store stores[MEMBER_WRITERS_MAX];

    /* The plan of the newest schema id, kept so that the poll thread asks the registry client
     * once an id and not once a message. */
    const struct decode_plan *plan;
    int32_t plan_id;
};

static void release_plan(struct member *member)
{
    if (member->plan != NULL) {
        registry_release(member->config.registry, member->plan);
        member->plan = NULL;
    }
}

/* Makes member->plan the plan of `schema_id`. */
static enum registry_answer take_plan(struct member *member, int32_t schema_id, struct error *error)
{
    if (member->plan != NULL && member->plan_id == schema_id) {
        return REGISTRY_READY;
    }
    const struct decode_plan *plan = NULL;
    enum registry_answer answer = registry_lookup(member->config.registry, schema_id, &plan, error);
    if (answer == REGISTRY_READY) {
        release_plan(member);
        member->plan = plan;
        member->plan_id = schema_id;
    }
    return answer;
}

static enum decode_answer bad(struct error *error, const char *reason)
{
    error_set(error, ERROR_REJECT, "%s", reason);
    return DECODE_BAD;
}

static enum decode_answer decode(void *context, struct str key, struct str value,
                                 struct ticker *tick, struct error *error)
{
    struct member *member = context;
    int32_t schema_id = 0;
    struct str body;
    if (!frame_open(value, &schema_id, &body)) {
        return bad(error, "not in Confluent's framing: no 0x00 and schema id at its start");
    }
    switch (take_plan(member, schema_id, error)) {
    case REGISTRY_READY:
        break;
    case REGISTRY_PENDING:
        return DECODE_WAIT;
    case REGISTRY_MISSING:
    case REGISTRY_UNUSABLE:
        return DECODE_BAD;
    }
    if (!decode_plan_run(member->plan, body, tick, error)) {
        return DECODE_BAD;
    }
    enum ticker_fault fault = ticker_check(tick);
    if (fault != TICKER_OK) {
        return bad(error, ticker_fault_names[fault]);
    }
    if (!str_equal_text(key, tick->symbol)) {
        return bad(error, "the key is not the record's symbol");
    }
    return DECODE_TICK;
}

static bool write_batch(void *context, int writer, const struct ticker *ticks, size_t count,
                        struct rejected_list *rejected, struct error *error)
{
    struct member *member = context;
    struct writer_store *mine = &member->stores[writer];
    if (!mine->prepared) {
        if (!store_prepare(mine->store, error)) {
            return false;
        }
        mine->prepared = true;
    }
    return store_write(mine->store, ticks, count, rejected, error);
}

static void on_assignment(void *context, const struct assignment_event *event)
{
    struct member *member = context;
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
        member->stores[i].store = store_open(&member->config.store, error);
        if (member->stores[i].store == NULL) {
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
    member->config = *config;
    struct consumer_config *consumer = &member->config.consumer;
    consumer->decode = decode;
    consumer->write = write_batch;
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

void member_stats(struct member *member, struct consumer_stats *stats)
{
    consumer_stats(member->consumer, stats);
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
    release_plan(member);
    for (int i = 0; i < MEMBER_WRITERS_MAX; i++) {
        store_close(member->stores[i].store);
    }
    stop_destroy(member->write_stop);
    free(member);
}
