#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Tidies the end of a text that was cut. If there is a blank in the last WORD_MAX bytes, the text
 * ends there with "…"; else it ends with a whole UTF-8 character. Returns the new length. */
static size_t mend_cut(char *text, size_t length)
{
    static const char more[] = "…";
    enum { WORD_MAX = 100 };
    for (size_t i = length - (sizeof more - 1); i > 0 && length - i < WORD_MAX; i--) {
        if (text[i] == ' ') {
            memcpy(text + i, more, sizeof more);
            return i + sizeof more - 1;
        }
    }
    while (length > 0 && ((unsigned char)text[length - 1] & 0xC0) == 0x80) {
        length--;
    }
    if (length > 0 && (unsigned char)text[length - 1] >= 0xC0) {
        length--;
    }
    text[length] = '\0';
    return length;
}

/* Makes the text one clean line: control bytes become spaces. */
static void tidy(char *text, bool cut)
{
    size_t length = strlen(text);
    length = cut ? mend_cut(text, length) : length;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char next = (unsigned char)text[i + 1];
        if (c < 0x20 || c == 0x7F) {
            text[i] = ' ';
        } else if (c == 0xC2 && next >= 0x80 && next <= 0x9F) { /* U+0080 to U+009F */
            text[i] = text[i + 1] = ' ';
        }
    }
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    if (error == NULL) {
        return false;
    }
    /* Format into a separate buffer first: an argument may be the old error->text. */
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text[0] = '\0';
    }
    tidy(text, length >= (int)sizeof text);
    memcpy(error->text, text, sizeof text);
    error->kind = kind;
    error->retry_after_ms = 0;
    error->remedy = NULL;
    return false;
}

bool error_pass(struct error *error, const struct error *from)
{
    if (error != NULL) {
        *error = *from;
    }
    return false;
}

bool error_prefix(struct error *error, const char *format, ...)
{
    if (error == NULL) {
        return false;
    }
    char what[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(what, sizeof what, format, arguments) < 0) {
        what[0] = '\0';
    }
    va_end(arguments);

    char text[2 * sizeof error->text];
    int length = snprintf(text, sizeof text, "%s: %s", what, error->text);
    text[sizeof error->text - 1] = '\0';
    tidy(text, length >= (int)sizeof error->text);
    memcpy(error->text, text, sizeof error->text);
    return false;
}
