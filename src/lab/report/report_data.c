/* Formats all runs for programs. */
#include "lab/model/plan.h"
#include "lab/report/report.h"

enum { CELL_LIMIT = 16384 };

static void json_owned(const struct lab_group *group, const struct lab_placement *placement,
                       struct strbuf *json)
{
    strbuf_append_char(json, '{');
    for (int i = 0; i < group->member_count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        lab_owned_append_json(group, placement, i, json);
    }
    strbuf_append_char(json, '}');
}

static void json_step(const struct lab_report *report, const struct lab_result *result, int step,
                      struct strbuf *json)
{
    const struct lab_measure *measure = &result->measures[step];
    const struct lab_cost *cost = &measure->cost;
    strbuf_append_text(json, step > 0 ? ",{\"change\":\"" : "{\"change\":\"");
    lab_change_append(&result->group, result->marks[step].change, json);
    strbuf_append_text(json, "\",\"before\":");
    json_owned(&result->group, &measure->before, json);
    strbuf_append_text(json, ",\"after\":");
    json_owned(&result->group, &measure->after, json);
    strbuf_append_text(json, ",\"predicted\":");
    if (measure->predicted_known) {
        json_owned(&result->group, &measure->predicted, json);
    } else {
        strbuf_append_text(json, "null");
    }
    strbuf_append_format(json,
                         ",\"agrees\":%s,\"consistent\":%s,\"rounds\":%d,\"least\":%d,\"most\":%d,"
                         "\"moved\":%d,\"needless\":%d,\"revoked\":%d,\"lost\":%d,\"needed\":",
                         measure->agrees ? "true" : "false", measure->consistent ? "true" : "false",
                         measure->rounds, cost->least, cost->most, cost->moved, cost->needless,
                         cost->revoked, measure->lost);
    strbuf_append_format(json, cost->needed >= 0 ? "%d" : "null", cost->needed);
    if (!report->embedded) {
        strbuf_append_format(json,
                             ",\"unowned_seconds\":%.3f,\"longest_gap_seconds\":%.3f,"
                             "\"all_read_after_seconds\":%.3f",
                             measure->unowned_s, measure->gap_s, measure->again_s);
    }
    strbuf_append_char(json, '}');
}

static void json_run(const struct lab_report *report, const struct lab_result *result,
                     struct strbuf *json)
{
    strbuf_append_format(
        json, "{\"scenario\":\"%s\",\"strategy\":\"%s\",\"assignor\":\"%s\",\"run\":%d,\"ids\":{",
        result->scenario->name, result->strategy, lab_assignor_name(result->strategy),
        result->repeat);
    const char *comma = "";
    for (int i = 0; i < result->group.member_count; i++) {
        const struct lab_member *member = &result->group.members[i];
        if (lab_member_has_id(member)) {
            strbuf_append_text(json, comma);
            strbuf_append_json_string(json, str_from(member->name));
            strbuf_append_char(json, ':');
            strbuf_append_json_string(json, str_from(member->id));
            comma = ",";
        }
    }
    strbuf_append_format(json, "},\"read\":%lld,\"read_twice\":%lld,\"missing\":%lld,\"steps\":[",
                         (long long)result->ticks.read, (long long)result->ticks.twice,
                         (long long)result->ticks.missing);
    for (int step = 0; step < result->step_count; step++) {
        json_step(report, result, step, json);
    }
    strbuf_append_text(json, "]}");
}

