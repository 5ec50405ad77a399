#include "registry/plan_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"

enum {
    /* Beside the plans: ids that wait, and verdicts. One partition waits for one id at a time. */
    OTHERS = 256,
    SLOTS = PLAN_CACHE_PLANS + OTHERS,
    RETRY_BASE_MS = 100,
    RETRY_CAP_MS = 5000,
    VERDICT_ANSWERS = 3, /* how often at least an id must be unknown */
    FORGET_AFTER_S = 60,
};

enum slot_state {
    SLOT_FREE,
    SLOT_WANTED,   /* to be fetched at due_ns */
    SLOT_FETCHING, /* the caller of plan_cache_next is at it */
    SLOT_READY,
    SLOT_MISSING,  /* believed until due_ns */
    SLOT_UNUSABLE, /* believed until due_ns */
};

struct slot {
    enum slot_state state;
    struct decode_plan *plan; /* owned */
    unsigned references;
    uint64_t used;    /* the cache's count of lookups at the last one */
    int64_t asked_ns; /* when that was */
    int64_t due_ns;
    /* The row of equal answers that is becoming a verdict. */
    enum fetch_result row;
    int64_t row_since_ns;
    unsigned row_length;
    struct backoff backoff;
    struct error why;
};

struct plan_cache {
    int missing_after_ms;
    int missing_ttl_ms;
    struct random random;
    uint64_t lookups;
    size_t last;        /* the slot of the last lookup: mostly the next one's, too */
    int32_t ids[SLOTS]; /* apart from the slots, so that looking for one touches little memory */
    struct slot slots[SLOTS];
};

struct plan_cache *plan_cache_create(int missing_after_ms, int missing_ttl_ms, struct random random)
{
    struct plan_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        cache->missing_after_ms = missing_after_ms;
        cache->missing_ttl_ms = missing_ttl_ms;
        cache->random = random;
    }
    return cache;
}

void plan_cache_destroy(struct plan_cache *cache)
{
    for (size_t i = 0; cache != NULL && i < SLOTS; i++) {
        decode_plan_destroy(cache->slots[i].plan);
    }
    free(cache);
}

static struct slot *find(struct plan_cache *cache, int32_t schema_id)
{
    size_t i = cache->last;
    if (cache->ids[i] != schema_id || cache->slots[i].state == SLOT_FREE) {
        for (i = 0; i < SLOTS; i++) {
            if (cache->ids[i] == schema_id && cache->slots[i].state != SLOT_FREE) {
                break;
            }
        }
    }
    if (i == SLOTS) {
        return NULL;
    }
    cache->last = i;
    return &cache->slots[i];
}

static void free_slot(struct slot *slot)
{
    decode_plan_destroy(slot->plan);
    *slot = (struct slot){.state = SLOT_FREE};
}

static bool is_verdict(const struct slot *slot)
{
    return slot->state == SLOT_MISSING || slot->state == SLOT_UNUSABLE;
}

static bool is_idle_plan(const struct slot *slot)
{
    return slot->state == SLOT_READY && slot->references == 0;
}

/* The least recently used slot of those that `may_go`; NULL: none. */
static struct slot *oldest(struct plan_cache *cache, bool (*may_go)(const struct slot *slot))
{
    struct slot *found = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        if (may_go(slot) && (found == NULL || slot->used < found->used)) {
            found = slot;
        }
    }
    return found;
}

/* Of the slots beside the plans, the first free one, else that of the oldest verdict. */
static struct slot *make_room(struct plan_cache *cache)
{
    size_t taken = 0;
    struct slot *free_one = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        taken += slot->state != SLOT_FREE && slot->state != SLOT_READY;
        free_one = free_one == NULL && slot->state == SLOT_FREE ? slot : free_one;
    }
    if (taken < OTHERS) {
        return free_one; /* there is one: the plans never take more than their share */
    }
    struct slot *slot = oldest(cache, is_verdict);
    if (slot != NULL) {
        free_slot(slot);
    }
    return slot;
}

static struct slot *add(struct plan_cache *cache, int32_t schema_id, int64_t now_ns)
{
    struct slot *slot = make_room(cache);
    if (slot == NULL) {
        return NULL;
    }
    *slot = (struct slot){
        .state = SLOT_WANTED,
        .due_ns = now_ns,
        .backoff =
            backoff_new(RETRY_BASE_MS, RETRY_CAP_MS, random_seeded(random_next(&cache->random))),
    };
    error_set(&slot->why, ERROR_RETRY, "schema %d: being fetched", schema_id);
    cache->ids[slot - cache->slots] = schema_id;
    return slot;
}

