#include "lab/run/run_lab_course.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "lab/model/rest.h"
#include "lab/run/run_lab_crew.h"

enum {
    LISTEN_MS = 50,
    /* The group is at rest when ownership has not changed for this long. A round that has begun
     * must show within it: members learn of it by their heartbeats (every 0.5 s on real brokers, 5
     * s with KIP-848), and librdkafka joins at most once a second. The in-process cluster's
     * metadata is never late, so there no member joins again of its own accord. */
    SETTLE_EMBEDDED_MS = 500,
    SETTLE_MS = 2000,
    SETTLE_CONSUMER_MS = 7000,
    REST_LIMIT_MS = 60000,
    REST_LIMIT_CONSUMER_MS = 150000, /* KIP-848's session lasts 45 s */
    READ_LIMIT_MS = 20000,
    END_LIMIT_MS = 15000,
    LEAVE_LIMIT_MS = 4000, /* how long members may take to leave when the run is aborted */
};

struct course {
    const struct lab_course_config *config;
    struct lab_result *result;
    struct lab_crew *crew;
    struct lab_load *load;
    char prefix[LAB_NAME_SIZE], kafka_group[LAB_NAME_SIZE];
    int64_t acknowledged[LAB_SLOTS_MAX];
};

static bool listen_once(struct course *course, struct error *error)
{
    if (stop_requested(course->config->stop)) {
        return error_set(error, ERROR_FATAL, "stopped: this run concludes nothing");
    }
    return lab_crew_listen(course->crew, LISTEN_MS, error);
}

static int64_t settle_ms(const struct lab_course_config *config)
{
    if (config->strategy == STRATEGY_CONSUMER) {
        return SETTLE_CONSUMER_MS;
    }
    return config->cluster->embedded != NULL ? SETTLE_EMBEDDED_MS : SETTLE_MS;
}

static bool at_rest(const struct course *course, const struct lab_mark *mark, int generation)
{
    const struct lab_rest rest = {
        .group = &course->result->group,
        .log = &course->result->log,
        .change = mark->change,
        .from_ns = mark->from_ns,
        .generation = generation,
        .settle_ns = settle_ms(course->config) * NS_PER_MS,
        .without_rounds = course->config->strategy == STRATEGY_CONSUMER,
    };
    return lab_at_rest(&rest, clock_monotonic_ns());
}

static bool wait_for_end(struct course *course, int member, struct error *error)
{
    int64_t limit_ns = clock_monotonic_ns() + END_LIMIT_MS * NS_PER_MS;
    while (lab_crew_runs(course->crew, member)) {
        if (!listen_once(course, error)) {
            return false;
        }
        if (clock_monotonic_ns() > limit_ns) {
            return error_set(error, ERROR_FATAL, "member %s does not end",
                             course->result->group.members[member].name);
        }
    }
    return true;
}

static bool start_all(struct course *course, struct error *error)
{
    const struct lab_group *group = &course->result->group;
    for (int i = 0; i < group->member_count; i++) {
        if (group->members[i].present && !lab_crew_start(course->crew, i, error)) {
            return false;
        }
    }
    return true;
}

static bool make_change(struct course *course, const struct lab_change *change, struct error *error)
{
    struct lab_crew *crew = course->crew;
    int member = change->member;
    if (change->kind != LAB_START) {
        course->result->group.members[member].present = lab_change_adds(change->kind);
    }
    switch (change->kind) {
    case LAB_START:
        return start_all(course, error);
    case LAB_JOIN:
        return wait_for_end(course, member, error) && lab_crew_start(crew, member, error);
    case LAB_RESTART:
        lab_crew_stop(crew, member);
        return wait_for_end(course, member, error) && lab_crew_start(crew, member, error);
    case LAB_LEAVE:
        lab_crew_stop(crew, member);
        return true;
    case LAB_CRASH:
        return lab_crew_kill(crew, member, error);
    case LAB_FREEZE:
        return lab_crew_freeze(crew, member, error);
    case LAB_THAW:
        lab_crew_thaw(crew, member);
        return true;
    }
    return true;
}

static bool has_model(enum strategy strategy, enum lab_strategy *model)
{
    static const enum lab_strategy models[] = {[STRATEGY_RANGE] = LAB_RANGE,
                                               [STRATEGY_ROUNDROBIN] = LAB_ROUNDROBIN,
                                               [STRATEGY_STICKY] = LAB_STICKY};
    if (strategy == STRATEGY_CONSUMER) {
        return false;
    }
    *model = models[strategy];
    return true;
}

static void note_ids(struct course *course)
{
    struct lab_group *group = &course->result->group;
    for (int i = 0; i < group->member_count; i++) {
        const struct lab_event *event = lab_newest_assignment(&course->result->log, i);
        if (event != NULL) {
            (void)str_copy(str_from(event->id), group->members[i].id, LAB_NAME_SIZE);
        }
    }
}

