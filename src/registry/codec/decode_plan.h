/* The plan that decode_plan_compile builds and decode_plan_run runs; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CODEC_DECODE_PLAN_H
#define CANDLEWICK_REGISTRY_CODEC_DECODE_PLAN_H

#include "registry/codec/codec.h"
#include "registry/codec/skip.h"

enum step_action {
    STEP_SKIP, /* skips a field of the writer for which the reader's record or the C struct has
                  no place */
    /* These copy a value from the message to the record; the type before AS is the writer's. */
    STEP_INT,
    STEP_LONG,
    STEP_INT_AS_FLOAT,
    STEP_INT_AS_DOUBLE,
    STEP_LONG_AS_FLOAT,
    STEP_LONG_AS_DOUBLE,
    STEP_FLOAT,
    STEP_DOUBLE,
    STEP_BYTES,
    STEP_STRING,
    STEP_BOOL,
    STEP_NULL,
    STEP_UNION, /* reads a union of the writer that has other branches than null and one readable
                   type */
    /* These copy the field's default from the plan to the record. */
    STEP_DEFAULT_INTEGER,
    STEP_DEFAULT_BOOL, /* with.integer: 0 or 1 */
    STEP_DEFAULT_REAL,
    STEP_DEFAULT_TEXT,
};

enum { NOT_A_UNION = 2 };

/* How to read the value of one branch of a STEP_UNION. */
struct step_branch {
    enum step_action action;
    const char *refused; /* static text: why it cannot be read; NULL: it can */
};

struct step {
    enum step_action action;
    unsigned null_branch;  /* 0 or 1 in a union of null and one type; else NOT_A_UNION */
    enum column_type into; /* the member's type, which a null clears */
    bool takes_null;       /* both the reader's field and the C member can be null */
    size_t offset;
    size_t size; /* size of the member for a text, which must be shorter */
    size_t present_offset;
    char *name; /* owned */
    union {
        int64_t integer;
        double real;
        struct {
            char *bytes; /* owned; NUL-terminated */
            size_t length;
        } text;
        size_t skipped; /* STEP_SKIP: index of the type, for the skipper */
        struct {
            struct step_branch *items; /* owned */
            size_t count;
        } branches; /* STEP_UNION */
    } with;
};

/* How to read one of the writer's records. */
struct record_plan {
    char *refused; /* owned; why it cannot be read; NULL: it can */
    size_t count;
    struct step *steps; /* owned; first the steps that read the message's fields, in their order
                           in the message, then those that set defaults */
};

struct decode_plan {
    struct skipper *skipper; /* owned */
    bool is_union;           /* the writer's outermost type is a union: a message begins with the
                                branch */
    size_t count;            /* number of records: 1, or one for each branch of the union */
    struct record_plan records[];
};

#endif
