#include "base/text/fit.h"

#include <string.h>

#define ELLIPSIS "…"

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t fit_columns(struct str text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.length; i++) {
        columns += continues(text.data[i]) ? 0 : 1;
    }
    return columns;
}

void fit_append_blanks(struct strbuf *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_append_char(text, ' ');
    }
}

/* Returns the length in bytes of the first `columns` characters. */
static size_t bytes_of(struct str text, size_t columns)
{
    size_t i = 0;
    for (size_t seen = 0; i < text.length; i++) {
        seen += continues(text.data[i]) ? 0 : 1;
        if (seen > columns) {
            break;
        }
    }
    return i;
}

void fit_append_middle(struct strbuf *text, struct str whole, size_t columns)
{
    size_t all = fit_columns(whole);
    if (all <= columns || columns == 0) {
        strbuf_append_str(text, whole);
        return;
    }
    size_t head = columns / 2;
    size_t tail = columns - 1 - head;
    size_t from = bytes_of(whole, all - tail);
    strbuf_append(text, whole.data, bytes_of(whole, head));
    strbuf_append_text(text, ELLIPSIS);
    strbuf_append(text, whole.data + from, whole.length - from);
}

static size_t leading_blanks(struct str text)
{
    size_t count = 0;
    while (count < text.length && text.data[count] == ' ') {
        count++;
    }
    return count;
}

/* Returns the length up to the next blank, or including the next comma. */
static size_t word_length(struct str text)
{
    size_t length = 0;
    while (length < text.length && text.data[length] != ' ') {
        if (text.data[length++] == ',') {
            break;
        }
    }
    return length;
}

void fit_append_words(struct strbuf *text, struct str words, size_t indent, size_t columns)
{
    size_t column = indent;
    while (words.length > 0) {
        size_t blanks = leading_blanks(words);
        struct str word = {.data = words.data + blanks, .length = words.length - blanks};
        word.length = word_length(word);
        size_t end = column + blanks + fit_columns(word);
        if (end > columns && column > indent) {
            strbuf_append_char(text, '\n');
            fit_append_blanks(text, indent);
            end = indent + fit_columns(word);
        } else {
            fit_append_blanks(text, blanks);
        }
        strbuf_append_str(text, word);
        column = end;
        words.data += blanks + word.length;
        words.length -= blanks + word.length;
    }
}

void fit_append_lines(struct strbuf *text, struct str lines, size_t columns)
{
    while (lines.length > 0) {
        const char *line_end = memchr(lines.data, '\n', lines.length);
        size_t length = line_end != NULL ? (size_t)(line_end - lines.data) : lines.length;
        fit_append_words(text, (struct str){lines.data, length}, 0,
                         columns > 0 ? columns : SIZE_MAX);
        if (line_end != NULL) {
            strbuf_append_char(text, '\n');
            length++;
        }
        lines.data += length;
        lines.length -= length;
    }
}
