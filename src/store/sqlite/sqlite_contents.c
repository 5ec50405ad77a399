/* Finds which series the SQLite file has rows of, and what else the file contains. Repeated
 * searches in the primary key find the series. But somebody may have replaced the text of the
 * table's definition (PRAGMA writable_schema): then the rows are not in the order that the text
 * says, and searches miss rows or find those of other series. So all rows are also counted without
 * any index, and a scan checks the tags of each row. */
#include <string.h>

#include "record/series.h"
#include "store/sqlite/sqlite.h"

/* SQL condition: a row is in the span. One whose time is not an integer always is, because it
 * cannot be compared with the bounds. */
#define IN_SPAN "(time BETWEEN {a} AND {b} OR typeof(time) <> 'integer')"

/* The tags of a row, which another program may have stored with any type. */
struct tags {
    sqlite3_value *values[KIND_TAGS_MAX]; /* owned; all NULL: no row */
};

static bool finish(struct sqlite_store *sqlite, sqlite3_stmt *statement, int code,
                   struct error *error)
{
    bool done =
        code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(sqlite, "reading", error);
    (void)sqlite3_finalize(statement);
    return done;
}

/* Lists tables and other objects that are not this program's, except SQLite's own tables
 * (sqlite_stat1 is ANALYZE's), which hold nobody's rows, and indexes on the kind's table, for which
 * see list_indexes(). */
static bool list_others(struct sqlite_store *sqlite, const struct record_kind *kind,
                        struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_prepare(sqlite, kind, 0,
                       "SELECT type, name FROM sqlite_schema "
                       "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT (type = "
                       "'index' AND lower(tbl_name) = '{name}') ORDER BY name",
                       error);
    int code = SQLITE_ERROR;
    while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        if (kind_named(str_from(name)) == NULL) {
            store_add_other(contents, type, name);
        }
    }
    return statement != NULL && finish(sqlite, statement, code, error);
}

/* Lists the indexes on the kind's table, of which this program creates none: SQLite may answer
 * queries from an index whose values differ from the table's. Asks SQLite which indexes it uses,
 * because the text in sqlite_schema can be rewritten. */
static bool list_indexes(struct sqlite_store *sqlite, const struct record_kind *kind,
                         struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *statement = sqlite_prepare(
        sqlite, kind, 0,
        "SELECT name FROM pragma_index_list('{name}') WHERE origin <> 'pk' ORDER BY name", error);
    int code = SQLITE_ERROR;
    bool added = true;
    while (statement != NULL && added && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        added = store_add_oddity(contents, false, 1, error, "index \"%.60s\" on %s (DROP INDEX it)",
                                 (const char *)sqlite3_column_text(statement, 0), kind->name);
    }
    return statement != NULL && finish(sqlite, statement, code, error) && added;
}

static bool bind_tags(sqlite3_stmt *statement, const struct record_kind *kind,
                      const struct tags *tags)
{
    bool bound = true;
    for (size_t i = 0; bound && i < kind->tag_count; i++) {
        bound = sqlite3_bind_value(statement, (int)i + 1, tags->values[i]) == SQLITE_OK;
    }
    return bound;
}

static void free_tags(struct tags *tags)
{
    for (size_t i = 0; i < KIND_TAGS_MAX; i++) {
        sqlite3_value_free(tags->values[i]);
        tags->values[i] = NULL;
    }
}

static bool is_bounded(int64_t from_ns, int64_t to_ns)
{
    return from_ns != INT64_MIN || to_ns != INT64_MAX;
}

/* Counts the rows of one series; if `tags` is NULL, those of all series. Without bounds every row
 * is in the span, so no value of a row is read; for all series together SQLite then only counts the
 * entries of the table's pages. */
static bool count_rows(struct sqlite_store *sqlite, const struct record_kind *kind,
                       const struct tags *tags, int64_t from_ns, int64_t to_ns, int64_t *rows,
                       struct error *error)
{
    static const char *const templates[2][2] = {
        {"SELECT count(*) FROM {table} NOT INDEXED",
         "SELECT count(*) FROM {table} NOT INDEXED WHERE " IN_SPAN},
        {"SELECT count(*) FROM {table} WHERE {this}",
         "SELECT count(*) FROM {table} WHERE {this} AND " IN_SPAN}};
    bool bounded = is_bounded(from_ns, to_ns);
    sqlite3_stmt *statement =
        sqlite_prepare(sqlite, kind, 0, templates[tags != NULL][bounded], error);
    if (statement == NULL) {
        return false;
    }
    bool bound = (!bounded || sqlite_bind_range(statement, kind, from_ns, to_ns)) &&
                 (tags == NULL || bind_tags(statement, kind, tags));
    int code = bound ? sqlite3_step(statement) : SQLITE_ERROR;
    *rows = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return finish(sqlite, statement, code, error);
}

