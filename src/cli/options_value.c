#include "cli/options_value.h"

#include <string.h>

#include "base/clock.h"
#include "cli/options_named_sources.h"
#include "cli/options_text.h"
#include "market/candle.h"
#include "record/kind.h"

static bool is_duration(enum option_type type)
{
    return type == OPTION_DURATION || type == OPTION_INTERVAL || type == OPTION_DURATION_MS ||
           type == OPTION_SHORT_MS || type == OPTION_POLL;
}

/* Returns whether users write the value as a point in time; help shows no range for those. */
static bool is_moment(enum option_type type)
{
    return type == OPTION_TIME;
}

static bool is_number(enum option_type type)
{
    return type == OPTION_INT || type == OPTION_LONG || type == OPTION_COUNT ||
           type == OPTION_SIZE || is_moment(type) || is_duration(type);
}

/* Parses a size in bytes: "4MiB", "64KiB", "1000". */
static bool parse_size(struct str text, int64_t *bytes)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } units[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}};
    int64_t unit = 1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t length = strlen(units[i].name);
        if (text.length > length &&
            memcmp(text.data + text.length - length, units[i].name, length) == 0) {
            text.length -= length;
            unit = units[i].bytes;
            break;
        }
    }
    int64_t number = 0;
    return str_to_int64(text, &number) && !__builtin_mul_overflow(number, unit, bytes);
}

/* Parses a number into the unit of `least` and `most`. */
static bool parse_number(enum option_type type, struct str text, int64_t *value)
{
    if (type == OPTION_INTERVAL) {
        return candle_interval_parse(text, value);
    }
    if (is_duration(type)) {
        return clock_parse_duration(text, value);
    }
    if (type == OPTION_TIME) {
        return clock_parse_time(text, value);
    }
    return type == OPTION_SIZE ? parse_size(text, value) : str_to_int64(text, value);
}

/* Stores a number that is already in the unit of its member: word_value of a word. */
static void store_number(enum option_type type, void *field, int64_t value)
{
    if (type == OPTION_INT || type == OPTION_SHORT_MS) {
        int narrow = (int)value;
        memcpy(field, &narrow, sizeof narrow);
    } else if (type == OPTION_COUNT || type == OPTION_SIZE) {
        size_t size = (size_t)value;
        memcpy(field, &size, sizeof size);
    } else if (type == OPTION_FACTOR) {
        double factor = (double)value;
        memcpy(field, &factor, sizeof factor);
    } else {
        memcpy(field, &value, sizeof value);
    }
}

static bool set_number(const struct option_row *row, struct str text, void *field)
{
    int64_t value = 0;
    if (!parse_number(row->type, text, &value) || value < row->least || value > row->most) {
        return false;
    }
    bool milliseconds = row->type == OPTION_DURATION_MS || row->type == OPTION_SHORT_MS;
    if (milliseconds && value % NS_PER_MS != 0) {
        return false;
    }
    store_number(row->type, field, milliseconds ? value / NS_PER_MS : value);
    return true;
}

static bool set_factor(const struct option_row *row, struct str text, void *field)
{
    double value = 0;
    if (!str_to_double(text, &value) || value <= 0 || value > (double)row->most) {
        return false;
    }
    memcpy(field, &value, sizeof value);
    return true;
}

static bool set_choice(const struct option_row *row, struct str text, void *field)
{
    for (int i = 0; row->words[i] != NULL; i++) {
        if (str_equal_text(text, row->words[i])) {
            int value = row->word_values != NULL ? row->word_values[i] : i;
            memcpy(field, &value, sizeof value);
            return true;
        }
    }
    return false;
}

static bool set_bool(struct str text, void *field)
{
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes", "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_equal_text(text, words[i])) {
            bool value = i % 2 == 1;
            memcpy(field, &value, sizeof value);
            return true;
        }
    }
    return false;
}

static bool set_field(const struct option_row *row, const char *text, void *field)
{
    struct str span = str_from(text);
    if (row->word != NULL && strcmp(text, row->word) == 0) {
        store_number(row->type, field, row->word_value);
        return true;
    }
    if (is_number(row->type) && row->type != OPTION_POLL) {
        return set_number(row, span, field);
    }
    switch (row->type) {
    case OPTION_BOOL:
        return set_bool(span, field);
    case OPTION_FACTOR:
        return set_factor(row, span, field);
    case OPTION_CHOICE:
        return set_choice(row, span, field);
    default:
        break;
    }
    bool valid = row->type == OPTION_POLL ? options_poll_valid(span, row->least, row->most)
                                          : option_text_valid(row->type, text);
    if (!valid) {
        return false;
    }
    memcpy(field, &text, sizeof text);
    return true;
}

/* Returns whether the text may contain a password: even an invalid URL may contain one, in any
 * part. */
static bool may_hold_password(enum option_type type, const char *text)
{
    bool place = type == OPTION_URL || type == OPTION_WS_URL || type == OPTION_URLS ||
                 type == OPTION_STORE || type == OPTION_BROKERS || type == OPTION_ADDRESS;
    return place && strchr(text, '@') != NULL;
}

static const char *instead_of_password(const struct option_row *row)
{
    if (row->type == OPTION_STORE) {
        return "; use --token-file";
    }
    return strcmp(row->flag, "--registry") == 0
               ? "; use --registry-user and --registry-password-file"
               : "";
}

