#include "source/bitfinex/bitfinex_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_SURE_NUMBER = 300, /* a number of at most this many digits always fits into a double */
    SHOWN_BYTES = 60,
};

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Returns whether a JSON number exceeds the range of a double. A byte that ends the number follows
 * `token`, since the body ends with NUL. */
static bool overflows(const char *token, size_t length)
{
    bool suspect = length > LONGEST_SURE_NUMBER || memchr(token, 'e', length) != NULL ||
                   memchr(token, 'E', length) != NULL;
    return suspect && isinf(strtod(token, NULL));
}

/* Overwrites every number outside of strings that a double cannot hold with `true`, which is never
 * longer than such a number ("1e309"). */
static void blunt_overflows(char *text, size_t length)
{
    size_t i = 0;
    while (i < length) {
        if (text[i] == '"') {
            for (++i; i < length && text[i] != '"'; ++i) {
                i += text[i] == '\\';
            }
            ++i;
        } else if ((text[i] >= '0' && text[i] <= '9') || text[i] == '-') {
            size_t start = i;
            while (i < length && is_number_byte(text[i])) {
                ++i;
            }
            if (overflows(text + start, i - start)) {
                memset(text + start, ' ', i - start);
                memcpy(text + start, "true", 4);
            }
        } else {
            ++i;
        }
    }
}

static bool say_not_json(struct str body, const json_error_t *why, struct error *error)
{
    struct str start = str_trim(body);
    if (start.length == 0) {
        return error_set(error, ERROR_RETRY, "the answer is empty");
    }
    if (start.data[0] == '<') {
        return error_set(error, ERROR_RETRY,
                         "the answer is an HTML page, not JSON: the exchange is away, or something "
                         "in between answers for it");
    }
    int shown = start.length > SHOWN_BYTES ? SHOWN_BYTES : (int)start.length;
    return error_set(error, ERROR_RETRY, "the answer is not JSON (%s at byte %d): %.*s", why->text,
                     why->position, shown, start.data);
}

json_t *bitfinex_json_load(struct str body, struct error *error)
{
    /* Accept any value; accept NUL in strings (a symbol with one is a bad symbol, not a bad
     * answer); read integers as reals, since json_real_value() of an integer is 0. */
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_error_t why;
    json_t *json = json_loadb(body.data != NULL ? body.data : "", body.length, flags, &why);
    if (json == NULL && json_error_code(&why) == json_error_numeric_overflow) {
        char *copy = malloc(body.length + 1);
        if (copy != NULL) {
            memcpy(copy, body.data, body.length);
            copy[body.length] = '\0';
            blunt_overflows(copy, body.length);
            json = json_loadb(copy, body.length, flags, &why);
            free(copy);
        }
    }
    if (json == NULL) {
        (void)say_not_json(body, &why, error);
    }
    return json;
}

bool bitfinex_json_is_rows(const json_t *json)
{
    for (size_t i = 0; i < json_array_size(json); ++i) {
        if (json_is_array(json_array_get(json, i))) {
            return true;
        }
    }
    return json_is_array(json) && json_array_size(json) == 0;
}
