#include "store/sqlite/sqlite_sql.h"

#include <string.h>

/* A function gets the cells, because a row's cells cost less as arguments than if each is asked
 * for. No other program's index may be used: the rows would have to be sorted, and the function
 * would be called for all of them before the first is returned. */
#define READ_POINT "SELECT " SQLITE_READ_POINT "(time, {cells}, {tags}) FROM {ordered} "

static const char *const templates[STATEMENT_NUMBER] = {
    /* An existing point is kept. A second delivery has the same bytes, so it need not be written;
     * and nothing corrects a point by overwriting it (InfluxDB does not promise that it would). */
    [STATEMENT_INSERT] = "INSERT INTO {table} ({tags}, time, {columns}) VALUES ({places}) "
                         "ON CONFLICT ({identity}) DO NOTHING",
    [STATEMENT_RANGE] = "SELECT time, {price}{amount} FROM {table} "
                        "WHERE {this} AND time >= {a} AND time <= {b} ORDER BY time",
    [STATEMENT_NEWEST_BETWEEN] = "SELECT time FROM {table} WHERE {this} AND time >= {a} "
                                 "AND time <= {b} ORDER BY time DESC LIMIT 1",
    [STATEMENT_NEXT_SERIES] = "SELECT {tags} FROM {table} WHERE {later}{valid} "
                              "ORDER BY {tags} LIMIT 1",
    [STATEMENT_FIRST_TIME] = "SELECT time FROM {table} WHERE {this} ORDER BY time LIMIT 1",
    [STATEMENT_LAST_POINT] = "SELECT time, {columns} FROM {table} WHERE {this} "
                             "ORDER BY time DESC LIMIT 1",
    [STATEMENT_PRICE_AT] = "SELECT {price} FROM {table} WHERE {this} AND time <= {a} "
                           "ORDER BY time DESC LIMIT 1",
    [STATEMENT_PRICE_BETWEEN] = "SELECT {price} FROM {table} WHERE {this} AND time >= {a} "
                                "AND time <= {b} ORDER BY time DESC LIMIT 1",
    [STATEMENT_ANY] = "SELECT 1 FROM {table} LIMIT 1",
    [STATEMENT_COUNT] = "SELECT count(*) FROM {table}",
    [STATEMENT_ALL_POINTS] = READ_POINT "WHERE {this} ORDER BY time",
    [STATEMENT_POINTS_FROM] = READ_POINT "WHERE {this} AND time >= {a} ORDER BY time",
    [STATEMENT_POINTS] = READ_POINT "WHERE {this} AND time >= {a} AND time <= {b} ORDER BY time",
    [STATEMENT_COUNT_SERIES] = "SELECT count(*) FROM {table} WHERE {this}",
    [STATEMENT_COUNT_BETWEEN] = "SELECT count(*) FROM {table} "
                                "WHERE {this} AND time >= {a} AND time <= {b}",
    [STATEMENT_PURGE] = "DELETE FROM {table} WHERE {this} AND time IN (SELECT time FROM "
                        "{table} WHERE {this} AND time < {a} ORDER BY time LIMIT {b})",
};

int sqlite_place_a(const struct record_kind *kind)
{
    return (int)kind->tag_count + 1;
}

static const char *tag_name(const struct record_kind *kind, size_t index)
{
    return column_stored_name(kind->tags[index].column);
}

/* Appends "coin, source", with `mark` before each name. */
static void append_tags(struct strbuf *sql, const struct record_kind *kind, const char *mark)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(sql, "%s%s%s", i > 0 ? ", " : "", mark, tag_name(kind, i));
    }
}

/* Appends the columns of the primary key: also the record's key, if it is no tag. So two records
 * whose stored times are equal by chance are both kept, and `verify` sees them. */
static void append_identity(struct strbuf *sql, const struct record_kind *kind)
{
    append_tags(sql, kind, "");
    strbuf_append_text(sql, ", time");
    if (!kind_key_is_tag(kind)) {
        strbuf_append_format(sql, ", %s", column_stored_name(kind->key));
    }
}

/* Appends "?1, ?2, …". */
static void append_places(struct strbuf *sql, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_append_format(sql, "%s?%zu", i > 0 ? ", " : "", i + 1);
    }
}

static void append_this(struct strbuf *sql, const struct record_kind *kind)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(sql, "%s%s = ?%zu", i > 0 ? " AND " : "", tag_name(kind, i), i + 1);
    }
}

/* Appends the condition {later}. With several tags it has two parts. The first lets SQLite seek: it
 * compares the row (tags, time) with this series and the latest possible time, so that one step
 * skips all points of the series. It would still find a point whose time is a text, because texts
 * sort above all numbers; the second part excludes that. The unary plus keeps SQLite from seeking
 * by the second part ("Row Values" and "The Query Optimizer Overview" in SQLite's
 * documentation). */
static void append_later(struct strbuf *sql, const struct record_kind *kind)
{
    if (kind->tag_count == 1) {
        strbuf_append_format(sql, "%s > ?1", tag_name(kind, 0));
        return;
    }
    strbuf_append_text(sql, "(");
    append_tags(sql, kind, "");
    strbuf_append_text(sql, ", time) > (");
    append_places(sql, kind->tag_count);
    strbuf_append_text(sql, ", 9223372036854775807) AND (");
    append_tags(sql, kind, "+");
    strbuf_append_text(sql, ") > (");
    append_places(sql, kind->tag_count);
    strbuf_append_text(sql, ")");
}

/* Appends the condition {valid}. Another program may have stored any tag: only texts are wanted
 * (x'' sorts above all texts), and only those that match the rule. */
