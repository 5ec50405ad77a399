/* Finds out what each column of a replay file holds, from its header and from --columns. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text/strbuf.h"
#include "record/ticker.h"
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

/* Returns whether the field is the name as Stooq writes it: <CLOSE>. */
static bool equal_in_brackets(struct str field, const char *name)
{
    if (field.length < 3 || field.data[0] != '<' || field.data[field.length - 1] != '>') {
        return false;
    }
    return equal_in_any_case((struct str){.data = field.data + 1, .length = field.length - 2},
                             name);
}

/* Which of our columns a name means, and how surely: of two names for one column the one with the
 * lower rank is taken. */
struct meaning {
    int column; /* index in the layout's `columns`, or CSV_IGNORED */
    int rank; /* 0: our own name, or one that is as good; else its place among the others' words */
};

static int column_named(const struct csv_layout *layout, const char *name)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (strcmp(layout->columns[i].name, name) == 0) {
            return i;
        }
    }
    return CSV_IGNORED;
}

static struct meaning meaning_of(const struct csv_layout *layout, struct str name)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (equal_in_any_case(name, layout->columns[i].name)) {
            return (struct meaning){.column = i};
        }
    }
    const struct form_word *same = layout->form->same, *words = layout->form->words;
    for (; same->word != NULL; same++) {
        if (equal_in_any_case(name, same->word)) {
            return (struct meaning){.column = column_named(layout, same->name)};
        }
    }
    for (int i = 0; words[i].word != NULL; i++) {
        if (equal_in_any_case(name, words[i].word)) {
            return (struct meaning){.column = column_named(layout, words[i].name), .rank = i + 1};
        }
    }
    return (struct meaning){.column = CSV_IGNORED};
}

