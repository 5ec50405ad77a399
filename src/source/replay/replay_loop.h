/*
 * Repeats a file: each round has the records of the file again, so much later that time goes on.
 * The same file has the same rounds in every run. Pure.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_LOOP_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "record/kind.h"

struct replay_loop {
    const struct record_kind *kind; /* ticks, trades or bars; set by the caller */
    int64_t content_id;             /* what tells the file's content; set by the caller */
    int64_t round;                  /* counted from 0 */
    int64_t later_ns;               /* how much later this round is than round 0 */

    /* Of the records of round 0: */
    bool any;
    int64_t first_ns, last_ns; /* times of the earliest and the latest */
    int64_t rises;             /* how often one was later than all before it */
    int64_t grid_ns;           /* a multiple of the lengths of all bars */
    bool months;               /* there are bars of a calendar month, which has no fixed length */
};

/* Turns a record of the file, in its final order, into that of the round: sets its time and
 * its run. */
void replay_loop_move(struct replay_loop *loop, void *record);

enum loop_next {
    LOOP_GOES_ON,
    LOOP_ENDS,      /* records cannot have times as late as those of the next round */
    LOOP_OF_MONTHS, /* bars of a month cannot be repeated: months differ in length */
};
/* Begins the next round; round 0 has had a record. */
NODISCARD enum loop_next replay_loop_next(struct replay_loop *loop);

#endif
