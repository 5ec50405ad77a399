/* Reads the first line of a replay file, which says what each column holds. */
#include <string.h>
#include <strings.h>

#include "base/text/strbuf.h"
#include "source/replay/replay_csv.h"

enum {
    NAME_SIZE = 41, /* for a column's name as it is shown */
    LINE_SHOWN = 100,
    LIST_LIMIT = 180,
};

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

static int column_by_name(const struct csv_layout *layout, struct str name)
{
    const struct form_word *same = layout->form->same;
    while (same->word != NULL && !equal_in_any_case(name, same->word)) {
        same++;
    }
    for (int i = 0; i < layout->column_count; i++) {
        const char *ours = layout->columns[i].name;
        if (equal_in_any_case(name, ours) ||
            (same->word != NULL && strcmp(ours, same->name) == 0)) {
            return i;
        }
    }
    return CSV_IGNORED;
}

/* Returns the column that `name` may be meant for: a misspelling, or another program's word for a
 * column that we need. Returns CSV_IGNORED when there is none. */
static int column_meant(const struct csv_layout *layout, const char *name)
{
    for (const struct form_word *other = layout->form->others; other->word != NULL; other++) {
        if (strcasecmp(name, other->word) == 0) {
            return column_by_name(layout, str_from(other->name));
        }
    }
    int nearest = CSV_IGNORED;
    size_t best = str_slips(name) + 1;
    for (int i = 0; i < layout->column_count; i++) {
        size_t distance = str_edit_distance(name, layout->columns[i].name);
        if (distance < best) {
            nearest = i;
            best = distance;
        }
    }
    return nearest;
}

/* The pairs of --columns: our name, and the file's. */
struct given_pairs {
    struct given_pair {
        struct str ours, theirs;
    } items[FORM_COLUMNS_MAX];
    size_t count;
};

static bool read_pairs(struct str columns, struct given_pairs *pairs, struct error *error)
{
    char shown[NAME_SIZE];
    struct str text;
    *pairs = (struct given_pairs){.count = 0};
    while (str_split(&columns, ',', &text)) {
        struct str theirs = text, ours = {0};
        (void)str_split(&theirs, '=', &ours);
        struct given_pair pair = {str_trim(ours), str_trim(theirs)};
        if (pair.theirs.length == 0) {
            return error_set(error, ERROR_USAGE,
                             "--columns: \"%s\" is not like last_price=price: our name, =, and the "
                             "file's",
                             readable(text, shown));
        }
        if (pairs->count == FORM_COLUMNS_MAX) {
            return error_set(error, ERROR_USAGE, "--columns: more than %d pairs", FORM_COLUMNS_MAX);
        }
        pairs->items[pairs->count++] = pair;
    }
    return true;
}

/* The names that a file has: those of its header, and ours that --columns gives to others. */
struct file_names {
    struct str header;
    const struct given_pairs *given;
};

static bool has_name(void *context, const char *name)
{
    const struct file_names *names = context;
    for (size_t i = 0; i < names->given->count; i++) {
        if (equal_in_any_case(names->given->items[i].ours, name)) {
            return true;
        }
    }
    struct str field;
    for (struct str rest = names->header; csv_take_field(&rest, &field);) {
        if (equal_in_any_case(field, name)) {
            return true;
        }
        if (rest.length == 0) {
            break;
        }
        rest.data++;
        rest.length--;
    }
    return false;
}

static void begin_layout(struct str header, const struct given_pairs *given,
                         struct csv_layout *layout)
{
    struct file_names names = {.header = header, .given = given};
    *layout = (struct csv_layout){.form = replay_form_of(has_name, &names)};
    const struct record_kind *kind = layout->form->kind;
    layout->column_count = replay_form_columns(layout->form, layout->columns);
    while (layout->columns[layout->key].column != kind->key) {
        layout->key++;
    }
}

/* The names that --columns sets for our columns; a length of 0 means none. */
struct given_names {
    struct str name[FORM_COLUMNS_MAX];
};

static bool refuse_given(const struct csv_layout *layout, struct str ours, struct error *error)
{
    char shown[NAME_SIZE];
    struct strbuf list = strbuf_new(LIST_LIMIT);
    for (int i = 0; i < layout->column_count; i++) {
        strbuf_append_format(&list, "%s%s", i > 0 ? ", " : "", layout->columns[i].name);
    }
    error_set(error, ERROR_USAGE, "--columns: \"%s\" is no column of ours: %s",
              readable(ours, shown), strbuf_text(&list));
    strbuf_free(&list);
    return false;
}

