/* candlewick lab run: runs each scenario with each strategy a number of times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text/fit.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "kafka/client/properties.h"
#include "lab/run/lab_commands.h"
#include "lab/run/run_lab_course.h"
#include "lab/run/run_lab_report.h"

enum {
    STRATEGIES = STRATEGY_CONSUMER + 1,
    PROPERTIES_LIMIT = 4096,
    TEXT_LIMIT = 64 << 20,
    SEEDS = 1000000,
};

struct lab_run {
    const struct options *options;
    struct lab_cluster cluster;
    struct stop *stop;
    struct random random; /* seeded by --seed; orders the strategies */
    struct random chance; /* seeded by the system; makes topic and group names that no other run
                             has */
    int64_t seed;
    int scenarios[LAB_SCENARIOS_MAX];
    int scenario_count;
    enum strategy strategies[STRATEGIES]; /* in the order in which the user named them */
    int strategy_count;
    struct strbuf properties; /* for the members */
    struct lab_report report;
    struct error unheard; /* why writing to standard output failed; empty text: it has not failed */
};

static bool parse_strategies(struct lab_run *run, const char *text, struct error *error)
{
    struct str rest = str_from(text);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        int found = 0;
        piece = str_trim(piece);
        while (found < STRATEGIES && !str_equal_text(piece, strategy_names[found])) {
            found++;
        }
        if (found == STRATEGIES) {
            bool eager = str_equal_text(piece, "eager-sticky");
            return error_set(error, ERROR_USAGE,
                             "strategy \"%.*s\" %s; those that run: range, roundrobin, sticky, "
                             "consumer",
                             (int)(piece.length < 40 ? piece.length : 40), piece.data,
                             eager ? "is not in librdkafka, so only lab predict has it"
                                   : "is not known");
        }
        for (int i = 0; i < run->strategy_count; i++) {
            if ((int)run->strategies[i] == found) {
                return error_set(error, ERROR_USAGE, "strategy %s is named twice",
                                 strategy_names[found]);
            }
        }
        run->strategies[run->strategy_count++] = (enum strategy)found;
    }
    return true;
}

/* Returns whether lab run sets this property itself: the report's statements about sessions,
 * assignors and static members must hold whatever properties the user sets for other commands. */
static bool is_ours(const char *key)
{
    static const char *const ours[] = {"session.timeout.ms", "heartbeat.interval.ms",
                                       "group.remote.assignor", "group.instance.id"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (property_is(key, ours[i])) {
            return true;
        }
    }
    return false;
}

/* Formats the user's properties for the members' environment, since secrets must not be in
 * arguments. */
static bool write_properties(struct lab_run *run, struct error *error)
{
    for (size_t i = 0; i < run->options->property_count; i++) {
        const struct kafka_property *property = &run->options->properties[i];
        if (is_ours(property->key)) {
            return error_set(error, ERROR_USAGE,
                             "-X %s (or KAFKA_PROPERTIES) is not for lab run: its figures rest on "
                             "a value of its own",
                             property->key);
        }
        if (strchr(property->value, ',') != NULL) {
            return error_set(error, ERROR_USAGE,
                             "-X %s: the lab cannot pass on a value with a comma", property->key);
        }
        strbuf_append_format(&run->properties, ",%s=%s", property->key, property->value);
    }
    return !run->properties.failed ||
           error_set(error, ERROR_USAGE, "the -X properties are too long for the lab");
}

/* Appends the members' properties. The session is long enough for a busy machine and short enough
 * to wait for. Brokers allow at least 6 s by default; with KIP-848 they choose it themselves. A
 * static member's session must outlast its restart, however busy the machine, and only the removal
 * of the group waits for its end. The in-process cluster starts a rebalance one second before a
 * session ends, and uses each member's last JoinGroup request. librdkafka joins at most once a
 * second, so with 3 s all members join in time. */
static void member_properties(const struct lab_run *run, const struct lab_scenario *scenario,
                              enum strategy strategy, struct strbuf *text)
{
    if (strategy != STRATEGY_CONSUMER) {
        int session_ms = run->cluster.embedded != NULL ? 3000
                         : scenario->static_members    ? 20000
                                                       : 6000;
        int heartbeat_ms = run->cluster.embedded != NULL ? 200 : 500;
        strbuf_append_format(text, "session.timeout.ms=%d,heartbeat.interval.ms=%d", session_ms,
                             heartbeat_ms);
    }
    struct str more = strbuf_str(&run->properties);
    if (text->length == 0 && more.length > 0) {
        more = (struct str){more.data + 1, more.length - 1};
    }
    strbuf_append_str(text, more);
}

