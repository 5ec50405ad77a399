#include "source/bitfinex_trades/outbox.h"

#include <stdlib.h>

#include "base/array.h"

/* Records of one kind that go out as one batch. */
struct outbox_run {
    const struct record_kind *kind;
    size_t count;
    bool settle; /* a barrier follows the run, so nothing is added to it any more */
};

struct outbox_trade {
    struct trade trade;
    int64_t arrived_ns;
};

void outbox_free(struct outbox *outbox)
{
    free(outbox->runs);
    free(outbox->trades);
    source_batch_free(&outbox->events);
    *outbox = (struct outbox){0};
}

/* Returns an array of the outbox with room for one more item; NULL: memory runs out, or did. */
static void *room(struct outbox *outbox, void *items, size_t count, size_t *capacity, size_t size)
{
    void *larger = outbox->failed ? NULL : array_room(items, count, capacity, size);
    outbox->failed = larger == NULL;
    return larger;
}

/* Returns the run that the next record of `kind` belongs to. */
static struct outbox_run *run_of(struct outbox *outbox, const struct record_kind *kind)
{
    bool waits = outbox->run < outbox->run_count;
    struct outbox_run *last = waits ? &outbox->runs[outbox->run_count - 1] : NULL;
    if (last != NULL && last->kind == kind && !last->settle) {
        return last;
    }
    struct outbox_run *runs =
        room(outbox, outbox->runs, outbox->run_count, &outbox->run_capacity, sizeof *runs);
    if (runs == NULL) {
        return NULL;
    }
    outbox->runs = runs;
    runs[outbox->run_count] = (struct outbox_run){.kind = kind};
    return &runs[outbox->run_count++];
}

void outbox_add_trade(struct outbox *outbox, const struct trade *trade, int64_t arrived_ns)
{
    struct outbox_run *run = run_of(outbox, &trade_kind);
    struct outbox_trade *trades =
        room(outbox, outbox->trades, outbox->trade_count, &outbox->trade_capacity, sizeof *trades);
    if (run != NULL && trades != NULL) {
        outbox->trades = trades;
        trades[outbox->trade_count++] = (struct outbox_trade){*trade, arrived_ns};
        run->count++;
    }
}

void outbox_added_events(struct outbox *outbox, bool ok)
{
    size_t added = outbox->events.count - outbox->event_count;
    outbox->failed = outbox->failed || !ok;
    struct outbox_run *run = added > 0 ? run_of(outbox, &event_kind) : NULL;
    if (run != NULL) {
        run->count += added;
        outbox->event_count += added;
    }
}

void outbox_settle(struct outbox *outbox)
{
    bool waits = outbox->run < outbox->run_count;
    struct outbox_run *run =
        waits ? &outbox->runs[outbox->run_count - 1] : run_of(outbox, &trade_kind);
    if (run != NULL) {
        run->settle = true;
    }
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->run == outbox->run_count;
}

static bool move_record(struct outbox *outbox, struct source_batch *batch)
{
    void *to = source_batch_add(batch);
    if (to == NULL) {
        return false;
    }
    if (batch->kind == &event_kind) {
        *(struct event *)to = *(struct event *)source_batch_at(&outbox->events, outbox->event++);
        return record_move_texts(&event_kind, to, &outbox->events.texts, &batch->texts);
    }
    const struct outbox_trade *from = &outbox->trades[outbox->trade++];
    *(struct trade *)to = from->trade;
    source_batch_arrived(batch, from->arrived_ns);
    return true;
}

bool outbox_take(struct outbox *outbox, struct source_batch *batch)
{
    if (outbox_is_empty(outbox)) {
        source_batch_begin(batch, &trade_kind, true);
        return !outbox->failed;
    }
    const struct outbox_run *run = &outbox->runs[outbox->run++];
    source_batch_begin(batch, run->kind, true);
    batch->settle = run->settle;
    bool ok = true;
    for (size_t i = 0; ok && i < run->count; i++) {
        ok = move_record(outbox, batch);
    }
    if (outbox_is_empty(outbox)) { /* fill the arrays from the beginning again */
        outbox->run = outbox->run_count = 0;
        outbox->trade = outbox->trade_count = 0;
        outbox->event = outbox->event_count = outbox->events.count = 0;
    }
    return ok && !outbox->failed;
}
