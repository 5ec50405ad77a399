#include "base/text/str.h"

#include <string.h>

struct str str_from(const char *text)
{
    return (struct str){.data = text, .length = strlen(text)};
}

bool str_equal(struct str left, struct str right)
{
    return left.length == right.length &&
           (left.length == 0 || memcmp(left.data, right.data, left.length) == 0);
}

bool str_equal_text(struct str left, const char *right)
{
    return str_equal(left, str_from(right));
}

bool str_starts_with(struct str whole, const char *prefix)
{
    size_t length = strlen(prefix);
    return whole.length >= length && (length == 0 || memcmp(whole.data, prefix, length) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str whole)
{
    while (whole.length > 0 && is_blank(whole.data[0])) {
        whole.data++;
        whole.length--;
    }
    while (whole.length > 0 && is_blank(whole.data[whole.length - 1])) {
        whole.length--;
    }
    return whole;
}

/* The value of rest.data after a separator at the end of the text: one empty piece is still to be
 * returned. Its address distinguishes it from an empty text, which has no pieces. */
static const char last_piece[] = "";

bool str_split(struct str *rest, char separator, struct str *piece)
{
    if (rest->length == 0) {
        bool more = rest->data == last_piece;
        *piece = *rest;
        *rest = (struct str){0};
        return more;
    }
    const char *end = memchr(rest->data, separator, rest->length);
    if (end == NULL) {
        *piece = *rest;
        *rest = (struct str){0};
        return true;
    }
    *piece = (struct str){.data = rest->data, .length = (size_t)(end - rest->data)};
    rest->data = end + 1;
    rest->length -= piece->length + 1;
    if (rest->length == 0) {
        rest->data = last_piece;
    }
    return true;
}

bool str_copy(struct str from, char *to, size_t size)
{
    if (size == 0) {
        return false;
    }
    size_t length = from.length < size ? from.length : size - 1;
    if (length > 0) {
        memcpy(to, from.data, length);
    }
    to[length] = '\0';
    return length == from.length;
}