static int column_by_name(const struct csv_layout *layout, struct str name)
{
    return meaning_of(layout, name).column;
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

/* The pairs of --columns: our name, and the file's, or the value of all rows in quotes. */
struct given_pairs {
    struct given_pair {
        struct str text, ours, theirs; /* `text` is all of it */
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
        const struct given_pair pair = {text, str_trim(ours), str_trim(theirs)};
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
    const struct csv_dialect *dialect;
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
    struct str field, rest = names->dialect->header;
    for (bool more = true;
         more && csv_next_field(names->dialect->style.separator, &rest, &field, &more);) {
        if (equal_in_any_case(field, name) || equal_in_brackets(field, name)) {
            return true;
        }
    }
    return false;
}

static void begin_layout(const struct csv_dialect *dialect, const struct given_pairs *pairs,
                         struct csv_layout *layout)
{
    struct file_names names = {.dialect = dialect, .given = pairs};
    *layout =
        (struct csv_layout){.form = replay_form_of(has_name, &names), .style = dialect->style};
    const struct record_kind *kind = layout->form->kind;
    layout->column_count = replay_form_columns(layout->form, layout->columns);
    while (layout->columns[layout->key].column != kind->key) {
        layout->key++;
    }
    int timeframe = column_named(layout, "timeframe");
    layout->timeframe = timeframe != CSV_IGNORED ? timeframe : -1;
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

/* Takes the quotes off a value for all rows, 'AAPL'. Returns false for a name of the file's. */
static bool take_value(struct str *text)
{
    if (text->length < 2 || text->data[0] != '\'' || text->data[text->length - 1] != '\'') {
        return false;
    }
    text->data++;
    text->length -= 2;
    return true;
}

static bool take_given(const struct given_pairs *pairs, struct csv_layout *layout,
                       struct given_names *given, struct error *error)
{
    char shown[NAME_SIZE];
    *given = (struct given_names){0};
    for (size_t i = 0; i < pairs->count; i++) {
        struct given_pair pair = pairs->items[i];
        int column = column_by_name(layout, pair.ours);
        if (column == CSV_IGNORED) {
            return refuse_given(layout, pair.ours, error);
        }
        char value[CSV_GIVEN_MAX + 1];
        if (given->name[column].length > 0 ||
            csv_layout_has(layout, layout->columns[column].name)) {
            return error_set(error, ERROR_USAGE, "--columns: \"%s\" gives a column a second time",
                             readable(pair.text, shown));
        }
        if (!take_value(&pair.theirs)) {
            given->name[column] = pair.theirs;
        } else if (!str_copy(pair.theirs, value, sizeof value) ||
                   !csv_layout_give(layout, layout->columns[column].name, value)) {
            return error_set(error, ERROR_USAGE, "--columns: \"%s\" gives a value that is too long",
                             readable(pair.text, shown));
        }
    }
    return true;
}

/* Returns which of our columns the file's column `name` is. A column that --columns gives another
 * name, or a value, is not what its own name says. */
static struct meaning column_of(const struct csv_layout *layout, struct str name,
                                const struct given_names *given)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (given->name[i].length > 0 && str_equal(name, given->name[i])) {
            return (struct meaning){.column = i};
        }
    }
    struct meaning meaning = meaning_of(layout, name);
    bool elsewhere = meaning.column != CSV_IGNORED && given->name[meaning.column].length > 0;
    for (int i = 0; i < layout->given_count && !elsewhere; i++) {
        elsewhere = layout->given[i].column == meaning.column;
    }
    return elsewhere ? (struct meaning){.column = CSV_IGNORED} : meaning;
}

/* Removes the next name from the front of the header, which was parsed successfully before. */
static struct str next_name(char separator, struct str *header)
{
    struct str name = {0};
    bool more = false;
    (void)!csv_next_field(separator, header, &name, &more);
    return name;
}

/* Fails if the lines end in CR alone, so that all rows are in one line. */
static bool check_line_ends(struct str header, struct error *error)
{
    return memchr(header.data, '\r', header.length) == NULL ||
           error_set(error, ERROR_USAGE,
                     "its lines end in CR alone: convert it first: tr '\\r' '\\n' <FILE "
                     ">ticks.csv");
}

/* Where our columns are in the file: the index of the file's column, and the rank of its name. */
struct places {
    int at[FORM_COLUMNS_MAX]; /* -1: nowhere */
    int rank[FORM_COLUMNS_MAX];
};

/* Puts the file's column number `at` into the layout. Of two that mean the same, that with the
 * better word is taken; two of the same rank are a failure. */
static bool place_column(struct str name, int at, struct meaning meaning, struct places *places,
                         struct csv_layout *layout, struct error *error)
{
    char shown[NAME_SIZE];
    layout->column[at] = (unsigned char)meaning.column;
    if (meaning.column == CSV_IGNORED) {
        return true;
    }
    int before = places->at[meaning.column];
    if (before >= 0 && places->rank[meaning.column] == meaning.rank) {
        return error_set(error, ERROR_USAGE,
                         "column \"%s\" is there twice: which is it? --columns %s=NAME says it",
                         readable(name, shown), layout->columns[meaning.column].name);
    }
    if (before >= 0 && places->rank[meaning.column] < meaning.rank) {
        layout->column[at] = CSV_IGNORED;
        return true;
    }
    if (before >= 0) {
        layout->column[before] = CSV_IGNORED;
    }
    places->at[meaning.column] = at;
    places->rank[meaning.column] = meaning.rank;
    return true;
}

/* A name of the header, the stock that its column is of (length 0: of none), and what the first row
 * has there. */
struct header_name {
    struct str name, ticker, value;
};

/* Returns whether the column counts the rows, as pandas writes it: "index", and a number such as
 * 0. Elsewhere an index is a symbol: NYA, 000001. */
static bool counts_rows(const struct header_name *name)
{
    bool digits = name->value.length > 0 && (name->value.length == 1 || name->value.data[0] != '0');
    for (size_t i = 0; digits && i < name->value.length; i++) {
        digits = name->value.data[i] >= '0' && name->value.data[i] <= '9';
    }
    return digits && equal_in_any_case(name->name, "index");
}

/* Sets *name to the next name of the header. Returns false at its end, or for a broken quote, with
 * the error set. */
static bool next_header_name(char separator, struct header_name *rest, bool *more,
                             struct header_name *name, struct error *error)
{
    if (!*more) {
        return false;
    }
    name->ticker = next_name(separator, &rest->ticker);
    name->value = next_name(separator, &rest->value);
    return csv_next_field(separator, &rest->name, &name->name, more) ||
           error_set(error, ERROR_USAGE, "the header has a quote that is not closed");
}

static bool place_columns(const struct csv_dialect *dialect, struct str ticker,
                          const struct given_names *given, struct csv_layout *layout,
                          struct error *error)
{
    struct header_name rest = {dialect->header, dialect->tickers, dialect->first_row};
    struct header_name name = {.name = dialect->header};
    struct places places;
    struct error broken = {0};
    bool more = true;
    memset(places.at, -1, sizeof places.at);
    while (next_header_name(dialect->style.separator, &rest, &more, &name, &broken)) {
        int at = layout->count;
        if (at == CSV_HEADER_MAX) {
            return error_set(error, ERROR_USAGE, "the header has more than %d columns",
                             CSV_HEADER_MAX);
        }
        layout->count++;
        struct meaning meaning = column_of(layout, name.name, given);
        if (at == 0 && dialect->first_is_date) {
            meaning = column_of(layout, str_from("date"), given);
        } else if ((ticker.length > 0 && !str_equal(name.ticker, ticker)) ||
                   (meaning.rank > 0 && counts_rows(&name))) {
            meaning.column = CSV_IGNORED;
        }
        if (!place_column(name.name, at, meaning, &places, layout, error)) {
            return false;
        }
    }
    return broken.kind == ERROR_NONE || error_set(error, broken.kind, "%s", broken.text);
}

static struct str name_at(const struct csv_dialect *dialect, int at)
{
    struct str header = dialect->header, name = {0};
    for (int i = 0; i <= at; i++) {
        name = next_name(dialect->style.separator, &header);
    }
    return name;
}

static bool is_date_word(struct str name)
{
    return equal_in_any_case(name, "date") || equal_in_any_case(name, "<date>");
}

/* If a file has a column for the date and one for the time of day, the first becomes the column of
 * the time, and the second its time of day. */
static void place_time_of_day(const struct csv_dialect *dialect, struct csv_layout *layout)
{
    const struct record_kind *kind = layout->form->kind;
    int date = -1, time = -1, at = -1;
    for (int i = 0; i < layout->count; i++) {
        struct str name = name_at(dialect, i);
        date = is_date_word(name) ? i : date;
        time = equal_in_any_case(name, "time") || equal_in_any_case(name, "<time>") ? i : time;
        int column = layout->column[i];
        at = column < layout->column_count && layout->columns[column].column == kind->moment ? i
                                                                                             : at;
    }
    if (date >= 0 && time >= 0 && (at == date || at == time)) {
        layout->column[date] = layout->column[at];
        layout->column[time] = CSV_TIME_OF_DAY;
        at = date;
    }
    layout->has_dates = kind != &ticker_kind && at >= 0 && at == date;
}

/* Returns the rest of a name such as "Volume BTC"; length 0: it is none. */
static struct str volume_unit(struct str name)
{
    static const char volume[] = "volume ";
    const size_t length = sizeof volume - 1;
    if (name.length <= length || strncasecmp(name.data, volume, length) != 0) {
        return (struct str){0};
    }
    return (struct str){.data = name.data + length, .length = name.length - length};
}

/* CryptoDataDownload has "Volume BTC,Volume USD": first that in units of the symbol, then that in
 * units of its price. */
static void place_volumes(const struct csv_dialect *dialect, struct csv_layout *layout)
{
    int columns[] = {column_named(layout, "volume"), column_named(layout, "quote_volume")};
    size_t next = 0;
    if (columns[1] == CSV_IGNORED || csv_layout_has(layout, "volume") ||
        csv_layout_has(layout, "quote_volume")) {
        return;
    }
    for (int i = 0; i < layout->count && next < 2; i++) {
        if (layout->column[i] == CSV_IGNORED && volume_unit(name_at(dialect, i)).length > 0) {
            layout->column[i] = (unsigned char)columns[next++];
        }
    }
}

bool csv_layout_read(const struct csv_dialect *dialect, const char *columns, struct str ticker,
                     struct csv_layout *layout, struct error *error)
{
    struct given_pairs pairs;
    struct given_names given;
    if (!read_pairs(str_from(columns != NULL ? columns : ""), &pairs, error)) {
        return false;
    }
    begin_layout(dialect, &pairs, layout);
    if (!take_given(&pairs, layout, &given, error) || !check_line_ends(dialect->header, error) ||
        !place_columns(dialect, ticker, &given, layout, error)) {
        return false;
    }
    for (int i = 0; i < layout->column_count; i++) {
        char shown[NAME_SIZE];
        if (given.name[i].length > 0 && !csv_layout_has(layout, layout->columns[i].name)) {
            return error_set(error, ERROR_USAGE, "--columns %s=%s: the file has no such column",
                             layout->columns[i].name, readable(given.name[i], shown));
        }
    }
    place_time_of_day(dialect, layout);
    place_volumes(dialect, layout);
    return true;
}

bool csv_layout_has(const struct csv_layout *layout, const char *column)
{
    int index = column_named(layout, column);
    bool has = index != CSV_IGNORED && memchr(layout->column, index, (size_t)layout->count) != NULL;
    for (int i = 0; i < layout->given_count && !has; i++) {
        has = layout->given[i].column == index;
    }
    return has;
}

bool csv_layout_give(struct csv_layout *layout, const char *column, const char *value)
{
    int index = column_named(layout, column);
    if (index == CSV_IGNORED || csv_layout_has(layout, column)) {
        return false;
    }
    struct csv_given *given = &layout->given[layout->given_count];
    if (!str_copy(str_from(value), given->value, sizeof given->value)) {
        return false;
    }
    given->column = index;
    layout->given_count++;
    return true;
}

/* Fills in layout->ignored: the names of the file's columns that are not read. Where a name looks
 * like a misspelt column of ours, and the file lacks that column, a suggestion follows it. */
static void note_ignored(const struct csv_dialect *dialect, struct csv_layout *layout)
{
    struct strbuf list = strbuf_new(sizeof layout->ignored - 1);
    struct str header = dialect->header;
    for (int i = 0; i < layout->count; i++) {
        char shown[NAME_SIZE];
        struct str name = next_name(dialect->style.separator, &header);
        if (layout->column[i] != CSV_IGNORED) {
            continue;
        }
        int meant = column_meant(layout, readable(name, shown));
        strbuf_append_format(&list, "%s%s", list.length > 0 ? ", " : "",
                             name.length > 0 ? shown : "(no name)");
        if (meant != CSV_IGNORED && !csv_layout_has(layout, layout->columns[meant].name)) {
            const char *ours = layout->columns[meant].name;
            strbuf_append_format(&list, " (for %s? --columns %s=%s)", ours, ours, shown);
        }
    }
    (void)str_copy(strbuf_str(&list), layout->ignored, sizeof layout->ignored);
    strbuf_free(&list);
}

/* Fails with the header in the text, and with a suggestion which column may be the missing one. */
static bool refuse_missing(const struct csv_dialect *dialect, const struct csv_layout *layout,
                           int missing, struct error *error)
{
    const char *name = layout->columns[missing].name;
    for (struct str rest = dialect->header; rest.length > 0;) {
        char shown[NAME_SIZE];
        struct str theirs = next_name(dialect->style.separator, &rest);
        if (column_meant(layout, readable(theirs, shown)) == missing) {
            return error_set(error, ERROR_USAGE,
                             "column \"%s\" is missing: is it \"%s\"? Then say --columns %s=%s",
                             name, shown, name, shown);
        }
    }
    char line[LINE_SHOWN];
    size_t length = 0;
    for (; length < dialect->header.length && length + 1 < sizeof line; length++) {
        char c = dialect->header.data[length];
        line[length] = c >= ' ' && c <= '~' ? c : '?';
    }
    line[length] = '\0';
    return error_set(
        error, ERROR_USAGE,
        "column \"%s\" is missing in its first line, \"%s\": name the one that it is, as "
        "--columns %s=NAME, or say what all rows have, as --columns %s='%s'; a file of %s has %s",
        name, line, name, name,
        layout->columns[missing].column == layout->form->kind->key ? "AAPL" : "1d",
        layout->form->kind->records, layout->form->example);
}

bool csv_layout_complete(const struct csv_dialect *dialect, struct csv_layout *layout,
                         struct error *error)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (layout->columns[i].needed && !csv_layout_has(layout, layout->columns[i].name)) {
            return refuse_missing(dialect, layout, i, error);
        }
    }
    note_ignored(dialect, layout);
    return true;
}
