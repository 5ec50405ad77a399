/* The table of options and the table of subcommands. For options*.c only. */
#ifndef CANDLEWICK_CLI_OPTIONS_TABLE_H
#define CANDLEWICK_CLI_OPTIONS_TABLE_H

#include "cli/options.h"

/* The form in which the user writes a value, and the C type in which it is stored. */
enum option_type {
    OPTION_BOOL,        /* bool */
    OPTION_INT,         /* int */
    OPTION_LONG,        /* int64_t */
    OPTION_COUNT,       /* size_t */
    OPTION_SIZE,        /* size_t, bytes: "4MiB" */
    OPTION_FACTOR,      /* double above 0 */
    OPTION_DURATION,    /* int64_t, ns: "5s" */
    OPTION_INTERVAL,    /* int64_t, ns: the length of candles, as candle_interval_parse() reads
                           it */
    OPTION_DURATION_MS, /* int64_t, ms */
    OPTION_SHORT_MS,    /* int, ms */
    OPTION_TIME,        /* int64_t, ns since 1970 */
    OPTION_CHOICE,      /* int: the index of the word in `words`, or its value in `word_values` */
    OPTION_TEXT,        /* const char *, as for all types below */
    OPTION_BROKERS,
    OPTION_URL,
    OPTION_WS_URL, /* ws:// or wss:// */
    OPTION_URLS,
    OPTION_STORE,
    OPTION_SOURCE,
    OPTION_POLL, /* "5s" or "5s,bitfinex=1m" */
    OPTION_COINS,
    OPTION_COIN,
    OPTION_STREAMS,
    OPTION_TOPICS,
    OPTION_ADDRESS,
    OPTION_PROPERTIES, /* adds to `properties` at each use */
};

/* The type and offset of a row, for a member of struct options. It does not compile if the member's
 * C type is not that of the option type: values are copied into members as bytes. */
#define OPTION_FIELD(option, member)                                                               \
    .type = (option), .offset = offsetof(struct options, member) +                                 \
                                _Generic(((struct options *)0)->member, KEPT_BY_##option : 0)
#define KEPT_BY_OPTION_BOOL bool
#define KEPT_BY_OPTION_INT int
#define KEPT_BY_OPTION_LONG int64_t
#define KEPT_BY_OPTION_COUNT size_t
#define KEPT_BY_OPTION_SIZE size_t
#define KEPT_BY_OPTION_FACTOR double
#define KEPT_BY_OPTION_DURATION int64_t
#define KEPT_BY_OPTION_INTERVAL int64_t
#define KEPT_BY_OPTION_DURATION_MS int64_t
#define KEPT_BY_OPTION_SHORT_MS int
#define KEPT_BY_OPTION_TIME int64_t
#define KEPT_BY_OPTION_CHOICE int : 0, unsigned /* an enum has one of these two types */
#define KEPT_BY_OPTION_TEXT const char *
#define KEPT_BY_OPTION_BROKERS const char *
#define KEPT_BY_OPTION_URL const char *
#define KEPT_BY_OPTION_WS_URL const char *
#define KEPT_BY_OPTION_URLS const char *
#define KEPT_BY_OPTION_STORE const char *
#define KEPT_BY_OPTION_SOURCE const char *
#define KEPT_BY_OPTION_POLL const char *
#define KEPT_BY_OPTION_COINS const char *
#define KEPT_BY_OPTION_COIN const char *
#define KEPT_BY_OPTION_STREAMS const char *
#define KEPT_BY_OPTION_TOPICS const char *
#define KEPT_BY_OPTION_ADDRESS const char *

/* A hundred years in ns: as `most` it means that help shows no upper bound. */
#define OPTION_LONGEST (36500 * INT64_C(86400000000000))

#define TAKES(command) (1u << (command))

enum option_mark {
    MARK_REQUIRED = 1, /* the command requires the option */
    MARK_RUN_ENV = 2,  /* the value may be read from var/run.env */
};

/* One option, or one variant of an option: --listen has one row per command, because the defaults
 * differ. */
struct option_row {
    const char *flag;
    const char *environment; /* NULL: none */
    enum option_type type;
    size_t offset;            /* in struct options */
    unsigned commands;        /* bits: TAKES() */
    unsigned marks;           /* bits: enum option_mark */
    const char *fallback;     /* the default, in the form in which a user would write it; NULL:
                                 none, see `otherwise` */
    int64_t least, most;      /* limits of a number, both inclusive, in the type's base unit: ns
                                 for durations */
    const char *const *words; /* OPTION_CHOICE: the allowed words, NULL at the end */
    const int *word_values;   /* the value of each word; NULL: its index */
    const char *word;         /* a word that is accepted in place of a number, such as "max" */
    int64_t word_value;       /* the number for which `word` stands */
    const char *otherwise;    /* what happens without a default, for help; NULL: nothing special */
    const char *value_name;   /* "HOST:PORT" in help; NULL for OPTION_BOOL */
    const char *help;         /* one line, with the unit */
    const char *only;         /* why only these commands take it, and the remedy, for the error of
                                 another; NULL: that needs no reason */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

struct command_row {
    const char *name;
    const char *help; /* one line: what it does */
    bool reads_run_env;
};
/* Indexed by enum command. COMMAND_NONE and the requests that are not subcommands have the name
 * "". */
extern const struct command_row command_rows[COMMAND_COUNT];

/* Returns the row of `flag` for `command` (COMMAND_NONE: for any), or NULL when there is none. */
const struct option_row *option_row_find(const char *flag, enum command command);
bool option_row_applies(const struct option_row *row, enum command command);

#endif