/* Finds the first tags after `before` (NULL: the very first), whatever their types. *tags has no
 * row if there are none; the caller frees it with free_tags(). */
static bool next_tags(struct sqlite_store *sqlite, const struct record_kind *kind,
                      sqlite3_stmt *next, const struct tags *before, struct tags *tags,
                      struct error *error)
{
    (void)sqlite3_reset(next);
    bool bound = before == NULL || bind_tags(next, kind, before);
    int code = bound ? sqlite3_step(next) : SQLITE_ERROR;
    bool copied = true;
    for (size_t i = 0; code == SQLITE_ROW && i < kind->tag_count; i++) {
        tags->values[i] = sqlite3_value_dup(sqlite3_column_value(next, (int)i));
        copied = copied && tags->values[i] != NULL;
    }
    if (!copied) {
        free_tags(tags);
        return store_no_memory(error);
    }
    return code == SQLITE_DONE || code == SQLITE_ROW || sqlite_failed(sqlite, "reading", error);
}

static struct str bytes_of(sqlite3_value *value)
{
    const void *bytes = sqlite3_value_blob(value);
    return (struct str){.data = bytes != NULL ? bytes : "",
                        .length = (size_t)sqlite3_value_bytes(value)};
}

/* Compares in SQLite's order: numbers, then text, then blobs; text and blobs by their bytes
 * (SQLite, Datatypes, "Sort Order"). Compares numbers by their text, because only their equality
 * matters. */
static int compare_values(sqlite3_value *left, sqlite3_value *right)
{
    int left_type = sqlite3_value_type(left);
    int right_type = sqlite3_value_type(right);
    if (left_type != right_type) {
        bool right_is_later =
            right_type == SQLITE_BLOB || (right_type == SQLITE_TEXT && left_type != SQLITE_BLOB);
        return right_is_later ? -1 : 1;
    }
    struct str a = bytes_of(left);
    struct str b = bytes_of(right);
    int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* Returns whether `behind` comes after `before` in SQLite's order. The caller stops if it does not:
 * searches that go backwards would never end. */
static bool in_order(const struct record_kind *kind, const struct tags *before,
                     const struct tags *behind)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < kind->tag_count; i++) {
        order = compare_values(before->values[i], behind->values[i]);
    }
    return order < 0;
}

/* Returns the number of the first tag that this program never writes; kind->tag_count: none is. */
static size_t odd_tag(const struct record_kind *kind, const struct tags *tags)
{
    size_t i = 0;
    while (i < kind->tag_count && sqlite3_value_type(tags->values[i]) == SQLITE_TEXT &&
           kind->tags[i].valid(bytes_of(tags->values[i]))) {
        i++;
    }
    return i;
}

/* Adds the tags' series, or reports its rows if no record can have such a tag. If no such row in
 * the span was counted, the rows are outside the span, or are not found by this tag:
 * add_hidden() counts these. */
static bool add_tags(const struct record_kind *kind, const struct tags *tags, size_t odd,
                     int64_t from_ns, int64_t to_ns, struct store_contents *contents, int64_t rows,
                     struct error *error)
{
    struct str parts[KIND_TAGS_MAX];
    for (size_t i = 0; i < kind->tag_count; i++) {
        parts[i] = bytes_of(tags->values[i]);
    }
    if (odd < kind->tag_count) {
        bool text = sqlite3_value_type(tags->values[odd]) == SQLITE_TEXT;
        int length = parts[odd].length < 60 ? (int)parts[odd].length : 60;
        return rows == 0 ||
               store_add_oddity(contents, true, rows, error, "%s %s\"%.*s\"",
                                column_stored_name(kind->tags[odd].column),
                                text ? "" : "of bytes, not text, ", length, parts[odd].data);
    }
    char series[RECORD_SERIES_MAX + 1];
    series_join(kind, parts, series);
    int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
    return store_add_holding(contents, series, rows, from_ns, last_ns, error);
}

/* Adds to *found the rows that are counted: all with an odd tag, and those of a series if there are
 * bounds. */