/* Finds the column of each pair. */
static bool place_given(const struct csv_layout *layout, const struct given_pairs *pairs,
                        struct given_names *given, struct error *error)
{
    *given = (struct given_names){0};
    for (size_t i = 0; i < pairs->count; i++) {
        int column = column_by_name(layout, pairs->items[i].ours);
        if (column == CSV_IGNORED) {
            return refuse_given(layout, pairs->items[i].ours, error);
        }
        given->name[column] = pairs->items[i].theirs;
    }
    return true;
}

/* Returns which of our columns the file's column `name` is. */
static int column_of(const struct csv_layout *layout, struct str name,
                     const struct given_names *given)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (given->name[i].length > 0 && str_equal(name, given->name[i])) {
            return i;
        }
    }
    int column = column_by_name(layout, name);
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

/* Fills in layout->ignored: the names of the file's columns that are not read. Where a name looks
 * like a misspelt column of ours, and the file lacks that column, a suggestion follows it. */
static void note_ignored(struct str header, struct csv_layout *layout,
                         const bool there[static FORM_COLUMNS_MAX + 1])
{
    struct strbuf list = strbuf_new(sizeof layout->ignored - 1);
    for (int i = 0; i < layout->count; i++) {
        char shown[NAME_SIZE];
        struct str name = next_name(&header);
        if (layout->column[i] != CSV_IGNORED) {
            continue;
        }
        int meant = column_meant(layout, readable(name, shown));
        strbuf_append_format(&list, "%s%s", list.length > 0 ? ", " : "",
                             name.length > 0 ? shown : "(no name)");
        if (meant != CSV_IGNORED && !there[meant]) {
            const char *ours = layout->columns[meant].name;
            strbuf_append_format(&list, " (for %s? --columns %s=%s)", ours, ours, shown);
        }
    }
    (void)str_copy(strbuf_str(&list), layout->ignored, sizeof layout->ignored);
    strbuf_free(&list);
}

/* Fails with the header in the text, and with a suggestion which column may be the missing one. */
static bool refuse_missing(const struct csv_layout *layout, int missing, struct str header,
                           struct error *error)
{
    const char *name = layout->columns[missing].name;
    for (struct str rest = header; rest.length > 0;) {
        char shown[NAME_SIZE];
        if (column_meant(layout, readable(next_name(&rest), shown)) == missing) {
            return error_set(error, ERROR_USAGE,
                             "column \"%s\" is missing: is it \"%s\"? Then say --columns %s=%s",
                             name, shown, name, shown);
        }
    }
    char line[LINE_SHOWN];
    size_t length = 0;
    for (; length < header.length && length + 1 < sizeof line; length++) {
        char c = header.data[length];
        line[length] = c >= ' ' && c <= '~' ? c : '?';
    }
    line[length] = '\0';
    return error_set(
        error, ERROR_USAGE,
        "column \"%s\" is missing in its first line, \"%s\": name the one that it is, as "
        "--columns %s=NAME, or add it: a file of %s has %s",
        name, line, name, layout->form->kind->records, layout->form->example);
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
                          struct csv_layout *layout, bool there[static FORM_COLUMNS_MAX + 1],
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
        int column = column_of(layout, name, given);
        if (column != CSV_IGNORED && there[column]) {
            return error_set(error, ERROR_USAGE,
                             "column \"%s\" is there twice: which is it? --columns %s=NAME says it",
                             readable(name, shown), layout->columns[column].name);
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
    bool there[FORM_COLUMNS_MAX + 1] = {false};
    struct given_pairs pairs;
    struct given_names given;
    if (!read_pairs(str_from(columns != NULL ? columns : ""), &pairs, error)) {
        return false;
    }
    begin_layout(header, &pairs, layout);
    if (!place_given(layout, &pairs, &given, error) || !check_separator(header, error) ||
        !place_columns(header, &given, layout, there, error)) {
        return false;
    }
    for (int i = 0; i < layout->column_count; i++) {
        char shown[NAME_SIZE];
        if (!there[i] && given.name[i].length > 0) {
            return error_set(error, ERROR_USAGE, "--columns %s=%s: the file has no such column",
                             layout->columns[i].name, readable(given.name[i], shown));
        }
    }
    for (int i = 0; i < layout->column_count; i++) {
        if (!there[i] && layout->columns[i].needed) {
            return refuse_missing(layout, i, header, error);
        }
    }
    note_ignored(header, layout, there);
    return true;
}
