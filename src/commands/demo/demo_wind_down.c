#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "commands/demo/demo_parts.h"
#include "pipeline/run_summary.h"

/* Time limits of the shutdown, about 10 s in all. First the brokers acknowledge what was sent;
 * then, while there is progress, the members write and commit what is in the log; then the members
 * finish their batches. */
enum {
    LOOK_MS = 20,
    FLUSH_MS = 2000,
    SETTLE_MS = 6000,
    STUCK_MS = 3000,
};

int64_t demo_open_messages(const struct demo *demo)
{
    int64_t open = 0;
    for (size_t i = 0; i < demo->streams.count; i++) {
        open += send_window_open(demo->send_windows[i]);
    }
    return open;
}

/* Returns whether a rebalance is going on: the in-process cluster takes some two seconds for one
 * and accepts no commits meanwhile. */
static bool rebalancing(struct demo *demo)
{
    size_t owned = 0;
    for (int i = 0; i < demo->options.members; i++) {
        struct consumer_stats stats = {0};
        group_member_stats(demo->members[i], &stats);
        owned += stats.owned_count;
    }
    return owned < (size_t)demo->options.topic_partitions * demo->streams.count;
}

/* Waits until everything is committed, or for as long as there is progress. */
static void wait_settled(struct demo *demo)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t deadline = now_ns + SETTLE_MS * NS_PER_MS, moved_ns = now_ns;
    int64_t open = demo_open_messages(demo);
    while (open > 0 && now_ns < deadline && now_ns - moved_ns < STUCK_MS * NS_PER_MS) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * NS_PER_MS}, NULL);
        int64_t before = open;
        open = demo_open_messages(demo);
        now_ns = clock_monotonic_ns();
        moved_ns = open < before || rebalancing(demo) ? now_ns : moved_ns;
    }
}

struct leaving {
    struct group_member *member;
    struct consumer_stats *stats;
    pthread_t thread;
    bool threaded;
};

static void *leave(void *context)
{
    struct leaving *leaving = context;
    group_member_destroy(leaving->member, leaving->stats);
    return NULL;
}

/* Stops all members in parallel, because draining may take each of them some time. */
static void leave_all(struct demo *demo, struct consumer_stats stats[static PAGE_MEMBERS_MAX])
{
    struct leaving leaving[PAGE_MEMBERS_MAX];
    for (int i = 0; i < demo->options.members; i++) {
        leaving[i] = (struct leaving){.member = demo->members[i], .stats = &stats[i]};
        leaving[i].threaded = pthread_create(&leaving[i].thread, NULL, leave, &leaving[i]) == 0;
    }
    for (int i = 0; i < demo->options.members; i++) {
        if (leaving[i].threaded) {
            pthread_join(leaving[i].thread, NULL);
        } else {
            leave(&leaving[i]);
        }
    }
}

/* Fails when ticks are not stored by now. They are lost, because the log ends with this process. */
static bool all_stored(const struct demo *demo, struct error *error)
{
    int64_t left = demo_open_messages(demo);
    return left == 0 ||
           error_set(error, ERROR_FATAL,
                     "%lld ticks of the in-process log are not known to be stored (not committed), "
                     "and it ends with this process",
                     (long long)left);
}

bool demo_wind_down(struct demo *demo, struct error *error)
{
    struct ingest_stats ingests[SOURCES_MAX] = {0};
    struct consumer_stats members[PAGE_MEMBERS_MAX] = {0};
    page_model_destroy(demo->model); /* the model reads from the ingest and the members */
    proof_runner_destroy(demo->proofs);
    assets_destroy(demo->assets);
    stop_request(demo->ingest_stop);
    size_t ingest_count = ingests_destroy(&demo->ingests, FLUSH_MS, ingests);
    /* before the members leave, because later nobody reads what they write */
    group_events_destroy(demo->group_events);
    demo->group_events = NULL;
    (void)event_log_end(demo->events, FLUSH_MS);
    wait_settled(demo);
    leave_all(demo, members);
    if (!demo->announced) {
        return false; /* `error` already says why the start failed */
    }
    run_summary_log(&(struct run_summary){
        .ingests = ingests,
        .ingest_count = ingest_count,
        .members = members,
        .member_count = (size_t)demo->options.members,
        .lag = demo_open_messages(demo),
    });
    return run_summary_ingests_complete(ingests, ingest_count, error) && all_stored(demo, error);
}
