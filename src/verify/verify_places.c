/* Compares the messages that are not records with the dead letters, by place. */
#include "verify/verify_parts.h"

/* What is known about one place: a message, dead letters, or both. */
struct at_place {
    struct place place;
    bool in_log, letter, accounted;
    struct place_record message; /* valid if in_log */
};

/* Returns whether the dead letter has the message's bytes: anybody can produce a dead letter that
 * names a place. */
static bool is_letter_of(const struct place_record *letter, const struct place_record *message)
{
    return verify_mark_equal(&letter->mark, &message->mark) ||
           (letter->bare != 0 && message->bare != 0);
}

/* Adds one record to its place; the log's record comes before those of dead letters. */
static void take(struct at_place *at, const struct place_record *record)
{
    if (record->kind == RECORD_LOG) {
        at->in_log = true;
        at->message = *record;
    } else {
        at->letter = true;
        at->accounted = at->accounted || (at->in_log && is_letter_of(record, &at->message));
    }
}

static bool settle(struct verify *verify, const struct at_place *at, struct error *error)
{
    verify->report.letter_places += at->letter ? 1 : 0;
    if (!at->in_log) {
        verify_stray_letter(verify, at->place);
        return true;
    }
    verify->report.letters_elsewhere += at->letter && !at->accounted ? 1 : 0;
    return at->accounted || !verify_settled(verify, at->place) ||
           verify_fault(verify, VERIFY_UNACCOUNTED, VERIFY_NO_SERIES, 0, at->place, error);
}

bool verify_match_places(struct verify *verify, struct error *error)
{
    struct at_place at = {.in_log = false};
    const void *next = NULL;
    bool any = false;
    if (!sorter_finish(verify->places, error)) {
        return false;
    }
    do {
        if (!sorter_next(verify->places, &next, error)) {
            return false;
        }
        const struct place_record *record = next;
        bool same = any && record != NULL && place_compare(at.place, record->place) == 0;
        if (any && !same && !settle(verify, &at, error)) {
            return false;
        }
        if (same && at.in_log && record->kind == RECORD_LOG) {
            /* The reader has read this message twice: count it once. */
            verify->report.unreadable--;
            verify->report.messages--;
        }
        if (record != NULL) {
            at = same ? at : (struct at_place){.place = record->place};
            take(&at, record);
            any = true;
        }
    } while (next != NULL);
    return true;
}
