#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/progress.h"
#include "cli/run_env.h"
#include "commands/commands.h"
#include "commands/demo/demo_parts.h"
#include "commands/sources/wired_sources.h"
#include "page/metrics.h"
#include "page/page_model.h"
#include "record/bar.h"
#include "record/names.h"
#include "source/sources.h"

enum {
    LOOK_MS = 20,
    MEMBERS_LOOK_MS = 500,
    RUN_ENV_LOOKS = 4, /* one look in so many is also for var/run.env, if it is another demo's */
    /* The time-outs are short, so that partitions move quickly and the shutdown is within its
     * limits: see demo_wind_down(). */
    DRAIN_MS = 2000,
};

/* Called on a thread of the ingest at the end of a file. A file that was replayed at full speed
 * ends the demo once all of it is committed; after a slower replay the page stays open. */
static void on_end(void *context)
{
    struct demo *demo = context;
    if (stop_requested(demo->ingest_stop)) {
        return;
    }
    log_info("source_ended", log_text("source", demo->options.source));
    if (demo->options.speed > 0) {
        return;
    }
    while (demo_open_messages(demo) > 0 && !stop_wait_ms(demo->stop, LOOK_MS)) {
    }
    stop_request(demo->stop);
}

static void live_figures(void *context, struct live_figures *figures)
{
    struct demo *demo = context;
    figures->ingest_count = ingests_stats(&demo->ingests, figures->ingests);
    for (int i = 0; i < demo->options.members; i++) {
        live_figures_add(figures, demo->members[i]);
    }
    live_figures_add_events(figures, demo->events);
}

static void on_status(void *context, const struct group_status *status)
{
    const struct demo *demo = context;
    if (demo->group_events != NULL) {
        group_events_seen(demo->group_events, status);
    }
}

static bool start_ingests(struct demo *demo, struct error *error)
{
    const struct ingests_config config = {.options = &demo->options,
                                          .streams = &demo->streams,
                                          .send_windows = demo->send_windows,
                                          .topics_exist = true,
                                          .stop = demo->ingest_stop,
                                          .on_end = on_end,
                                          .on_end_context = demo};
    return ingests_start(&demo->ingests, &config, error);
}

