#include "registry/client/plan_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "registry/client/id_history.h"
#include "registry/client/wait_budget.h"

enum {
    SLOTS = PLAN_CACHE_PLANS + PLAN_CACHE_OTHERS,
    CHAINS = 8192, /* hash chains; a power of two */
    CHAIN_BITS = 13,
    RETRY_BASE_MS = 100,
    RETRY_CAP_MS = 5000,
    VERDICT_ANSWERS = 3, /* the least number of equal answers for a verdict */
    AGAIN_DOUBLINGS = 7, /* how often the wait before a verdict is checked again doubles: up to
                            about an hour */
    FORGET_AFTER_S = 60,
    /* Too few messages say nothing: the share of unknown ids is computed only from this many on. */
    SHARE_MESSAGES = 100,
    /* Compute the share again only after this many more messages, or after this time, because that
     * walks all recent messages. */
    SHARE_STEP = 50,
    SHARE_STEP_MS = 100,
};

#define REMEDY                                                                                     \
    ": register it there, or name the registry of its writer with --registry; else its messages "  \
    "become dead letters"

enum slot_state {
    SLOT_FREE,
    SLOT_WANTED,   /* to be fetched at due_ns */
    SLOT_READY,    /* has a plan */
    SLOT_MISSING,  /* a verdict, to be checked again at due_ns */
    SLOT_UNUSABLE, /* a verdict; due_ns INT64_MAX: never checked again */
};

struct slot {
    enum slot_state state;
    bool fetching; /* plan_cache_next() has returned it, and its answer is awaited */
    int32_t id;
    uint16_t chained;         /* the next slot of its chain, plus 1; 0: none */
    struct decode_plan *plan; /* owned */
    unsigned references;
    uint64_t used;    /* the cache's lookup counter at the last lookup */
    int64_t asked_ns; /* the time of the last lookup */
    int64_t due_ns;
    /* Streak of equal answers; if it lasts for missing_after_ms, it becomes a verdict. */
    enum fetch_result streak;
    unsigned streak_length;
    int64_t streak_since_ns, streak_newest_ns;
    unsigned doublings;
    bool suspended;   /* the verdict is not returned for now, and the id is fetched sooner than
                       `doublings` says */
    int64_t tried_ns; /* the time of the newest answer, whatever it was */
    struct backoff backoff;
    struct error why;
};

struct plan_cache {
    struct registry_limits limits;
    struct random random;
    struct wait_budget budget;
    struct id_set resolved;
    struct recent_ids recent;
    uint64_t messages_seen; /* messages ever added to `recent` */
    uint64_t share_seen;    /* value of messages_seen when share_unknown was last computed */
    int64_t share_ns;       /* when share_unknown was last computed */
    size_t share_unknown;   /* how many of the recent messages have ids that are declared unknown */
    int64_t none_known_ns;  /* when knows_none() last began to suspend verdicts; 0: never */
    uint64_t lookups;
    size_t last;             /* slot of the last lookup; the next lookup mostly needs the same
                                one */
    uint32_t multiplier;     /* odd, random: a writer of messages cannot choose ids that collide */
    uint16_t chains[CHAINS]; /* the first slot, plus 1; 0: none */
    struct slot slots[SLOTS];
};

struct plan_cache *plan_cache_create(const struct registry_limits *limits, struct random random)
{
    struct plan_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        cache->limits = *limits;
        cache->random = random;
        cache->budget = wait_budget_new(limits->waiting_ms, limits->waiting_window_ms);
        cache->multiplier = (uint32_t)random_next(&cache->random) | 1;
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

static uint16_t *chain_of(struct plan_cache *cache, int32_t schema_id)
{
    return &cache->chains[(uint32_t)schema_id * cache->multiplier >> (32 - CHAIN_BITS)];
}

static struct slot *find(struct plan_cache *cache, int32_t schema_id)
{
    struct slot *slot = &cache->slots[cache->last];
    if (slot->state != SLOT_FREE && slot->id == schema_id) {
        return slot;
    }
    for (uint16_t at = *chain_of(cache, schema_id); at != 0; at = slot->chained) {
        slot = &cache->slots[at - 1];
        if (slot->id == schema_id) {
            cache->last = at - 1U;
            return slot;
        }
    }
    return NULL;
}

static void free_slot(struct plan_cache *cache, struct slot *slot)
{
    uint16_t *at = chain_of(cache, slot->id);
    while (&cache->slots[*at - 1] != slot) {
        at = &cache->slots[*at - 1].chained;
    }
    *at = slot->chained;
    decode_plan_destroy(slot->plan);
    *slot = (struct slot){.state = SLOT_FREE};
}

static bool is_verdict(const struct slot *slot)
{
    return slot->state == SLOT_MISSING || slot->state == SLOT_UNUSABLE;
}

static bool may_be_forgotten(const struct slot *slot)
{
    return is_verdict(slot) && !slot->fetching;
}

static bool is_idle_plan(const struct slot *slot)
{
    return slot->state == SLOT_READY && slot->references == 0;
}

/* Returns the least recently used slot that satisfies `may_go`; NULL: none. */
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

/* Returns a free slot. If the slots for ids and verdicts are used up, frees that of the oldest
 * verdict. */
static struct slot *make_room(struct plan_cache *cache)
{
    size_t taken = 0;
    struct slot *free_one = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        taken += slot->state != SLOT_FREE && slot->state != SLOT_READY;
        free_one = free_one == NULL && slot->state == SLOT_FREE ? slot : free_one;
    }
    if (taken < PLAN_CACHE_OTHERS) {
        return free_one; /* never NULL: the plans stay within their own limit */
    }
    struct slot *slot = oldest(cache, may_be_forgotten);
    if (slot != NULL) {
        free_slot(cache, slot);
    }
    return slot;
}

