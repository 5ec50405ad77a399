#include "store/influx/influx_outcome.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum {
    ANSWER_SHOWN = 160,
    STORED = 204, /* only this status confirms that all lines are stored */
};

static bool contains(struct str whole, const char *part)
{
    return whole.length > 0 && memmem(whole.data, whole.length, part, strlen(part)) != NULL;
}

bool influx_answer_error(long status, struct str answer, struct error *error)
{
    const char *remedy = "";
    if (status >= 200 && status < 300) {
        remedy = " (no answer of InfluxDB 3: what stands at the address of --store?)";
    } else if (status == 401 || status == 403) {
        remedy = " (see --token-file)";
    }
    answer = str_trim(answer);
    int shown = (int)(answer.length < ANSWER_SHOWN ? answer.length : ANSWER_SHOWN);
    return error_set(error, ERROR_RETRY, "answered %ld%s%s%.*s", status, remedy,
                     shown > 0 ? ": " : "", shown, shown > 0 ? answer.data : "");
}

/* Finds the line that one entry of `data` is about: sets *place to its index in `lines` if both the
 * entry's number and its quoted text fit. InfluxDB numbers parsed lines from 1, but quotes raw
 * lines, cut at 20 characters. The number and the text do not fit if a body is not one point per
 * line, or if a proxy answers about another body. */
static bool named_line(const json_t *entry, const struct influx_line *lines, size_t count,
                       size_t *place)
{
    const json_t *number = json_object_get(entry, "line_number");
    const json_t *quoted = json_object_get(entry, "original_line");
    if (!json_is_integer(number) || !json_is_string(quoted) || json_string_length(quoted) == 0) {
        return false;
    }
    json_int_t line = json_integer_value(number);
    /* A single line is meant whatever the number. */
    *place = count == 1 ? 0 : (size_t)line - 1;
    if (line < 1 || *place >= count) {
        return false;
    }
    struct str text = lines[*place].text;
    size_t length = json_string_length(quoted);
    return length <= text.length && memcmp(text.data, json_string_value(quoted), length) == 0;
}

static bool add_named(const json_t *entry, size_t place, struct rejected_list *named)
{
    const char *message = json_string_value(json_object_get(entry, "error_message"));
    return rejected_list_add(named, place, message != NULL ? message : "refused by InfluxDB");
}

/* Returns false when an entry fits no line, or when out of memory. */
static bool collect_named(const json_t *data, const struct influx_line *lines, size_t count,
                          struct rejected_list *named)
{
    bool fits = true;
    for (size_t i = 0; fits && i < json_array_size(data); i++) {
        const json_t *entry = json_array_get(data, i);
        size_t place = 0;
        fits = named_line(entry, lines, count, &place) && add_named(entry, place, named);
    }
    return fits;
}

/* `data` is an array if InfluxDB stored the good lines, and an object (about the first bad line) if
 * it stored nothing; anything else names no line. */
static enum influx_action read_named(const json_t *data, const struct influx_line *lines,
                                     size_t count, struct rejected_list *named)
{
    enum influx_action action = INFLUX_KEEP;
    bool fits = false;
    if (json_is_array(data) && json_array_size(data) > 0) {
        action = INFLUX_REJECT;
        fits = collect_named(data, lines, count, named);
    } else if (json_is_object(data) && json_object_get(data, "line_number") != NULL) {
        size_t place = 0;
        action = INFLUX_RESEND;
        fits = named_line(data, lines, count, &place) && add_named(data, place, named);
    }
    if (action == INFLUX_KEEP || fits) {
        return action;
    }
    rejected_list_clear(named);
    return count > 1 ? INFLUX_BISECT : INFLUX_KEEP;
}

struct influx_outcome influx_outcome_of(long status, struct str answer,
                                        const struct influx_line *lines, size_t count)
{
    struct influx_outcome outcome = {.action = INFLUX_KEEP};
    if (status == STORED) {
        outcome.action = INFLUX_DONE;
    } else if (status == 413 || (status == 500 && contains(answer, "max request size"))) {
        outcome.action = INFLUX_SPLIT;
    } else if (status == 400 || status == 422) {
        json_t *root = json_loadb(answer.data, answer.length, 0, NULL);
        outcome.action = read_named(json_object_get(root, "data"), lines, count, &outcome.named);
        json_decref(root);
    }
    if (outcome.action == INFLUX_KEEP) {
        (void)influx_answer_error(status, answer, &outcome.error);
    }
    return outcome;
}
