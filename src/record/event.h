/*
 * Something that happened to a source, a coin, a member of the group or a broker
 * (schemas/event.avsc, record candlewick.Event). A plain value. An event is never rewritten: a
 * later state is another event.
 *
 * The words for `what`, by `subject`. Times are [begin_ns, end_ns).
 *
 * A source:
 *   started, ended       its run
 *   coins                the coins to which it listens, comma-separated in `detail`;
 *                        `number` is the index of the first one: a list that is too long for one
 *                        detail is in several events, of the same millisecond
 * A connection of a source ("bitfinex-trades/0"):
 *   covered              it was listening in this time; `number` is the polling interval in ms,
 *                        0 for a push. `detail` is "LIST:FIRST-LAST": the coins with these
 *                        indexes in the source's event `coins` whose time_ns is LIST
 * A coin:
 *   hole                 records of this time are missing; end_ns null: the end is not known yet.
 *                        `number` is the last known trade id, `detail` the reason
 *   hole_closed          the hole with the same begin_ns has ended; `number` trades were refilled.
 *                        `detail` is whole, exchange_has_no_more, too_old or given_up
 *   trade_changed        the service has changed a trade that it sent before
 *   bar_changed          the same for a bar
 * A member of the group:
 *   assigned, revoked    its partitions; `number` is the group's generation
 *   lost                 the same
 *   member_away, member_back
 * A broker:
 *   broker_away, broker_back
 * Anything:
 *   drill                somebody broke something on purpose
 */
#ifndef CANDLEWICK_RECORD_EVENT_H
#define CANDLEWICK_RECORD_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/kind.h"

enum { EVENT_WHAT_MAX = 24 };

struct event {
    char subject[RECORD_KEY_MAX + 1]; /* "tBTCUSD", "bitfinex-trades/0" */
    char what[EVENT_WHAT_MAX + 1];    /* "hole" */
    int64_t time_ns;                  /* when it was noticed: whole milliseconds, plus a number
                                         of ns (0 to 999,999) that makes it differ from all other
                                         events with the same subject and what */
    char source[SOURCE_MAX + 1];      /* who wrote it: "bitfinex-trades" */
    int64_t begin_ns, end_ns;         /* the time span that the event is about */
    int64_t number;
    struct long_text detail; /* without control characters */
    /* false: null, and the value is 0 or "" */
    bool has_begin_ns, has_end_ns, has_number, has_detail;
};

extern const struct record_kind event_kind;
extern const char event_schema_text[]; /* schemas/event.avsc, embedded by the build */

/* Returns whether the subject matches [A-Za-z0-9:._^=/-]{1,64}. */
bool event_subject_valid(struct str subject);
/* Returns whether the word matches [a-z_]{1,24}. Only those above are written, but all such words
 * can be read. */
bool event_what_valid(struct str what);

/* Sets the subject. Replaces each byte that a subject cannot have by a hyphen, and cuts a text that
 * is too long. */
void event_set_subject(struct event *event, struct str subject);

/* Adds the detail to `texts`, which contain the event's long text; an empty one is null. Replaces
 * control characters, and bytes that are not UTF-8, by spaces. Returns false when the detail is
 * longer than LONG_TEXT_MAX, which is never cut, or memory runs out; the event is then unchanged.
 */
NODISCARD bool event_set_detail(struct event *event, struct text_arena *texts, struct str detail);

/* Returns the detail, borrowed from `texts`; "" if it is null. */
struct str event_detail(const struct event *event, const struct text_arena *texts);

enum event_fault {
    EVENT_OK,
    EVENT_BAD_SUBJECT,
    EVENT_BAD_WHAT,
    EVENT_BAD_TIME, /* the year is not in 1678 to 2261 */
    EVENT_BAD_SOURCE,
    EVENT_BAD_SPAN,   /* a begin or end whose year is not in 1678 to 2261, or an end before the
                         begin */
    EVENT_BAD_DETAIL, /* empty, too long, not UTF-8, or with control characters */
    EVENT_FAULTS,     /* number of faults */
};
/* The faults' names ("ok", "bad_subject", …), for counters and logs. */
extern const char *const event_fault_names[EVENT_FAULTS];

/* Checks what must hold for every event, whatever its source. */
NODISCARD enum event_fault event_check(const struct event *event, const struct text_arena *texts);

#endif
