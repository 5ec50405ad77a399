#include "source/news/news_text.h"

#include <string.h>
#include <strings.h>

#include "base/text/utf8.h"
#include "source/news/news_entity.h"

enum { TEXT_LIMIT = 1 << 20, TAG_NAME_MAX = 10 };

#define ELLIPSIS "\xE2\x80\xA6"
#define NO_CHARACTER "\xEF\xBF\xBD"

static struct str rest_of(struct str text, size_t at)
{
    return (struct str){.data = text.data + at, .length = text.length - at};
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Returns how many bytes there are up to the end of `mark`, or 0 if it does not occur. */
static size_t length_through(struct str text, const char *mark)
{
    const char *found = text.length > 0 ? memmem(text.data, text.length, mark, strlen(mark)) : NULL;
    return found == NULL ? 0 : (size_t)(found - text.data) + strlen(mark);
}

/* Returns the length of the tag at the front, whose first byte is '<': a '>' in quotes does not end
 * it, unless the quotes have no end. 0: the tag has no end. */
static size_t tag_length(struct str text)
{
    char quote = '\0';
    for (size_t i = 1; i < text.length; i++) {
        char c = text.data[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '>') {
            return i + 1;
        } else if ((c == '"' || c == '\'') && text.data[i - 1] == '=') {
            quote = c;
        }
    }
    return quote != '\0' ? length_through(text, ">") : 0;
}

/* Copies a tag's name, in lower case. */
static void tag_name(struct str tag, char name[TAG_NAME_MAX + 1])
{
    size_t length = 0;
    for (size_t i = tag.data[1] == '/' ? 2 : 1; i < tag.length && length < TAG_NAME_MAX; i++) {
        char c = tag.data[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9')) {
            break;
        }
        name[length++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    name[length] = '\0';
}

/* Returns whether it is the name of an inline element of HTML: a word may go on behind its tag. */
static bool is_inline(const char *name)
{
    static const char *const names[] = {"a",    "b",   "i",   "u",    "em",   "strong", "span",
                                        "font", "sub", "sup", "mark", "code", "small",  "abbr",
                                        "cite", "q",   "s",   "big",  "del",  "ins",    "wbr"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns how many bytes a script or style has from here on, its end tag included. */
static size_t hidden_length(struct str text, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i + 2 + length <= text.length; i++) {
        if (text.data[i] == '<' && text.data[i + 1] == '/' &&
            strncasecmp(text.data + i + 2, name, length) == 0) {
            size_t end = length_through(rest_of(text, i), ">");
            return end > 0 ? i + end : text.length;
        }
    }
    return text.length;
}

/* Where in a text the last tag and the last comment may end: without that, a text of many '<' would
 * be searched to its end for each of them. */
struct ends {
    const char *tag, *comment; /* NULL: there is none */
};

static struct ends ends_of(struct str text)
{
    struct ends ends = {.tag = text.length > 0 ? memrchr(text.data, '>', text.length) : NULL};
    size_t length = ends.tag != NULL ? (size_t)(ends.tag - text.data) + 1 : 0;
    while (length >= 3 && ends.comment == NULL) {
        const char *end = memrchr(text.data, '>', length);
        length = end != NULL ? (size_t)(end - text.data) : 0;
        bool comment = length >= 2 && end[-1] == '-' && end[-2] == '-';
        ends.comment = comment ? end : NULL;
    }
    return ends;
}

/* Returns the length of the markup at the front of `text`, which begins with '<'; 0: it is none.
 * *blank: a blank takes the place of the markup. */
static size_t markup_length(struct str text, struct ends *ends, bool *blank)
{
    *blank = false;
    if (str_starts_with(text, "<!--")) {
        return ends->comment != NULL && ends->comment > text.data ? length_through(text, "-->") : 0;
    }
    if (str_starts_with(text, "<![CDATA[")) {
        return strlen("<![CDATA[");
    }
    char next = text.length > 1 ? text.data[1] : '\0';
    char after = text.length > 2 ? text.data[2] : '\0';
    if (!is_letter(next) && next != '!' && next != '?' && !(next == '/' && is_letter(after))) {
        return 0;
    }
    size_t length = tag_length(text);
    if (length == 0) {
        ends->tag = NULL; /* all that follows was searched: it ends no tag */
    }
    char name[TAG_NAME_MAX + 1];
    tag_name((struct str){.data = text.data, .length = length > 0 ? length : 1}, name);
    *blank = !is_inline(name);
    if (length > 0 && next != '/' && (strcmp(name, "script") == 0 || strcmp(name, "style") == 0)) {
        length += hidden_length(rest_of(text, length), name);
    }
    return length;
}

static void strip_markup(struct str text, struct strbuf *stripped)
{
    struct ends ends = ends_of(text);
    strbuf_clear(stripped);
    while (text.length > 0) {
        const char *open = memchr(text.data, '<', text.length);
        open = open != NULL && ends.tag != NULL && ends.tag > open ? open : NULL;
        size_t plain = open != NULL ? (size_t)(open - text.data) : text.length;
        strbuf_append(stripped, text.data, plain);
        text = rest_of(text, plain);
        if (text.length == 0) {
            break;
        }
        bool blank = false;
        size_t length = markup_length(text, &ends, &blank);
        strbuf_append(stripped, length == 0 ? "<" : " ", length == 0 || blank ? 1 : 0);
        text = rest_of(text, length > 0 ? length : 1);
    }
}

static void resolve_entities(struct str text, struct strbuf *resolved)
{
    strbuf_clear(resolved);
    while (text.length > 0) {
        const char *mark = memchr(text.data, '&', text.length);
        size_t plain = mark != NULL ? (size_t)(mark - text.data) : text.length;
        strbuf_append(resolved, text.data, plain);
        text = rest_of(text, plain);
        if (text.length == 0) {
            break;
        }
        uint32_t code = 0;
        size_t length = news_entity(text, &code);
        char bytes[4];
        if (length > 0) {
            strbuf_append(resolved, bytes, utf8_encode(code, bytes));
        } else {
            strbuf_append_char(resolved, '&');
        }
        text = rest_of(text, length > 0 ? length : 1);
    }
}

static bool is_blank(uint32_t code)
{
    return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x3000;
}

/* Characters that are not seen but change what is seen (Unicode 15: bidirectional controls, zero-
 * width blanks, word joiners, interlinear and tag characters, noncharacters). U+200C and U+200D
 * stay: scripts and emoji need them. */
static bool is_hidden(uint32_t code)
{
    return code == 0xAD || code == 0x61C || code == 0x180E || code == 0x200B || code == 0x200E ||
           code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xFDD0 && code <= 0xFDEF) ||
           (code & 0xFFFE) == 0xFFFE || (code >= 0xE0000 && code <= 0xE007F);
}

/* Appends what may be seen of the text, with single blanks. */
static void append_seen(struct str text, size_t most, struct strbuf *plain)
{
    size_t characters = 0, last = 0; /* the length with one character less than `most` */
    bool blank = false;
    while (text.length > 0 && characters <= most) {
        size_t length = utf8_sequence(text);
        uint32_t code = length > 0 ? utf8_decode(text.data, length) : 0xFFFD;
        if (length > 0 && is_blank(code)) {
            blank = plain->length > 0;
        } else if (!is_hidden(code)) {
            if (blank) {
                strbuf_append_char(plain, ' ');
            }
            strbuf_append(plain, length > 0 ? text.data : NO_CHARACTER, length > 0 ? length : 3);
            characters += blank ? 2 : 1;
            last = characters < most ? plain->length : last;
            blank = false;
        }
        text = rest_of(text, length > 0 ? length : 1);
    }
    if (characters > most && !plain->failed) {
        plain->length = last;
        strbuf_append_text(plain, ELLIPSIS);
    }
}

bool news_text_plain(struct str text, size_t most, struct strbuf *plain)
{
    struct strbuf stripped = strbuf_new(TEXT_LIMIT), resolved = strbuf_new(TEXT_LIMIT);
    strip_markup(text, &stripped);
    resolve_entities(strbuf_str(&stripped), &resolved);
    strip_markup(strbuf_str(&resolved), &stripped);
    strbuf_clear(plain);
    append_seen(strbuf_str(&stripped), most, plain);
    bool done = !stripped.failed && !resolved.failed && !plain->failed;
    strbuf_free(&stripped);
    strbuf_free(&resolved);
    return done;
}
