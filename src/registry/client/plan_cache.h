/*
 * What the client knows about schema ids: compiled plans, verdicts (the id is unknown, or its
 * schema unusable), and ids that are still to be fetched. Bounded. It has no thread and no clock:
 * the caller locks, and passes the time.
 *
 * "No such id" becomes a verdict only if the registry answers nothing else for missing_after_ms, or
 * if the budget for such waits is used up (registry_limits). From then on lookups return the
 * verdict at once, and the id is fetched again after ask_again_ms, twice that, and so on; the first
 * schema replaces the verdict. An id for which the registry ever returned a schema never gets this
 * verdict.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_PLAN_CACHE_H
#define CANDLEWICK_REGISTRY_CLIENT_PLAN_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "registry/client/client.h"

enum {
    PLAN_CACHE_PLANS = 64,
    /* Number of further slots, for ids to be fetched and for verdicts. */
    PLAN_CACHE_OTHERS = 4096,
};

struct plan_cache;

/* The limits are copied. Returns NULL when out of memory. */
NODISCARD struct plan_cache *plan_cache_create(const struct registry_limits *limits,
                                               struct random random);
void plan_cache_destroy(struct plan_cache *cache); /* NULL is allowed */

/* Does the work of registry_lookup(). *queued becomes true if plan_cache_next() has a new id to
 * fetch. */
enum registry_answer plan_cache_lookup(struct plan_cache *cache, int32_t schema_id, int64_t now_ns,
                                       const struct decode_plan **plan, bool *queued,
                                       struct error *error);
void plan_cache_release(struct plan_cache *cache, const struct decode_plan *plan);

/* Does the work of registry_expect(). Returns true if plan_cache_next() has a new id to fetch. */
bool plan_cache_expect(struct plan_cache *cache, int32_t schema_id, int64_t now_ns);
/* Does the work of registry_saw(). */
void plan_cache_saw(struct plan_cache *cache, int32_t schema_id, size_t messages);

/* Finds the id that is to be fetched next; of those that are due, ids without a verdict come first.
 * Returns false if none is due now: *due_ns is then the time at which one will be, or INT64_MAX.
 * The id's slot is kept until plan_cache_store(). Ids without a verdict that were not looked up for
 * a minute are dropped. */
NODISCARD bool plan_cache_next(struct plan_cache *cache, int64_t now_ns, int32_t *schema_id,
                               int64_t *due_ns);

enum fetch_result {
    FETCH_PLAN,     /* `plan`, which the cache then owns */
    FETCH_UNUSABLE, /* the schema can never be read as the reader's record */
    /* These results become a verdict only if they persist for missing_after_ms: */
    FETCH_UNKNOWN,   /* the registry says that it has no such id, and it answers other requests */
    FETCH_TOO_LARGE, /* the answer exceeds the limit */
    FETCH_LATER,     /* no usable answer */
    FETCH_FORGOTTEN, /* no request was sent: the number's GUID was dropped */
};

/* Stores the result for an id that plan_cache_next returned. `why` is required for all results but
 * FETCH_PLAN. */
void plan_cache_store(struct plan_cache *cache, int32_t schema_id, enum fetch_result result,
                      struct decode_plan *plan, const struct error *why, int64_t now_ns);

#endif
