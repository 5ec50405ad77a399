/*
 * A view of events: how much of a coin's time a source has covered. Coverage is what the source
 * said of itself (record/event.h: coins, covered, hole, hole_closed), never what silence may mean.
 * Pure.
 *
 * A moment is
 *   hole      in a hole that is open, or was closed without all that was missed;
 *   refilled  only in holes that were closed as whole;
 *   live      in a span that the source says it covered, and in no hole;
 *   unknown   none of these: the source did not run, or its last word was lost.
 */
#ifndef CANDLEWICK_MARKET_COVERAGE_H
#define CANDLEWICK_MARKET_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "record/event.h"

enum coverage_state { COVERAGE_LIVE, COVERAGE_REFILLED, COVERAGE_HOLE, COVERAGE_STATES };

/* A part of the time that is all of one state; spans are in time order and do not overlap. */
struct coverage_span {
    int64_t begin_ns, end_ns;
    enum coverage_state state;
    int64_t interval_ms; /* live: how often the source polled; 0: it was pushed to */
};

struct coverage {
    char source[SOURCE_MAX + 1]; /* of whose events: "bitfinex-trades" */
    char coin[RECORD_KEY_MAX + 1];
    struct coverage_span *spans; /* since coverage_conclude(); owned */
    size_t span_count, span_capacity;
    struct coverage_list *lists; /* the source's lists of coins that have this one; owned */
    size_t list_count, list_capacity;
    struct coverage_claim *claims; /* what it said it covered; owned */
    size_t claim_count, claim_capacity;
    struct coverage_hole *holes; /* of this coin; owned */
    size_t hole_count, hole_capacity;
};

/* Begins the coverage of a coin by a source. Free it with coverage_free(). */
struct coverage coverage_begin(const char *source, const char *coin);
void coverage_free(struct coverage *coverage);

/* Adds an event, in any order, once or more often. Leaves out those of other sources, coins or
 * kinds, and those whose detail is not what event.h says. Returns false when memory runs out. */
NODISCARD bool coverage_add(struct coverage *coverage, const struct event *event,
                            struct str detail);

/* Computes the spans, after the last event. Returns false when memory runs out. */
NODISCARD bool coverage_conclude(struct coverage *coverage);

/* How long each state lasts in a range of time. */
struct coverage_share {
    int64_t length_ns; /* of the whole range */
    int64_t ns[COVERAGE_STATES];
    int64_t unknown_ns;
    int64_t polls; /* how many polls the live time should have had, of which each brings a tick;
                      0: the source was pushed to */
};

/* Returns how long each state lasts in [from_ns, to_ns), which is empty if to_ns <= from_ns. */
struct coverage_share coverage_of(const struct coverage *coverage, int64_t from_ns, int64_t to_ns);

/* Returns whether all of the range was live or refilled; false for an empty range. */
bool coverage_is_whole(const struct coverage_share *share);

/* Returns `ns`, one of the durations in the share, as a part of the whole range, 0 to 1. */
double coverage_part(const struct coverage_share *share, int64_t ns);

/* Returns the part of the range that was live or refilled, 0 to 1. */
double coverage_covered(const struct coverage_share *share);

#endif
