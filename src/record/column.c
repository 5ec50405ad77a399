#include "record/column.h"

#include <string.h>

const char *column_stored_name(const struct column *column)
{
    return column->stored != NULL ? column->stored : column->name;
}

static char *room_in(const struct column *column, void *record)
{
    return (char *)record + column->offset;
}

static void set_present(const struct column *column, void *record, bool present)
{
    if (column->present_offset != COLUMN_REQUIRED) {
        memcpy((char *)record + column->present_offset, &present, sizeof present);
    }
}

void column_set_null(const struct column *column, void *record)
{
    memset(room_in(column, record), 0, column->size);
    set_present(column, record, false);
}

void column_set_int64(const struct column *column, void *record, int64_t value)
{
    memcpy(room_in(column, record), &value, sizeof value);
    set_present(column, record, true);
}

void column_set_double(const struct column *column, void *record, double value)
{
    memcpy(room_in(column, record), &value, sizeof value);
    set_present(column, record, true);
}

void column_set_bool(const struct column *column, void *record, bool value)
{
    memcpy(room_in(column, record), &value, sizeof value);
    set_present(column, record, true);
}

bool column_set_text(const struct column *column, void *record, struct str value)
{
    set_present(column, record, true);
    return str_copy(value, room_in(column, record), column->size);
}

bool column_set_long_text(const struct column *column, void *record, struct text_arena *texts,
                          struct str value)
{
    struct long_text place;
    if (!long_text_valid(value) || !text_arena_add(texts, value, &place)) {
        return false;
    }
    memcpy(room_in(column, record), &place, sizeof place);
    set_present(column, record, true);
    return true;
}