static void append_valid(struct strbuf *sql, const struct record_kind *kind)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        const struct record_tag *tag = &kind->tags[i];
        const char *name = tag_name(kind, i);
        strbuf_append_format(sql,
                             " AND %s < x'' AND %s NOT GLOB '*[^%s]*' "
                             "AND length(CAST(%s AS BLOB)) BETWEEN %d AND %d "
                             "AND instr(%s, char(0)) = 0",
                             name, name, tag->class, name, tag->least, tag->most, name);
    }
}

/* Appends a query without rows, in place of a table that does not exist yet. */
static void append_no_rows(struct strbuf *sql, const struct record_kind *kind)
{
    struct stored_columns columns = kind_stored_columns(kind);
    strbuf_append_text(sql, "(SELECT NULL AS time");
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(sql, ", NULL AS %s", tag_name(kind, i));
    }
    for (size_t i = 0; i < columns.count; i++) {
        strbuf_append_format(sql, ", NULL AS %s", column_stored_name(columns.items[i]));
    }
    strbuf_append_text(sql, " LIMIT 0)");
}

/* Appends the stored columns; `named`: NULL in place of a newer column has that column's name. */
static void append_columns(struct strbuf *sql, const struct record_kind *kind, int version,
                           bool named)
{
    struct stored_columns columns = kind_stored_columns(kind);
    for (size_t i = 0; i < columns.count; i++) {
        const struct column *column = columns.items[i];
        bool newer = column->since > version;
        strbuf_append_format(sql, "%s%s%s", i > 0 ? ", " : "",
                             !newer  ? ""
                             : named ? "NULL AS "
                                     : "NULL",
                             newer && !named ? "" : column_stored_name(column));
    }
}

static void append_value(struct strbuf *sql, struct str name, const struct record_kind *kind,
                         int version)
{
    if (str_equal_text(name, "name") || (str_equal_text(name, "table") && version > 0)) {
        strbuf_append_text(sql, kind->name);
    } else if (str_equal_text(name, "ordered") && version > 0) {
        /* SQLite's own name for the primary key, which is the table itself. */
        strbuf_append_format(sql, "%s INDEXED BY sqlite_autoindex_%s_1", kind->name, kind->name);
    } else if (str_equal_text(name, "table") || str_equal_text(name, "ordered")) {
        append_no_rows(sql, kind);
    } else if (str_equal_text(name, "tags")) {
        append_tags(sql, kind, "");
    } else if (str_equal_text(name, "identity")) {
        append_identity(sql, kind);
    } else if (str_equal_text(name, "this")) {
        append_this(sql, kind);
    } else if (str_equal_text(name, "later")) {
        append_later(sql, kind);
    } else if (str_equal_text(name, "valid")) {
        append_valid(sql, kind);
    } else if (str_equal_text(name, "columns")) {
        append_columns(sql, kind, version, true);
    } else if (str_equal_text(name, "cells")) {
        append_columns(sql, kind, version, false);
    } else if (str_equal_text(name, "places")) {
        append_places(sql, kind->tag_count + 1 + kind_stored_columns(kind).count);
    } else if (str_equal_text(name, "price")) {
        strbuf_append_text(sql, kind->price != NULL ? column_stored_name(kind->price) : "NULL");
    } else if (str_equal_text(name, "amount") && kind->amount != NULL) {
        strbuf_append_format(sql, ", %s", column_stored_name(kind->amount));
    } else if (str_equal_text(name, "a") || str_equal_text(name, "b")) {
        strbuf_append_format(sql, "?%d", sqlite_place_a(kind) + (name.data[0] == 'a' ? 0 : 1));
    }
}

void sqlite_append_template(struct strbuf *sql, const struct record_kind *kind, int version,
                            const char *template)
{
    const char *at = template;
    for (const char *open = strchr(at, '{'); open != NULL; open = strchr(at, '{')) {
        const char *close = strchr(open, '}');
        strbuf_append(sql, at, (size_t)(open - at));
        append_value(sql, (struct str){open + 1, (size_t)(close - open - 1)}, kind, version);
        at = close + 1;
    }
    strbuf_append_text(sql, at);
}

const char *sqlite_statement_template(enum sqlite_statement which)
{
    return templates[which];
}

/* A nullable figure deliberately has no type: a REAL column stores whole numbers as integers, so
 * -0.0 would be read back as 0.0. */
static void append_definition(struct strbuf *sql, const struct column *column)
{
    static const char *const types[] = {[COLUMN_TEXT] = " TEXT NOT NULL",
                                        [COLUMN_INT64] = " INTEGER NOT NULL",
                                        [COLUMN_DOUBLE] = " REAL NOT NULL",
                                        [COLUMN_BOOL] = " INTEGER NOT NULL",
                                        [COLUMN_LONG_TEXT] = " TEXT NOT NULL"};
    bool required = column->present_offset == COLUMN_REQUIRED;
    strbuf_append_format(sql, ", %s%s", column_stored_name(column),
                         required ? types[column->type] : "");
}

/* WITHOUT ROWID: the table is the B-tree of its primary key, so a series' points are adjacent and
 * in time order. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version)
{
    struct stored_columns columns = kind_stored_columns(kind);
    strbuf_append_format(sql, "CREATE TABLE %s (", kind->name);
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(sql, "%s TEXT NOT NULL, ", tag_name(kind, i));
    }
    strbuf_append_text(sql, "time INTEGER NOT NULL");
    for (int since = 1; since <= version; since++) {
        for (size_t i = 0; i < columns.count; i++) {
            if (columns.items[i]->since == since) {
                append_definition(sql, columns.items[i]);
            }
        }
    }
    strbuf_append_text(sql, ", PRIMARY KEY (");
    append_identity(sql, kind);
    strbuf_append_text(sql, ")) WITHOUT ROWID");
}
