/* The report as JSON, for scripts. */
#include "base/clock.h"
#include "record/record_json.h"
#include "verify/verify_text.h"

#define COUNT(number) ((long long)(number))

static void append_text(struct strbuf *json, const char *name, const char *value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_string(json, str_from(value));
}

static void append_time(struct strbuf *json, const char *name, int64_t time_ns)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, time);
    append_text(json, name, time);
}

static void append_count(struct strbuf *json, const char *name, int64_t number)
{
    strbuf_append_format(json, ",\"%s\":%lld", name, COUNT(number));
}

static void append_fault_counts(struct strbuf *json, const int64_t faults[VERIFY_KINDS],
                                bool of_series)
{
    append_count(json, "missing", faults[VERIFY_MISSING]);
    append_count(json, "unexpected", faults[VERIFY_UNEXPECTED]);
    append_count(json, "former", faults[VERIFY_FORMER]);
    append_count(json, "differing", faults[VERIFY_DIFFERING]);
    append_count(json, "older", faults[VERIFY_OLDER]);
    append_count(json, "conflicting", faults[VERIFY_CONFLICTING]);
    if (!of_series) {
        append_count(json, "foreign", faults[VERIFY_FOREIGN]);
        append_count(json, "unaccounted", faults[VERIFY_UNACCOUNTED]);
    }
}

static void append_candles(struct strbuf *json, const struct record_kind *kind, int64_t provable,
                           int64_t proved, int64_t cut)
{
    if (!kind_folds(kind)) {
        return;
    }
    strbuf_append_format(json, ",\"candles\":{\"provable\":%lld,\"proved\":%lld,\"in_part\":%lld}",
                         COUNT(provable), COUNT(proved), COUNT(cut));
}

static void append_series(const struct verify_report *report, const struct record_kind *kind,
                          struct strbuf *json)
{
    strbuf_append_text(json, ",\"coins\":[");
    for (size_t i = 0; i < report->series_count; i++) {
        const struct verify_series *series = &report->series[i];
        strbuf_append_text(json, i > 0 ? ",{" : "{");
        series_to_json(kind, series->name, json);
        if (series->in_log) {
            append_time(json, "oldest", series->oldest_ns);
            append_time(json, "newest", series->newest_ns);
        } else {
            strbuf_append_text(json, ",\"oldest\":null,\"newest\":null");
        }
        append_count(json, kind->records, series->records);
        append_count(json, "points", series->points);
        append_count(json, "not_provable", series->forgotten);
        append_count(json, "later", series->later);
        append_fault_counts(json, series->faults, true);
        append_candles(json, kind, series->candles, series->candles_proved, series->candles_cut);
        strbuf_append_char(json, '}');
    }
    strbuf_append_char(json, ']');
}

static void append_named(const struct verify_report *report, const struct record_kind *records,
                         enum verify_fault_kind kind, struct strbuf *json)
{
    const struct verify_fault_list *named = &report->named[kind];
    strbuf_append_format(json, "%s\"%s\":[", kind == 0 ? "" : ",", verify_fault_names[kind]);
    for (size_t i = 0; i < named->count; i++) {
        const struct verify_fault *fault = &named->items[i];
        bool by_place = kind == VERIFY_UNACCOUNTED;
        strbuf_append_text(json, i > 0 ? ",{" : "{");
        if (fault->what != NULL) {
            strbuf_append_format(json, "\"rows\":%lld,\"what\":", COUNT(fault->rows));
            strbuf_append_json_string(json, str_from(fault->what));
        } else if (!by_place) {
            series_to_json(records, report->series[fault->series].name, json);
            append_time(json, "time", fault->time_ns);
        }
        if (fault->place.partition >= 0) {
            strbuf_append_format(json, "%s\"partition\":%d,\"offset\":%lld", by_place ? "" : ",",
                                 (int)fault->place.partition, COUNT(fault->place.offset));
        }
        strbuf_append_char(json, '}');
    }
    strbuf_append_char(json, ']');
}

