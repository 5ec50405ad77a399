/*
 * What is known of schema ids: plans, verdicts, and ids that wait to be fetched. Bounded, without
 * threads or clock of its own: the caller locks, and says what time it is.
 *
 * "No such id" is a verdict only when the registry says nothing else for missing_after_ms, or when
 * the waiting for such ids has used up its time (registry_limits). It is then answered at once, and
 * the id is fetched again after ask_again_ms, twice that, and so on: the first schema ends it. An
 * id that the registry ever gave is never judged again.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_PLAN_CACHE_H
#define CANDLEWICK_REGISTRY_CLIENT_PLAN_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "registry/client/client.h"

enum {
    PLAN_CACHE_PLANS = 64,
    /* Beside the plans: ids that wait, and verdicts. */
    PLAN_CACHE_OTHERS = 4096,
};

struct plan_cache;

/* The limits are copied. NULL when memory is out. */
NODISCARD struct plan_cache *plan_cache_create(const struct registry_limits *limits,
                                               struct random random);
void plan_cache_destroy(struct plan_cache *cache); /* NULL is allowed */

/* As registry_lookup. *queued: plan_cache_next has something new. */
enum registry_answer plan_cache_lookup(struct plan_cache *cache, int32_t schema_id, int64_t now_ns,
                                       const struct decode_plan **plan, bool *queued,
                                       struct error *error);
void plan_cache_release(struct plan_cache *cache, const struct decode_plan *plan);

/* As registry_expect; true: plan_cache_next has something new. */
bool plan_cache_expect(struct plan_cache *cache, int32_t schema_id, int64_t now_ns);
/* As registry_saw. */
void plan_cache_saw(struct plan_cache *cache, int32_t schema_id, size_t messages);

/* Takes the id that is due first; ids without an answer go before verdicts. False: none is due;
 * *due_ns is when one will be, or INT64_MAX. The id's place is kept until plan_cache_store. Ids
 * that nobody asked for in a minute are forgotten. */
NODISCARD bool plan_cache_next(struct plan_cache *cache, int64_t now_ns, int32_t *schema_id,
                               int64_t *due_ns);

enum fetch_result {
    FETCH_PLAN,     /* `plan`, which the cache takes over */
    FETCH_UNUSABLE, /* the schema can never be read as ours */
    /* Believed only when it is the only answer for missing_after_ms: */
    FETCH_UNKNOWN,   /* no such id, from a registry that answers other questions */
    FETCH_TOO_LARGE, /* the answer passes the cap */
    FETCH_LATER,     /* nothing to rely on */
    FETCH_FORGOTTEN, /* nobody was asked: the caller does not know any more what the id stands for
                      */
};

/* What became of an id that plan_cache_next gave. `why` goes with all but FETCH_PLAN. */
void plan_cache_store(struct plan_cache *cache, int32_t schema_id, enum fetch_result result,
                      struct decode_plan *plan, const struct error *why, int64_t now_ns);

#endif