void lab_report_json(const struct lab_report *report, struct strbuf *text)
{
    strbuf_append_format(
        text, "{\"cluster\":\"%s\",\"note\":", report->embedded ? "in-process" : "brokers");
    strbuf_append_json_string(text,
                              str_from(report->embedded ? lab_embedded_note : lab_brokers_note));
    strbuf_append_format(
        text, ",\"good\":%s,\"broken_off\":", lab_report_good(report) ? "true" : "false");
    if (report->broken_off[0] != '\0') {
        strbuf_append_json_string(text, str_from(report->broken_off));
    } else {
        strbuf_append_text(text, "null");
    }
    strbuf_append_text(text, ",\"runs\":[");
    for (size_t i = 0; i < report->count; i++) {
        strbuf_append_text(text, i > 0 ? "," : "");
        json_run(report, report->results[i], text);
    }
    strbuf_append_text(text, "],\"skipped\":[");
    for (int i = 0; i < report->skip_count; i++) {
        const struct lab_skip *skip = &report->skips[i];
        strbuf_append_format(text, "%s{\"scenario\":\"%s\",\"strategy\":\"%s\",\"reason\":",
                             i > 0 ? "," : "", skip->scenario->name, skip->strategy);
        strbuf_append_json_string(text, str_from(skip->reason));
        strbuf_append_char(text, '}');
    }
    strbuf_append_text(text, "]}\n");
}

static void csv_owned(struct table *table, const struct lab_group *group,
                      const struct lab_placement *placement)
{
    struct strbuf text = strbuf_new(CELL_LIMIT);
    for (int i = 0; i < group->member_count; i++) {
        strbuf_append_format(&text, "%s%s ", i > 0 ? "; " : "", group->members[i].name);
        lab_owned_append(group, placement, i, &text);
    }
    table_cell(table, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

static void csv_times(struct table *table, const struct lab_report *report,
                      const struct lab_measure *measure)
{
    const double times[] = {measure->unowned_s, measure->gap_s, measure->again_s};
    for (int i = 0; i < 3; i++) {
        if (report->embedded) {
            table_cell(table, "%s", "");
        } else {
            table_cell(table, "%.3f", times[i]);
        }
    }
}

static void csv_row(struct table *table, const struct lab_report *report,
                    const struct lab_result *result, int step)
{
    const struct lab_measure *measure = &result->measures[step];
    struct strbuf change = strbuf_new(CELL_LIMIT);
    lab_change_append(&result->group, result->marks[step].change, &change);
    table_cell(table, "%s", result->scenario->name);
    table_cell(table, "%s", result->strategy);
    table_cell(table, "%s", lab_assignor_name(result->strategy));
    table_cell(table, "%d", result->repeat);
    table_cell(table, "%d", step);
    table_cell(table, "%s", strbuf_text(&change));
    strbuf_free(&change);
    csv_owned(table, &result->group, &measure->before);
    csv_owned(table, &result->group, &measure->after);
    if (measure->predicted_known) {
        csv_owned(table, &result->group, &measure->predicted);
    } else {
        table_cell(table, "%s", "");
    }
    table_cell(table, "%s", measure->agrees ? "true" : "false");
    table_cell(table, "%d", measure->cost.moved);
    table_cell(table, "%d", measure->cost.needless);
    table_cell(table, "%d", measure->cost.revoked);
    table_cell(table, "%d", measure->lost);
    csv_times(table, report, measure);
    table_cell(table, "%lld", (long long)result->ticks.twice);
    table_cell(table, "%lld", (long long)result->ticks.missing);
}

void lab_report_csv(const struct lab_report *report, struct strbuf *text)
{
    static const char *const names[] = {"scenario",
                                        "strategy",
                                        "assignor",
                                        "run",
                                        "step",
                                        "change",
                                        "before",
                                        "after",
                                        "predicted",
                                        "agrees",
                                        "moved",
                                        "needless",
                                        "revoked",
                                        "lost",
                                        "unowned_seconds",
                                        "longest_gap_seconds",
                                        "all_read_after_seconds",
                                        "read_twice",
                                        "missing"};
    struct table table = table_new(sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        table_cell(&table, "%s", names[i]);
    }
    for (size_t i = 0; i < report->count; i++) {
        for (int step = 0; step < report->results[i]->step_count; step++) {
            csv_row(&table, report, report->results[i], step);
        }
    }
    table_append(&table, FORMAT_CSV, text);
    table_free(&table);
}
