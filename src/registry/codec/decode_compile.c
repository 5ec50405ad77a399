#include <stdlib.h>
#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/columns_match.h"
#include "registry/codec/decode_plan.h"
#include "registry/codec/resolve.h"

/* The inputs of a plan. */
struct compiler {
    const struct schema *writer, *reader;
    const struct column *bound[SCHEMA_FIELD_LIMIT]; /* by index of the reader's field; NULL: no
                                                       column */
    struct resolution resolution;
    struct error *error;
};

/* Returns how to read a primitive type as another one; the two must match. */
static enum step_action action_for(enum avro_type writer, enum avro_type reader)
{
    switch (writer) {
    case AVRO_INT_TYPE:
        return reader == AVRO_FLOAT_TYPE    ? STEP_INT_AS_FLOAT
               : reader == AVRO_DOUBLE_TYPE ? STEP_INT_AS_DOUBLE
                                            : STEP_INT;
    case AVRO_LONG_TYPE:
        return reader == AVRO_FLOAT_TYPE    ? STEP_LONG_AS_FLOAT
               : reader == AVRO_DOUBLE_TYPE ? STEP_LONG_AS_DOUBLE
                                            : STEP_LONG;
    case AVRO_BOOLEAN_TYPE:
        return STEP_BOOL;
    case AVRO_FLOAT_TYPE:
        return STEP_FLOAT;
    case AVRO_DOUBLE_TYPE:
        return STEP_DOUBLE;
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return reader == AVRO_STRING_TYPE ? STEP_STRING : STEP_BYTES;
    default:
        return STEP_NULL;
    }
}

static void bind(struct step *step, const struct schema_field *field, const struct column *column)
{
    step->takes_null = field->nullable && column->present_offset != COLUMN_REQUIRED;
    step->into = column->type;
    step->offset = column->offset;
    step->size = column->type == COLUMN_LONG_TEXT ? LONG_TEXT_MAX + 1 : column->size;
    step->present_offset = column->present_offset;
}

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "out of memory for a decoding plan");
}

/* Appends a step with a copy of `name`; returns NULL when out of memory. */
static struct step *add_step(struct record_plan *plan, const char *name)
{
    struct step *step = &plan->steps[plan->count];
    step->null_branch = NOT_A_UNION;
    step->name = strdup(name);
    if (step->name == NULL) {
        return NULL;
    }
    plan->count++;
    return step;
}

/* Why a branch of this type cannot be read. */
static const char *const refused[] = {
    [AVRO_NULL_TYPE] = "null where a value is required",
    [AVRO_BOOLEAN_TYPE] = "its union holds a boolean, which is not read as this field",
    [AVRO_INT_TYPE] = "its union holds an int, which is not read as this field",
    [AVRO_LONG_TYPE] = "its union holds a long, which is not read as this field",
    [AVRO_FLOAT_TYPE] = "its union holds a float, which is not read as this field",
    [AVRO_DOUBLE_TYPE] = "its union holds a double, which is not read as this field",
    [AVRO_BYTES_TYPE] = "its union holds bytes, which are not read as this field",
    [AVRO_STRING_TYPE] = "its union holds a string, which is not read as this field",
    [AVRO_RECORD_TYPE] = "its union holds a record, which is not read as this field",
    [AVRO_ENUM_TYPE] = "its union holds an enum, which is not read as this field",
    [AVRO_ARRAY_TYPE] = "its union holds an array, which is not read as this field",
    [AVRO_MAP_TYPE] = "its union holds a map, which is not read as this field",
    [AVRO_FIXED_TYPE] = "its union holds a fixed, which is not read as this field",
};

