/* What decode_plan_compile makes and decode_plan_run runs; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_DECODE_PLAN_H
#define CANDLEWICK_REGISTRY_DECODE_PLAN_H

#include "registry/codec.h"

enum step_action {
    /* Over a value that nobody wants. */
    STEP_SKIP_NULL,
    STEP_SKIP_BOOLEAN,
    STEP_SKIP_INT,
    STEP_SKIP_LONG,
    STEP_SKIP_FLOAT,
    STEP_SKIP_DOUBLE,
    STEP_SKIP_BYTES,
    /* From the message to the record; the word before AS is how it was written. */
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
    STEP_NULL,
    /* From the plan to the record. */
    STEP_DEFAULT_INTEGER,
    STEP_DEFAULT_REAL,
    STEP_DEFAULT_TEXT,
};

enum { NOT_A_UNION = 2 };

struct step {
    enum step_action action;
    unsigned null_branch;      /* of the writer's union: 0 or 1; NOT_A_UNION */
    enum binding_type binding; /* what null clears */
    bool bound;                /* false: skipped */
    bool takes_null;           /* the reader's field and the C member both have a null */
    size_t offset;
    size_t size;
    size_t present_offset;
    char *name; /* owned */
    union {
        int64_t integer;
        double real;
        struct {
            char *bytes; /* owned; NUL-terminated */
            size_t length;
        } text;
    } fallback;
};

struct decode_plan {
    size_t count;
    struct step steps[]; /* in the order of the message, then those from the plan */
};

#endif
