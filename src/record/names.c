#include "record/names.h"

#include <string.h>

#include "record/kind.h"

/* Makes only two comparisons, because it looks at each byte of each record's names. The bit 0x20
 * tells an ASCII letter in lower case from the same one in upper case. */
static bool is_letter_or_digit(char c)
{
    unsigned int byte = (unsigned char)c;
    return (byte | 0x20U) - 'a' < 26U || byte - '0' < 10U;
}

bool record_name_valid(struct str text, const char *marks, size_t most)
{
    bool valid = text.length > 0 && text.length <= most;
    for (size_t i = 0; valid && i < text.length; i++) {
        char c = text.data[i];
        valid = is_letter_or_digit(c) || (c != '\0' && strchr(marks, c) != NULL);
    }
    return valid;
}

bool record_symbol_valid(struct str symbol)
{
    return record_name_valid(symbol, ":._^=-", RECORD_KEY_MAX);
}

bool record_source_valid(struct str source)
{
    return record_name_valid(source, ":._-", SOURCE_MAX);
}

const char *record_made_up(struct str source)
{
    return str_equal_text(source, RECORD_SOURCE_SYNTHETIC) ? "synthetic data"
           : str_equal_text(source, RECORD_SOURCE_LOOP) ? "a file again and again, at made-up times"
                                                        : NULL;
}