static bool add_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                       const struct tags *tags, int64_t from_ns, int64_t to_ns,
                       struct store_contents *contents, int64_t *found, struct error *error)
{
    size_t odd = odd_tag(kind, tags);
    int64_t rows = STORE_NOT_COUNTED;
    if (odd < kind->tag_count || is_bounded(from_ns, to_ns)) {
        if (!count_rows(sqlite, kind, tags, from_ns, to_ns, &rows, error)) {
            return false;
        }
        *found += rows;
    }
    return add_tags(kind, tags, odd, from_ns, to_ns, contents, rows, error);
}

/* *found becomes the number of rows that add_series() counts. */
static bool list_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                        int64_t from_ns, int64_t to_ns, struct store_contents *contents,
                        int64_t *found, struct error *error)
{
    sqlite3_stmt *first = sqlite_prepare(
        sqlite, kind, 0, "SELECT {tags} FROM {table} ORDER BY {tags} LIMIT 1", error);
    sqlite3_stmt *next = sqlite_prepare(
        sqlite, kind, 0, "SELECT {tags} FROM {table} WHERE {later} ORDER BY {tags} LIMIT 1", error);
    struct tags tags = {.values = {NULL}};
    bool listed =
        first != NULL && next != NULL && next_tags(sqlite, kind, first, NULL, &tags, error);
    bool onwards = true;
    *found = 0;
    while (listed && tags.values[0] != NULL && onwards) {
        struct tags behind = {.values = {NULL}};
        listed = add_series(sqlite, kind, &tags, from_ns, to_ns, contents, found, error) &&
                 next_tags(sqlite, kind, next, &tags, &behind, error);
        onwards = behind.values[0] != NULL && in_order(kind, &tags, &behind);
        free_tags(&tags);
        tags = behind;
    }
    free_tags(&tags);
    (void)sqlite3_finalize(first);
    (void)sqlite3_finalize(next);
    return listed;
}

/* Reports the rows that a count of all has more than the series' counts. */
static bool add_hidden(struct store_contents *contents, int64_t rows, struct error *error)
{
    return rows <= 0 || store_add_oddity(contents, false, rows, error,
                                         "rows that are counted, but not found by coin");
}

static bool list_rows(struct sqlite_store *sqlite, const struct record_kind *kind, int64_t from_ns,
                      int64_t to_ns, struct store_contents *contents, struct error *error)
{
    int64_t found = 0;
    int64_t all = 0;
    if (!list_series(sqlite, kind, from_ns, to_ns, contents, &found, error) ||
        !count_rows(sqlite, kind, NULL, from_ns, to_ns, &all, error)) {
        return false;
    }
    if (is_bounded(from_ns, to_ns)) {
        return add_hidden(contents, all - found, error);
    }
    contents->uncounted = all > found ? all - found : 0;
    return true;
}

/* Counts the rows of one series. */
static bool count_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                         struct series_extent *extent, struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_statement_for(sqlite, kind, STATEMENT_COUNT_SERIES, extent->series, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    extent->points = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    bool counted = code == SQLITE_ROW || sqlite_failed(sqlite, "reading", error);
    (void)sqlite3_reset(statement);
    return counted;
}

bool sqlite_contents_count(struct store *store, const struct record_kind *kind,
                           struct store_contents *contents, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    for (size_t i = 0; i < contents->series_count; i++) {
        if (!count_series(sqlite, kind, &contents->series[i], error)) {
            return false;
        }
        contents->uncounted -= contents->series[i].points;
    }
    int64_t hidden = contents->uncounted;
    contents->uncounted = 0;
    return add_hidden(contents, hidden, error);
}

bool sqlite_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    /* Repeat the checks in this transaction: they must hold for the snapshot that is read. */
    bool checked = sqlite_ready(sqlite, error) && sqlite_run(sqlite, "BEGIN", error) &&
                   sqlite_check_number(sqlite, error) && sqlite_check_table(sqlite, kind, error) &&
                   list_others(sqlite, kind, contents, error);
    bool there = checked && sqlite->tables[kind_number(kind)].version > 0;
    return checked && (!there || (list_indexes(sqlite, kind, contents, error) &&
                                  list_rows(sqlite, kind, from_ns, to_ns, contents, error)));
}

void sqlite_contents_end(struct store *store)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    if (sqlite->db != NULL) {
        sqlite_roll_back(sqlite);
    }
}
