#include "market/compare_json.h"

#include <math.h>

#include "base/clock.h"

static int64_t start_of(const struct compared *item)
{
    return item->has_ours ? item->ours.time_ns : item->theirs.time_ns;
}

static void append_number(struct strbuf *json, const char *name, double value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_double(json, value);
}

static void append_count(struct strbuf *json, const char *name, bool known, size_t value)
{
    if (known) {
        strbuf_append_format(json, ",\"%s\":%zu", name, value);
    } else {
        strbuf_append_format(json, ",\"%s\":null", name);
    }
}

static void append_side(struct strbuf *json, const char *name, bool has,
                        const struct candle *candle)
{
    strbuf_append_format(json, ",\"%s\":", name);
    if (!has) {
        strbuf_append_text(json, "null");
        return;
    }
    strbuf_append_text(json, "{\"open\":");
    strbuf_append_json_double(json, candle->open);
    append_number(json, "high", candle->high);
    append_number(json, "low", candle->low);
    append_number(json, "close", candle->close);
    append_number(json, "volume", candle->has_volume ? candle->volume : NAN);
    strbuf_append_char(json, '}');
}

static void append_difference(struct strbuf *json, const struct compared *item)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(start_of(item), time);
    strbuf_append_format(json, "{\"time\":\"%s\",\"reason\":\"%s\"", time,
                         compare_reason_names[item->reason]);
    append_number(json, "bp", item->has_ours && item->has_theirs ? item->off : NAN);
    strbuf_append_format(json, ",\"whole\":%s,\"equal_volume\":%s", item->whole ? "true" : "false",
                         !item->has_volumes   ? "null"
                         : item->equal_volume ? "true"
                                              : "false");
    append_side(json, "ours", item->has_ours, &item->ours);
    append_side(json, "theirs", item->has_theirs, &item->theirs);
    strbuf_append_char(json, '}');
}

static void append_pair(struct strbuf *json, const struct compare_pair *pair)
{
    const struct compare_figures *figures = &pair->figures;
    strbuf_append_format(json, "{\"ours\":\"%s\",\"theirs\":\"%s\",\"judged\":%s", pair->ours,
                         pair->theirs, pair->judged ? "true" : "false");
    strbuf_append_format(json,
                         ",\"candles\":%zu,\"both\":%zu,\"equal\":%zu,\"only_ours\":%zu,"
                         "\"only_theirs\":%zu",
                         figures->candles, figures->both, figures->equal, figures->only_ours,
                         figures->only_theirs);
    append_count(json, "whole", pair->compare.coverage != NULL, figures->whole);
    append_count(json, "volumes_off", figures->volumes > 0, figures->volumes_off);
    append_number(json, "median_bp", figures->both > 0 ? figures->median_off : NAN);
    append_number(json, "worst_bp", figures->both > 0 ? figures->worst_off : NAN);
    if (!pair->judged) {
        strbuf_append_char(json, '}');
        return;
    }
    strbuf_append_text(json, ",\"reasons\":{");
    for (int i = COMPARE_EQUAL + 1; i < COMPARE_REASONS; i++) {
        strbuf_append_format(json, "%s\"%s\":%zu", i > COMPARE_EQUAL + 1 ? "," : "",
                             compare_reason_names[i], figures->reasons[i]);
    }
    strbuf_append_text(json, "},\"differences\":[");
    const char *separator = "";
    for (size_t i = 0; i < pair->compare.count; i++) {
        if (pair->compare.items[i].reason != COMPARE_EQUAL) {
            strbuf_append_text(json, separator);
            append_difference(json, &pair->compare.items[i]);
            separator = ",";
        }
    }
    strbuf_append_text(json, "]}");
}

void compare_to_json(const struct compare_report *report, struct strbuf *json)
{
    char interval[CLOCK_TEXT_SIZE];
    candle_interval_format(report->interval_ns, interval);
    strbuf_append_text(json, "{\"coin\":");
    strbuf_append_json_string(json, str_from(report->coin));
    strbuf_append_text(json, ",\"source\":");
    strbuf_append_json_string(json, str_from(report->source));
    strbuf_append_format(json, ",\"interval\":\"%s\",\"pairs\":[", interval);
    for (size_t i = 0; i < report->count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_pair(json, &report->pairs[i]);
    }
    strbuf_append_text(json, "]}\n");
}