static void append_not_looked_at(const struct verify_report *report,
                                 const struct verify_source *source, struct strbuf *json)
{
    strbuf_append_text(json, ",\"not_looked_at\":{\"others\":");
    strbuf_append_json_string(json, str_from(report->others));
    append_text(json, "tables", source->tables != NULL ? source->tables : "");
    append_count(json, source->kind->records, report->closed_records);
    strbuf_append_text(json, ",\"times\":[");
    for (size_t i = 0; i < report->closed_count; i++) {
        char from[CLOCK_TEXT_SIZE];
        char to[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(report->closed[i].from_ns, from);
        clock_format_rfc3339(report->closed[i].to_ns, to);
        strbuf_append_format(json, "%s{\"from\":\"%s\",\"to\":\"%s\"}", i > 0 ? "," : "", from, to);
    }
    strbuf_append_text(json, "]}");
}

static void append_bounds(struct strbuf *json, const struct verify_source *source)
{
    if (source->coin != NULL) {
        append_text(json, "coin", source->coin);
    } else {
        strbuf_append_text(json, ",\"coin\":null");
    }
    if (source->from_ns > INT64_MIN) {
        append_time(json, "from", source->from_ns);
    } else {
        strbuf_append_text(json, ",\"from\":null");
    }
    if (source->to_ns < INT64_MAX) {
        append_time(json, "to", source->to_ns);
    } else {
        strbuf_append_text(json, ",\"to\":null");
    }
}

/* ,"covered":[{"coin":…,"source":…,"live":0.9,"refilled":…,"hole":…,"unknown":…},…], with "polls":n
 * of polled ticks */
static void append_covered(const struct verify_report *report, const struct verify_source *source,
                           struct strbuf *json)
{
    static const char *const names[COVERAGE_STATES] = {"live", "refilled", "hole"};
    const char *begin = ",\"covered\":[{";
    bool any = false;
    for (size_t i = 0; source->covered != NULL && i < report->series_count; i++) {
        const struct coverage_share *share = &source->covered[i];
        if (share->length_ns == 0) {
            continue;
        }
        strbuf_append_text(json, any ? ",{" : begin);
        any = true;
        series_to_json(source->kind, report->series[i].name, json);
        for (int state = 0; state < COVERAGE_STATES; state++) {
            strbuf_append_format(json, ",\"%s\":", names[state]);
            strbuf_append_json_double(json, coverage_part(share, share->ns[state]));
        }
        strbuf_append_text(json, ",\"unknown\":");
        strbuf_append_json_double(json, coverage_part(share, share->unknown_ns));
        if (share->polls > 0 && source->kind->seq != NULL) {
            strbuf_append_format(json, ",\"polls\":%lld", (long long)share->polls);
        }
        strbuf_append_char(json, '}');
    }
    strbuf_append_text(json, any ? "]" : "");
}

void verify_to_json(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *json)
{
    const struct record_kind *kind = source->kind;
    char interval[CLOCK_TEXT_SIZE];
    candle_interval_format(source->interval_ns, interval);
    strbuf_append_format(json, "{\"balanced\":%s", report->balanced ? "true" : "false");
    append_text(json, "topic", source->topic);
    append_text(json, "group", source->group);
    append_text(json, "store", source->store);
    append_text(json, "interval", interval);
    append_bounds(json, source);
    append_count(json, "messages", report->messages);
    append_count(json, kind->records, report->records);
    append_count(json, "sent_twice", report->sent_twice);
    append_count(json, "unreadable", report->unreadable);
    append_count(json, "refused", report->refused);
    append_count(json, "not_yet_written", report->not_yet_written);
    append_count(json, "parting", report->parting);
    append_count(json, "undecided", source->undecided);
    append_count(json, "points", report->points);
    append_count(json, "not_provable", report->forgotten);
    append_count(json, "log_forgot", report->log_forgot);
    append_count(json, "later", report->later);
    append_count(json, "missing_with_letter", report->missing_lettered);
    append_count(json, "of_many_values", report->of_many);
    append_fault_counts(json, report->faults, false);
    append_candles(json, kind, report->candles, report->candles_proved, report->candles_cut);
    strbuf_append_format(json,
                         ",\"dead_letters\":{\"messages\":%lld,\"places\":%lld,"
                         "\"outside_log\":%lld,\"elsewhere\":%lld}",
                         COUNT(report->letters), COUNT(report->letter_places),
                         COUNT(report->letters_outside), COUNT(report->letters_elsewhere));
    append_not_looked_at(report, source, json);
    append_series(report, kind, json);
    if (source->coins != NULL) {
        strbuf_append_text(json, ",\"producers_at_once\":");
        log_coins_mixed_to_json(source->coins, json);
        strbuf_append_text(json, ",\"several_sources\":");
        log_coins_sources_to_json(source->coins, json);
    }
    append_covered(report, source, json);
    strbuf_append_text(json, ",\"faults\":{");
    for (int fault = 0; fault < VERIFY_KINDS; fault++) {
        append_named(report, kind, (enum verify_fault_kind)fault, json);
    }
    strbuf_append_text(json, "}}");
}
