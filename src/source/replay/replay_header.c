/* Reads the first line of a replay file, which says what each column holds. */
#include <string.h>
#include <strings.h>

#include "base/text/strbuf.h"
#include "source/replay/replay_csv.h"

enum {
    NAME_SIZE = 41, /* for a column's name as it is shown */
    LIST_LIMIT = 120,
};

static const char *column_name(int column)
{
    static const char *const names[CSV_FIGURES] = {
        [CSV_TIME] = "time",
        [CSV_SYMBOL] = "symbol",
        [CSV_LAST_PRICE] = "last_price",
    };
    return column < CSV_FIGURES ? names[column] : ticker_figure_names[column - CSV_FIGURES];
}

/* Returns the name as people can read it: '?' replaces what is not printable ASCII. */
static const char *readable(struct str name, char text[static NAME_SIZE])
{
    size_t length = name.length < NAME_SIZE - 1 ? name.length : NAME_SIZE - 1;
    for (size_t i = 0; i < length; i++) {
        text[i] = name.data[i] >= ' ' && name.data[i] <= '~' ? name.data[i] : '?';
    }
    text[length] = '\0';
    return text;
}

static bool equal_in_any_case(struct str name, const char *text)
{
    return name.length == strlen(text) && strncasecmp(name.data, text, name.length) == 0;
}

static int column_by_name(struct str name)
{
    for (int i = 0; i < CSV_COLUMNS; i++) {
        if (equal_in_any_case(name, column_name(i))) {
            return i;
        }
    }
    return CSV_IGNORED;
}

/* Returns the column that `name` may be meant for: a misspelling, or another program's word for a
 * column that we need. Returns CSV_IGNORED when there is none. */
static int column_meant(const char *name)
{
    static const struct {
        const char *word;
        int column;
    } words[] = {
        {"timestamp", CSV_TIME},        {"date", CSV_TIME},
        {"datetime", CSV_TIME},         {"ts", CSV_TIME},
        {"open_time", CSV_TIME},        {"event_time", CSV_TIME},
        {"coin", CSV_SYMBOL},           {"pair", CSV_SYMBOL},
        {"ticker", CSV_SYMBOL},         {"instrument", CSV_SYMBOL},
        {"market", CSV_SYMBOL},         {"price", CSV_LAST_PRICE},
        {"last", CSV_LAST_PRICE},       {"close", CSV_LAST_PRICE},
        {"rate", CSV_LAST_PRICE},       {"lastprice", CSV_LAST_PRICE},
        {"last price", CSV_LAST_PRICE},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(name, words[i].word) == 0) {
            return words[i].column;
        }
    }
    int nearest = CSV_IGNORED;
    size_t best = str_slips(name) + 1;
    for (int i = 0; i < CSV_COLUMNS; i++) {
        size_t distance = str_edit_distance(name, column_name(i));
        if (distance < best) {
            nearest = i;
            best = distance;
        }
    }
    return nearest;
}

/* The names that --columns sets for our columns; a length of 0 means none. */
struct given_names {
    struct str name[CSV_COLUMNS];
};

static bool read_given(const char *columns, struct given_names *given, struct error *error)
{
    struct str rest = str_from(columns != NULL ? columns : "");
    struct str pair;
    char shown[NAME_SIZE];
    *given = (struct given_names){0};
    while (str_split(&rest, ',', &pair)) {
        struct str ours = {0};
        struct str theirs = pair;
        if (!str_split(&theirs, '=', &ours) || str_trim(theirs).length == 0) {
            return error_set(error, ERROR_USAGE,
                             "--columns: \"%s\" is not like last_price=price: our name, =, and the "
                             "file's",
                             readable(pair, shown));
        }
        int column = column_by_name(str_trim(ours));
        if (column == CSV_IGNORED) {
            return error_set(
                error, ERROR_USAGE,
                "--columns: \"%s\" is no column of ours: time, symbol, last_price, bid, "
                "bid_size, ask, ask_size, daily_change, daily_change_relative, volume, "
                "high, low",
                readable(str_trim(ours), shown));
        }
        given->name[column] = str_trim(theirs);
    }
    return true;
}

/* Returns which of our columns the file's column `name` is. */
static int column_of(struct str name, const struct given_names *given)
{
    for (int i = 0; i < CSV_COLUMNS; i++) {
        if (given->name[i].length > 0 && str_equal(name, given->name[i])) {
            return i;
        }
    }
    int column = column_by_name(name);
    return column != CSV_IGNORED && given->name[column].length > 0 ? CSV_IGNORED : column;
}

/* Removes the next name from the front of the header, which was parsed successfully before. */
static struct str next_name(struct str *header)
{
    struct str name = {0};
    (void)!csv_take_field(header, &name);
    header->data += header->length > 0 ? 1 : 0;
    header->length -= header->length > 0 ? 1 : 0;
    return name;
}