static bool start_members(struct demo *demo, struct error *error)
{
    for (int i = 0; i < demo->options.members; i++) {
        char client_id[32];
        (void)snprintf(client_id, sizeof client_id, "consumer-%d", i + 1);
        struct group_member_config config =
            wiring_member(&demo->options, client_id, &demo->streams, demo->dead_letters);
        memcpy(config.send_windows, demo->send_windows, sizeof config.send_windows);
        config.ownership = demo->ownership;
        config.events = demo->events;
        if (options_origin(&demo->options, "--drain-timeout") == ORIGIN_DEFAULT) {
            config.consumer.drain_timeout_ms = DRAIN_MS;
        }
        demo->members[i] = group_member_create(&config, error);
        if (demo->members[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Returns what ticks have as their source, as page_model.h says it. */
static const char *ticks_source(const struct options *options)
{
    struct named_sources sources;
    if (source_names_parse(str_from(options->source), &sources, NULL) != SOURCES_NAMED) {
        return NULL;
    }
    switch (source_rows[sources.items[0].id].nature) {
    case NATURE_SYNTHETIC:
        return RECORD_SOURCE_SYNTHETIC;
    case NATURE_FILE:
        return options->replay_loop         ? RECORD_SOURCE_LOOP
               : options->replay_as != NULL ? options->replay_as
                                            : REPLAY_TICKS_SOURCE;
    case NATURE_LIVE:
    default:
        return NULL;
    }
}

static bool start_page(struct demo *demo, struct error *error)
{
    const struct options *options = &demo->options;
    demo->assets = wiring_assets(options, error);
    if (demo->assets == NULL ||
        (proof_runner_is_offered(options) &&
         (demo->proofs = proof_runner_create(options, &proof_limits_usual, error)) == NULL)) {
        return false;
    }
    struct page_model_config config = {
        .assets = demo->assets,
        .listen = options->listen,
        .kafka = wiring_kafka(options, NULL),
        .streams = demo->streams.items,
        .registries = demo->streams.registries,
        .stream_count = demo->streams.count,
        .group = options->group,
        .strategy = strategy_names[options->strategy],
        .source = options->source,
        .ticks_source = ticks_source(options),
        .lab_results = options->lab_results,
        .members = options->members,
        .store = wiring_store(options),
        .ownership = demo->ownership,
        .live = live_figures,
        .live_context = demo,
        .on_status = on_status,
        .on_status_context = demo,
        .proofs = proof_runner_functions(demo->proofs),
    };
    demo->model = page_model_create(&config, error);
    return demo->model != NULL;
}

/* Writes the path of the run.env in the demo's own folder. */
static void own_run_env(const struct demo *demo, char path[static PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/run.env", demo->options.data_dir);
}

/* Writes the demo's addresses to the file `path`; `folder` is the demo's own. */
static bool write_addresses(const struct demo *demo, const char *folder, const char *path,
                            struct error *error)
{
    const struct options *options = &demo->options;
    const struct run_env_line lines[] = {
        {RUN_ENV_BROKERS, options->brokers},
        {"SCHEMA_REGISTRY_URL", options->registry},
        {"STORE", options->store},
        {"PAGE", page_model_url(demo->model)},
        {RUN_ENV_SOURCE, options->source},
        {RUN_ENV_LOOP, options->replay_loop ? "true" : "false"},
        {"GROUP_ID", options->group},
        {"TOPIC", options->topics},
        {"STREAMS", options->streams},
        {RUN_ENV_FOLDER, folder},
    };
    return run_env_write(path, lines, sizeof lines / sizeof lines[0], error);
}

/* Finds the absolute path of the demo's folder. */
static bool find_folder(const struct demo *demo, char folder[static PATH_MAX], struct error *error)
{
    return realpath(demo->options.data_dir, folder) != NULL ||
           error_set(error, ERROR_FATAL, "%s cannot be used: %s", demo->options.data_dir,
                     strerror(errno));
}

/* Writes run.env, from which the reading commands, scripts and other clients learn the
 * addresses. */
static bool write_run_env(struct demo *demo, struct error *error)
{
    const struct options *options = &demo->options;
    char own[PATH_MAX], folder[PATH_MAX], other[PATH_MAX];
    own_run_env(demo, own);
    if (!find_folder(demo, folder, error) || !write_addresses(demo, folder, own, error)) {
        return false;
    }
    if (run_env_is_of_another(RUN_ENV_PATH, folder, other, sizeof other)) {
        log_info("run_env", log_text("of", other), log_text("this_one", own),
                 log_text("read_it_with", "--data-dir"), log_text("data_dir", options->data_dir));
        return true;
    }
    demo->has_run_env = write_addresses(demo, folder, RUN_ENV_PATH, error);
    return demo->has_run_env;
}

/* Takes over var/run.env if it is that of a demo that has ended meanwhile, or is gone. */
static void take_run_env(struct demo *demo)
{
    char folder[PATH_MAX];
    struct error error = {0};
    bool others = !demo->has_run_env || access(RUN_ENV_PATH, F_OK) != 0;
    if (others && run_env_is_free(RUN_ENV_PATH) && find_folder(demo, folder, &error) &&
        write_addresses(demo, folder, RUN_ENV_PATH, &error)) {
        demo->has_run_env = true;
        log_info("run_env", log_text("of", folder), log_text("reason", "the one before has ended"));
    }
}

static bool announce(struct demo *demo, struct error *error)
{
    const struct options *options = &demo->options;
    if (!write_run_env(demo, error)) {
        return false;
    }
    demo->announced = true;
    printf("\nThe page: %s   (Ctrl-C stops)\n\n", page_model_url(demo->model));
    (void)fflush(stdout); /* best effort: the log says the address too */
    log_info("ready", log_text("page", page_model_url(demo->model)),
             log_text("brokers", options->brokers), log_text("registry", options->registry),
             log_text("store", options->store), log_text("source", options->source));
    return true;
}

/* Logs the command that shows what was stored. A kind without candles has none, because its
 * messages are gone with the log. `found`: the command finds the demo's folder without
 * --data-dir. */
static void tell_what_to_see(const struct demo *demo, bool found)
{
    const struct record_kind *kind = demo->ingests.kinds[0];
    char see[PATH_MAX + 96] = "";
    if (kind->price != NULL || kind == &bar_kind) {
        (void)snprintf(see, sizeof see, "candlewick candles --of %s%s%s", kind->name,
                       found ? "" : " --data-dir ", found ? "" : demo->options.data_dir);
    }
    log_info("ended", log_text("store", demo->options.store), log_text("see", see));
}

/* Rewrites run.env to contain only the store and the source: only the store outlives the demo, and
 * the reading commands still find it. */
static void retract(const struct demo *demo)
{
    const struct run_env_line ours = {RUN_ENV_BROKERS, demo->options.brokers};
    const struct run_env_line lines[] = {
        {"STORE", demo->options.store},
        {RUN_ENV_SOURCE, demo->options.source},
        {RUN_ENV_LOOP, demo->options.replay_loop ? "true" : "false"}};
    char own[PATH_MAX];
    own_run_env(demo, own);
    const char *const paths[] = {own, RUN_ENV_PATH};
    for (size_t i = 0; i < 2; i++) {
        struct error error;
        if (run_env_has(paths[i], &ours) && !run_env_write(paths[i], lines, 3, &error)) {
            log_warn("run_env", log_text("reason", error.text));
        }
    }
    tell_what_to_see(demo, strcmp(own, RUN_ENV_PATH) == 0);
}

static void describe_progress(void *context, char *line, size_t size)
{
    struct demo *demo = context;
    struct ingests_progress progress = ingests_progress(&demo->ingests);
    size_t length = progress_rows(progress.rows, progress.share, demo->since_ns, line, size);
    (void)snprintf(line + length, size - length, ", %lld in the log, %lld not yet stored",
                   (long long)progress.acknowledged, (long long)demo_open_messages(demo));
}

static bool members_go_on(struct demo *demo, struct error *error)
{
    struct consumer_stats stats = {0};
    for (int i = 0; i < demo->options.members && !stats.fatal; i++) {
        group_member_stats(demo->members[i], &stats);
    }
    return !stats.fatal || error_set(error, ERROR_FATAL, "a member cannot go on: %s", stats.reason);
}

/* Waits for the stop, the end of --duration, or the failure of the first member; returns false for
 * a failure. */
static bool wait_for_end(struct demo *demo, struct error *error)
{
    int64_t duration_ns = demo->options.duration_ns;
    int64_t end_ns = duration_ns > 0 ? clock_monotonic_ns() + duration_ns : INT64_MAX;
    int64_t left_ns;
    bool well = true;
    int looks = 0;
    while (well && !stop_requested(demo->stop) && (left_ns = end_ns - clock_monotonic_ns()) > 0) {
        int64_t left_ms = (left_ns - 1) / NS_PER_MS + 1;
        (void)stop_wait_ms(demo->stop, left_ms < MEMBERS_LOOK_MS ? left_ms : MEMBERS_LOOK_MS);
        well = members_go_on(demo, error);
        if (++looks % RUN_ENV_LOOKS == 0) {
            take_run_env(demo);
        }
    }
    stop_request(demo->stop);
    return well;
}

bool run_demo(const struct options *options, struct error *error)
{
    struct demo *demo = calloc(1, sizeof *demo);
    bool done = false;
    bool well = true;
    if (demo == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    demo->options = *options;
    demo->lock = -1;
    if (!demo_ends_create(demo, error) || !start_members(demo, error) ||
        !start_ingests(demo, error) || !start_page(demo, error) || !announce(demo, error)) {
        goto out;
    }
    demo->since_ns = clock_monotonic_ns();
    struct progress *progress = options->speed > 0 ? NULL : progress_begin(describe_progress, demo);
    well = wait_for_end(demo, error);
    progress_end(progress);
out:
    if (demo->dead_letters != NULL) {
        /* Report the failure of a member rather than what is missing at the end, because the
         * failure is the cause. */
        done = demo_wind_down(demo, well ? error : NULL) && well &&
               (!options->verify_at_end || demo_verify(demo, error));
    }
    if (demo->announced) {
        retract(demo);
    }
    demo_ends_destroy(demo);
    free(demo);
    return done;
}
