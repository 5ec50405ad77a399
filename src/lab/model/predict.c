/* Formats predictions. */
#include "base/text/fit.h"
#include "lab/model/plan.h"

enum { CELL_LIMIT = 8 << 10, LEGEND_COLUMNS = 100 };

static const char *protocol_text(enum lab_strategy strategy)
{
    switch (strategy) {
    case LAB_STICKY:
        return "librdkafka's cooperative-sticky: members keep what does not move";
    case LAB_EAGER_STICKY:
        return "eager: everybody gives up everything each time; Java's client has it, librdkafka "
               "does not";
    default:
        return "eager: everybody gives up everything each time";
    }
}

static void cell_change(struct table *table, const struct lab_group *group,
                        struct lab_change change)
{
    struct strbuf text = strbuf_new(CELL_LIMIT);
    lab_change_append(group, change, &text);
    table_cell(table, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

static void cell_owned(struct table *table, const struct lab_group *group,
                       const struct lab_placement *placement, int member)
{
    struct strbuf text = strbuf_new(CELL_LIMIT);
    if (group->members[member].present) {
        lab_owned_append(group, placement, member, &text);
    }
    table_cell(table, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

static void cell_needed(struct table *table, const struct lab_cost *cost)
{
    if (cost->needed >= 0) {
        table_cell(table, "%d", cost->needed);
    } else {
        table_cell(table, "-");
    }
}

/* Adds one line per step, and a second one when the cooperative protocol needs another round. */
static void row_for_people(struct table *table, const struct lab_group *group,
                           const struct lab_step *step)
{
    if (step->rounds > 1) {
        cell_change(table, group, step->change);
        for (int i = 0; i < group->member_count; i++) {
            cell_owned(table, group, &step->between, i);
        }
        for (int i = 0; i < 5; i++) {
            table_cell(table, "%s", "");
        }
        table_cell(table, "  then");
    } else {
        cell_change(table, group, step->change);
    }
    for (int i = 0; i < group->member_count; i++) {
        cell_owned(table, group, &step->after, i);
    }
    table_cell(table, "%d to %d", step->cost.least, step->cost.most);
    table_cell(table, "%d", step->cost.moved);
    table_cell(table, "%d", step->cost.needless);
    cell_needed(table, &step->cost);
    table_cell(table, "%d", step->cost.revoked);
}

static void head_for_people(struct table *table, const struct lab_group *group)
{
    table_cell(table, "step");
    for (int i = 0; i < group->member_count; i++) {
        table_cell(table, "%s", group->members[i].name);
    }
    table_cell(table, "partitions each");
    table_cell(table, "moved");
    table_cell(table, "needless");
    table_cell(table, "needed");
    table_cell(table, "revoked");
}

static void head_for_programs(struct table *table)
{
    static const char *const names[] = {"strategy", "step",   "change", "rounds",
                                        "member",   "count",  "owned",  "moved",
                                        "needless", "needed", "revoked"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        table_cell(table, "%s", names[i]);
    }
}

/* Adds one line per member and step. */
static void rows_for_programs(struct table *table, const struct lab_group *group,
                              enum lab_strategy strategy, int number, const struct lab_step *step)
{
    for (int i = 0; i < group->member_count; i++) {
        if (!group->members[i].present) {
            continue;
        }
        table_cell(table, "%s", lab_strategy_names[strategy]);
        table_cell(table, "%d", number);
        cell_change(table, group, step->change);
        table_cell(table, "%d", step->rounds);
        table_cell(table, "%s", group->members[i].name);
        table_cell(table, "%d", lab_placement_count(group, &step->after, i));
        cell_owned(table, group, &step->after, i);
        table_cell(table, "%d", step->cost.moved);
        table_cell(table, "%d", step->cost.needless);
        cell_needed(table, &step->cost);
        table_cell(table, "%d", step->cost.revoked);
    }
}

static void json_placement(const struct lab_group *group, const struct lab_placement *placement,
                           struct strbuf *json)
{
    bool any = false;
    strbuf_append_char(json, '{');
    for (int i = 0; i < group->member_count; i++) {
        if (!group->members[i].present) {
            continue;
        }
        strbuf_append_text(json, any ? "," : "");
        lab_owned_append_json(group, placement, i, json);
        any = true;
    }
    strbuf_append_char(json, '}');
}

static void json_step(const struct lab_group *group, int number, const struct lab_step *step,
                      struct strbuf *json)
{
    strbuf_append_text(json, number > 0 ? ",{\"change\":\"" : "{\"change\":\"");
    lab_change_append(group, step->change, json);
    strbuf_append_format(json, "\",\"rounds\":%d,\"placement\":", step->rounds);
    json_placement(group, &step->after, json);
    if (step->rounds > 1) {
        strbuf_append_text(json, ",\"first_round\":");
        json_placement(group, &step->between, json);
    }
    const struct lab_cost *cost = &step->cost;
    strbuf_append_format(json, ",\"least\":%d,\"most\":%d,\"moved\":%d,\"needless\":%d,\"needed\":",
                         cost->least, cost->most, cost->moved, cost->needless);
    strbuf_append_format(json, cost->needed >= 0 ? "%d" : "null", cost->needed);
    strbuf_append_format(json, ",\"revoked\":%d}", cost->revoked);
}

static void append_heading(enum lab_strategy strategy, enum output_format format, bool first,
                           int columns, struct strbuf *text)
{
    if (format == FORMAT_JSON) {
        strbuf_append_format(text, "%s{\"strategy\":\"%s\",\"steps\":[", first ? "" : ",",
                             lab_strategy_names[strategy]);
    } else if (format != FORMAT_CSV) {
        bool markdown = format == FORMAT_MARKDOWN;
        struct strbuf heading = strbuf_new(CELL_LIMIT);
        strbuf_append_format(&heading, "%s%s%s (%s)\n%s", first ? "" : "\n", markdown ? "### " : "",
                             lab_strategy_names[strategy], protocol_text(strategy),
                             markdown ? "\n" : "");
        fit_append_lines(text, strbuf_str(&heading), markdown ? 0 : (size_t)columns);
        strbuf_free(&heading);
    }
}

/* Predicts one strategy. Output for people has one table per strategy; output for programs collects
 * the rows of all strategies in `table`. */
static void predict_one(const struct lab_group *group, const struct lab_plan *plan,
                        enum lab_strategy strategy, enum output_format format, struct table *table,
                        struct strbuf *text)
{
    struct lab_group now = *group;
    struct lab_step step = {.after = lab_placement_empty()};
    for (int i = 0; i < plan->count; i++) {
        const struct lab_placement before = step.after;
        lab_step_predict(&now, strategy, plan->changes[i], &before, &step);
        if (format == FORMAT_JSON) {
            json_step(&now, i, &step, text);
        } else if (format == FORMAT_CSV) {
            rows_for_programs(table, &now, strategy, i, &step);
        } else {
            row_for_people(table, &now, &step);
        }
    }
}

static const char legend[] =
    "\nmoved: partitions with another owner than before; needless: of them, those whose old owner "
    "is still in the group; needed: how many of those an even placement cannot do without; "
    "revoked: partitions that members are told to give up, so that nobody reads them for a "
    "while.\n";

static void append_people(const struct lab_group *group, const struct lab_plan *plan,
                          enum lab_strategy strategy, enum output_format format, int columns,
                          struct strbuf *text)
{
    struct table table = table_new((size_t)group->member_count + 6);
    table.keys = 1; /* the step */
    head_for_people(&table, group);
    predict_one(group, plan, strategy, format, &table, text);
    if (format == FORMAT_TABLE) {
        table_append_within(&table, columns, text);
    } else {
        table_append(&table, format, text);
    }
    table_free(&table);
}

void lab_predict_append(const struct lab_group *group, const struct lab_plan *plan,
                        const enum lab_strategy *strategies, int strategy_count,
                        enum output_format format, int columns, struct strbuf *text)
{
    struct table csv = table_new(11);
    head_for_programs(&csv);
    strbuf_append_text(text, format == FORMAT_JSON ? "[" : "");
    for (int i = 0; i < strategy_count; i++) {
        append_heading(strategies[i], format, i == 0, columns, text);
        if (format == FORMAT_TABLE || format == FORMAT_MARKDOWN) {
            append_people(group, plan, strategies[i], format, columns, text);
        } else {
            predict_one(group, plan, strategies[i], format, &csv, text);
        }
        strbuf_append_text(text, format == FORMAT_JSON ? "]}" : "");
    }
    if (format == FORMAT_CSV) {
        table_append(&csv, format, text);
    }
    strbuf_append_text(text, format == FORMAT_JSON ? "]\n" : "");
    if (format == FORMAT_TABLE || format == FORMAT_MARKDOWN) {
        fit_append_lines(text, str_from(legend), columns > 0 ? (size_t)columns : LEGEND_COLUMNS);
    }
    table_free(&csv);
}