/* Fills layout->ignored. A misspelling is looked for only among the columns that the file lacks. */
static void note_ignored(struct str header, struct csv_layout *layout,
                         const bool there[static CSV_COLUMNS + 1])
{
    struct strbuf list = strbuf_new(sizeof layout->ignored - 1);
    for (int i = 0; i < layout->count; i++) {
        char shown[NAME_SIZE];
        struct str name = next_name(&header);
        if (layout->column[i] != CSV_IGNORED) {
            continue;
        }
        int meant = column_meant(readable(name, shown));
        strbuf_append_format(&list, "%s%s", list.length > 0 ? ", " : "",
                             name.length > 0 ? shown : "(no name)");
        if (meant != CSV_IGNORED && !there[meant]) {
            strbuf_append_format(&list, " (for %s? --columns %s=%s)", column_name(meant),
                                 column_name(meant), shown);
        }
    }
    (void)str_copy(strbuf_str(&list), layout->ignored, sizeof layout->ignored);
    strbuf_free(&list);
}

/* Fails with the header in the text, and with a suggestion which column may be the missing one. */
static bool refuse_missing(int missing, struct str header, struct error *error)
{
    for (struct str rest = header; rest.length > 0;) {
        char shown[NAME_SIZE];
        if (column_meant(readable(next_name(&rest), shown)) == missing) {
            return error_set(error, ERROR_USAGE,
                             "column \"%s\" is missing: is it \"%s\"? Then say --columns %s=%s",
                             column_name(missing), shown, column_name(missing), shown);
        }
    }
    char line[LIST_LIMIT];
    size_t length = 0;
    for (; length < header.length && length + 1 < sizeof line; length++) {
        char c = header.data[length];
        line[length] = c >= ' ' && c <= '~' ? c : '?';
    }
    line[length] = '\0';
    return error_set(
        error, ERROR_USAGE,
        "column \"%s\" is missing in its first line, \"%s\": name the one that it is, as "
        "--columns %s=NAME",
        column_name(missing), line, column_name(missing));
}

/* Detects a header without commas: it uses another separator, or all rows are in one line. */
static bool check_separator(struct str header, struct error *error)
{
    static const struct {
        char separator;
        const char *name;
    } others[] = {{';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}};
    if (memchr(header.data, '\r', header.length) != NULL) {
        return error_set(error, ERROR_USAGE,
                         "its lines end in CR alone: convert it first: tr '\\r' '\\n' <FILE "
                         ">ticks.csv");
    }
    bool comma = memchr(header.data, ',', header.length) != NULL;
    for (size_t i = 0; !comma && i < sizeof others / sizeof others[0]; i++) {
        if (memchr(header.data, others[i].separator, header.length) != NULL) {
            return error_set(error, ERROR_USAGE,
                             "its columns are separated by %s: a replay file has commas between "
                             "columns, and points in numbers; save it so",
                             others[i].name);
        }
    }
    return true;
}

static bool place_columns(struct str header, const struct given_names *given,
                          struct csv_layout *layout, bool there[static CSV_COLUMNS + 1],
                          struct error *error)
{
    for (bool more = true; more;) {
        char shown[NAME_SIZE];
        struct str name;
        if (!csv_take_field(&header, &name)) {
            return error_set(error, ERROR_USAGE, "the header has a quote that is not closed");
        }
        if (layout->count == CSV_HEADER_MAX) {
            return error_set(error, ERROR_USAGE, "the header has more than %d columns",
                             CSV_HEADER_MAX);
        }
        int column = column_of(name, given);
        if (column != CSV_IGNORED && there[column]) {
            return error_set(error, ERROR_USAGE,
                             "column \"%s\" is there twice: which is it? --columns %s=NAME says it",
                             readable(name, shown), column_name(column));
        }
        there[column] = true;
        layout->column[layout->count++] = (unsigned char)column;
        more = header.length > 0;
        header.data += more ? 1 : 0;
        header.length -= more ? 1 : 0;
    }
    return true;
}

bool csv_layout_read(struct str header, const char *columns, struct csv_layout *layout,
                     struct error *error)
{
    bool there[CSV_COLUMNS + 1] = {false};
    struct given_names given;
    *layout = (struct csv_layout){0};
    if (!read_given(columns, &given, error) || !check_separator(header, error) ||
        !place_columns(header, &given, layout, there, error)) {
        return false;
    }
    for (int i = 0; i < CSV_COLUMNS; i++) {
        char shown[NAME_SIZE];
        if (!there[i] && given.name[i].length > 0) {
            return error_set(error, ERROR_USAGE, "--columns %s=%s: the file has no such column",
                             column_name(i), readable(given.name[i], shown));
        }
        if (!there[i] && i < CSV_FIGURES) {
            return refuse_missing(i, header, error);
        }
    }
    note_ignored(header, layout, there);
    return true;
}
