/* The report in short, for the page. */
#include "record/record_json.h"
#include "verify/verify_text.h"

enum { TEXT_LIMIT = 16 << 10 };

static void append_count(struct strbuf *json, const char *name, int64_t number)
{
    strbuf_append_format(json, ",\"%s\":%lld", name, (long long)number);
}

static void append_faults(struct strbuf *json, const int64_t faults[VERIFY_KINDS])
{
    static const enum verify_fault_kind told[] = {VERIFY_MISSING, VERIFY_UNEXPECTED,
                                                  VERIFY_FORMER,  VERIFY_DIFFERING,
                                                  VERIFY_OLDER,   VERIFY_CONFLICTING};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        append_count(json, verify_fault_names[told[i]], faults[told[i]]);
    }
}

bool verify_former_only(const struct verify_report *report)
{
    bool only = report->not_yet_written == 0 && report->closed_count == 0;
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        only = only && (report->faults[kind] > 0) == (kind == VERIFY_FORMER);
    }
    return only;
}

static bool has_faults(const struct verify_series *series)
{
    int64_t sum = 0;
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        sum += series->faults[kind];
    }
    return sum > 0;
}

static size_t count_faulty(const struct verify_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->series_count; i++) {
        count += has_faults(&report->series[i]) ? 1 : 0;
    }
    return count;
}

/* Appends the series with faults or those without, at most `room` of them; returns how many. */
static size_t append_series(const struct verify_report *report, const struct record_kind *kind,
                            bool faulty, size_t room, struct strbuf *json)
{
    size_t shown = 0;
    for (size_t i = 0; i < report->series_count && shown < room; i++) {
        const struct verify_series *series = &report->series[i];
        if (has_faults(series) == faulty) {
            bool first = room == VERIFY_SUMMARY_SERIES && shown == 0;
            strbuf_append_text(json, first ? "{" : ",{");
            series_to_json(kind, series->name, json);
            append_count(json, "log", series->records);
            append_count(json, "stored",
                         series->points + series->forgotten + series->former + series->later);
            append_faults(json, series->faults);
            strbuf_append_char(json, '}');
            shown++;
        }
    }
    return shown;
}

static void append_text(struct strbuf *json, const char *name,
                        void (*write)(const struct verify_report *report,
                                      const struct verify_source *source, struct strbuf *text),
                        const struct verify_report *report, const struct verify_source *source)
{
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    write(report, source, &text);
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_string(json, str_trim(strbuf_str(&text)));
    strbuf_free(&text);
}

void verify_to_summary(const struct verify_report *report, const struct verify_source *source,
                       struct strbuf *json)
{
    const struct record_kind *kind = source->kind;
    strbuf_append_format(json, "{\"stream\":\"%s\",\"topic\":", kind->name);
    strbuf_append_json_string(json, str_from(source->topic));
    strbuf_append_format(json, ",\"balanced\":%s", report->balanced ? "true" : "false");
    append_text(json, "verdict", verify_judgement, report, source);
    append_text(json, "not_looked_at", verify_not_looked_at, report, source);
    append_count(json, "log", report->records);
    append_count(json, "stored",
                 report->points + report->forgotten + report->faults[VERIFY_FORMER] +
                     report->later);
    append_faults(json, report->faults);
    strbuf_append_text(json, ",\"series\":[");
    size_t shown = append_series(report, kind, true, VERIFY_SUMMARY_SERIES, json);
    size_t more_faulty = count_faulty(report) - shown;
    shown += append_series(report, kind, false, VERIFY_SUMMARY_SERIES - shown, json);
    strbuf_append_text(json, "]");
    append_count(json, "more_series", (int64_t)(report->series_count - shown));
    append_count(json, "more_faulty", (int64_t)more_faulty);
    strbuf_append_char(json, '}');
}
