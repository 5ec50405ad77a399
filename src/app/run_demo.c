#include <stdio.h>
#include <stdlib.h>

#include "app/board.h"
#include "app/commands.h"
#include "app/demo_parts.h"
#include "app/progress.h"
#include "app/run_env.h"
#include "app/summary.h"
#include "base/clock.h"
#include "base/log.h"

enum {
    FLUSH_MS = 2000,
    LOOK_MS = 20,
    SETTLE_MS = 5000, /* at the end: what is in the log may still be written and committed */
};

/* Runs on a thread of the feed: a file that is read at full speed ends the demo once all of it is
 * committed; a slower one leaves its page open. */
static void on_end(void *context)
{
    struct demo *demo = context;
    if (stop_requested(demo->feed_stop)) {
        return;
    }
    log_info("source_ended", log_text("source", demo->options.source));
    if (demo->options.speed > 0) {
        return;
    }
    while (flow_open(demo->flow) > 0 && !stop_wait_ms(demo->stop, LOOK_MS)) {
    }
    stop_request(demo->stop);
}

static void live_figures(void *context, struct live_figures *figures)
{
    struct demo *demo = context;
    figures->has_feed = true;
    feed_stats(demo->feed, &figures->feed);
    for (int i = 0; i < demo->options.members; i++) {
        struct consumer_stats *stats = &figures->members[figures->member_count].stats;
        member_stats(demo->members[i], stats);
        (void)str_copy(str_from(member_client_id(demo->members[i])),
                       figures->members[figures->member_count].client_id,
                       sizeof figures->members[0].client_id);
        figures->member_count++;
    }
}

static bool start_feed(struct demo *demo, struct error *error)
{
    struct source *source = demo->source;
    struct feed_config config =
        wiring_feed(&demo->options, demo->topics, demo->registry, source, demo->feed_stop);
    config.topics_exist = true;
    config.flow = demo->flow;
    config.on_end = on_end;
    config.on_end_context = demo;
    demo->source = NULL; /* the feed's, also when it fails */
    demo->feed = feed_create(&config, source, error);
    return demo->feed != NULL;
}

static bool start_members(struct demo *demo, struct error *error)
{
    for (int i = 0; i < demo->options.members; i++) {
        char client_id[32];
        (void)snprintf(client_id, sizeof client_id, "consumer-%d", i + 1);
        struct member_config config = wiring_member(&demo->options, client_id, demo->registry,
                                                    demo->dead_letters, demo->dead_letter_topic);
        config.flow = demo->flow;
        config.ownership = demo->ownership;
        demo->members[i] = member_create(&config, error);
        if (demo->members[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool start_board(struct demo *demo, struct error *error)
{
    const struct options *options = &demo->options;
    struct board_config config = {
        .listen = options->listen,
        .kafka = wiring_kafka(options, NULL),
        .topic = options->topic,
        .group = options->group,
        .strategy = strategy_names[options->strategy],
        .source = options->source,
        .members = options->members,
        .registry = demo->registry,
        .store = wiring_store(options),
        .ownership = demo->ownership,
        .live = live_figures,
        .live_context = demo,
    };
    demo->board = board_create(&config, error);
    return demo->board != NULL;
}

/* So that the reading commands, scripts and other clients find this run. */
static bool announce(const struct demo *demo, struct error *error)
{
    const struct options *options = &demo->options;
    const struct run_env_line lines[] = {
        {"KAFKA_BROKERS", options->brokers}, {"SCHEMA_REGISTRY_URL", options->registry},
        {"STORE", options->store},           {"PAGE", board_url(demo->board)},
        {"GROUP_ID", options->group},        {"TOPIC", options->topic},
    };
    if (!run_env_write(RUN_ENV_PATH, lines, sizeof lines / sizeof lines[0], error)) {
        return false;
    }
    log_info("ready", log_text("page", board_url(demo->board)),
             log_text("brokers", options->brokers), log_text("registry", options->registry),
             log_text("store", options->store), log_text("source", options->source));
    return true;
}

static void wait_settled(struct demo *demo)
{
    int64_t deadline = clock_monotonic_ns() + SETTLE_MS * NS_PER_MS;
    struct error error;
    struct stop *pause = stop_create(&error);
    while (pause != NULL && flow_open(demo->flow) > 0 && clock_monotonic_ns() < deadline) {
        (void)stop_wait_ms(pause, LOOK_MS);
    }
    stop_destroy(pause);
}

/* In the order of the data, so that what was sent is still written and committed. */
static void wind_down(struct demo *demo, bool tell)
{
    struct feed_stats feed = {0};
    struct consumer_stats members[BOARD_MEMBERS_MAX] = {0};
    board_destroy(demo->board); /* it looks at the feed and the members */
    stop_request(demo->feed_stop);
    feed_destroy(demo->feed, FLUSH_MS, &feed);
    wait_settled(demo);
    for (int i = 0; i < demo->options.members; i++) {
        member_destroy(demo->members[i], &members[i]);
    }
    if (tell) {
        summary_log(&(struct summary){
            .feed = &feed,
            .members = members,
            .member_count = (size_t)demo->options.members,
            .lag = flow_open(demo->flow),
        });
    }
}

static void describe_progress(void *context, char *line, size_t size)
{
    struct demo *demo = context;
    struct feed_stats feed;
    feed_stats(demo->feed, &feed);
    (void)snprintf(line, size, "%lld rows read, %lld in the log, %lld of them not yet committed",
                   (long long)feed.poller.rows.rows, (long long)feed.producer.acknowledged,
                   (long long)flow_open(demo->flow));
}

bool run_demo(const struct options *options, struct error *error)
{
    struct demo *demo = calloc(1, sizeof *demo);
    bool done = false;
    if (demo == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    demo->options = *options;
    if (!demo_ends_create(demo, error) || !start_members(demo, error) || !start_feed(demo, error) ||
        !start_board(demo, error) || !announce(demo, error)) {
        goto out;
    }
    struct progress *progress = options->speed > 0 ? NULL : progress_begin(describe_progress, demo);
    stop_wait_signals(demo->stop, options->duration_ns);
    progress_end(progress);
    done = true;
out:
    if (demo->flow != NULL) {
        wind_down(demo, done);
    }
    demo_ends_destroy(demo);
    free(demo);
    return done;
}
