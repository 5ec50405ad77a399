#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "registry/avro_name.h"
#include "registry/binding.h"
#include "registry/decode_plan.h"
#include "registry/resolve.h"
#include "registry/schema_fields.h"

static const enum step_action skips[] = {
    [AVRO_NULL_TYPE] = STEP_SKIP_NULL,   [AVRO_BOOLEAN_TYPE] = STEP_SKIP_BOOLEAN,
    [AVRO_INT_TYPE] = STEP_SKIP_INT,     [AVRO_LONG_TYPE] = STEP_SKIP_LONG,
    [AVRO_FLOAT_TYPE] = STEP_SKIP_FLOAT, [AVRO_DOUBLE_TYPE] = STEP_SKIP_DOUBLE,
    [AVRO_BYTES_TYPE] = STEP_SKIP_BYTES, [AVRO_STRING_TYPE] = STEP_SKIP_BYTES,
};

/* Only for pairs that schema_resolve let through. */
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
    case AVRO_FLOAT_TYPE:
        return STEP_FLOAT;
    case AVRO_DOUBLE_TYPE:
        return STEP_DOUBLE;
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return reader == AVRO_STRING_TYPE ? STEP_STRING : STEP_BYTES;
    case AVRO_BOOLEAN_TYPE:
    case AVRO_NULL_TYPE:
        break;
    }
    return STEP_NULL;
}

static void bind(struct step *step, const struct schema_field *field, const struct binding *binding)
{
    step->bound = true;
    step->takes_null = field->nullable && binding->present_offset != BINDING_REQUIRED;
    step->binding = binding->type;
    step->offset = binding->offset;
    step->size = binding->size;
    step->present_offset = binding->present_offset;
}

/* The next step of the plan, with a copy of `name`; NULL when memory is out. */
static struct step *add_step(struct decode_plan *plan, const char *name)
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

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "out of memory for a decoding plan");
}

static bool add_read(struct decode_plan *plan, const struct schema_field *from,
                     const struct schema_field *to, const struct binding *binding,
                     struct error *error)
{
    struct step *step = add_step(plan, from->name);
    if (step == NULL) {
        return out_of_memory(error);
    }
    if (from->nullable) {
        step->null_branch = from->null_branch;
    }
    if (binding == NULL) {
        step->action = skips[from->type];
        return true;
    }
    step->action = action_for(from->type, to->type);
    bind(step, to, binding);
    return true;
}

static bool text_default(struct step *step, const struct schema_field *field, struct error *error)
{
    char *bytes = malloc(field->fallback.text.length + 1);
    if (bytes == NULL) {
        return out_of_memory(error);
    }
    size_t length = schema_default_bytes(field, bytes);
    bytes[length] = '\0';
    step->action = STEP_DEFAULT_TEXT;
    step->fallback.text.bytes = bytes;
    step->fallback.text.length = length;
    if (length >= step->size || strlen(bytes) != length) {
        return error_set(error, ERROR_REJECT, "field '%.64s': its default does not fit",
                         field->name);
    }
    return true;
}

static bool add_default(struct decode_plan *plan, const struct schema_field *field,
                        const struct binding *binding, struct error *error)
{
    struct step *step = add_step(plan, field->name);
    if (step == NULL) {
        return out_of_memory(error);
    }
    bind(step, field, binding);
    switch (field->fallback.kind) {
    case DEFAULT_TEXT:
        return text_default(step, field, error);
    case DEFAULT_INTEGER:
        step->action = STEP_DEFAULT_INTEGER;
        step->fallback.integer = field->fallback.integer;
        return true;
    case DEFAULT_REAL:
        step->action = STEP_DEFAULT_REAL;
        step->fallback.real = field->fallback.real;
        return true;
    default:
        step->action = STEP_NULL;
        return step->takes_null ||
               error_set(error, ERROR_REJECT,
                         "field '%.64s' is not in the writer's record and its default is null, "
                         "which is none of its values here",
                         field->name);
    }
}

static bool compile(struct decode_plan *plan, const struct schema *writer,
                    const struct schema *reader, const struct binding *const *bound,
                    struct error *error)
{
    struct resolution resolution;
    if (!schema_resolve(writer, reader, &resolution, error)) {
        return false;
    }
    for (size_t i = 0; i < writer->field_count; i++) {
        int to = resolution.reader_of[i];
        const struct binding *binding = to == RESOLVE_SKIP ? NULL : bound[to];
        const struct schema_field *field = to == RESOLVE_SKIP ? NULL : &reader->fields[to];
        if (!add_read(plan, &writer->fields[i], field, binding, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < reader->field_count; i++) {
        if (resolution.writer_of[i] == RESOLVE_DEFAULT && bound[i] != NULL &&
            !add_default(plan, &reader->fields[i], bound[i], error)) {
            return false;
        }
    }
    return true;
}

struct decode_plan *decode_plan_compile(const struct schema *writer, const struct schema *reader,
                                        const struct binding *bindings, struct error *error)
{
    const struct binding *bound[SCHEMA_FIELD_LIMIT];
    if (!bindings_match(reader, bindings, bound, error)) {
        return NULL;
    }
    size_t most = writer->field_count + reader->field_count;
    struct decode_plan *plan = calloc(1, sizeof *plan + most * sizeof plan->steps[0]);
    if (plan == NULL) {
        (void)out_of_memory(error);
        return NULL;
    }
    if (!compile(plan, writer, reader, bound, error)) {
        decode_plan_destroy(plan);
        return NULL;
    }
    return plan;
}

void decode_plan_destroy(struct decode_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct step *step = &plan->steps[i];
        if (step->action == STEP_DEFAULT_TEXT) {
            free(step->fallback.text.bytes);
        }
        free(step->name);
    }
    free(plan);
}
