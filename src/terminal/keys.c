#include "terminal/keys.h"

#include <string.h>

#include "base/text/utf8.h"

enum { ESCAPE = 0x1b, DELETE = 0x7f, CONTROL_BITS = 0x1f };

static enum key_kind kind_of_letter(char letter)
{
    switch (letter) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'H':
        return KEY_HOME;
    case 'F':
        return KEY_END;
    default:
        return KEY_NONE;
    }
}

/* Returns the key of "ESC [ NUMBER ~". */
static enum key_kind kind_of_number(char digit)
{
    switch (digit) {
    case '1':
    case '7':
        return KEY_HOME;
    case '4':
    case '8':
        return KEY_END;
    case '5':
        return KEY_PAGE_UP;
    case '6':
        return KEY_PAGE_DOWN;
    default:
        return KEY_NONE;
    }
}

/* Reads "ESC [ parameters letter" or "ESC O letter". */
static size_t read_sequence(struct str bytes, bool complete, struct key *key)
{
    size_t at = 2;
    if (bytes.data[1] == '[') {
        while (at < bytes.length && bytes.data[at] >= ' ' && bytes.data[at] < '@') {
            at++;
        }
    }
    if (at >= bytes.length) {
        return complete ? bytes.length : 0;
    }
    bool numbered = bytes.data[at] == '~' && at == 3; /* one digit; keys with more are not ours */
    key->kind = numbered ? kind_of_number(bytes.data[2]) : kind_of_letter(bytes.data[at]);
    return at + 1;
}

static enum key_kind kind_of_control(char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_ENTER;
    case '\b':
    case DELETE:
        return KEY_BACKSPACE;
    case 'L' & CONTROL_BITS:
        return KEY_REDRAW;
    case 'Z' & CONTROL_BITS:
        return KEY_SUSPEND;
    case 'C' & CONTROL_BITS:
    case '\\' & CONTROL_BITS:
        return KEY_QUIT;
    default:
        return KEY_NONE;
    }
}

/* Returns how many bytes a UTF-8 character has that begins with this one, if it is valid. */
static size_t expected_length(unsigned char first)
{
    return first >= 0xF8 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
}

size_t key_read(struct str bytes, bool complete, struct key *key)
{
    *key = (struct key){.kind = KEY_NONE};
    if (bytes.data[0] == ESCAPE) {
        if (bytes.length == 1 && !complete) {
            return 0;
        }
        if (bytes.length > 1 && (bytes.data[1] == '[' || bytes.data[1] == 'O')) {
            return read_sequence(bytes, complete, key);
        }
        key->kind = KEY_ESCAPE;
        return 1;
    }
    if (utf8_control_length(bytes) > 0) {
        key->kind = kind_of_control(bytes.data[0]);
        return utf8_control_length(bytes);
    }
    size_t length = utf8_sequence(bytes);
    if (length == 0) {
        bool cut = bytes.length < expected_length((unsigned char)bytes.data[0]);
        return cut && !complete ? 0 : 1;
    }
    key->kind = KEY_TEXT;
    memcpy(key->text, bytes.data, length);
    key->text[length] = '\0';
    return length;
}