/* Returns why the strategy cannot be run with the scenario, or NULL when it can. */
static const char *reason_to_skip(const struct lab_run *run, const struct lab_scenario *scenario,
                                  enum strategy strategy)
{
    if (run->cluster.embedded == NULL) {
        return NULL;
    }
    if (strategy == STRATEGY_CONSUMER) {
        return "the in-process cluster takes KIP-848's members, but always places partitions by a "
               "range of its own: real brokers (--brokers) show it";
    }
    if (scenario->static_members) {
        return "the in-process cluster keeps a static member that restarts twice, until its "
               "session is over: real brokers (--brokers) show it";
    }
    return NULL;
}

static bool run_one(struct lab_run *run, const struct lab_scenario *scenario,
                    enum strategy strategy, int repeat, struct error *error)
{
    char id[64];
    struct strbuf properties = strbuf_new(PROPERTIES_LIMIT);
    member_properties(run, scenario, strategy, &properties);
    (void)snprintf(id, sizeof id, "lab-%08llx",
                   (unsigned long long)(random_next(&run->chance) & 0xffffffff));
    const struct lab_course_config config = {
        .cluster = &run->cluster,
        .scenario = scenario,
        .strategy = strategy,
        .run_id = id,
        .per_second = run->options->lab_rate,
        .properties = strbuf_text(&properties),
        .log_level = run->options->log_level,
        .stop = run->stop,
    };
    (void)fprintf(stderr, "lab: %s, %s, %d of %d\n", scenario->name, strategy_names[strategy],
                  repeat, run->options->lab_repeat);
    struct lab_result *result = lab_report_add(&run->report);
    bool done = result != NULL ? lab_course_run(&config, result, error)
                               : error_set(error, ERROR_FATAL, "out of memory");
    if (done) {
        result->repeat = repeat;
        lab_report_free_old_logs(&run->report);
    } else if (result != NULL) {
        lab_report_drop_newest(&run->report);
    }
    strbuf_free(&properties);
    return done;
}

static void shuffle(struct lab_run *run, enum strategy *strategies)
{
    for (int i = run->strategy_count - 1; i > 0; i--) {
        int k = (int)(random_next(&run->random) % (uint64_t)(i + 1));
        enum strategy other = strategies[i];
        strategies[i] = strategies[k];
        strategies[k] = other;
    }
}

static bool run_scenario(struct lab_run *run, const struct lab_scenario *scenario,
                         struct error *error)
{
    for (int repeat = 1; repeat <= run->options->lab_repeat; repeat++) {
        enum strategy strategies[STRATEGIES];
        memcpy(strategies, run->strategies, sizeof strategies);
        shuffle(run, strategies);
        for (int i = 0; i < run->strategy_count; i++) {
            const char *reason = reason_to_skip(run, scenario, strategies[i]);
            if (reason != NULL) {
                lab_report_skip(&run->report, scenario, strategy_names[strategies[i]], reason);
            } else if (!run_one(run, scenario, strategies[i], repeat, error)) {
                return false;
            }
        }
    }
    return true;
}

static struct lab_setting setting_of(const struct lab_run *run)
{
    return (struct lab_setting){
        .brokers = run->cluster.embedded == NULL ? run->cluster.kafka.brokers : NULL,
        .broker_count = run->cluster.brokers,
        .seed = run->seed,
        .repeat = run->options->lab_repeat,
        .per_second = run->options->lab_rate,
    };
}

/* Returns false when standard output failed, and the run need not go on because no report file was
 * requested. */
static bool print(struct lab_run *run, const struct strbuf *text)
{
    if (run->unheard.text[0] == '\0' &&
        output_write_or(text, "run fewer scenarios, or repeat them less", &run->unheard)) {
        return true;
    }
    return run->options->lab_report != NULL;
}

/* Shows a table as soon as its scenario is over; output for programs is written at the end. */
static bool show_scenario(struct lab_run *run, const struct lab_scenario *scenario)
{
    const char *names[LAB_NAMES_MAX];
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    bool heard = true;
    if (run->options->format != FORMAT_TABLE) {
        lab_report_troubles(&run->report, scenario, &text);
        (void)fputs(strbuf_text(&text), stderr);
    } else if (run->report.broken_off[0] == '\0' ||
               lab_report_strategies(&run->report, scenario, names) > 0) {
        bool colours = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
        lab_scenario_append(&run->report, scenario, output_columns(STDOUT_FILENO), colours, &text);
        heard = print(run, &text);
    }
    strbuf_free(&text);
    return heard;
}