static bool add_branches(const struct compiler *compiler, struct step *step,
                         const struct schema_field *from, const struct schema_field *to)
{
    const struct schema *writer = compiler->writer;
    const struct schema_type *type = &writer->types[from->of];
    struct step_branch *branches = calloc(type->count + 1, sizeof *branches);
    if (branches == NULL) {
        return out_of_memory(compiler->error);
    }
    for (size_t i = 0; i < type->count; i++) {
        size_t branch = writer->branches[type->first + i];
        enum avro_type kind = writer->types[branch].type;
        if (schema_types_match(writer, branch, compiler->reader, to->of)) {
            branches[i].action = action_for(kind, to->type);
        } else {
            branches[i].refused = refused[kind];
        }
    }
    step->action = STEP_UNION;
    step->with.branches.items = branches;
    step->with.branches.count = type->count;
    return true;
}

/* Adds the step for a field that has a column and that the writer has. */
static bool add_read(const struct compiler *compiler, struct record_plan *plan,
                     const struct schema_field *from, const struct schema_field *to,
                     const struct column *column)
{
    struct step *step = add_step(plan, from->name);
    if (step == NULL) {
        return out_of_memory(compiler->error);
    }
    bind(step, to, column);
    bool simple =
        from->type < AVRO_PRIMITIVES &&
        schema_types_match(compiler->writer, (size_t)from->type, compiler->reader, to->of);
    if (!simple) {
        return add_branches(compiler, step, from, to);
    }
    step->action = action_for(from->type, to->type);
    if (from->nullable) {
        step->null_branch = from->null_branch;
    }
    return true;
}

static bool add_skip(const struct compiler *compiler, struct record_plan *plan,
                     const struct schema_field *from)
{
    struct step *step = add_step(plan, from->name);
    if (step == NULL) {
        return out_of_memory(compiler->error);
    }
    step->action = STEP_SKIP;
    step->with.skipped = from->of;
    return true;
}

static bool text_default(struct step *step, const struct schema_default *fallback,
                         struct error *error)
{
    char *bytes = malloc(fallback->text.length + 1);
    if (bytes == NULL) {
        return out_of_memory(error);
    }
    size_t length = schema_default_bytes(fallback, bytes);
    bytes[length] = '\0';
    step->action = STEP_DEFAULT_TEXT;
    step->with.text.bytes = bytes;
    step->with.text.length = length;
    if (length >= step->size || strlen(bytes) != length) {
        return error_set(error, ERROR_REJECT, "field '%.64s': its default does not fit",
                         step->name);
    }
    return true;
}

static bool add_default(const struct compiler *compiler, struct record_plan *plan,
                        const struct schema_field *field, const struct column *column)
{
    struct schema_default fallback;
    struct step *step = add_step(plan, field->name);
    if (step == NULL) {
        return out_of_memory(compiler->error);
    }
    bind(step, field, column);
    if (!schema_read_default(compiler->reader, field, &fallback, compiler->error)) {
        return false;
    }
    switch (fallback.kind) {
    case DEFAULT_TEXT:
        return text_default(step, &fallback, compiler->error);
    case DEFAULT_BOOLEAN:
        step->action = STEP_DEFAULT_BOOL;
        step->with.integer = fallback.integer;
        return true;
    case DEFAULT_INTEGER:
        step->action = STEP_DEFAULT_INTEGER;
        step->with.integer = fallback.integer;
        return true;
    case DEFAULT_REAL:
        step->action = STEP_DEFAULT_REAL;
        step->with.real = fallback.real;
        return true;
    default:
        step->action = STEP_NULL;
        return step->takes_null ||
               error_set(compiler->error, ERROR_REJECT,
                         "field '%.64s' is not in the writer's record and its default is null, "
                         "which is none of its values here",
                         field->name);
    }
}

