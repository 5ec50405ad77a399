/* Parses a schema's text to a JSON tree. Some writers' libraries write more than RFC 8259 allows
 * (NaN, numbers of any size, unpaired surrogates), which jansson refuses: this is rewritten
 * first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "registry/codec/schema_fields.h"

enum {
    /* A level of types needs at most three brackets, {"fields":[{"type":…}]}; the fourth leaves
     * room for other programs' attributes. */
    BRACKET_LIMIT = 4 * SCHEMA_LEVEL_LIMIT,
    NUMBER_SIZE = 400, /* a double has 309 digits at most */
    GROWTH = 4,        /* rewriting makes the text at most this many times longer */
};

struct scanner {
    struct str rest;
    int depth;
    struct strbuf out;
};

/* Returns the length of the string at the start of `rest`, with its quotes; of all of `rest` if the
 * string is not closed. */
static size_t string_length(struct str rest)
{
    for (size_t i = 1; i < rest.length; i++) {
        if (rest.data[i] == '\\') {
            i++;
        } else if (rest.data[i] == '"') {
            return i + 1;
        }
    }
    return rest.length;
}

/* Returns the UTF-16 unit of an escape like \u20ac at the start of `text`; -1: there is none. */
static int escaped_unit(const char *text, const char *end)
{
    int unit = 0;
    if (end - text < 6 || text[0] != '\\' || text[1] != 'u') {
        return -1;
    }
    for (int i = 2; i < 6; i++) {
        const char *digit = strchr("0123456789abcdef", text[i] | 0x20);
        if (digit == NULL || text[i] == '\0') {
            return -1;
        }
        unit = unit * 16 + (int)(digit - "0123456789abcdef");
    }
    return unit;
}

/* Copies a string with its quotes. An unpaired surrogate becomes U+FFFD: jansson refuses it. */
static void copy_string(struct strbuf *out, struct str string)
{
    const char *end = string.data + string.length;
    for (const char *at = string.data; at < end;) {
        size_t length = *at == '\\' && end - at > 1 ? 2 : 1;
        int unit = escaped_unit(at, end);
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            int second = escaped_unit(at + 6, end);
            bool pair = unit < 0xDC00 && second >= 0xDC00 && second <= 0xDFFF;
            length = pair ? 12 : 6;
            strbuf_append(out, pair ? at : "\\ufffd", length);
        } else {
            strbuf_append(out, at, length);
        }
        at += length;
    }
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '+' || c == '.';
}

static size_t word_length(struct str rest)
{
    size_t length = 0;
    while (length < rest.length && is_word(rest.data[length])) {
        length++;
    }
    return length;
}

/* Returns whether the word is a number that a JSON tree cannot represent. (Other words are left as
 * they are.) */
static bool must_be_quoted(struct str word)
{
    char number[NUMBER_SIZE];
    if (str_equal_text(word, "NaN") || str_equal_text(word, "Infinity") ||
        str_equal_text(word, "-Infinity")) {
        return true;
    }
    bool is_number = word.data[0] == '-' || (word.data[0] >= '0' && word.data[0] <= '9');
    return is_number && (!str_copy(word, number, sizeof number) || isinf(strtod(number, NULL)));
}

static bool is_large_integer(struct str word)
{
    int64_t value;
    for (size_t i = word.data[0] == '-' ? 1 : 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') {
            return false;
        }
    }
    return !str_to_int64(word, &value);
}

static void copy_word(struct strbuf *out, struct str word)
{
    if (must_be_quoted(word)) {
        strbuf_append_char(out, '"');
        strbuf_append_str(out, word);
        strbuf_append_char(out, '"');
        return;
    }
    strbuf_append_str(out, word);
    if (is_large_integer(word) && word.length > 1) {
        strbuf_append_text(out, ".0");
    }
}

/* Copies one token of at least one byte. */
static void copy_token(struct scanner *scanner)
{
    struct str token = {.data = scanner->rest.data, .length = 1};
    char c = *token.data;
    if (c == '"') {
        token.length = string_length(scanner->rest);
        copy_string(&scanner->out, token);
    } else if (is_word(c)) {
        token.length = word_length(scanner->rest);
        copy_word(&scanner->out, token);
    } else {
        scanner->depth += c == '{' || c == '[';
        scanner->depth -= c == '}' || c == ']';
        strbuf_append_char(&scanner->out, c);
    }
    scanner->rest.data += token.length;
    scanner->rest.length -= token.length;
}

static json_t *load(struct str text, struct error *error)
{
    json_error_t where;
    json_t *json = json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    if (json == NULL) {
        error_set(error, ERROR_REJECT, "the schema is not JSON: %s (line %d)", where.text,
                  where.line);
    }
    return json;
}

json_t *schema_read_json(struct str text, struct error *error)
{
    if (text.length > SCHEMA_TEXT_LIMIT) {
        error_set(error, ERROR_REJECT, "the schema is larger than %d bytes", SCHEMA_TEXT_LIMIT);
        return NULL;
    }
    struct scanner scanner = {.rest = text, .out = strbuf_new((size_t)SCHEMA_TEXT_LIMIT * GROWTH)};
    while (scanner.rest.length > 0 && scanner.depth <= BRACKET_LIMIT) {
        copy_token(&scanner);
    }
    json_t *json = NULL;
    /* The depth is checked before jansson parses, because jansson recurses. */
    if (scanner.depth > BRACKET_LIMIT) {
        error_set(error, ERROR_REJECT, "the schema nests deeper than %d levels (%d brackets)",
                  SCHEMA_LEVEL_LIMIT, BRACKET_LIMIT);
    } else if (scanner.out.failed) {
        error_set(error, ERROR_FATAL, "out of memory for a schema");
    } else {
        json = load(strbuf_str(&scanner.out), error);
    }
    strbuf_free(&scanner.out);
    return json;
}