static void show_all(struct lab_run *run)
{
    const struct lab_setting setting = setting_of(run);
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    switch (run->options->format) {
    case FORMAT_JSON:
        lab_report_json(&run->report, &text);
        break;
    case FORMAT_CSV:
        lab_report_csv(&run->report, &text);
        break;
    case FORMAT_MARKDOWN:
        lab_markdown_append(&run->report, &setting, NULL, &text);
        break;
    case FORMAT_TABLE:
        if (run->report.broken_off[0] != '\0') {
            strbuf_append_format(&text, "\nincomplete: %s\n", run->report.broken_off);
        }
        break;
    }
    (void)print(run, &text);
    strbuf_free(&text);
}

static void introduce(const struct lab_run *run)
{
    const struct lab_setting setting = setting_of(run);
    const char *note = run->report.embedded ? lab_embedded_note : lab_brokers_note;
    struct strbuf words = strbuf_new(TEXT_LIMIT);
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    strbuf_append_text(&words, "lab: ");
    lab_setting_append(&setting, &words);
    fit_append_lines(&text, strbuf_str(&words), (size_t)output_columns(STDERR_FILENO));
    (void)fputs(strbuf_text(&text), stderr);
    if (run->options->format == FORMAT_TABLE) {
        strbuf_clear(&text);
        fit_append_lines(&text, str_from(note), (size_t)output_columns(STDOUT_FILENO));
        (void)puts(strbuf_text(&text));
    }
    strbuf_free(&words);
    strbuf_free(&text);
}

/* Writes the file for the page. That it cannot be written is told, but is no failure of the run. */
static void keep_results(const struct lab_run *run, const struct lab_setting *setting)
{
    struct error error = {.kind = ERROR_NONE};
    if (run->report.count > 0 &&
        !lab_results_write(&run->report, setting, run->options->lab_results, &error)) {
        (void)fprintf(stderr, "lab: the page will not show this run: %s\n", error.text);
    }
}

/* Shows and writes the results, even if only part of the run succeeded. `error` says why the run
 * was aborted, if it was. */
static bool conclude(struct lab_run *run, struct error *error)
{
    const struct lab_report *report = &run->report;
    const struct lab_setting setting = setting_of(run);
    const char *path = run->options->lab_report;
    struct error unwritten = {0};
    show_all(run);
    keep_results(run, &setting);
    bool written =
        path == NULL || report->count == 0 || lab_report_write(report, &setting, path, &unwritten);
    if (report->broken_off[0] != '\0') {
        if (!written) {
            (void)fprintf(stderr, "lab: %s\n", unwritten.text);
        }
        return error_prefix(error, "incomplete, %zu run%s done before", report->count,
                            report->count == 1 ? "" : "s");
    }
    if (!written) {
        *error = unwritten;
        return false;
    }
    if (report->count > 0 && !lab_report_good(report)) {
        return error_set(error, ERROR_FATAL,
                         "not as predicted, or ticks are missing: the lines above say where");
    }
    if (run->unheard.text[0] != '\0') {
        *error = run->unheard;
        return false;
    }
    return report->count > 0 ||
           error_set(error, ERROR_FATAL, "nothing was run: each strategy was skipped");
}

static bool run_all(struct lab_run *run, struct error *error)
{
    introduce(run);
    bool goes_on = true;
    for (int i = 0; goes_on && i < run->scenario_count; i++) {
        const struct lab_scenario *scenario = &lab_scenarios[run->scenarios[i]];
        goes_on = run_scenario(run, scenario, error);
        if (!goes_on) {
            (void)str_copy(str_from(error->text), run->report.broken_off, LAB_REASON_SIZE);
        }
        goes_on = show_scenario(run, scenario) && goes_on;
    }
    return conclude(run, error);
}

bool run_lab(const struct options *options, struct error *error)
{
    struct lab_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    struct signal_watch *watch = NULL;
    run->options = options;
    run->chance = random_from_system();
    run->seed = options_origin(options, "--seed") == ORIGIN_DEFAULT
                    ? (int64_t)(random_next(&run->chance) % SEEDS)
                    : options->seed;
    run->random = random_seeded((uint64_t)run->seed);
    run->properties = strbuf_new(PROPERTIES_LIMIT);
    bool done =
        lab_scenarios_parse(options->lab_scenario, run->scenarios, &run->scenario_count, error) &&
        parse_strategies(run, options->lab_strategies, error) && write_properties(run, error) &&
        (options->lab_report == NULL || lab_report_check(options->lab_report, error)) &&
        (run->stop = stop_create(error)) != NULL &&
        (watch = signal_watch_create(run->stop, 0, error)) != NULL &&
        lab_cluster_open(options, &run->cluster, error);
    run->report.embedded = run->cluster.embedded != NULL;
    done = done && run_all(run, error);
    lab_cluster_close(&run->cluster);
    signal_watch_destroy(watch);
    stop_destroy(run->stop);
    strbuf_free(&run->properties);
    lab_report_free(&run->report);
    free(run);
    return done;
}
