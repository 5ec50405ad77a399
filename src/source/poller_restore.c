/* Restores a poller from the log before it starts. */
#include "base/clock.h"
#include "base/log.h"
#include "record/event.h"
#include "source/poller_parts.h"

/* Adds a notice about a record that is ahead of the clock. Only for live sources: the records of a
 * replay have their own times, which stamps in the log do not bind. */
static void notice_ahead(struct poller *poller, const void *record, const char *place,
                         int64_t ahead_ns)
{
    if (!poller->source->live) {
        return;
    }
    struct poller_ahead ahead = {.stamp_ns = column_int64(poller->kind->time, record),
                                 .until_ns =
                                     poller->clock.monotonic_ns(poller->clock.context) + ahead_ns};
    (void)str_copy(column_text(poller->kind->source, record), ahead.source, sizeof ahead.source);
    (void)str_copy(column_text(poller->kind->key, record), ahead.coin, sizeof ahead.coin);
    (void)str_copy(str_from(place), ahead.place, sizeof ahead.place);
    log_warn("stamp_ahead", log_text("symbol", ahead.coin), log_text("source", ahead.source),
             log_text("place", place), log_int("ahead_ms", ahead_ns / NS_PER_MS));
    poller_books_notice_ahead(&poller->books, &ahead);
}

/* Lets a stamp of the log bind its coin. Returns false when memory runs out. */
static bool tell_stamp(struct poller *poller, const void *record, const char *place)
{
    int64_t stamp_ns = column_int64(poller->kind->time, record),
            now_ns = poller->clock.wall_ns(poller->clock.context);
    if (stamp_ns > poller->newest_told_ns) {
        poller->newest_told_ns = stamp_ns;
    }
    if (poller->kind->seq == NULL || poller->source->own_times) {
        return true; /* such records have their own time */
    }
    struct str coin = column_text(poller->kind->key, record);
    switch (stamper_tell(&poller->stamper, coin, stamp_ns, now_ns)) {
    case STAMP_AHEAD:
        notice_ahead(poller, record, place, stamp_ns - now_ns);
        return true;
    case STAMP_AHEAD_AGAIN:
    case STAMP_BINDS:
        return true;
    case STAMP_TOLD_NO_MEMORY:
    default:
        return false;
    }
}

/* Returns false when memory runs out. */
static bool tell_owner(struct poller *poller, const void *record, int64_t written_ns)
{
    const struct source *source = poller->source;
    const char *service = source->service != NULL ? source->service : source->name;
    struct str theirs = column_text(poller->kind->source, record);
    if (!kind_key_is_tag(poller->kind) || /* the key names an item of its source, not a coin */
        !record_is_live(poller->kind, record)) {
        return true;
    }
    return coin_owners_tell(&poller->owners, column_text(poller->kind->key, record),
                            coin_owners_same(theirs, service) ? str_from("") : theirs, written_ns,
                            poller->clock.wall_ns(poller->clock.context));
}

bool poller_restore(struct poller *poller, const struct record_kind *kind, const void *record,
                    const struct text_arena *texts, const struct poller_place *place)
{
    struct source *source = poller->source;
    if (kind == &event_kind) {
        run_events_tell(&poller->coverage.run, record);
    }
    return (kind != poller->kind || (tell_stamp(poller, record, place->text) &&
                                     tell_owner(poller, record, place->written_ns))) &&
           (source->tell == NULL || source->tell(source->state, kind, record, texts));
}
