#include "source/news/feed_repair.h"

#include <string.h>

#include "base/text/utf8.h"
#include "source/news/news_entity.h"

#define NO_CHARACTER "\xEF\xBF\xBD"
#define CDATA "<![CDATA["

static struct str rest_of(struct str text, size_t at)
{
    return (struct str){.data = text.data + at, .length = text.length - at};
}

/* Returns how many bytes there are up to the end of `mark`; all, if it does not occur. */
static size_t length_through(struct str text, const char *mark)
{
    const char *found = memmem(text.data, text.length, mark, strlen(mark));
    return found == NULL ? text.length : (size_t)(found - text.data) + strlen(mark);
}

static bool is_control(unsigned char c)
{
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

/* Appends text as it is, but for characters that XML does not have: U+FFFE and U+FFFF are the only
 * ones beyond ASCII. */
static void append_characters(struct str text, struct strbuf *xml)
{
    size_t plain = 0; /* bytes that were not appended yet */
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool beyond = c == 0xEF && i + 2 < text.length && (unsigned char)text.data[i + 1] == 0xBF &&
                      (unsigned char)text.data[i + 2] >= 0xBE;
        if (is_control(c) || beyond) {
            strbuf_append(xml, text.data + i - plain, plain);
            strbuf_append_text(xml, beyond ? NO_CHARACTER : " ");
            i += beyond ? 2 : 0;
            plain = 0;
        } else {
            plain++;
        }
    }
    strbuf_append(xml, text.data + text.length - plain, plain);
}

/* Appends the character reference ("&amp;") or the lone '&' at the front of the text. Returns how
 * many bytes of the text it takes. */
static size_t append_reference(struct str text, struct strbuf *xml)
{
    uint32_t code = 0;
    size_t length = news_entity(text, &code);
    char bytes[4];
    if (length == 0) {
        strbuf_append_text(xml, "&amp;");
        return 1;
    }
    if (code == '&' || code == '<' || code == '>' || code == '"' || code == '\'') {
        strbuf_append_text(xml, "&#");
        strbuf_append_int64(xml, code);
        strbuf_append_char(xml, ';');
    } else {
        size_t encoded = utf8_encode(code, bytes);
        append_characters((struct str){bytes, encoded}, xml);
    }
    return length;
}

bool feed_repair(struct str text, struct strbuf *xml)
{
    strbuf_clear(xml);
    while (text.length > 0) {
        size_t plain = 0, length = 0;
        while (plain < text.length && text.data[plain] != '&' && text.data[plain] != '<') {
            plain++;
        }
        append_characters((struct str){text.data, xml->length > 0 ? plain : 0}, xml);
        text = rest_of(text, plain);
        if (text.length == 0) {
            break;
        }
        if (text.data[0] == '&') {
            length = append_reference(text, xml);
        } else if (str_starts_with(text, CDATA)) {
            length = length_through(text, "]]>");
            append_characters((struct str){text.data, length}, xml);
        } else if (str_starts_with(text, "<!--")) {
            length = length_through(text, "-->");
        } else if (str_starts_with(text, "<?")) {
            length = length_through(text, "?>");
        } else {
            strbuf_append_char(xml, '<');
            length = 1;
        }
        text = rest_of(text, length);
    }
    return !xml->failed;
}
