#include "lab/run/run_lab_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/text/fit.h"
#include "cli/folder.h"

enum {
    TEXT_LIMIT = 16 << 20,
    PATH_SIZE = 4096,
    COLUMNS = 100, /* width of text without a terminal */
};

void lab_setting_append(const struct lab_setting *setting, struct strbuf *text)
{
    strbuf_append_format(text,
                         "seed %lld, %d run%s of each strategy, %d ticks a second and "
                         "partition, ",
                         (long long)setting->seed, setting->repeat, setting->repeat == 1 ? "" : "s",
                         setting->per_second);
    strbuf_append_format(text, "%s%d brokers\n",
                         setting->brokers == NULL ? "in-process cluster of " : "",
                         setting->broker_count);
}

static bool was_run(const struct lab_report *report, const struct lab_scenario *scenario)
{
    const char *names[LAB_NAMES_MAX];
    return lab_report_strategies(report, scenario, names) > 0;
}

/* Appends a separate line, broken at the terminal's width. */
PRINTF_LIKE(3, 4)
static void append_prose(struct strbuf *text, int columns, const char *format, ...)
{
    va_list arguments;
    char *prose = NULL;
    va_start(arguments, format);
    text->failed = vasprintf(&prose, format, arguments) < 0 || text->failed;
    va_end(arguments);
    fit_append_lines(text, str_from(prose != NULL ? prose : ""), (size_t)columns);
    free(prose);
}

static void append_judgement(const struct lab_report *report, const struct lab_scenario *scenario,
                             int columns, struct strbuf *text)
{
    struct strbuf words = strbuf_new(TEXT_LIMIT);
    lab_report_words(report, scenario, &words);
    strbuf_append_char(&words, '\n');
    lab_report_verdicts(report, scenario, FORMAT_TABLE, &words);
    append_prose(text, columns, "%s", strbuf_text(&words));
    strbuf_free(&words);
}

void lab_scenario_append(const struct lab_report *report, const struct lab_scenario *scenario,
                         int columns, bool colours, struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    int wide = columns > 0 ? columns : COLUMNS;
    append_prose(text, columns, "\n%s: %s\n\n", scenario->name, scenario->question);
    lab_report_table(report, scenario, FORMAT_TABLE, columns, text);
    for (int i = 0; i < count; i++) {
        strbuf_append_char(text, '\n');
        lab_timeline_text(lab_report_newest(report, scenario, names[i]), wide, colours, text);
    }
    strbuf_append_char(text, '\n');
    if (count > 0) {
        append_judgement(report, scenario, wide, text);
    }
    struct strbuf troubles = strbuf_new(TEXT_LIMIT);
    lab_report_troubles(report, scenario, &troubles);
    append_prose(text, columns, "%s", strbuf_text(&troubles));
    strbuf_free(&troubles);
}

static void append_machine(const struct lab_setting *setting, struct strbuf *text)
{
    struct utsname system;
    long memory = sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) / 1024 / 1024;
    double load = 0;
    (void)uname(&system);
    (void)getloadavg(&load, 1);
    strbuf_append_format(
        text,
        "| what | |\n|---|---|\n| candlewick | %s |\n| librdkafka | %s |\n"
        "| machine | %s, %s, %ld cores, %ld GiB, load average %.1f at the end |\n| cluster | ",
        CANDLEWICK_VERSION, rd_kafka_version_str(), system.sysname, system.machine,
        sysconf(_SC_NPROCESSORS_ONLN), memory, load);
    strbuf_append_format(
        text,
        "%s%d brokers |\n| runs of each strategy | %d |\n| load | %d ticks a second and "
        "partition |\n| seed | %lld |\n\n",
        setting->brokers == NULL ? "librdkafka's in-process one, " : "", setting->broker_count,
        setting->repeat, setting->per_second, (long long)setting->seed);
}

static void append_ids(const struct lab_result *result, struct strbuf *text)
{
    int seen = 0;
    for (int i = 0; i < result->group.member_count; i++) {
        const struct lab_member *member = &result->group.members[i];
        if (!lab_member_has_id(member)) {
            continue;
        }
        if (seen++ == 0) {
            strbuf_append_format(text, "Member ids seen with %s: `%s`", result->strategy,
                                 member->id);
        } else {
            strbuf_append_format(text, ", `%s`", member->id);
        }
    }
    strbuf_append_text(text, seen > 0 ? ".\n" : "");
}

static void append_chapter(const struct lab_report *report, const struct lab_scenario *scenario,
                           const char *stem, struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    strbuf_append_format(text, "## %s\n\nThe set-up: %s.\n\n", scenario->name, scenario->question);
    lab_report_table(report, scenario, FORMAT_MARKDOWN, 0, text);
    strbuf_append_char(text, '\n');
    if (count > 0) {
        lab_report_words(report, scenario, text);
        strbuf_append_char(text, '\n');
        lab_report_verdicts(report, scenario, FORMAT_MARKDOWN, text);
        strbuf_append_char(text, '\n');
    }
    lab_report_troubles(report, scenario, text);
    for (int i = 0; i < count; i++) {
        append_ids(lab_report_newest(report, scenario, names[i]), text);
    }
    for (int i = 0; stem != NULL && i < count; i++) {
        strbuf_append_format(text, "\n![%s with %s: who owned what](", scenario->name, names[i]);
        http_append_escaped(text, str_from(stem));
        strbuf_append_format(text, "-%s-%s.svg)\n", scenario->name, names[i]);
    }
    strbuf_append_char(text, '\n');
}

