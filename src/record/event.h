/*
 * Something that happened to a source, a coin, a member of the group or a broker
 * (schemas/event.avsc, record candlewick.Event). A plain value. An event is never rewritten: a
 * later state is another event.
 *
 * What there is (`what`), and whose it is (`subject`):
 *
 *   started, ended       a source's run
 *   hole, hole_closed    a coin's: records in [begin_ns, end_ns) are missing (end_ns null: it is
 * not known where they come again); hole: `number` is the last known trade id, `detail` says why.
 * hole_closed has the same begin_ns, the number of trades that were refilled, and as detail one of
 * whole, exchange_has_no_more, too_old, given_up covered              a source's connection's
 * ("bitfinex-trades/0"): it was listening, or polling each `number` ms (0: it was pushed to), in
 * [begin_ns, end_ns), to the coins LIST:FIRST-LAST in `detail`: those with these indexes in the
 *                        source's event `coins` whose time_ns is LIST
 *   coins                a source's: the names of the coins that it listens to, with commas
 * between, in `detail`; `number` is the index of the first of them trade_changed, bar_changed    a
 * coin's: the service has changed what it said before assigned, revoked, lost       a member's
 * partitions; `number` is the group's generation broker_away, broker_back, member_away, member_back
 *   drill                somebody broke something on purpose
 */
#ifndef CANDLEWICK_RECORD_EVENT_H
#define CANDLEWICK_RECORD_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/kind.h"

enum {
    EVENT_WHAT_MAX = 24,
    EVENT_DETAIL_MAX = 400,
};

struct event {
    char subject[RECORD_KEY_MAX + 1]; /* "tBTCUSD", "bitfinex-trades/0" */
    char what[EVENT_WHAT_MAX + 1];    /* "hole" */
    int64_t time_ns;                  /* when it was noticed: whole milliseconds + an order (0 to
                                         999,999 ns) that no other event of its subject and what has */
    char source[SOURCE_MAX + 1];      /* who wrote it: "bitfinex-trades" */
    int64_t begin_ns, end_ns;         /* the span that it speaks of */
    int64_t number;
    char detail[EVENT_DETAIL_MAX + 1]; /* UTF-8 without control characters */
    bool has_begin_ns, has_end_ns, has_number,
        has_detail; /* false: null, and the value is 0 or "" */
};

extern const struct record_kind event_kind;
extern const char event_schema_text[]; /* schemas/event.avsc, embedded by the build */

/* Whether the subject matches [A-Za-z0-9:._^=/-]{1,64}. */
bool event_subject_valid(struct str subject);
/* Whether it matches [a-z_]{1,24}. Any such word may be read; those above are written. */
bool event_what_valid(struct str what);

/* Sets the subject; a hyphen replaces each byte that a subject cannot have, and a long text is
 * cut. */
void event_set_subject(struct event *event, struct str subject);

enum event_fault {
    EVENT_OK,
    EVENT_BAD_SUBJECT,
    EVENT_BAD_WHAT,
    EVENT_BAD_TIME, /* not of the years 1678 to 2261 */
    EVENT_BAD_SOURCE,
    EVENT_BAD_SPAN,   /* a begin or end not of those years, or an end before the begin */
    EVENT_BAD_DETAIL, /* empty, not UTF-8, or with control characters */
    EVENT_FAULTS,     /* number of faults */
};
/* "ok", "bad_subject", …, for counters and logs. */
extern const char *const event_fault_names[EVENT_FAULTS];

/* Checks what must hold for every event, whoever writes it. */
NODISCARD enum event_fault event_check(const struct event *event);

#endif
