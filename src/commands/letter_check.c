#include "commands/letter_check.h"

#include <stdlib.h>

#include "base/array.h"
#include "verify/verify_mark.h"

enum {
    QUIET_MS = 15000,
    /* Places with at most this many offsets between them are read together, because reading these
     * offsets takes no longer than a seek. */
    GAP = 10000,
};

/* What a message and its dead letter must have in common. There are two marks, because one cannot
 * include the schema header. */
struct identity {
    struct verify_mark bytes, schema_header;
    int64_t timestamp_ms;
};

struct checked {
    struct place place;
    struct identity identity;
    enum letter_truth truth;
};

struct letter_check {
    const struct log_span *log;
    struct verify_marker *marker;
    struct checked *letters; /* by number */
    size_t count, capacity;
    struct checked **by_place;
    size_t next; /* index in `by_place` of the first place that is not before the message being
                    read */
    struct error *error;
    bool failed;
};

struct letter_check *letter_check_create(const struct record_kind *kind, const struct log_span *log,
                                         struct error *error)
{
    struct letter_check *check = calloc(1, sizeof *check);
    if (check == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    check->log = log;
    check->marker = verify_marker_create(kind, error);
    if (check->marker == NULL) {
        letter_check_destroy(check);
        return NULL;
    }
    return check;
}

void letter_check_destroy(struct letter_check *check)
{
    if (check != NULL) {
        verify_marker_destroy(check->marker);
        free(check->letters);
        free(check);
    }
}

static bool identify(struct letter_check *check, const struct encoded_message *message,
                     struct identity *identity, struct error *error)
{
    const struct encoded_message header = {.key = message->schema_header};
    identity->timestamp_ms = message->timestamp_ms;
    return verify_marker_mark_message(check->marker, message, &identity->bytes, error) &&
           verify_marker_mark_message(check->marker, &header, &identity->schema_header, error);
}

static bool same(const struct identity *left, const struct identity *right)
{
    return left->timestamp_ms == right->timestamp_ms &&
           verify_mark_equal(&left->bytes, &right->bytes) &&
           verify_mark_equal(&left->schema_header, &right->schema_header);
}

bool letter_check_add(struct letter_check *check, struct place place,
                      const struct encoded_message *original, struct error *error)
{
    struct checked *letters =
        array_room(check->letters, check->count, &check->capacity, sizeof *letters);
    if (letters == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    check->letters = letters;
    struct checked *letter = &letters[check->count++];
    *letter = (struct checked){.place = place, .truth = LETTER_UNKNOWN};
    return identify(check, original, &letter->identity, error);
}

static int compare_places(const void *left_item, const void *right_item)
{
    return place_compare((*(struct checked *const *)left_item)->place,
                         (*(struct checked *const *)right_item)->place);
}

/* Compares the message with all dead letters that name its place; there may be several. */
static bool on_message(void *context, const struct message *message)
{
    struct letter_check *check = context;
    while (check->next < check->count &&
           check->by_place[check->next]->place.offset < message->offset) {
        check->next++;
    }
    for (size_t i = check->next; i < check->count && !check->failed; i++) {
        struct checked *letter = check->by_place[i];
        struct identity found;
        if (letter->place.partition != message->partition ||
            letter->place.offset != message->offset) {
            break;
        }
        check->failed = !identify(check, &message->encoded, &found, check->error);
        letter->truth = same(&letter->identity, &found) ? LETTER_TRUE : LETTER_FALSE;
    }
    return !check->failed;
}

/* Returns the end of the run of places that begins at index `first`: places of the same partition
 * that are near each other. */
static size_t end_of_run(const struct letter_check *check, size_t first)
{
    size_t end = first + 1;
    while (end < check->count &&
           check->by_place[end]->place.partition == check->by_place[first]->place.partition &&
           check->by_place[end]->place.offset - check->by_place[end - 1]->place.offset <= GAP) {
        end++;
    }
    return end;
}

static bool read_run(struct letter_check *check, size_t first, size_t end)
{
    const struct place from = check->by_place[first]->place;
    const struct partition_range *log = &check->log->ranges[from.partition];
    struct partition_range range = {.partition = from.partition,
                                    .begin = from.offset > log->begin ? from.offset : log->begin,
                                    .end = check->by_place[end - 1]->place.offset + 1};
    check->next = first;
    return range.begin >= range.end ||
           (reader_read(check->log->reader, &range, 1, on_message, check, QUIET_MS, check->error) &&
            !check->failed);
}

bool letter_check_run(struct letter_check *check, struct error *error)
{
    if (check->log->count == 0 || check->count == 0) {
        return true;
    }
    check->error = error;
    check->by_place = calloc(check->count, sizeof(struct checked *));
    if (check->by_place == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    for (size_t i = 0; i < check->count; i++) {
        check->by_place[i] = &check->letters[i];
    }
    qsort(check->by_place, check->count, sizeof(struct checked *), compare_places);
    bool done = true;
    for (size_t first = 0, end; done && first < check->count; first = end) {
        end = end_of_run(check, first);
        done = read_run(check, first, end);
    }
    free(check->by_place);
    check->by_place = NULL;
    return done;
}

enum letter_truth letter_check_truth(const struct letter_check *check, size_t number)
{
    return check->letters[number].truth;
}

void letter_check_clear(struct letter_check *check)
{
    check->count = 0;
}