enum registry_answer plan_cache_lookup(struct plan_cache *cache, int32_t schema_id, int64_t now_ns,
                                       const struct decode_plan **plan, bool *queued,
                                       struct error *error)
{
    struct slot *slot = find(cache, schema_id);
    *queued = slot == NULL;
    if (slot == NULL) {
        slot = add(cache, schema_id, now_ns);
    }
    if (slot == NULL) {
        error_set(error, ERROR_RETRY, "schema %d: %d unknown schemas are being fetched already",
                  schema_id, OTHERS);
        return REGISTRY_PENDING;
    }
    slot->used = ++cache->lookups;
    slot->asked_ns = now_ns;
    if (is_verdict(slot) && now_ns >= slot->due_ns) {
        slot->state = SLOT_WANTED;
        slot->why.kind = ERROR_RETRY;
        *queued = true;
    }
    if (slot->state == SLOT_READY) {
        slot->references++;
        *plan = slot->plan;
        return REGISTRY_READY;
    }
    if (error != NULL) {
        *error = slot->why;
    }
    return slot->state == SLOT_MISSING    ? REGISTRY_MISSING
           : slot->state == SLOT_UNUSABLE ? REGISTRY_UNUSABLE
                                          : REGISTRY_PENDING;
}

void plan_cache_release(struct plan_cache *cache, const struct decode_plan *plan)
{
    size_t i = cache->last;
    if (cache->slots[i].plan != plan) {
        for (i = 0; i < SLOTS && cache->slots[i].plan != plan; i++) {
        }
    }
    if (i < SLOTS && cache->slots[i].references > 0) {
        cache->slots[i].references--;
    }
}

bool plan_cache_next(struct plan_cache *cache, int64_t now_ns, int32_t *schema_id, int64_t *due_ns)
{
    size_t first = SLOTS;
    *due_ns = INT64_MAX;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        if (slot->state != SLOT_WANTED) {
            continue;
        }
        if (now_ns - slot->asked_ns > FORGET_AFTER_S * NS_PER_SECOND) {
            free_slot(slot);
        } else if (slot->due_ns < *due_ns) {
            *due_ns = slot->due_ns;
            first = i;
        }
    }
    if (first == SLOTS || *due_ns > now_ns) {
        return false;
    }
    cache->slots[first].state = SLOT_FETCHING;
    *schema_id = cache->ids[first];
    return true;
}

static void retry(struct plan_cache *cache, struct slot *slot, int retry_after_ms, int64_t now_ns)
{
    int wait_ms = backoff_next_ms(&slot->backoff, retry_after_ms);
    /* A verdict that is on its way needs several answers before its time is over. */
    int row_ms = cache->missing_after_ms / (VERDICT_ANSWERS + 1);
    if (slot->row_length > 0 && wait_ms > row_ms) {
        wait_ms = row_ms;
    }
    slot->state = SLOT_WANTED;
    slot->due_ns = now_ns + wait_ms * NS_PER_MS;
}

/* One more answer of the kind that only counts when it stays. */
static void lengthen_row(struct plan_cache *cache, struct slot *slot, enum fetch_result result,
                         int64_t now_ns)
{
    if (slot->row_length == 0 || slot->row != result) {
        slot->row = result;
        slot->row_length = 0;
        slot->row_since_ns = now_ns;
    }
    slot->row_length++;
    if (slot->row_length < VERDICT_ANSWERS ||
        now_ns - slot->row_since_ns < cache->missing_after_ms * NS_PER_MS) {
        retry(cache, slot, 0, now_ns);
        slot->why.kind = ERROR_RETRY;
        return;
    }
    slot->state = result == FETCH_UNKNOWN ? SLOT_MISSING : SLOT_UNUSABLE;
    slot->due_ns = now_ns + cache->missing_ttl_ms * NS_PER_MS;
    slot->why.kind = ERROR_REJECT;
}

static void store_plan(struct plan_cache *cache, struct slot *slot, struct decode_plan *plan,
                       int64_t now_ns)
{
    size_t plans = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        plans += cache->slots[i].state == SLOT_READY;
    }
    if (plans >= PLAN_CACHE_PLANS) {
        struct slot *old = oldest(cache, is_idle_plan);
        if (old == NULL) {
            decode_plan_destroy(plan);
            retry(cache, slot, 0, now_ns);
            error_set(&slot->why, ERROR_RETRY, "all %d cached schemas are in use",
                      PLAN_CACHE_PLANS);
            return;
        }
        free_slot(old);
    }
    slot->state = SLOT_READY;
    slot->plan = plan;
}

void plan_cache_store(struct plan_cache *cache, int32_t schema_id, enum fetch_result result,
                      struct decode_plan *plan, const struct error *why, int64_t now_ns)
{
    struct slot *slot = find(cache, schema_id);
    if (slot == NULL) {
        decode_plan_destroy(plan);
        return;
    }
    if (result == FETCH_PLAN) {
        store_plan(cache, slot, plan, now_ns);
        return;
    }
    slot->why = *why;
    (void)error_prefix(&slot->why, "schema %d", schema_id);
    switch (result) {
    case FETCH_UNKNOWN:
    case FETCH_TOO_LARGE:
        lengthen_row(cache, slot, result, now_ns);
        break;
    case FETCH_UNUSABLE:
        slot->state = SLOT_UNUSABLE;
        slot->due_ns = INT64_MAX; /* what an id means never changes */
        slot->why.kind = ERROR_REJECT;
        break;
    default:
        slot->row_length = 0;
        retry(cache, slot, why->retry_after_ms, now_ns);
        break;
    }
}
