/* Line protocol, read as its reference describes it and by nothing of ours. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kept_points.h"

enum { NUMBER_MAX = 64 };

static const char *double_name(int number)
{
    return number == 0 ? "last_price" : ticker_figure_names[number - 1];
}

struct cursor {
    const char *at, *end;
};

static bool take_word(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0) {
        return false;
    }
    cursor->at += length;
    return true;
}

/* Up to the first blank or comma that has no backslash before it, which is taken away. */
static bool take_tag(struct cursor *cursor, char *value, size_t size)
{
    size_t length = 0;
    while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != ',') {
        if (*cursor->at == '\\' && cursor->at + 1 < cursor->end) {
            cursor->at++;
        }
        if (length + 1 >= size) {
            return false;
        }
        value[length++] = *cursor->at++;
    }
    value[length] = '\0';
    return length > 0;
}

/* Up to a blank or comma. */
static bool take_number(struct cursor *cursor, char text[NUMBER_MAX], size_t *length)
{
    *length = 0;
    while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != ',') {
        if (*length + 1 >= NUMBER_MAX) {
            return false;
        }
        text[(*length)++] = *cursor->at++;
    }
    text[*length] = '\0';
    return *length > 0;
}

static bool to_integer(char *text, size_t length, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && end == text + length && strspn(text, "-0123456789") == length;
}

/* NULL, or what is wrong with it. */
static const char *to_bits(const char *text, size_t length, uint64_t *bits)
{
    char *end = NULL;
    if (strspn(text, "-+.0123456789eE") != length) {
        return "No fields were provided";
    }
    double value = strtod(text, &end);
    if (end != text + length) {
        return "No fields were provided";
    }
    if (!isfinite(value)) {
        return "a number out of range";
    }
    memcpy(bits, &value, sizeof *bits);
    return NULL;
}

static const char *take_integer(char *text, size_t length, int64_t *field)
{
    if (text[length - 1] != 'i') {
        return "invalid column type for column, expected iox::column_type::field::integer, got "
               "iox::column_type::field::float";
    }
    text[length - 1] = '\0';
    return to_integer(text, length - 1, field) ? NULL : "No fields were provided";
}

static const char *take_field(struct cursor *cursor, struct kept_fields *fields)
{
    char text[NUMBER_MAX];
    size_t length = 0;
    for (int i = 0; i < KEPT_DOUBLES; i++) {
        size_t name = strlen(double_name(i));
        if ((size_t)(cursor->end - cursor->at) > name && cursor->at[name] == '=' &&
            memcmp(cursor->at, double_name(i), name) == 0) {
            cursor->at += name + 1;
            if ((fields->present & (1U << i)) != 0) {
                return "a field twice";
            }
            if (!take_number(cursor, text, &length)) {
                return "No fields were provided";
            }
            if (text[0] == '"') {
                return "invalid column type for column, expected "
                       "iox::column_type::field::float, got iox::column_type::field::string";
            }
            fields->present |= 1U << i;
            return to_bits(text, length, &fields->bits[i]);
        }
    }
    int64_t *integer = take_word(cursor, "seq=")      ? &fields->seq
                       : take_word(cursor, "run_id=") ? &fields->run_id
                                                      : NULL;
    if (integer == NULL) {
        return "a field that the table does not have";
    }
    return take_number(cursor, text, &length) ? take_integer(text, length, integer)
                                              : "No fields were provided";
}

const char *kept_read_line(const char *text, size_t length, struct kept_line *line)
{
    struct cursor cursor = {.at = text, .end = text + length};
    char number[NUMBER_MAX];
    size_t digits = 0;
    *line = (struct kept_line){.time_ns = 0};
    if (!take_word(&cursor, "ticker,coin=") || !take_tag(&cursor, line->coin, sizeof line->coin) ||
        !take_word(&cursor, " ")) {
        return "A generic parsing error occurred: TakeWhile1";
    }
    do {
        const char *wrong = take_field(&cursor, &line->fields);
        if (wrong != NULL) {
            return wrong;
        }
    } while (take_word(&cursor, ","));
    /* InfluxDB would take a point without a time for one of now; nothing of ours may rely on it. */
    if (!take_word(&cursor, " ") || !take_number(&cursor, number, &digits) ||
        !to_integer(number, digits, &line->time_ns) || cursor.at != cursor.end) {
        return "no time, or one that is no number";
    }
    return NULL;
}
