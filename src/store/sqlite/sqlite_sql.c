#include "store/sqlite/sqlite_sql.h"

#include <string.h>

static const char *const templates[STATEMENT_NUMBER] = {
    /* An existing point is kept: a second delivery has the same bytes, so nothing needs to be
     * written, and overwriting is never a way to correct a point (InfluxDB does not promise it
     * either). */
    [STATEMENT_INSERT] = "INSERT INTO {table} ({key}, time, {columns}) VALUES (?1, ?2, {places}) "
                         "ON CONFLICT ({key}, time) DO NOTHING",
    [STATEMENT_RANGE] = "SELECT time, {price} FROM {table} "
                        "WHERE {key} = ?1 AND time >= ?2 AND time <= ?3 ORDER BY time",
    [STATEMENT_NEWEST_BETWEEN] = "SELECT time FROM {table} WHERE {key} = ?1 AND time >= ?2 "
                                 "AND time <= ?3 ORDER BY time DESC LIMIT 1",
    /* Only texts (x'' sorts above all of them), and only names that a key can have: another program
     * may have stored any. */
    [STATEMENT_NEXT_COIN] = "SELECT {key} FROM {table} WHERE {key} > ?1 AND {key} < x'' "
                            "AND {key} NOT GLOB '*[^{class}]*' "
                            "AND length(CAST({key} AS BLOB)) BETWEEN {least} AND {most} "
                            "AND instr({key}, char(0)) = 0 ORDER BY {key} LIMIT 1",
    [STATEMENT_FIRST_TIME] = "SELECT time FROM {table} WHERE {key} = ?1 ORDER BY time LIMIT 1",
    [STATEMENT_LAST_POINT] = "SELECT time, {columns} FROM {table} WHERE {key} = ?1 "
                             "ORDER BY time DESC LIMIT 1",
    [STATEMENT_PRICE_AT] = "SELECT {price} FROM {table} WHERE {key} = ?1 AND time <= ?2 "
                           "ORDER BY time DESC LIMIT 1",
    [STATEMENT_ANY] = "SELECT 1 FROM {table} LIMIT 1",
    [STATEMENT_COUNT] = "SELECT count(*) FROM {table}",
    [STATEMENT_ALL_POINTS] =
        "SELECT time, {columns}, {key} FROM {table} WHERE {key} = ?1 ORDER BY time",
    [STATEMENT_POINTS] = "SELECT time, {columns}, {key} FROM {table} "
                         "WHERE {key} = ?1 AND time >= ?2 AND time <= ?3 ORDER BY time",
    [STATEMENT_COUNT_BETWEEN] = "SELECT count(*) FROM {table} "
                                "WHERE {key} = ?1 AND time >= ?2 AND time <= ?3",
    [STATEMENT_PURGE] = "DELETE FROM {table} WHERE {key} = ?1 AND time IN (SELECT time FROM "
                        "{table} WHERE {key} = ?1 AND time < ?2 ORDER BY time LIMIT ?3)",
};

static void append_columns(struct strbuf *sql, const struct record_kind *kind, int version)
{
    struct stored_columns columns = kind_stored_columns(kind);
    for (size_t i = 0; i < columns.count; i++) {
        const struct column *column = columns.items[i];
        strbuf_append_format(sql, "%s%s%s", i > 0 ? ", " : "",
                             column->since > version ? "NULL AS " : "", column_stored_name(column));
    }
}

/* Appends the parameters of the columns, numbered after those of key and time. */
static void append_places(struct strbuf *sql, const struct record_kind *kind)
{
    size_t count = kind_stored_columns(kind).count;
    for (size_t i = 0; i < count; i++) {
        strbuf_append_format(sql, "%s?%zu", i > 0 ? ", " : "", i + 3);
    }
}

static void append_value(struct strbuf *sql, struct str name, const struct record_kind *kind,
                         int version)
{
    if (str_equal_text(name, "table")) {
        strbuf_append_text(sql, kind->name);
    } else if (str_equal_text(name, "key")) {
        strbuf_append_text(sql, column_stored_name(kind->key));
    } else if (str_equal_text(name, "columns")) {
        append_columns(sql, kind, version);
    } else if (str_equal_text(name, "places")) {
        append_places(sql, kind);
    } else if (str_equal_text(name, "price")) {
        strbuf_append_text(sql, kind->price != NULL ? column_stored_name(kind->price) : "NULL");
    } else if (str_equal_text(name, "class")) {
        strbuf_append_text(sql, kind->tags[0].class);
    } else if (str_equal_text(name, "least")) {
        strbuf_append_int64(sql, kind->tags[0].least);
    } else if (str_equal_text(name, "most")) {
        strbuf_append_int64(sql, kind->tags[0].most);
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
                                        [COLUMN_BOOL] = " INTEGER NOT NULL"};
    bool required = column->present_offset == COLUMN_REQUIRED;
    strbuf_append_format(sql, ", %s%s", column_stored_name(column),
                         required ? types[column->type] : "");
}

/* WITHOUT ROWID: the table is the B-tree of the primary key, so a coin's points are adjacent, in
 * time order. */
void sqlite_append_table(struct strbuf *sql, const struct record_kind *kind, int version)
{
    struct stored_columns columns = kind_stored_columns(kind);
    const char *key = column_stored_name(kind->key);
    strbuf_append_format(sql, "CREATE TABLE %s (%s TEXT NOT NULL, time INTEGER NOT NULL",
                         kind->name, key);
    for (int since = 1; since <= version; since++) {
        for (size_t i = 0; i < columns.count; i++) {
            if (columns.items[i]->since == since) {
                append_definition(sql, columns.items[i]);
            }
        }
    }
    strbuf_append_format(sql, ", PRIMARY KEY (%s, time)) WITHOUT ROWID", key);
}
