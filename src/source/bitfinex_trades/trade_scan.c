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

/* Takes digits, appends them to `number`, and returns how many they are. The number is right only
 * if it has at most WHOLE_DIGITS of them. */
static size_t take_digits(struct cursor *cursor, uint64_t *number)
{
    const char *first = cursor->at, *at = first;
    uint64_t value = *number;
    while (at < cursor->end && *at >= '0' && *at <= '9') {
        value = 10 * value + (uint64_t)(*at++ - '0');
    }
    *number = value;
    cursor->at = at;
    return (size_t)(at - first);
}

/* Takes a whole number as JSON writes it: no zero before other digits. */
static bool take_whole(struct cursor *cursor, int64_t *value)
{
    const char *first = cursor->at;
    uint64_t number = 0;
    size_t digits = take_digits(cursor, &number);
    *value = (int64_t)number;
    return digits > 0 && digits <= WHOLE_DIGITS && (*first != '0' || digits == 1);
}

/* Takes a number as JSON writes it, without an exponent. Up to WHOLE_DIGITS digits and the power of
 * ten that their point stands for are exact doubles, so their quotient is the double next to the
 * decimal (Clinger, How to read floating point numbers accurately). */
static bool take_number(struct cursor *cursor, double *value)
{
    static const double powers[WHOLE_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *first = cursor->at;
    bool negative = take(cursor, "-");
    const char *whole = cursor->at;
    uint64_t number = 0;
    size_t digits = take_digits(cursor, &number), decimals = 0;
    if (digits == 0 || (*whole == '0' && digits > 1) ||
        (take(cursor, ".") && (decimals = take_digits(cursor, &number)) == 0)) {
        return false;
    }
    if (digits + decimals > WHOLE_DIGITS) {
        return str_to_double((struct str){.data = first, .length = (size_t)(cursor->at - first)},
                             value);
    }
    double size = (double)number / powers[decimals];
    *value = negative ? -size : size;
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
