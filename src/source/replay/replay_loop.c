#include "source/replay/replay_loop.h"

#include "base/clock.h"
#include "base/hash.h"
#include "record/bar.h"

static int64_t divisor(int64_t left, int64_t right)
{
    while (right != 0) {
        int64_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

/* Lets the rounds stay on the grid of the bar's timeframe. */
static void note_timeframe(struct replay_loop *loop, const struct bar *bar)
{
    int64_t length_ns = 0;
    bool known = bar_timeframe_find(str_from(bar->timeframe), &length_ns);
    if (known && length_ns == 0) {
        loop->months = true;
    } else if (known) {
        loop->grid_ns = loop->grid_ns / divisor(loop->grid_ns, length_ns) * length_ns;
    }
}

static void note(struct replay_loop *loop, const void *record)
{
    int64_t time_ns = column_int64(loop->kind->moment, record);
    if (!loop->any) {
        loop->any = true;
        loop->first_ns = loop->last_ns = time_ns;
        loop->grid_ns = NS_PER_SECOND; /* so that each record stays where it is in its second */
    }
    if (loop->kind == &bar_kind) {
        note_timeframe(loop, record);
    }
    loop->first_ns = time_ns < loop->first_ns ? time_ns : loop->first_ns;
    loop->rises += time_ns > loop->last_ns ? 1 : 0;
    loop->last_ns = time_ns > loop->last_ns ? time_ns : loop->last_ns;
}

/* Returns an id for the run of this round. */
static int64_t run_of_round(const struct replay_loop *loop)
{
    unsigned char bytes[16]; /* a fixed byte order: the same ids on every platform */
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)((uint64_t)loop->content_id >> (8 * i));
        bytes[8 + i] = (unsigned char)((uint64_t)loop->round >> (8 * i));
    }
    return (int64_t)(hash_bytes(HASH_START, bytes, sizeof bytes) & INT64_MAX);
}

void replay_loop_move(struct replay_loop *loop, void *record)
{
    const struct record_kind *kind = loop->kind;
    if (loop->round == 0) {
        note(loop, record);
    }
    column_set_int64(kind->moment, record, column_int64(kind->moment, record) + loop->later_ns);
    if (kind->run != NULL) {
        column_set_int64(kind->run, record, run_of_round(loop));
    }
    record_complete(kind, record);
}

/* Finds the time from one round to the next. The first record of a round follows the last one of
 * the round before as records of the file follow each other on average; bars follow each other
 * without a gap. Returns false for a file of centuries. */
static bool find_shift(const struct replay_loop *loop, int64_t *shift_ns)
{
    int64_t span_ns = 0, least_ns = 0;
    if (__builtin_sub_overflow(loop->last_ns, loop->first_ns, &span_ns)) {
        return false;
    }
    int64_t step_ns = loop->rises > 0 && loop->kind != &bar_kind ? span_ns / loop->rises : 1;
    if (__builtin_add_overflow(span_ns, step_ns + loop->grid_ns - 1, &least_ns)) {
        return false;
    }
    *shift_ns = least_ns / loop->grid_ns * loop->grid_ns;
    return true;
}

enum loop_next replay_loop_next(struct replay_loop *loop)
{
    int64_t shift_ns = 0, last_ns = 0;
    if (loop->months) {
        return LOOP_OF_MONTHS;
    }
    if (!find_shift(loop, &shift_ns) ||
        __builtin_add_overflow(loop->later_ns, shift_ns, &loop->later_ns) ||
        __builtin_add_overflow(loop->last_ns, loop->later_ns, &last_ns) ||
        !record_time_valid(last_ns)) {
        return LOOP_ENDS;
    }
    loop->round++;
    return LOOP_GOES_ON;
}
