#include "record/series.h"

#include <string.h>

void series_join(const struct record_kind *kind, const struct str parts[],
                 char name[RECORD_SERIES_MAX + 1])
{
    size_t length = 0;
    for (size_t i = 0; i < kind->tag_count; i++) {
        if (i > 0 && length < RECORD_SERIES_MAX) {
            name[length++] = ' ';
        }
        (void)str_copy(parts[i], name + length, RECORD_SERIES_MAX + 1 - length);
        length += strlen(name + length);
    }
}

void series_of(const struct record_kind *kind, const void *record, char name[RECORD_SERIES_MAX + 1])
{
    struct str parts[KIND_TAGS_MAX];
    for (size_t i = 0; i < kind->tag_count; i++) {
        parts[i] = column_text(kind->tags[i].column, record);
    }
    series_join(kind, parts, name);
}

bool series_cut(const struct record_kind *kind, struct str name, struct str parts[KIND_TAGS_MAX])
{
    for (size_t i = 0; i + 1 < kind->tag_count; i++) {
        const char *blank = name.length > 0 ? memchr(name.data, ' ', name.length) : NULL;
        if (blank == NULL) {
            return false;
        }
        size_t length = (size_t)(blank - name.data);
        parts[i] = (struct str){.data = name.data, .length = length};
        name = (struct str){.data = blank + 1, .length = name.length - length - 1};
    }
    parts[kind->tag_count - 1] = name;
    return true;
}

bool series_split(const struct record_kind *kind, struct str name, struct str parts[KIND_TAGS_MAX])
{
    bool valid = series_cut(kind, name, parts);
    for (size_t i = 0; valid && i < kind->tag_count; i++) {
        valid = kind->tags[i].valid(parts[i]);
    }
    return valid;
}

bool series_valid(const struct record_kind *kind, struct str name)
{
    struct str parts[KIND_TAGS_MAX];
    return series_split(kind, name, parts);
}

bool series_set(const struct record_kind *kind, struct str name, void *record)
{
    struct str parts[KIND_TAGS_MAX];
    bool set = series_split(kind, name, parts);
    for (size_t i = 0; set && i < kind->tag_count; i++) {
        set = column_set_text(kind->tags[i].column, record, parts[i]);
    }
    return set;
}
