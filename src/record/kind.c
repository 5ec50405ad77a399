#include "record/kind.h"

#include <string.h>

#include "base/clock.h"
#include "record/names.h"

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

size_t kind_long_texts(const struct record_kind *kind)
{
    size_t count = 0;
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        count += column->type == COLUMN_LONG_TEXT;
    }
    return count;
}

bool record_move_texts(const struct record_kind *kind, void *record, const struct text_arena *from,
                       struct text_arena *to)
{
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        struct long_text place;
        if (column->type != COLUMN_LONG_TEXT) {
            continue;
        }
        if (!text_arena_add(to, column_long_text(column, record, from), &place)) {
            return false;
        }
        memcpy((char *)record + column->offset, &place, sizeof place);
    }
    return true;
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

bool record_is_live(const struct record_kind *kind, const void *record)
{
    const char *source = (const char *)record + kind->source->offset;
    const char replay[] = "replay";
    size_t length = sizeof replay - 1;
    bool replayed =
        strncmp(source, replay, length) == 0 && (source[length] == '\0' || source[length] == '-');
    return !replayed && strcmp(source, RECORD_SOURCE_SYNTHETIC) != 0;
}

int64_t kind_range_begin(const struct record_kind *kind, int64_t time_ns)
{
    int64_t span_ns = kind->moment_span_ns;
    int64_t begin_ns = 0;
    if (span_ns == 0 || time_ns == INT64_MAX) {
        return time_ns;
    }
    int64_t into_ns = time_ns % span_ns;
    into_ns += into_ns < 0 ? span_ns : 0;
    return __builtin_sub_overflow(time_ns, into_ns, &begin_ns) ? INT64_MIN : begin_ns;
}

int64_t kind_range_end(const struct record_kind *kind, int64_t time_ns)
{
    int64_t begin_ns = kind_range_begin(kind, time_ns);
    int64_t end_ns = 0;
    if (begin_ns == time_ns || time_ns == INT64_MIN) {
        return time_ns;
    }
    return __builtin_add_overflow(begin_ns, kind->moment_span_ns, &end_ns) ? INT64_MAX : end_ns;
}

bool kind_folds(const struct record_kind *kind)
{
    return kind->price != NULL && kind->moment_span_ns <= NS_PER_MS;
}

bool kind_key_is_tag(const struct record_kind *kind)
{
    return kind->tags[0].column == kind->key;
}

int kind_number(const struct record_kind *kind)
{
    int number = 0;
    while (record_kinds[number] != kind) {
        number++;
    }
    return number;
}

bool kinds_coin_valid(struct str coin)
{
    bool valid = false;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        const struct record_kind *kind = record_kinds[i];
        bool of_coins = strcmp(column_stored_name(kind->key), "coin") == 0;
        valid = valid || (of_coins && kind->tags[0].valid(coin));
    }
    return valid;
}

const struct record_kind *kind_named(struct str name)
{
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        if (str_equal_text(name, record_kinds[i]->name)) {
            return record_kinds[i];
        }
    }
    return NULL;
}