void lab_markdown_append(const struct lab_report *report, const struct lab_setting *setting,
                         const char *stem, struct strbuf *text)
{
    strbuf_append_text(text, "# What each assignment strategy did\n\n");
    append_machine(setting, text);
    if (report->broken_off[0] != '\0') {
        strbuf_append_format(text, "**Incomplete**: %s. Below is what was run before.\n\n",
                             report->broken_off);
    }
    strbuf_append_format(text, "%s\n\n", report->embedded ? lab_embedded_note : lab_brokers_note);
    strbuf_append_text(
        text, "Figures are medians, with least and most in brackets where they differ. before, "
              "after: partitions of each member, - for one that is not there; moved: "
              "partitions with another owner than before; needless: of them, those whose old owner "
              "is still in the group; needed: how many of those an even placement cannot do "
              "without; revoked: partitions that members were told to give up; lost: that they "
              "found out to have lost. `sticky` is librdkafka's cooperative-sticky; an eager "
              "sticky is not in it, `candlewick lab predict` has that one.\n\n");
    for (int i = 0; i < lab_scenario_count; i++) {
        const struct lab_scenario *scenario = &lab_scenarios[i];
        if (was_run(report, scenario)) {
            append_chapter(report, scenario, stem, text);
        }
    }
}

static bool write_file(const char *path, const struct strbuf *text, struct error *error)
{
    FILE *file = fopen(path, "wb");
    bool done = file != NULL && !text->failed &&
                fwrite(strbuf_text(text), 1, text->length, file) == text->length;
    if (file != NULL && fclose(file) != 0) {
        done = false;
    }
    return done || error_set(error, ERROR_FATAL, "%.150s cannot be written: %s", path,
                             text->failed ? "it is too long" : strerror(errno));
}

static bool write_picture(const struct lab_result *result, const char *base, struct error *error)
{
    char path[PATH_SIZE];
    struct strbuf svg = strbuf_new(TEXT_LIMIT);
    int length =
        snprintf(path, sizeof path, "%s-%s-%s.svg", base, result->scenario->name, result->strategy);
    lab_timeline_svg(result, &svg);
    bool done = length > 0 && (size_t)length < sizeof path
                    ? write_file(path, &svg, error)
                    : error_set(error, ERROR_USAGE, "--report: the name is too long");
    strbuf_free(&svg);
    return done;
}

static bool write_pictures(const struct lab_report *report, const char *base, struct error *error)
{
    for (int i = 0; i < lab_scenario_count; i++) {
        const char *names[LAB_NAMES_MAX];
        int count = lab_report_strategies(report, &lab_scenarios[i], names);
        for (int k = 0; k < count; k++) {
            const struct lab_result *result =
                lab_report_newest(report, &lab_scenarios[i], names[k]);
            if (!write_picture(result, base, error)) {
                return false;
            }
        }
    }
    return true;
}

bool lab_results_write(const struct lab_report *report, const struct lab_setting *setting,
                       const char *path, struct error *error)
{
    char fresh[PATH_SIZE]; /* replaces the old file at once: a page may be reading it */
    struct strbuf words = strbuf_new(TEXT_LIMIT), text = strbuf_new(TEXT_LIMIT);
    lab_setting_append(setting, &words);
    lab_report_results(report, clock_wall_ns(), strbuf_text(&words), &text);
    int length = snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    bool done = length > 0 && (size_t)length < sizeof fresh
                    ? folder_make_parent(path, error) && write_file(fresh, &text, error)
                    : error_set(error, ERROR_USAGE, "--lab-results: the name is too long");
    if (done && rename(fresh, path) != 0) {
        done = error_set(error, ERROR_FATAL, "%.150s cannot be written: %s", path, strerror(errno));
        (void)unlink(fresh);
    }
    strbuf_free(&words);
    strbuf_free(&text);
    return done;
}

bool lab_report_check(const char *path, struct error *error)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) {
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0) {
            (void)unlink(path);
        }
    }
    if (file < 0) {
        return error_set(error, ERROR_USAGE, "--report %.150s cannot be written: %s", path,
                         strerror(errno));
    }
    (void)close(file);
    return true;
}

bool lab_report_write(const struct lab_report *report, const struct lab_setting *setting,
                      const char *path, struct error *error)
{
    char base[PATH_SIZE];
    size_t length = strlen(path);
    bool dotted = length > 3 && strcmp(path + length - 3, ".md") == 0;
    if (!str_copy((struct str){path, dotted ? length - 3 : length}, base, sizeof base)) {
        return error_set(error, ERROR_USAGE, "--report: the name is too long");
    }
    const char *slash = strrchr(base, '/');
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    lab_markdown_append(report, setting, slash != NULL ? slash + 1 : base, &text);
    bool done = write_file(path, &text, error) && write_pictures(report, base, error);
    strbuf_free(&text);
    return done;
}
