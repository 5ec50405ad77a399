#include "source/replay/csv_file_name.h"

#include <string.h>
#include <strings.h>

#include "record/names.h"

bool csv_timeframe_of(struct str word, char timeframe[BAR_TIMEFRAME_MAX + 1])
{
    static const struct {
        const char *word, *timeframe;
    } words[] = {
        {"minute", "1m"}, {"min", "1m"},   {"1min", "1m"}, {"5min", "5m"},    {"15min", "15m"},
        {"30min", "30m"}, {"60min", "1h"}, {"hour", "1h"}, {"hourly", "1h"},  {"d", "1d"},
        {"day", "1d"},    {"daily", "1d"}, {"w", "1w"},    {"week", "1w"},    {"weekly", "1w"},
        {"1wk", "1w"},    {"month", "1M"}, {"1mo", "1M"},  {"monthly", "1M"}, {"1", "1m"},
        {"3", "3m"},      {"5", "5m"},     {"15", "15m"},  {"30", "30m"},     {"60", "1h"},
        {"120", "2h"},    {"240", "4h"},   {"360", "6h"},  {"480", "8h"},     {"720", "12h"},
        {"1440", "1d"},   {"10080", "1w"},
    };
    int64_t length_ns = 0;
    if (str_equal_text(word, "M")) {
        word = str_from("1M");
    }
    if (bar_timeframe_find(word, &length_ns)) {
        return str_copy(word, timeframe, BAR_TIMEFRAME_MAX + 1);
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (word.length == strlen(words[i].word) &&
            strncasecmp(word.data, words[i].word, word.length) == 0) {
            return str_copy(str_from(words[i].timeframe), timeframe, BAR_TIMEFRAME_MAX + 1);
        }
    }
    return false;
}

static bool drop_suffix(struct str *name, const char *suffix)
{
    size_t length = strlen(suffix);
    if (name->length <= length ||
        strncasecmp(name->data + name->length - length, suffix, length) != 0) {
        return false;
    }
    name->length -= length;
    return true;
}

/* Returns the file's name without folder and without what says how it is packed. */
static struct str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str stem = str_from(slash != NULL ? slash + 1 : path);
    (void)(drop_suffix(&stem, ".gz") || drop_suffix(&stem, ".zip"));
    (void)(drop_suffix(&stem, ".csv") || drop_suffix(&stem, ".txt"));
    return stem;
}

/* Returns whether the text can be the symbol that a file is named after: people name files of many
 * symbols in small letters, or after a year. */
static bool looks_like_symbol(struct str text)
{
    bool letter = false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        letter = letter || (c >= 'A' && c <= 'Z');
        if (c >= 'a' && c <= 'z') {
            return false;
        }
    }
    return letter && bar_kind.tags[0].valid(text);
}

/* Writes the timeframe that a piece of a name means. H, D and W count as small letters (4H is 4h),
 * but not M: 1M is a month. */
static bool timeframe_of_piece(struct str piece, char timeframe[BAR_TIMEFRAME_MAX + 1])
{
    char small[BAR_TIMEFRAME_MAX + 1];
    char last = piece.length > 1 ? piece.data[piece.length - 1] : '\0';
    if ((last == 'H' || last == 'D' || last == 'W') && str_copy(piece, small, sizeof small)) {
        small[piece.length - 1] = (char)(last - 'A' + 'a');
        return csv_timeframe_of((struct str){.data = small, .length = piece.length}, timeframe);
    }
    return csv_timeframe_of(piece, timeframe);
}

/* Finds the timeframe among the pieces of the name; the piece before it is the symbol. `exact`:
 * only our own words count, so that the 5 of 2024-5 is none. A piece that ends with a digit, a
 * number of minutes, counts only behind a symbol. */
static void find_timeframe(struct str stem, char separator, bool exact, struct csv_file_name *name)
{
    struct str piece, before = {0};
    int64_t length_ns = 0;
    while (name->timeframe[0] == '\0' && str_split(&stem, separator, &piece)) {
        bool number = piece.length > 0 && piece.data[piece.length - 1] >= '0' &&
                      piece.data[piece.length - 1] <= '9';
        if (before.length > 0 && (!exact || bar_timeframe_find(piece, &length_ns)) &&
            (!number || looks_like_symbol(before)) && timeframe_of_piece(piece, name->timeframe)) {
            (void)str_copy(before, name->symbol, sizeof name->symbol);
        }
        before = piece;
    }
}

struct csv_file_name csv_file_name_of(const char *path)
{
    struct csv_file_name name = {.symbol = ""};
    struct str stem = stem_of(path);
    find_timeframe(stem, '_', false, &name);
    find_timeframe(stem, '-', true, &name);
    if (name.timeframe[0] == '\0') {
        (void)str_copy(stem, name.symbol, sizeof name.symbol);
    }
    if (!looks_like_symbol(str_from(name.symbol))) {
        name.symbol[0] = '\0';
    }
    return name;
}