static struct slot *add(struct plan_cache *cache, int32_t schema_id, int64_t now_ns)
{
    struct slot *slot = make_room(cache);
    if (slot == NULL) {
        return NULL;
    }
    uint16_t *chain = chain_of(cache, schema_id);
    *slot = (struct slot){
        .state = SLOT_WANTED,
        .id = schema_id,
        .chained = *chain,
        .due_ns = now_ns,
        .backoff =
            backoff_new(RETRY_BASE_MS, RETRY_CAP_MS, random_seeded(random_next(&cache->random))),
    };
    *chain = (uint16_t)(slot - cache->slots + 1);
    error_set(&slot->why, ERROR_RETRY, "schema %d: being fetched", schema_id);
    return slot;
}

/* Finds or adds the id's slot; returns NULL if no slot is free. *queued becomes true if the slot is
 * new. */
static struct slot *ask(struct plan_cache *cache, int32_t schema_id, int64_t now_ns, bool *queued)
{
    struct slot *slot = find(cache, schema_id);
    *queued = slot == NULL;
    if (slot == NULL) {
        slot = add(cache, schema_id, now_ns);
    }
    if (slot != NULL) {
        slot->used = ++cache->lookups;
        slot->asked_ns = now_ns;
    }
    return slot;
}

bool plan_cache_expect(struct plan_cache *cache, int32_t schema_id, int64_t now_ns)
{
    bool queued;
    plan_cache_saw(cache, schema_id, 1);
    return ask(cache, schema_id, now_ns, &queued) != NULL && queued;
}

void plan_cache_saw(struct plan_cache *cache, int32_t schema_id, size_t messages)
{
    recent_ids_add(&cache->recent, schema_id, messages);
    cache->messages_seen += messages;
}

/* Returns how many of the recent messages have ids that are declared unknown. */
static size_t count_unknown(struct plan_cache *cache, int64_t now_ns)
{
    if (cache->messages_seen - cache->share_seen < SHARE_STEP &&
        now_ns - cache->share_ns < SHARE_STEP_MS * NS_PER_MS) {
        return cache->share_unknown;
    }
    cache->share_seen = cache->messages_seen;
    cache->share_ns = now_ns;
    cache->share_unknown = 0;
    for (size_t i = 0; i < cache->recent.count; i++) {
        const struct slot *slot = find(cache, cache->recent.ids[i]);
        cache->share_unknown += slot != NULL && slot->state == SLOT_MISSING;
    }
    return cache->share_unknown;
}

/* A registry that knows hardly any of the ids was probably emptied, or is the wrong one. So no id
 * is declared unknown for none_known_ms, which is time to repair that; but at most once per window
 * of the wait budget. Returns whether such a time is running. */
static bool knows_none(struct plan_cache *cache, int64_t now_ns)
{
    const struct registry_limits *limits = &cache->limits;
    if (limits->none_known_ms == 0) {
        return false;
    }
    size_t unknown = count_unknown(cache, now_ns);
    if (cache->recent.count < SHARE_MESSAGES || unknown * 2 <= cache->recent.count) {
        return false;
    }
    if (cache->none_known_ns == 0 ||
        now_ns - cache->none_known_ns >= limits->waiting_window_ms * NS_PER_MS) {
        cache->none_known_ns = now_ns;
    }
    return now_ns - cache->none_known_ns < limits->none_known_ms * NS_PER_MS;
}

