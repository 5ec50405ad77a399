/* The hot path: allocates nothing, except in skip.c and for long texts, and reads no byte outside
 * the message. */
#include <math.h>
#include <string.h>

#include "base/text/utf8.h"
#include "registry/codec/decode_plan.h"

static inline void put_present(const struct step *step, char *record, bool present)
{
    if (step->present_offset != COLUMN_REQUIRED) {
        memcpy(record + step->present_offset, &present, sizeof present);
    }
}

static inline const char *put_integer(const struct step *step, char *record, int64_t value)
{
    memcpy(record + step->offset, &value, sizeof value);
    put_present(step, record, true);
    return NULL;
}

static inline const char *put_bool(const struct step *step, char *record, bool value)
{
    memcpy(record + step->offset, &value, sizeof value);
    put_present(step, record, true);
    return NULL;
}

static inline const char *put_real(const struct step *step, char *record, double value)
{
    if (!isfinite(value)) {
        return "a number is not finite";
    }
    memcpy(record + step->offset, &value, sizeof value);
    put_present(step, record, true);
    return NULL;
}

/* Copies a text; the caller has checked that its length fits. */
static inline const char *put_text(const struct step *step, char *record, struct text_arena *texts,
                                   struct str text)
{
    if (step->into == COLUMN_LONG_TEXT) {
        struct long_text place;
        if (!text_arena_add(texts, text, &place)) {
            return skip_no_memory;
        }
        memcpy(record + step->offset, &place, sizeof place);
    } else {
        memcpy(record + step->offset, text.data, text.length);
        record[step->offset + text.length] = '\0';
    }
    put_present(step, record, true);
    return NULL;
}

/* A null is stored as "not present" with the value 0 or "", so that equal messages give equal
 * records. */
static const char *put_null(const struct step *step, char *record)
{
    if (!step->takes_null) {
        return "null where a value is required";
    }
    switch (step->into) {
    case COLUMN_TEXT:
        record[step->offset] = '\0';
        break;
    case COLUMN_INT64:
        memset(record + step->offset, 0, sizeof(int64_t));
        break;
    case COLUMN_DOUBLE:
        memset(record + step->offset, 0, sizeof(double));
        break;
    case COLUMN_BOOL:
        memset(record + step->offset, 0, sizeof(bool));
        break;
    case COLUMN_LONG_TEXT:
        memset(record + step->offset, 0, sizeof(struct long_text));
        break;
    }
    put_present(step, record, false);
    return NULL;
}

static const char *read_text(const struct step *step, struct cursor *cursor, char *record,
                             struct text_arena *texts)
{
    struct str text;
    const char *why = wire_bytes(cursor, &text);
    if (why != NULL) {
        return why;
    }
    if (text.length >= step->size) {
        return "a text is too long";
    }
    if (memchr(text.data, '\0', text.length) != NULL) {
        return "a text holds a NUL byte";
    }
    if (step->action == STEP_STRING && !utf8_valid(text)) {
        return "a string is not UTF-8";
    }
    return put_text(step, record, texts, text);
}

static const char *read_integer(const struct step *step, struct cursor *cursor, char *record)
{
    int64_t value;
    bool is_long = step->action == STEP_LONG || step->action == STEP_LONG_AS_FLOAT ||
                   step->action == STEP_LONG_AS_DOUBLE;
    const char *why = is_long ? wire_long(cursor, &value) : wire_int(cursor, &value);
    if (why != NULL) {
        return why;
    }
    if (step->action == STEP_INT || step->action == STEP_LONG) {
        return put_integer(step, record, value);
    }
    bool as_float = step->action == STEP_INT_AS_FLOAT || step->action == STEP_LONG_AS_FLOAT;
    return put_real(step, record, as_float ? (double)(float)value : (double)value);
}

static const char *read_bool(const struct step *step, struct cursor *cursor, char *record)
{
    const unsigned char *byte = cursor->at;
    const char *why = wire_boolean(cursor);
    return why != NULL ? why : put_bool(step, record, *byte == 1);
}

static inline const char *read_double(const struct step *step, struct cursor *cursor, char *record)
{
    double real;
    const char *why = wire_double(cursor, &real);
    return why != NULL ? why : put_real(step, record, real);
}

