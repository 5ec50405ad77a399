#include "source/news/feed_charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/text/utf8.h"

enum { CHARSET_MAX = 40, DECLARATION_MAX = 512, PIECE = 4096 };

#define NO_CHARACTER "\xEF\xBF\xBD"

struct charset {
    char name[CHARSET_MAX + 1]; /* "": none */
    size_t skip;                /* length of the byte order mark */
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
}

/* Takes the name that `text` begins with, in quotes or not. */
static struct charset take_name(struct str text)
{
    struct charset charset = {.skip = 0};
    size_t length = 0;
    if (text.length > 0 && (text.data[0] == '"' || text.data[0] == '\'')) {
        text = (struct str){.data = text.data + 1, .length = text.length - 1};
    }
    while (length < text.length && is_name_byte(text.data[length])) {
        length++;
    }
    if (length <= CHARSET_MAX) {
        (void)str_copy((struct str){text.data, length}, charset.name, sizeof charset.name);
    }
    return charset;
}

static struct charset by_mark(struct str body)
{
    static const struct {
        const char *bytes;
        size_t length, skip;
        const char *name;
    } marks[] = {
        {"\xEF\xBB\xBF", 3, 3, "UTF-8"},    {"\xFF\xFE\0\0", 4, 4, "UTF-32LE"},
        {"\0\0\xFE\xFF", 4, 4, "UTF-32BE"}, {"\xFF\xFE", 2, 2, "UTF-16LE"},
        {"\xFE\xFF", 2, 2, "UTF-16BE"},     {"<\0?\0", 4, 0, "UTF-16LE"},
        {"\0<\0?", 4, 0, "UTF-16BE"},
    };
    struct charset charset = {.skip = 0};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (body.length >= marks[i].length &&
            memcmp(body.data, marks[i].bytes, marks[i].length) == 0) {
            charset.skip = marks[i].skip;
            (void)str_copy(str_from(marks[i].name), charset.name, sizeof charset.name);
            break;
        }
    }
    return charset;
}

/* Returns what follows `word` and an equals sign, with blanks around it; empty: nothing does. */
static struct str value_of(struct str text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length < text.length; i++) {
        if (strncasecmp(text.data + i, word, length) == 0) {
            struct str rest =
                str_trim((struct str){text.data + i + length, text.length - i - length});
            if (rest.length > 0 && rest.data[0] == '=') {
                return str_trim((struct str){rest.data + 1, rest.length - 1});
            }
        }
    }
    return (struct str){.data = text.data};
}

static struct charset by_declaration(struct str body)
{
    size_t most = body.length < DECLARATION_MAX ? body.length : DECLARATION_MAX;
    const char *begin = most > 0 ? memmem(body.data, most, "<?xml", 5) : NULL;
    if (begin == NULL) {
        return (struct charset){.skip = 0};
    }
    size_t left = body.length - (size_t)(begin - body.data);
    const char *end = memmem(begin, left < DECLARATION_MAX ? left : DECLARATION_MAX, "?>", 2);
    struct str declaration = {.data = begin, .length = end != NULL ? (size_t)(end - begin) : 0};
    return take_name(value_of(declaration, "encoding"));
}

/* Returns the name for iconv. What browsers read as windows-1252 is read so here. */
static const char *real_name(const char *name)
{
    static const char *const latin1[] = {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1",
                                         "latin-1",    "us-ascii",  "ascii",      "windows-1252",
                                         "cp1252",     "l1"};
    for (size_t i = 0; i < sizeof latin1 / sizeof latin1[0]; i++) {
        if (strcasecmp(name, latin1[i]) == 0) {
            return "CP1252";
        }
    }
    if (strcasecmp(name, "x-sjis") == 0 || strcasecmp(name, "shift_jis") == 0) {
        return "CP932";
    }
    return strncasecmp(name, "x-", 2) == 0 ? name + 2 : name;
}

static size_t unit_of(const char *name)
{
    return strncasecmp(name, "utf-16", 6) == 0 ? 2 : strncasecmp(name, "utf-32", 6) == 0 ? 4 : 1;
}

/* Converts the whole body; what means nothing becomes U+FFFD, one for each `unit` bytes. */
static void convert(iconv_t converter, struct str body, size_t unit, struct strbuf *utf8)
{
    char piece[PIECE];
    char *from = (char *)(uintptr_t)body.data;
    size_t left = body.length;
    while (left > 0 && !utf8->failed) {
        char *to = piece;
        size_t room = sizeof piece;
        size_t result = iconv(converter, &from, &left, &to, &room);
        strbuf_append(utf8, piece, sizeof piece - room);
        if (result == (size_t)-1 && errno != E2BIG) {
            strbuf_append_text(utf8, NO_CHARACTER);
            (void)iconv(converter, NULL, NULL, NULL, NULL);
            size_t skipped = left < unit ? left : unit;
            from += skipped;
            left -= skipped;
        }
    }
}

/* Returns false if this is no character set for these bytes. */
static bool convert_from(const char *name, struct str body, struct strbuf *utf8)
{
    if (strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0) {
        if (utf8_valid(body)) {
            strbuf_append_str(utf8, body);
            return true;
        }
        return false;
    }
    iconv_t converter = *name != '\0' ? iconv_open("UTF-8", real_name(name)) : (iconv_t)-1;
    if (converter == (iconv_t)-1) {
        return false;
    }
    convert(converter, body, unit_of(name), utf8);
    (void)iconv_close(converter);
    if (!utf8_valid(strbuf_str(utf8))) {
        strbuf_clear(utf8);
        return false;
    }
    return true;
}

/* Bytes in which the declaration can be read as ASCII are not in UTF-16 or UTF-32, whatever they
 * say. */
static bool is_wide(const char *name)
{
    return strncasecmp(name, "utf-16", 6) == 0 || strncasecmp(name, "utf-32", 6) == 0 ||
           strncasecmp(name, "ucs", 3) == 0 || strncasecmp(name, "utf16", 5) == 0;
}

bool feed_charset_utf8(struct str body, struct str content_type, struct strbuf *utf8)
{
    const struct charset mark = by_mark(body);
    const struct charset sent = take_name(value_of(content_type, "charset"));
    const struct charset declared = by_declaration(body);
    strbuf_clear(utf8);
    body = (struct str){.data = body.data + mark.skip, .length = body.length - mark.skip};
    bool ascii = declared.name[0] != '\0';
    bool done = (mark.name[0] != '\0' && convert_from(mark.name, body, utf8)) ||
                (!(ascii && is_wide(sent.name)) && convert_from(sent.name, body, utf8)) ||
                (!is_wide(declared.name) && convert_from(declared.name, body, utf8)) ||
                convert_from("utf-8", body, utf8) || convert_from("windows-1252", body, utf8);
    return done && !utf8->failed;
}