static bool take_step(struct course *course, struct lab_change change, struct error *error)
{
    struct lab_result *result = course->result;
    struct lab_mark *mark = &result->marks[result->step_count];
    bool consumer = course->config->strategy == STRATEGY_CONSUMER;
    int generation = lab_newest_generation(&result->log);
    enum lab_strategy model;
    *mark = (struct lab_mark){.change = change, .from_ns = clock_monotonic_ns()};
    int64_t limit_ns =
        mark->from_ns + (consumer ? REST_LIMIT_CONSUMER_MS : REST_LIMIT_MS) * NS_PER_MS;
    if (!make_change(course, &change, error)) {
        return false;
    }
    while (!at_rest(course, mark, generation)) {
        if (!listen_once(course, error)) {
            return false;
        }
        if (clock_monotonic_ns() > limit_ns) {
            return error_set(
                error, ERROR_FATAL, "%s, %s, step %d: the group did not come to rest within %d s",
                course->config->scenario->name, strategy_names[course->config->strategy],
                result->step_count, (int)((limit_ns - mark->from_ns) / NS_PER_SECOND));
        }
    }
    mark->to_ns = clock_monotonic_ns();
    note_ids(course);
    const enum lab_strategy *known = has_model(course->config->strategy, &model) ? &model : NULL;
    return lab_measure(&result->group, &result->log, mark, known,
                       &result->measures[result->step_count++]) ||
           error_set(error, ERROR_FATAL, "out of memory");
}

/* Waits until everything that was sent is read, at most READ_LIMIT_MS. */
static bool read_out(struct course *course, struct error *error)
{
    struct lab_result *result = course->result;
    int64_t limit_ns = clock_monotonic_ns() + READ_LIMIT_MS * NS_PER_MS;
    do {
        if (!listen_once(course, error)) {
            return false;
        }
        if (!lab_count_ticks(&result->group, &result->log, course->acknowledged, &result->ticks)) {
            return error_set(error, ERROR_FATAL, "out of memory");
        }
    } while (result->ticks.missing > 0 && clock_monotonic_ns() < limit_ns);
    return true;
}

static bool stop_all(struct course *course, struct error *error)
{
    for (int i = 0; i < course->result->group.member_count; i++) {
        lab_crew_stop(course->crew, i);
    }
    for (int i = 0; i < course->result->group.member_count; i++) {
        if (!wait_for_end(course, i, error)) {
            return false;
        }
    }
    return true;
}

static bool run_steps(struct course *course, struct error *error)
{
    const struct lab_scenario *scenario = course->config->scenario;
    if (!take_step(course, (struct lab_change){LAB_START, 0}, error)) {
        return false;
    }
    for (int i = 0; i < scenario->change_count; i++) {
        if (!take_step(course, scenario->changes[i], error)) {
            return false;
        }
    }
    return lab_load_stop(course->load, course->acknowledged, error) && read_out(course, error) &&
           stop_all(course, error);
}

static bool anybody_runs(const struct course *course)
{
    bool any = false;
    for (int i = 0; i < course->result->group.member_count; i++) {
        any = any || lab_crew_runs(course->crew, i);
    }
    return any;
}

/* Lets the members leave, so that the group can be removed at once. */
static void end_early(struct course *course)
{
    int64_t limit_ns = clock_monotonic_ns() + LEAVE_LIMIT_MS * NS_PER_MS;
    struct error ignored = {0};
    for (int i = 0; i < course->result->group.member_count; i++) {
        lab_crew_thaw(course->crew, i);
        lab_crew_stop(course->crew, i);
    }
    while (anybody_runs(course) && clock_monotonic_ns() < limit_ns &&
           lab_crew_listen(course->crew, LISTEN_MS, &ignored)) {
    }
}

bool lab_course_run(const struct lab_course_config *config, struct lab_result *result,
                    struct error *error)
{
    struct course course = {.config = config, .result = result};
    *result = (struct lab_result){.scenario = config->scenario,
                                  .strategy = strategy_names[config->strategy]};
    lab_scenario_group(config->scenario, &result->group);
    (void)snprintf(course.prefix, sizeof course.prefix, "%s-", config->run_id);
    (void)snprintf(course.kafka_group, sizeof course.kafka_group, "%s", config->run_id);
    const struct lab_crew_config crew = {
        .group = &result->group,
        .brokers = config->cluster->kafka.brokers,
        .kafka_group = course.kafka_group,
        .prefix = course.prefix,
        .strategy = config->strategy,
        .static_members = config->scenario->static_members,
        .properties = config->properties,
        .log_level = config->log_level,
        .log = &result->log,
    };
    bool done = lab_cluster_make_topics(config->cluster, &result->group, course.prefix, error) &&
                (course.load = lab_load_start(config->cluster, &result->group, course.prefix,
                                              config->per_second, error)) != NULL &&
                (course.crew = lab_crew_create(&crew, error)) != NULL && run_steps(&course, error);
    if (!done && course.crew != NULL) {
        end_early(&course);
    }
    lab_crew_destroy(course.crew);
    lab_load_destroy(course.load);
    lab_cluster_remove(config->cluster, &result->group, course.prefix, course.kafka_group);
    return done;
}
