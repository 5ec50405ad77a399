/* A random flat schema in our hands and in avro-c's, with columns and random values for it. */
#ifndef CANDLEWICK_TESTS_RANDOM_SCHEMA_H
#define CANDLEWICK_TESTS_RANDOM_SCHEMA_H

#include <avro.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "registry/codec/codec.h"

enum { FIELDS = 20, TEXT_SIZE = 24 };

/* One field's value, and where our decoder puts it. */
struct slot {
    char text[TEXT_SIZE];
    int64_t integer;
    double real;
    bool truth;
    bool present;
};

struct field {
    char name[24];
    enum avro_type type;
    bool nullable;
    unsigned null_branch;
};

/* A random schema in both libraries' hands. */
struct subject {
    struct field fields[FIELDS];
    size_t count;
    struct column columns[FIELDS + 1];
    struct schema *ours;
    avro_schema_t theirs;
    avro_value_iface_t *class;
};

static const char *const type_names[] = {"null",  "boolean", "int",   "long",
                                         "float", "double",  "bytes", "string"};

enum { ALL_TYPES = 8 };
static const enum avro_type all_types[ALL_TYPES] = {
    AVRO_NULL_TYPE,  AVRO_BOOLEAN_TYPE, AVRO_INT_TYPE,   AVRO_LONG_TYPE,
    AVRO_FLOAT_TYPE, AVRO_DOUBLE_TYPE,  AVRO_BYTES_TYPE, AVRO_STRING_TYPE};

static inline size_t below(struct random *random, size_t limit)
{
    return (size_t)(random_next(random) % limit);
}

static inline void parse_both(struct subject *subject, const char *text)
{
    struct error error;
    subject->ours = schema_parse(str_from(text), &error);
    if (subject->ours == NULL) {
        fail_msg("%s: %s", text, error.text);
    }
    assert_int_equal(avro_schema_from_json_length(text, strlen(text), &subject->theirs), 0);
    subject->class = avro_generic_class_from_schema(subject->theirs);
    assert_non_null(subject->class);
}

static inline void free_both(struct subject *subject)
{
    schema_destroy(subject->ours);
    avro_value_iface_decref(subject->class);
    avro_schema_decref(subject->theirs);
}

/* False: no member holds a null alone; such a field is skipped. */
static inline bool make_binding(const struct field *field, size_t index, struct column *column)
{
    size_t base = index * sizeof(struct slot);
    column->name = field->name;
    column->present_offset =
        field->nullable ? base + offsetof(struct slot, present) : COLUMN_REQUIRED;
    switch (field->type) {
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        column->type = COLUMN_TEXT;
        column->offset = base + offsetof(struct slot, text);
        column->size = TEXT_SIZE;
        return true;
    case AVRO_INT_TYPE:
    case AVRO_LONG_TYPE:
        column->type = COLUMN_INT64;
        column->offset = base + offsetof(struct slot, integer);
        return true;
    case AVRO_FLOAT_TYPE:
    case AVRO_DOUBLE_TYPE:
        column->type = COLUMN_DOUBLE;
        column->offset = base + offsetof(struct slot, real);
        return true;
    case AVRO_BOOLEAN_TYPE:
        column->type = COLUMN_BOOL;
        column->offset = base + offsetof(struct slot, truth);
        return true;
    default:
        return false;
    }
}

/* `types` are drawn from; a null is never made nullable. */
static inline void make_subject(struct subject *subject, struct random *random,
                                const enum avro_type *types, size_t type_count)
{
    memset(subject, 0, sizeof *subject);
    subject->count = below(random, FIELDS + 1);
    struct strbuf text = strbuf_new(SCHEMA_TEXT_LIMIT);
    strbuf_append_text(&text, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
    size_t bound = 0;
    for (size_t i = 0; i < subject->count; i++) {
        struct field *field = &subject->fields[i];
        (void)snprintf(field->name, sizeof field->name, "f%zu", i);
        field->type = types[below(random, type_count)];
        field->nullable = field->type != AVRO_NULL_TYPE && below(random, 2) == 0;
        field->null_branch = (unsigned)below(random, 2);
        const char *name = type_names[field->type];
        strbuf_append_format(&text, "%s{\"name\":\"%s\",\"type\":", i > 0 ? "," : "", field->name);
        if (!field->nullable) {
            strbuf_append_format(&text, "\"%s\"}", name);
        } else if (field->null_branch == 0) {
            strbuf_append_format(&text, "[\"null\",\"%s\"]}", name);
        } else {
            strbuf_append_format(&text, "[\"%s\",\"null\"]}", name);
        }
        bound += make_binding(field, i, &subject->columns[bound]);
    }
    strbuf_append_text(&text, "]}");
    subject->columns[bound].name = NULL;
    parse_both(subject, strbuf_text(&text));
    strbuf_free(&text);
}

/* Any bits, but finite; ints and floats hold what their narrow types can. */
static inline void make_slots(const struct subject *subject, struct random *random,
                              struct slot *slots)
{
    memset(slots, 0, FIELDS * sizeof *slots);
    for (size_t i = 0; i < subject->count; i++) {
        const struct field *field = &subject->fields[i];
        struct slot *slot = &slots[i];
        slot->present = !field->nullable || below(random, 3) > 0;
        if (!slot->present) {
            continue;
        }
        size_t length = below(random, TEXT_SIZE);
        for (size_t at = 0; at < length; at++) {
            slot->text[at] = (char)(1 + below(random, 127));
        }
        int64_t number = (int64_t)(random_next(random) >> below(random, 64));
        slot->integer = field->type == AVRO_INT_TYPE ? (int32_t)number : number;
        slot->truth = below(random, 2) == 0;
        uint64_t bits = random_next(random) & ~(UINT64_C(1) << 62);
        memcpy(&slot->real, &bits, sizeof bits);
        if (field->type == AVRO_FLOAT_TYPE) {
            slot->real = (double)(float)(random_unit(random) * 1e6 - 5e5);
        }
    }
}

#endif
