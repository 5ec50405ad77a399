#include "texts/hard_texts.h"

#include <string.h>

enum { MOST = 16 * 1024 };

#define TEXT(words, bytes, is_valid)                                                               \
    {                                                                                              \
        .name = (words), .text = {(bytes), sizeof(bytes) - 1}, .valid = (is_valid)                 \
    }

static const struct hard_text short_texts[] = {
    TEXT("empty", "", true),
    TEXT("plain", "connection lost", true),
    TEXT("line feed", "one\ntwo\n", true),
    TEXT("CR LF", "one\r\ntwo\r", true),
    TEXT("quotes", "\"\" say \"no\"", true),
    TEXT("apostrophes", "'; DROP TABLE event; --", true),
    TEXT("backslashes", "\\ C:\\new\\\\table \\\"", true),
    TEXT("a backslash at the end", "x\\", true),
    TEXT("commas", ",a,,b,", true),
    TEXT("blanks at the ends", "  a b  ", true),
    TEXT("tabs", "\ta\t", true),
    TEXT("a line of line protocol", "a\" 5\nevent,coin=x n=1i 7\n", true),
    TEXT("JSON", "{\"a\":[null,\"\\u0000\"]}", true),
    TEXT("a word for no value", "null", true),
    TEXT("an escaped NUL", "\\0\\x00\\u0000", true),
    TEXT("control characters", "\x01\x08\x0B\x1F\x7F", true),
    TEXT("C1, and line ends of Unicode", "\xC2\x85\xE2\x80\xA8\xE2\x80\xA9", true),
    TEXT("a byte order mark",
         "\xEF\xBB\xBF"
         "a",
         true),
    TEXT("several scripts", "\xC3\xA4 \xE2\x82\xBF \xF0\x9F\x95\xAF\xEF\xB8\x8F", true),
    TEXT("the last code point", "\xF4\x8F\xBF\xBF\xEF\xBF\xBF", true),
    TEXT("a NUL", "a\0b", false),
    TEXT("a NUL alone", "\0", false),
    TEXT("a NUL at the end", "a\0", false),
    TEXT("Latin-1", "caf\xE9", false),
    TEXT("a cut sequence", "a\xE2\x82", false),
    TEXT("a continuation alone", "\x80", false),
    TEXT("an overlong NUL", "\xC0\x80", false),
    TEXT("a lone surrogate", "\xED\xA0\xBD", false),
    TEXT("a pair of surrogates", "\xED\xA0\xBD\xED\xB5\xAF", false),
    TEXT("above the last code point", "\xF4\x90\x80\x80", false),
};
enum { SHORT_TEXTS = sizeof short_texts / sizeof short_texts[0] };

static const struct {
    const char *name;
    const char *unit; /* repeated up to `length` */
    size_t length;
} long_texts[] = {
    {"the longest", "abcdefgh", MOST},
    {"the longest, of quotes", "\"", MOST},
    {"the longest, of backslashes", "\\", MOST},
    {"the longest, of line feeds", "\n", MOST},
    {"the longest, of control characters", "\x01", MOST},
    {"the longest, of four bytes each", "\xF0\x9F\x98\x80", MOST},
    {"one byte less", "abcdefgh", MOST - 1},
    {"one byte too long", "abcdefgh", MOST + 1},
    {"one character too long", "\xF0\x9F\x98\x80", MOST + 4},
};
enum { LONG_TEXTS = sizeof long_texts / sizeof long_texts[0] };

size_t hard_texts(void)
{
    return SHORT_TEXTS + LONG_TEXTS;
}

struct hard_text hard_text(size_t number)
{
    static char room[LONG_TEXTS][MOST + 4];
    if (number < SHORT_TEXTS) {
        return short_texts[number];
    }
    size_t which = number - SHORT_TEXTS;
    const char *unit = long_texts[which].unit;
    size_t step = strlen(unit);
    for (size_t i = 0; i < long_texts[which].length; i++) {
        room[which][i] = unit[i % step];
    }
    return (struct hard_text){.name = long_texts[which].name,
                              .text = {room[which], long_texts[which].length},
                              .valid = long_texts[which].length <= MOST};
}