/* Answers PENDING instead of the verdict, and has the id fetched sooner. */
static void suspend_verdict(struct plan_cache *cache, struct slot *slot, int64_t now_ns,
                            bool *queued, struct error *error)
{
    int64_t due_ns = slot->tried_ns + cache->limits.ask_again_ms / 6 * NS_PER_MS;
    if (slot->due_ns > due_ns) {
        slot->due_ns = due_ns;
        slot->suspended = true;
        *queued = true;
    }
    int64_t left_ns = cache->limits.none_known_ms * NS_PER_MS - (now_ns - cache->none_known_ns);
    error_set(error, ERROR_RETRY,
              "the registry knows none of these ids (schema %d is one): was it emptied, or is it "
              "another one? Restore it, or name the right one with --registry; such messages "
              "become dead letters in %lld s",
              (int)slot->id, (long long)(left_ns / NS_PER_SECOND));
}

static enum registry_answer answer_of(const struct slot *slot, struct error *error)
{
    if (error != NULL) {
        *error = slot->why;
    }
    return slot->state == SLOT_MISSING    ? REGISTRY_MISSING
           : slot->state == SLOT_UNUSABLE ? REGISTRY_UNUSABLE
                                          : REGISTRY_PENDING;
}

enum registry_answer plan_cache_lookup(struct plan_cache *cache, int32_t schema_id, int64_t now_ns,
                                       const struct decode_plan **plan, bool *queued,
                                       struct error *error)
{
    struct slot *slot = ask(cache, schema_id, now_ns, queued);
    if (slot == NULL) {
        error_set(error, ERROR_RETRY, "schema %d: %d unknown schemas are being fetched already",
                  schema_id, PLAN_CACHE_OTHERS);
        return REGISTRY_PENDING;
    }
    if (slot->state == SLOT_READY) {
        slot->references++;
        *plan = slot->plan;
        return REGISTRY_READY;
    }
    if (slot->state == SLOT_MISSING && knows_none(cache, now_ns)) {
        suspend_verdict(cache, slot, now_ns, queued, error);
        return REGISTRY_PENDING;
    }
    return answer_of(slot, error);
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

static bool sooner(const struct slot *slot, const struct slot *other)
{
    return other == NULL || slot->due_ns < other->due_ns;
}

bool plan_cache_next(struct plan_cache *cache, int64_t now_ns, int32_t *schema_id, int64_t *due_ns)
{
    struct slot *wanted = NULL;
    struct slot *verdict = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        if (slot->fetching) {
            continue;
        }
        if (slot->state == SLOT_WANTED &&
            now_ns - slot->asked_ns > FORGET_AFTER_S * NS_PER_SECOND) {
            free_slot(cache, slot);
        } else if (slot->state == SLOT_WANTED && sooner(slot, wanted)) {
            wanted = slot;
        } else if (is_verdict(slot) && slot->due_ns < INT64_MAX && sooner(slot, verdict)) {
            verdict = slot;
        }
    }
    struct slot *next = wanted;
    if (next == NULL || (next->due_ns > now_ns && verdict != NULL && sooner(verdict, next))) {
        next = verdict;
    }
    *due_ns = next != NULL ? next->due_ns : INT64_MAX;
    if (*due_ns > now_ns) {
        return false;
    }
    next->fetching = true;
    *schema_id = next->id;
    return true;
}

/* Schedules the next fetch for an id that has a verdict, which stays until the registry returns a
 * schema. */
static void retry_verdict(const struct plan_cache *cache, struct slot *slot, bool confirmed,
                          int64_t now_ns)
{
    confirmed = confirmed && !slot->suspended;
    slot->suspended = false;
    slot->doublings += confirmed && slot->doublings < AGAIN_DOUBLINGS ? 1 : 0;
    slot->due_ns =
        now_ns + cache->limits.ask_again_ms * NS_PER_MS * (INT64_C(1) << slot->doublings);
}

/* Returns the longest wait between two answers of a streak: several must fit into
 * missing_after_ms. */
static int64_t streak_step_ns(const struct plan_cache *cache)
{
    return cache->limits.missing_after_ms * NS_PER_MS / (VERDICT_ANSWERS + 1);
}

static void retry(struct plan_cache *cache, struct slot *slot, int retry_after_ms, int64_t now_ns)
{
    int64_t wait_ns = backoff_next_ms(&slot->backoff, retry_after_ms) * NS_PER_MS;
    if (slot->streak_length > 0) {
        /* Ask again while the wait budget still allows a wait. */
        int64_t step_ns = streak_step_ns(cache);
        int64_t left_ns = wait_budget_left_ns(&cache->budget, now_ns);
        wait_ns = wait_ns < step_ns ? wait_ns : step_ns;
        wait_ns = wait_ns < left_ns ? wait_ns : left_ns;
    }
    slot->state = SLOT_WANTED;
    slot->due_ns = now_ns + wait_ns;
}

static void retry_later(struct plan_cache *cache, struct slot *slot, int retry_after_ms,
                        int64_t now_ns)
{
    if (is_verdict(slot)) {
        retry_verdict(cache, slot, false, now_ns);
        return;
    }
    slot->streak_length = 0;
    retry(cache, slot, retry_after_ms, now_ns);
}

