#include "source/bitfinex_trades/trade_scan.h"

#include <math.h>
#include <string.h>

enum {
    WHOLE_DIGITS = 15, /* as many always fit into a double */
};

/* What is left of the text. */
struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    bool is_there =
        (size_t)(cursor->end - cursor->at) >= length && memcmp(cursor->at, word, length) == 0;
    cursor->at += is_there ? length : 0;
    return is_there;
}

/* Takes digits, and returns how many. */
static size_t take_digits(struct cursor *cursor)
{
    const char *first = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        cursor->at++;
    }
    return (size_t)(cursor->at - first);
}

/* Takes a whole number as JSON writes it: no zero before other digits. */
static bool take_whole(struct cursor *cursor, int64_t *value)
{
    struct str digits = {.data = cursor->at, .length = take_digits(cursor)};
    return digits.length > 0 && digits.length <= WHOLE_DIGITS &&
           (digits.data[0] != '0' || digits.length == 1) && str_to_int64(digits, value);
}

/* Returns the value of at most WHOLE_DIGITS digits and a point: both numbers are exact doubles, so
 * their quotient is the double next to the decimal (Clinger, How to read floating point numbers
 * accurately). */
static double value_of(struct str number, size_t decimals)
{
    static const double powers[WHOLE_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int64_t digits = 0;
    for (size_t i = 0; i < number.length; i++) {
        bool is_digit = number.data[i] >= '0' && number.data[i] <= '9';
        digits = is_digit ? 10 * digits + (number.data[i] - '0') : digits;
    }
    double value = (double)digits / powers[decimals];
    return number.data[0] == '-' ? -value : value;
}

/* Takes a number as JSON writes it, without an exponent. */
static bool take_number(struct cursor *cursor, double *value)
{
    struct str number = {.data = cursor->at};
    (void)take(cursor, "-");
    const char *whole = cursor->at;
    size_t digits = take_digits(cursor), decimals = 0;
    if (digits == 0 || (*whole == '0' && digits > 1) ||
        (take(cursor, ".") && (decimals = take_digits(cursor)) == 0)) {
        return false;
    }
    number.length = (size_t)(cursor->at - number.data);
    if (digits + decimals > WHOLE_DIGITS) {
        return str_to_double(number, value);
    }
    *value = value_of(number, decimals);
    return true;
}

static bool take_row(struct cursor *cursor, struct trade_row *row)
{
    return take(cursor, "[") && take_whole(cursor, &row->id) && take(cursor, ",") &&
           take_whole(cursor, &row->time_ms) && take(cursor, ",") &&
           take_number(cursor, &row->amount) && take(cursor, ",") &&
           take_number(cursor, &row->price) && take(cursor, "]");
}

bool trade_scan_read(struct str text, struct trade_scan *scan)
{
    struct cursor cursor = {text.data, text.data + text.length};
    *scan = (struct trade_scan){0};
    if (!take(&cursor, "[") || !take_whole(&cursor, &scan->channel) || !take(&cursor, ",\"t")) {
        return false;
    }
    scan->updated = take(&cursor, "u");
    if ((!scan->updated && !take(&cursor, "e")) || !take(&cursor, "\",") ||
        !take_row(&cursor, &scan->row)) {
        return false;
    }
    while (scan->behind_count < 2 && take(&cursor, ",")) {
        if (!take_whole(&cursor, &scan->behind[scan->behind_count++])) {
            return false;
        }
    }
    return take(&cursor, "]") && cursor.at == cursor.end &&
           trade_row_check(&scan->row) == ROW_FAULTS;
}
