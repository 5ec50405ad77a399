/*
 * What a replay file of one kind of record looks like: the columns that it may have, as its header
 * names them, and what to tell people whose file is different. Plain values.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_FORM_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_FORM_H

#include "record/kind.h"
#include "source/source.h"

enum { FORM_COLUMNS_MAX = 32 };

/* A word in a header, and the form's column that it stands for. */
struct form_word {
    const char *word, *name; /* a NULL word ends a list */
};

/* The columns of the file are those of the kind's schema, but the kind's moment is called as `time`
 * says, and those of the run are left out: they belong to the replay. */
struct replay_form {
    const struct record_kind *kind;
    const char *time;         /* the moment's name in a header */
    int64_t time_step_ns;     /* the moment is cut to a multiple of this; 0: it is as in the file */
    const char *example;      /* a header that has what is needed */
    const char *const *marks; /* a header with all of these names has this form; ends with NULL */
    const char *const *hints; /* a header that lacks a mark of each form has the first form with
                                 any of these names; ends with NULL */
    const char *const *optional;    /* required columns that have a default; ends with NULL */
    const struct form_word *same;   /* names that are as good as ours */
    const struct form_word *words;  /* other programs' words for our columns; of several in one
                                       file the first one here is taken */
    const struct form_word *others; /* words that are only suggested */
    bool empty_rows; /* a row without any price is a day without trades (ROW_NO_PRICE) */
    const char *remedies[ROW_FAULTS]; /* what to do about rows of that fault; NULL: nothing known */
};

/* Returns the form of a file; `has` returns whether the file has a name. */
const struct replay_form *replay_form_of(bool (*has)(void *context, const char *name),
                                         void *context);

/* One column of a form. */
struct form_column {
    const char *name; /* in a header and in --columns */
    const struct column *column;
    bool needed; /* a file without it cannot be read */
};

/* Lists the form's columns in the order of the schema; returns how many. */
int replay_form_columns(const struct replay_form *form,
                        struct form_column columns[FORM_COLUMNS_MAX]);

#endif
