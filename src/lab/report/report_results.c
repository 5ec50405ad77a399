/* Formats what the page shows of the last run. */
#include "base/clock.h"
#include "lab/report/report.h"

static void append_spread(const char *name, struct lab_spread spread, struct strbuf *text)
{
    strbuf_append_format(text, ",\"%s\":{\"median\":%.3f,\"least\":%.3f,\"most\":%.3f}", name,
                         spread.median, spread.least, spread.most);
}

/* Appends what the strategy did in the scenario, over all changes and repeats. */
static void append_strategy(const struct lab_report *report, const struct lab_scenario *scenario,
                            const char *strategy, struct strbuf *text)
{
    static const struct {
        const char *name;
        enum lab_figure figure;
        bool is_time; /* left out for the in-process cluster, whose times mean nothing */
    } figures[] = {
        {"moved", LAB_FIGURE_MOVED, false},        {"needless", LAB_FIGURE_NEEDLESS, false},
        {"revoked", LAB_FIGURE_REVOKED, false},    {"lost", LAB_FIGURE_LOST, false},
        {"uneven", LAB_FIGURE_UNEVEN, false},      {"read_twice", LAB_FIGURE_TWICE, false},
        {"missing", LAB_FIGURE_MISSING, false},    {"unowned_s", LAB_FIGURE_UNOWNED_S, true},
        {"longest_gap_s", LAB_FIGURE_GAP_S, true}, {"all_read_after_s", LAB_FIGURE_AGAIN_S, true},
    };
    strbuf_append_format(text, "{\"strategy\":\"%s\",\"assignor\":\"%s\",\"runs\":%d", strategy,
                         lab_assignor_name(strategy),
                         lab_report_spread(report, scenario, strategy, -1, LAB_FIGURE_MOVED).count);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (!figures[i].is_time || !report->embedded) {
            append_spread(figures[i].name,
                          lab_report_spread(report, scenario, strategy, -1, figures[i].figure),
                          text);
        }
    }
    strbuf_append_char(text, '}');
}

static void append_scenario(const struct lab_report *report, const struct lab_scenario *scenario,
                            struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    strbuf_append_format(text, "{\"scenario\":\"%s\",\"question\":", scenario->name);
    strbuf_append_json_string(text, str_from(scenario->question));
    strbuf_append_text(text, ",\"strategies\":[");
    for (int i = 0; i < count; i++) {
        strbuf_append_text(text, i > 0 ? "," : "");
        append_strategy(report, scenario, names[i], text);
    }
    strbuf_append_text(text, "]}");
}

void lab_report_results(const struct lab_report *report, int64_t time_ns, const char *setting,
                        struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE];
    const char *names[LAB_NAMES_MAX];
    const char *comma = "";
    clock_format_rfc3339(time_ns, time);
    strbuf_append_format(text, "{\"time\":\"%s\",\"setting\":", time);
    strbuf_append_json_string(text, str_trim(str_from(setting)));
    strbuf_append_format(text, ",\"in_process\":%s,\"good\":%s",
                         report->embedded ? "true" : "false",
                         lab_report_good(report) ? "true" : "false");
    strbuf_append_json_member(text, "broken_off", report->broken_off);
    strbuf_append_text(text, ",\"scenarios\":[");
    for (int i = 0; i < lab_scenario_count; i++) {
        if (lab_report_strategies(report, &lab_scenarios[i], names) > 0) {
            strbuf_append_text(text, comma);
            append_scenario(report, &lab_scenarios[i], text);
            comma = ",";
        }
    }
    strbuf_append_text(text, "]}\n");
}
