/* candlewick lab run: the scenarios, with each strategy, so many times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/run_lab_course.h"
#include "app/run_lab_report.h"
#include "app/signal_watch.h"
#include "base/random.h"

enum {
    STRATEGIES = STRATEGY_CONSUMER + 1,
    PROPERTIES_LIMIT = 4096,
    TEXT_LIMIT = 64 << 20,
    COLUMNS = 100,
    SEEDS = 1000000,
};

struct lab_run {
    const struct options *options;
    struct lab_cluster cluster;
    struct stop *stop;
    struct random random;
    int64_t seed;
    int scenarios[LAB_SCENARIOS_MAX];
    int scenario_count;
    enum strategy strategies[STRATEGIES]; /* as the user named them */
    int strategy_count;
    struct strbuf properties; /* for members */
    struct lab_report report;
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

/* Members get the user's properties as text, since arguments are no place for secrets. */
static bool write_properties(struct lab_run *run, struct error *error)
{
    for (size_t i = 0; i < run->options->property_count; i++) {
        const struct kafka_property *property = &run->options->properties[i];
        if (strchr(property->value, ',') != NULL) {
            return error_set(error, ERROR_USAGE,
                             "-X %s: the lab cannot pass on a value with a comma", property->key);
        }
        strbuf_append_format(&run->properties, ",%s=%s", property->key, property->value);
    }
    return !run->properties.failed ||
           error_set(error, ERROR_USAGE, "the -X properties are too long for the lab");
}

/* A session long enough for a busy machine, and short enough to wait for. Brokers allow no less
 * than 6 s by default; with KIP-848 it is theirs to say. The in-process cluster begins a round one
 * second before a session's time is over, with what members said when they last joined; and
 * librdkafka joins at most once a second: with 3 s all are there in time. */
static void member_properties(const struct lab_run *run, enum strategy strategy,
                              struct strbuf *text)
{
    if (strategy != STRATEGY_CONSUMER) {
        strbuf_append_text(text, run->cluster.embedded != NULL
                                     ? "session.timeout.ms=3000,heartbeat.interval.ms=200"
                                     : "session.timeout.ms=6000,heartbeat.interval.ms=500");
    }
    struct str more = strbuf_str(&run->properties);
    if (text->length == 0 && more.length > 0) {
        more = (struct str){more.data + 1, more.length - 1};
    }
    strbuf_append_str(text, more);
}

/* NULL: it can be run. */
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
    member_properties(run, strategy, &properties);
    (void)snprintf(id, sizeof id, "lab-%08llx",
                   (unsigned long long)(random_next(&run->random) & 0xffffffff));
    const struct lab_course_config config = {
        .cluster = &run->cluster,
        .scenario = scenario,
        .strategy = strategy,
        .run_id = id,
        .per_second = run->options->lab_rate,
        .properties = strbuf_text(&properties),
        /* A member that is killed or frozen leaves much to warn of. */
        .log_level = options_origin(run->options, "--log-level") == ORIGIN_DEFAULT
                         ? LOG_OFF
                         : run->options->log_level,
        .stop = run->stop,
    };
    (void)fprintf(stderr, "lab: %s, %s, %d of %d\n", scenario->name, strategy_names[strategy],
                  repeat, run->options->lab_repeat);
    struct lab_result *result = lab_report_add(&run->report);
    bool done = result != NULL ? lab_course_run(&config, result, error)
                               : error_set(error, ERROR_FATAL, "out of memory");
    if (result != NULL) {
        result->repeat = repeat;
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

/* How wide the terminal is; 100 where there is none. */
static int terminal_columns(void)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : COLUMNS;
}

/* A table is shown as soon as its scenario is over; what programs read is written at the end. */
static bool show_scenario(const struct lab_run *run, const struct lab_scenario *scenario,
                          struct error *error)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (run->options->format != FORMAT_TABLE) {
        lab_report_troubles(&run->report, scenario, &text);
        (void)fputs(strbuf_text(&text), stderr);
        strbuf_free(&text);
        return true;
    }
    bool colours = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    lab_scenario_append(&run->report, scenario, terminal_columns(), colours, &text);
    bool done = output_write(&text, error);
    strbuf_free(&text);
    return done;
}

static bool show_all(const struct lab_run *run, struct error *error)
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
        break;
    }
    bool done = output_write(&text, error);
    strbuf_free(&text);
    return done && (run->options->lab_report == NULL ||
                    lab_report_write(&run->report, &setting, run->options->lab_report, error));
}

static bool run_all(struct lab_run *run, struct error *error)
{
    const struct lab_setting setting = setting_of(run);
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    strbuf_append_text(&text, "lab: ");
    lab_setting_append(&setting, &text);
    (void)fputs(strbuf_text(&text), stderr);
    if (run->options->format == FORMAT_TABLE) {
        (void)printf("%s\n", run->report.embedded ? lab_embedded_note : lab_brokers_note);
    }
    strbuf_free(&text);
    for (int i = 0; i < run->scenario_count; i++) {
        const struct lab_scenario *scenario = &lab_scenarios[run->scenarios[i]];
        if (!run_scenario(run, scenario, error) || !show_scenario(run, scenario, error)) {
            return false;
        }
    }
    if (!show_all(run, error)) {
        return false;
    }
    return lab_report_good(&run->report) ||
           error_set(error, ERROR_FATAL,
                     run->report.count == 0
                         ? "nothing was run: each strategy was skipped"
                         : "not as predicted, or ticks are missing: the lines above say where");
}

bool run_lab(const struct options *options, struct error *error)
{
    struct lab_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    struct random chance = random_from_system();
    struct signal_watch *watch = NULL;
    run->options = options;
    run->seed = options_origin(options, "--seed") == ORIGIN_DEFAULT
                    ? (int64_t)(random_next(&chance) % SEEDS)
                    : options->seed;
    run->random = random_seeded((uint64_t)run->seed);
    run->properties = strbuf_new(PROPERTIES_LIMIT);
    bool done =
        lab_scenarios_parse(options->lab_scenario, run->scenarios, &run->scenario_count, error) &&
        parse_strategies(run, options->lab_strategies, error) && write_properties(run, error) &&
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