/* Compiles one of the writer's records. Returns false with ERROR_REJECT if it can never be read. */
static bool compile_record(struct compiler *compiler, size_t record, struct record_plan *plan)
{
    const struct schema *writer = compiler->writer;
    const struct schema *reader = compiler->reader;
    if (!schema_resolve(writer, record, reader, &compiler->resolution, compiler->error)) {
        return false;
    }
    const struct schema_type *type = &writer->types[record];
    plan->steps = calloc(type->count + reader->field_count + 1, sizeof plan->steps[0]);
    if (plan->steps == NULL) {
        return out_of_memory(compiler->error);
    }
    for (size_t i = 0; i < type->count; i++) {
        const struct schema_field *from = &writer->fields[type->first + i];
        int to = compiler->resolution.reader_of[i];
        const struct column *column = to == RESOLVE_SKIP ? NULL : compiler->bound[to];
        if (column != NULL ? !add_read(compiler, plan, from, &reader->fields[to], column)
                           : !add_skip(compiler, plan, from)) {
            return false;
        }
    }
    for (size_t i = 0; i < reader->field_count; i++) {
        if (compiler->resolution.writer_of[i] == RESOLVE_DEFAULT && compiler->bound[i] != NULL &&
            !add_default(compiler, plan, &reader->fields[i], compiler->bound[i])) {
            return false;
        }
    }
    return true;
}

/* For a writer whose outermost type is a union: compiles each of its records; one that can be read
 * is enough. */
static bool compile_branches(struct compiler *compiler, const struct schema_type *type,
                             struct decode_plan *plan)
{
    bool any = false;
    for (size_t i = 0; i < type->count; i++) {
        size_t branch = compiler->writer->branches[type->first + i];
        if (compile_record(compiler, branch, &plan->records[i])) {
            any = true;
            continue;
        }
        if (compiler->error->kind != ERROR_REJECT) {
            return false;
        }
        plan->records[i].refused = strdup(compiler->error->text);
        if (plan->records[i].refused == NULL) {
            return out_of_memory(compiler->error);
        }
    }
    return any;
}

static struct decode_plan *compile(struct compiler *compiler)
{
    const struct schema_type *root = &compiler->writer->types[compiler->writer->root];
    bool is_union = root->type == AVRO_UNION_TYPE;
    size_t count = is_union ? root->count : 1;
    struct decode_plan *plan = calloc(1, sizeof *plan + (count + 1) * sizeof plan->records[0]);
    if (plan == NULL) {
        (void)out_of_memory(compiler->error);
        return NULL;
    }
    plan->is_union = is_union;
    plan->count = count;
    plan->skipper = skipper_create(compiler->writer);
    bool good = plan->skipper != NULL || out_of_memory(compiler->error);
    good = good && (is_union ? compile_branches(compiler, root, plan)
                             : compile_record(compiler, compiler->writer->root, &plan->records[0]));
    if (!good) {
        decode_plan_destroy(plan);
        return NULL;
    }
    return plan;
}

struct decode_plan *decode_plan_compile(const struct schema *writer, const struct schema *reader,
                                        const struct column *columns, struct error *error)
{
    struct error own = {.kind = ERROR_REJECT, .text = "an empty union is never written"};
    struct decode_plan *plan = NULL;
    struct compiler *compiler = calloc(1, sizeof *compiler);
    if (compiler == NULL) {
        (void)out_of_memory(error);
        return NULL;
    }
    compiler->writer = writer;
    compiler->reader = reader;
    compiler->error = &own; /* compile_branches() reads the error's kind, but the caller's
                               `error` may be NULL */
    if (columns_match(reader, columns, compiler->bound, &own)) {
        plan = compile(compiler);
    }
    if (plan == NULL && error != NULL) {
        *error = own;
    }
    free(compiler);
    return plan;
}

static void free_record(struct record_plan *record)
{
    for (size_t i = 0; i < record->count; i++) {
        struct step *step = &record->steps[i];
        if (step->action == STEP_DEFAULT_TEXT) {
            free(step->with.text.bytes);
        } else if (step->action == STEP_UNION) {
            free(step->with.branches.items);
        }
        free(step->name);
    }
    free(record->steps);
    free(record->refused);
}

void decode_plan_destroy(struct decode_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        free_record(&plan->records[i]);
    }
    skipper_destroy(plan->skipper);
    free(plan);
}
