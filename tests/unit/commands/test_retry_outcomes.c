/* What came of letters, counted by their places. */
#include "commands/retry_outcomes.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

static struct place at(int32_t partition, int64_t offset)
{
    return (struct place){.partition = partition, .offset = offset};
}

static void each_place_counts_once_by_its_best_letter(void **state)
{
    (void)state;
    struct error error = {0};
    struct letter_totals totals;
    struct retry_outcomes *outcomes = retry_outcomes_create(&error);
    assert_non_null(outcomes);
    assert_true(retry_outcomes_failed(outcomes, at(1, 7), "its bytes are left out", &error));
    assert_true(retry_outcomes_written(outcomes, at(1, 7), &error));
    assert_true(retry_outcomes_written(outcomes, at(1, 7), &error));
    assert_true(retry_outcomes_written(outcomes, at(2, 7), &error));
    assert_true(retry_outcomes_failed(outcomes, at(0, 0), "framing", &error));
    assert_true(retry_outcomes_failed(outcomes, at(0, 1), "no key", &error));
    assert_true(retry_outcomes_failed(outcomes, at(0, 2), "no key", &error));
    assert_true(retry_outcomes_failed(outcomes, at(0, 2), "no key", &error));
    assert_true(retry_outcomes_finish(outcomes, &totals, &error));
    assert_int_equal(totals.written, 2);
    assert_int_equal(totals.failed, 3);
    assert_int_equal(totals.reason_count, 2); /* one had a better letter */
    assert_string_equal(totals.reasons[0].text, "no key");
    assert_int_equal(totals.reasons[0].places, 2);
    assert_string_equal(totals.reasons[1].text, "framing");
    retry_outcomes_destroy(outcomes);
    retry_outcomes_destroy(NULL);
}

static void reasons_beyond_what_is_told_count_together(void **state)
{
    (void)state;
    enum { REASONS = DEAD_LETTER_REASONS_MAX + 10 };
    struct error error = {0};
    struct letter_totals totals;
    struct retry_outcomes *outcomes = retry_outcomes_create(&error);
    assert_non_null(outcomes);
    for (int i = 0; i < REASONS; i++) {
        char reason[40];
        (void)snprintf(reason, sizeof reason, "schema %d", i);
        for (int64_t offset = 0; offset <= i % DEAD_LETTER_REASONS_MAX; offset++) {
            assert_true(retry_outcomes_failed(outcomes, at(i, offset), reason, &error));
        }
    }
    assert_true(retry_outcomes_finish(outcomes, &totals, &error));
    assert_int_equal(totals.reason_count, DEAD_LETTER_REASONS_MAX + 1);
    assert_string_equal(totals.reasons[0].text, "schema 31");
    assert_string_equal(totals.reasons[DEAD_LETTER_REASONS_MAX].text, "other reasons");
    int64_t sum = 0;
    for (size_t i = 0; i < totals.reason_count; i++) {
        sum += totals.reasons[i].places;
    }
    assert_int_equal(sum, totals.failed);
    assert_int_equal(totals.reasons[DEAD_LETTER_REASONS_MAX].places, 10 * 11 / 2);
    retry_outcomes_destroy(outcomes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_counts_once_by_its_best_letter),
        cmocka_unit_test(reasons_beyond_what_is_told_count_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
