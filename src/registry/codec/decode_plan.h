/* What decode_plan_compile makes and decode_plan_run runs; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CODEC_DECODE_PLAN_H
#define CANDLEWICK_REGISTRY_CODEC_DECODE_PLAN_H

#include "registry/codec/codec.h"
#include "registry/codec/skip.h"

enum step_action {
    STEP_SKIP, /* a writer's field that the reader, or the C record, does not have */
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
    STEP_UNION, /* the writer's union has other branches than null and one that can be read */
    /* From the plan to the record. */
    STEP_DEFAULT_INTEGER,
    STEP_DEFAULT_REAL,
    STEP_DEFAULT_TEXT,
};

enum { NOT_A_UNION = 2 };

/* How the value of one branch of a STEP_UNION is read. */
struct step_branch {
    enum step_action action;
    const char *refused; /* static: why it cannot be read; NULL: it can */
};

struct step {
    enum step_action action;
    unsigned null_branch;  /* of a union of null and one more: 0 or 1; NOT_A_UNION */
    enum column_type into; /* the member's type: what null clears */
    bool takes_null;       /* the reader's field and the C member both have a null */
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
        size_t skipped; /* STEP_SKIP: the type, for the plan's skipper */
        struct {
            struct step_branch *items; /* owned */
            size_t count;
        } branches; /* STEP_UNION */
    } with;
};

/* How a record of the writer is read. */
struct record_plan {
    char *refused; /* owned: why it cannot be; NULL: it can */
    size_t count;
    struct step *steps; /* owned; in the order of the message, then those from the plan */
};

struct decode_plan {
    struct skipper *skipper; /* owned */
    bool is_union;           /* the writer's outermost type: a message begins with its branch */
    size_t count;            /* 1, or of the union's branches */
    struct record_plan records[];
};

#endif
