#include "record/kind.h"

const void *record_set_at(const struct record_set *set, size_t index)
{
    return (const char *)set->items + index * set->kind->size;
}

void record_complete(const struct record_kind *kind, void *record)
{
    if (kind->complete != NULL) {
        kind->complete(record);
    }
}

static void add_role(const struct record_kind *kind, enum column_role role,
                     struct stored_columns *stored)
{
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (column->role == role) {
            stored->items[stored->count++] = column;
        }
    }
}

struct stored_columns kind_stored_columns(const struct record_kind *kind)
{
    struct stored_columns stored = {.kind = kind};
    add_role(kind, COLUMN_FIELD, &stored);
    add_role(kind, COLUMN_RUN, &stored);
    return stored;
}

const struct column *kind_column(const struct record_kind *kind, struct str name)
{
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (str_equal_text(name, column->name)) {
            return column;
        }
    }
    return NULL;
}

int kind_version(const struct record_kind *kind)
{
    int version = 1;
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        version = column->since > version ? column->since : version;
    }
    return version;
}