/* The registry has returned this schema before, so it has lost it: keep messages waiting for it,
 * without a verdict. */
static void wait_for_return(struct plan_cache *cache, struct slot *slot, const struct error *why,
                            int64_t now_ns)
{
    error_set(&slot->why, ERROR_RETRY,
              "schema %d: %.100s, though it gave this schema before: restore the registry, or name "
              "the right one with --registry",
              (int)slot->id, why->text);
    retry_later(cache, slot, 0, now_ns);
}

static enum slot_state verdict_of(enum fetch_result result)
{
    return result == FETCH_UNKNOWN ? SLOT_MISSING : SLOT_UNUSABLE;
}

/* Returns the time from which the budget is charged when the first answer of a streak arrives: the
 * time of the previous answer (`before_ns`; 0: there was none, so nothing is charged), but at most
 * streak_step_ns() ago. Without this charge, a registry that alternates "no such id" with other
 * answers could make members wait for ever. The limit is there because the previous answer may
 * itself have asked for a long pause. */
static int64_t waited_since(const struct plan_cache *cache, int64_t before_ns, int64_t now_ns)
{
    int64_t since_ns = now_ns - streak_step_ns(cache);
    return before_ns == 0 ? now_ns : before_ns > since_ns ? before_ns : since_ns;
}

/* Handles an answer that becomes a verdict only if it persists, or once the wait budget is used
 * up. */
static void lengthen_streak(struct plan_cache *cache, struct slot *slot, enum fetch_result result,
                            const struct error *why, int64_t before_ns, int64_t now_ns)
{
    if (is_verdict(slot)) {
        slot->state = verdict_of(result);
        slot->why.kind = ERROR_REJECT;
        retry_verdict(cache, slot, true, now_ns);
        return;
    }
    if (slot->streak_length == 0 || slot->streak != result) {
        slot->streak = result;
        slot->streak_length = 0;
        slot->streak_since_ns = now_ns;
        slot->streak_newest_ns = waited_since(cache, before_ns, now_ns);
    }
    wait_budget_charge(&cache->budget, slot->streak_newest_ns, now_ns);
    slot->streak_newest_ns = now_ns;
    slot->streak_length++;
    bool stays = slot->streak_length >= VERDICT_ANSWERS &&
                 now_ns - slot->streak_since_ns >= cache->limits.missing_after_ms * NS_PER_MS;
    if (!stays && wait_budget_left_ns(&cache->budget, now_ns) > 0) {
        retry(cache, slot, 0, now_ns);
        error_set(&slot->why, ERROR_RETRY, "schema %d: %.110s%s", (int)slot->id, why->text,
                  result == FETCH_UNKNOWN ? REMEDY : "");
        return;
    }
    slot->state = verdict_of(result);
    slot->doublings = 0;
    retry_verdict(cache, slot, false, now_ns);
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
            slot->streak_length = 0;
            retry(cache, slot, 0, now_ns);
            error_set(&slot->why, ERROR_RETRY, "all %d cached schemas are in use",
                      PLAN_CACHE_PLANS);
            return;
        }
        free_slot(cache, old);
    }
    slot->state = SLOT_READY;
    slot->plan = plan;
}

void plan_cache_store(struct plan_cache *cache, int32_t schema_id, enum fetch_result result,
                      struct decode_plan *plan, const struct error *why, int64_t now_ns)
{
    struct slot *slot = find(cache, schema_id);
    if (slot == NULL || !slot->fetching) {
        decode_plan_destroy(plan);
        return;
    }
    int64_t before_ns = slot->tried_ns;
    slot->fetching = false;
    slot->tried_ns = now_ns;
    if (result == FETCH_FORGOTTEN) {
        free_slot(cache, slot);
        return;
    }
    if (result == FETCH_PLAN || result == FETCH_UNUSABLE) {
        id_set_add(&cache->resolved, schema_id);
    }
    if (result == FETCH_PLAN) {
        store_plan(cache, slot, plan, now_ns);
        return;
    }
    if (result == FETCH_UNKNOWN && id_set_has(&cache->resolved, schema_id)) {
        wait_for_return(cache, slot, why, now_ns);
        return;
    }
    if (!is_verdict(slot) || result != FETCH_LATER) {
        slot->why = *why;
        (void)error_prefix(&slot->why, "schema %d", schema_id);
    }
    switch (result) {
    case FETCH_UNKNOWN:
    case FETCH_TOO_LARGE:
        lengthen_streak(cache, slot, result, why, before_ns, now_ns);
        break;
    case FETCH_UNUSABLE:
        slot->state = SLOT_UNUSABLE;
        slot->due_ns = INT64_MAX; /* the schema of an id never changes */
        slot->why.kind = ERROR_REJECT;
        break;
    default:
        retry_later(cache, slot, why->retry_after_ms, now_ns);
        break;
    }
}