/* Appends the word that was probably meant, if there is one. */
static void append_nearest(const struct option_row *row, const char *text, struct strbuf *expected)
{
    const char *nearest = NULL;
    size_t best = str_slips(text) + 1;
    for (size_t i = 0; row->words != NULL && row->words[i] != NULL; i++) {
        size_t distance = str_edit_distance(text, row->words[i]);
        if (distance < best) {
            nearest = row->words[i];
            best = distance;
        }
    }
    if (nearest != NULL) {
        strbuf_append_format(expected, "; did you mean %s?", nearest);
    }
}

bool option_value_set(const struct option_row *row, const char *where, const char *text,
                      struct options *options, struct error *error)
{
    if (row->type == OPTION_URL || row->type == OPTION_WS_URL || row->type == OPTION_URLS ||
        row->type == OPTION_STORE) {
        if (option_text_has_password(text)) {
            return error_set(error, ERROR_USAGE, "%s: a URL with a password in it is not taken%s",
                             where, instead_of_password(row));
        }
    }
    if (set_field(row, text, (char *)options + row->offset)) {
        return true;
    }
    struct strbuf expected = strbuf_new(sizeof error->text);
    if (row->type == OPTION_SOURCE) {
        options_source_fault(str_from(text), &expected);
        error_set(error, ERROR_USAGE, "%s: %s", where, strbuf_text(&expected));
        strbuf_free(&expected);
        return false;
    }
    option_value_expected(row, &expected);
    append_nearest(row, text, &expected);
    if (may_hold_password(row->type, text)) {
        error_set(error, ERROR_USAGE, "%s: what is given is not %s", where, strbuf_text(&expected));
    } else {
        error_set(error, ERROR_USAGE, "%s: \"%.60s%s\" is not %s", where, text,
                  strlen(text) > 60 ? "..." : "", strbuf_text(&expected));
    }
    strbuf_free(&expected);
    return false;
}

static bool is_open(int64_t most)
{
    return most == INT64_MAX || most == OPTION_LONGEST;
}

/* Appends a number as a user would write it. */
static void append_number(const struct option_row *row, int64_t value, struct strbuf *text)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    if (is_duration(row->type)) {
        char duration[CLOCK_TEXT_SIZE];
        clock_format_duration(value, duration);
        strbuf_append_text(text, duration);
        return;
    }
    size_t unit = 0;
    while (row->type == OPTION_SIZE && unit < 3 && value % 1024 == 0) {
        value /= 1024;
        unit++;
    }
    strbuf_append_int64(text, value);
    strbuf_append_text(text, units[unit]);
}

/* Appends what is allowed: "a whole number from 1 to 16". */
static void append_bounded(const struct option_row *row, const char *what, struct strbuf *text)
{
    strbuf_append_text(text, what);
    strbuf_append_text(text, " from ");
    append_number(row, row->least, text);
    if (is_open(row->most)) {
        strbuf_append_text(text, " up");
    } else {
        strbuf_append_text(text, " to ");
        append_number(row, row->most, text);
    }
}

static void append_choices(const struct option_row *row, struct strbuf *text)
{
    strbuf_append_text(text, "one of ");
    for (size_t i = 0; row->words[i] != NULL; i++) {
        strbuf_append_text(text, i > 0 ? ", " : "");
        strbuf_append_text(text, row->words[i]);
    }
}

/* Appends the names of the kinds, for an option that expects such names. */
static void append_kinds(const struct option_row *row, struct strbuf *text)
{
    if (row->type != OPTION_STREAMS && row->type != OPTION_TOPICS) {
        return;
    }
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        strbuf_append_text(text, i > 0 ? ", " : "");
        strbuf_append_text(text, record_kinds[i]->name);
    }
}

void option_value_expected(const struct option_row *row, struct strbuf *text)
{
    if (row->type == OPTION_INTERVAL) {
        append_bounded(row, "a duration with its unit, like 1s, 5m, 1h, 1d, 1w (from Monday),",
                       text);
        strbuf_append_text(text, ", or 1M (the calendar month)");
    } else if (is_duration(row->type)) {
        append_bounded(row, "a duration like 250ms, 5s, 10m, 24h or 7d,", text);
        strbuf_append_text(text, row->type == OPTION_POLL
                                     ? ", with SOURCE= before it for one source, each once"
                                     : "");
    } else if (row->type == OPTION_SIZE) {
        append_bounded(row, "a size like 64KiB or 4MiB,", text);
    } else if (row->type == OPTION_TIME) {
        strbuf_append_text(text, "a time like 2026-11-21T09:05:00Z or seconds since 1970");
    } else if (is_number(row->type)) {
        append_bounded(row, "a whole number", text);
    } else if (row->type == OPTION_FACTOR) {
        strbuf_append_text(text, "a number above 0 and up to ");
        strbuf_append_int64(text, row->most);
    } else if (row->type == OPTION_CHOICE) {
        append_choices(row, text);
    } else if (row->type == OPTION_BOOL) {
        strbuf_append_text(text, "true or false");
    } else {
        strbuf_append_text(text, option_text_expected(row->type));
        append_kinds(row, text);
    }
    if (row->word != NULL) {
        strbuf_append_text(text, ", or ");
        strbuf_append_text(text, row->word);
    }
}

void option_value_range(const struct option_row *row, struct strbuf *text)
{
    bool bounded = is_number(row->type) && !is_moment(row->type) && !is_open(row->most);
    if (row->type == OPTION_CHOICE) {
        append_choices(row, text);
    } else if (bounded) {
        append_number(row, row->least, text);
        strbuf_append_text(text, " to ");
        append_number(row, row->most, text);
    }
    if (row->type != OPTION_FACTOR && row->word != NULL && row->fallback != NULL &&
        strcmp(row->word, row->fallback) != 0) {
        strbuf_append_text(text, bounded ? ", or " : "or ");
        strbuf_append_text(text, row->word);
    }
}
