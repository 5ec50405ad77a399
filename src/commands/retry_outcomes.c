#include "commands/retry_outcomes.h"

#include <stdlib.h>
#include <string.h>

#include "base/sorter/sorter.h"

enum { SORTER_MEMORY = 16 << 20 };

/* `number` is 0 when the place was written, else the number of its reason, counted from 1. */
struct outcome {
    struct place place;
    int64_t number;
};

struct retry_outcomes {
    struct sorter *sorter;
    size_t reason_count;
    char reasons[DEAD_LETTER_REASONS_MAX][256];
};

static int compare_numbers(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int compare_outcomes(const void *left_item, const void *right_item)
{
    const struct outcome *left = left_item;
    const struct outcome *right = right_item;
    int order = place_compare(left->place, right->place);
    return order != 0 ? order : compare_numbers(left->number, right->number);
}

struct retry_outcomes *retry_outcomes_create(struct error *error)
{
    struct retry_outcomes *outcomes = calloc(1, sizeof *outcomes);
    const struct sorter_config config = {.record_bytes = sizeof(struct outcome),
                                         .compare = compare_outcomes,
                                         .memory_bytes = SORTER_MEMORY};
    if (outcomes == NULL || (outcomes->sorter = sorter_create(&config, error)) == NULL) {
        free(outcomes);
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    return outcomes;
}

void retry_outcomes_destroy(struct retry_outcomes *outcomes)
{
    if (outcomes != NULL) {
        sorter_destroy(outcomes->sorter);
        free(outcomes);
    }
}

static bool add(struct retry_outcomes *outcomes, struct place place, int64_t number,
                struct error *error)
{
    struct outcome outcome;
    memset(&outcome, 0, sizeof outcome); /* clear the padding, which the sorter writes to a file */
    outcome.place.partition = place.partition;
    outcome.place.offset = place.offset;
    outcome.number = number;
    return sorter_add(outcomes->sorter, &outcome, error);
}

bool retry_outcomes_written(struct retry_outcomes *outcomes, struct place place,
                            struct error *error)
{
    return add(outcomes, place, 0, error);
}

bool retry_outcomes_failed(struct retry_outcomes *outcomes, struct place place, const char *reason,
                           struct error *error)
{
    size_t i = 0;
    while (i < outcomes->reason_count &&
           strncmp(outcomes->reasons[i], reason, sizeof outcomes->reasons[i] - 1) != 0) {
        i++;
    }
    if (i == outcomes->reason_count && i < DEAD_LETTER_REASONS_MAX) {
        (void)str_copy(str_from(reason), outcomes->reasons[i], sizeof outcomes->reasons[i]);
        outcomes->reason_count++;
    }
    return add(outcomes, place, (int64_t)i + 1, error);
}

static int more_places_first(const void *left_item, const void *right_item)
{
    const struct letter_reason *left = left_item;
    const struct letter_reason *right = right_item;
    return compare_numbers(right->places, left->places);
}

static void count(struct letter_totals *totals, int64_t number)
{
    if (number == 0) {
        totals->written++;
        return;
    }
    totals->failed++;
    totals->reasons[number - 1].places++;
}

/* Sorts the reasons by their number of places. Leaves out a reason of which no place is left,
 * because another dead letter of each place had a better result. */
static void order_reasons(const struct retry_outcomes *outcomes, struct letter_totals *totals)
{
    for (size_t i = 0; i < outcomes->reason_count; i++) {
        memcpy(totals->reasons[i].text, outcomes->reasons[i], sizeof totals->reasons[i].text);
    }
    (void)str_copy(str_from("other reasons"), totals->reasons[DEAD_LETTER_REASONS_MAX].text,
                   sizeof totals->reasons[DEAD_LETTER_REASONS_MAX].text);
    qsort(totals->reasons, DEAD_LETTER_REASONS_MAX, sizeof *totals->reasons, more_places_first);
    while (totals->reason_count < DEAD_LETTER_REASONS_MAX &&
           totals->reasons[totals->reason_count].places > 0) {
        totals->reason_count++;
    }
    if (totals->reasons[DEAD_LETTER_REASONS_MAX].places > 0) {
        totals->reasons[totals->reason_count++] = totals->reasons[DEAD_LETTER_REASONS_MAX];
    }
}

bool retry_outcomes_finish(struct retry_outcomes *outcomes, struct letter_totals *totals,
                           struct error *error)
{
    const void *record = NULL;
    struct place last = {.partition = -1};
    memset(totals, 0, sizeof *totals);
    if (!sorter_finish(outcomes->sorter, error)) {
        return false;
    }
    do {
        if (!sorter_next(outcomes->sorter, &record, error)) {
            return false;
        }
        const struct outcome *outcome = record;
        if (outcome != NULL && place_compare(outcome->place, last) != 0) {
            last = outcome->place;
            count(totals, outcome->number);
        }
    } while (record != NULL);
    order_reasons(outcomes, totals);
    return true;
}
