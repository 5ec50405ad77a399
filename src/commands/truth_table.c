#include "commands/truth_table.h"

#include <stdlib.h>

#include "base/text/table.h"
#include "kafka/consumer/truth_lag.h"

static const char *const step_words[TRUTH_STEPS] = {
    [TRUTH_EXCHANGE_TO_FRAME] = "exchange to us", [TRUTH_FRAME_TO_KAFKA] = "to Kafka",
    [TRUTH_KAFKA_TO_STORE] = "Kafka to store",    [TRUTH_EXCHANGE_TO_STORE] = "whole way to store",
    [TRUTH_KAFKA_TO_PAGE] = "Kafka to page",      [TRUTH_EXCHANGE_TO_PAGE] = "whole way to page",
};

/* Appends a time such as "5 ms" or "1.5 s"; null is more than the last bound of the histogram. */
static void append_seconds(struct strbuf *text, const json_t *seconds)
{
    double value = json_number_value(seconds);
    if (!json_is_number(seconds)) {
        strbuf_append_text(text, "over 1 h");
    } else if (value < 1) {
        strbuf_append_format(text, "%.4g ms", value * 1000);
    } else {
        strbuf_append_format(text, "%.4g s", value);
    }
}

static void add_step(struct table *table, const json_t *step)
{
    struct strbuf text = strbuf_new(128);
    json_int_t negative = json_integer_value(json_object_get(step, "negative"));
    if (json_integer_value(json_object_get(step, "measured")) > 0) {
        append_seconds(&text, json_object_get(step, "half_s"));
        strbuf_append_text(&text, " / ");
        append_seconds(&text, json_object_get(step, "most_s"));
    }
    if (negative > 0) {
        strbuf_append_format(&text, "%s%lld below 0: clocks disagree", text.length > 0 ? "; " : "",
                             (long long)negative);
    }
    table_cell(table, "%s", text.length > 0 ? strbuf_text(&text) : "-");
    strbuf_free(&text);
}

/* Returns whether some stream has measured the step. */
static bool is_measured(const json_t *streams, int step)
{
    bool measured = false;
    for (size_t i = 0; i < json_array_size(streams); i++) {
        const json_t *lag = json_object_get(json_array_get(streams, i), "truth_lag");
        measured = measured || json_object_get(lag, truth_step_names[step]) != NULL;
    }
    return measured;
}

static void add_streams(struct table *table, const json_t *streams)
{
    for (size_t i = 0; i < json_array_size(streams); i++) {
        const json_t *stream = json_array_get(streams, i);
        const json_t *lag = json_object_get(stream, "truth_lag");
        const char *kind = json_string_value(json_object_get(stream, "kind"));
        if (kind == NULL || json_object_size(lag) == 0) {
            continue;
        }
        table_cell(table, "%s", kind);
        for (int step = 0; step < TRUTH_STEPS; step++) {
            if (is_measured(streams, step)) {
                add_step(table, json_object_get(lag, truth_step_names[step]));
            }
        }
    }
}

void truth_to_table(const json_t *status, int columns, struct strbuf *text)
{
    const json_t *streams = json_object_get(status, "streams");
    const char *head[TRUTH_STEPS + 2] = {"truth lag, half / 99 % within"};
    size_t count = 1;
    for (int step = 0; step < TRUTH_STEPS; step++) {
        if (is_measured(streams, step)) {
            head[count++] = step_words[step];
        }
    }
    if (count == 1) {
        return;
    }
    struct table table = table_new_with_head(head);
    add_streams(&table, streams);
    strbuf_append_char(text, '\n');
    table_append_within(&table, columns, text);
    table_free(&table);
}

void truth_to_json(const json_t *status, struct strbuf *json)
{
    const json_t *streams = json_object_get(status, "streams");
    const char *separator = "";
    if (!json_is_array(streams)) {
        strbuf_append_text(json, "null");
        return;
    }
    strbuf_append_char(json, '{');
    for (size_t i = 0; i < json_array_size(streams); i++) {
        const json_t *stream = json_array_get(streams, i);
        const char *kind = json_string_value(json_object_get(stream, "kind"));
        char *lag = json_dumps(json_object_get(stream, "truth_lag"), JSON_COMPACT);
        if (kind != NULL && lag != NULL) {
            strbuf_append_text(json, separator);
            strbuf_append_json_string(json, str_from(kind));
            strbuf_append_format(json, ":%s", lag);
            separator = ",";
        }
        free(lag);
    }
    strbuf_append_char(json, '}');
}