/* Reads the value itself, at the cursor, as `step` says. */
static const char *run_action(const struct step *step, struct cursor *cursor, char *record,
                              struct text_arena *texts)
{
    double real;
    struct str text;
    const char *why;
    switch (step->action) {
    case STEP_DOUBLE:
        return read_double(step, cursor, record);
    case STEP_FLOAT:
        why = wire_float(cursor, &real);
        return why != NULL ? why : put_real(step, record, real);
    case STEP_INT:
    case STEP_LONG:
    case STEP_INT_AS_FLOAT:
    case STEP_INT_AS_DOUBLE:
    case STEP_LONG_AS_FLOAT:
    case STEP_LONG_AS_DOUBLE:
        return read_integer(step, cursor, record);
    case STEP_BYTES:
    case STEP_STRING:
        return read_text(step, cursor, record, texts);
    case STEP_BOOL:
        return read_bool(step, cursor, record);
    case STEP_DEFAULT_BOOL:
        return put_bool(step, record, step->with.integer != 0);
    case STEP_DEFAULT_INTEGER:
        return put_integer(step, record, step->with.integer);
    case STEP_DEFAULT_REAL:
        return put_real(step, record, step->with.real);
    case STEP_DEFAULT_TEXT:
        text = (struct str){.data = step->with.text.bytes, .length = step->with.text.length};
        return put_text(step, record, texts, text);
    default: /* STEP_NULL */
        return put_null(step, record);
    }
}

static const char *run_union(const struct step *step, struct cursor *cursor, char *record,
                             struct text_arena *texts)
{
    int64_t number;
    const char *why = wire_long(cursor, &number);
    if (why != NULL) {
        return why;
    }
    if (number < 0 || (uint64_t)number >= step->with.branches.count) {
        return "a union has no such branch";
    }
    const struct step_branch *branch = &step->with.branches.items[number];
    if (branch->refused != NULL) {
        return branch->refused;
    }
    struct step chosen = *step;
    chosen.action = branch->action;
    return run_action(&chosen, cursor, record, texts);
}

static inline const char *run_step(const struct step *step, const struct skipper *skipper,
                                   struct cursor *cursor, char *record, struct text_arena *texts)
{
    if (step->null_branch != NOT_A_UNION) {
        int64_t branch;
        const char *why = wire_long(cursor, &branch);
        if (why != NULL) {
            return why;
        }
        if (branch != 0 && branch != 1) {
            return "a union has no such branch";
        }
        if (branch == (int64_t)step->null_branch) {
            return put_null(step, record);
        }
    }
    switch (step->action) {
    case STEP_DOUBLE: /* most fields of a tick are doubles: avoid the call */
        return read_double(step, cursor, record);
    case STEP_SKIP:
        return skipper_skip(skipper, step->with.skipped, cursor);
    case STEP_UNION:
        return run_union(step, cursor, record, texts);
    default:
        return run_action(step, cursor, record, texts);
    }
}

/* Returns the plan for the branch with which the message begins. Returns NULL if that cannot be
 * read; `error` says why. */
static const struct record_plan *choose_record(const struct decode_plan *plan,
                                               struct cursor *cursor, struct error *error)
{
    int64_t branch;
    const char *why = wire_long(cursor, &branch);
    if (why == NULL && (branch < 0 || (uint64_t)branch >= plan->count)) {
        why = "a union has no such branch";
    }
    if (why == NULL) {
        why = plan->records[branch].refused;
    }
    if (why != NULL) {
        error_set(error, ERROR_REJECT, "the message: %s", why);
        return NULL;
    }
    return &plan->records[branch];
}

bool decode_plan_run(const struct decode_plan *plan, struct str body, void *record,
                     struct text_arena *texts, struct error *error)
{
    const unsigned char *start = (const unsigned char *)body.data;
    struct cursor cursor = {.at = start, .end = start + body.length};
    const struct record_plan *steps =
        plan->is_union ? choose_record(plan, &cursor, error) : &plan->records[0];
    for (size_t i = 0; steps != NULL && i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        const char *why = run_step(step, plan->skipper, &cursor, record, texts);
        if (why != NULL) {
            return error_set(error, why == skip_no_memory ? ERROR_RETRY : ERROR_REJECT,
                             "field '%.64s': %s", step->name, why);
        }
    }
    if (steps != NULL && cursor.at != cursor.end) {
        return error_set(error, ERROR_REJECT, "%zu bytes are left after the last field",
                         wire_left(&cursor));
    }
    return steps != NULL;
}
