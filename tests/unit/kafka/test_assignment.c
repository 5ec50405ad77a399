#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "kafka/admin/assignment.h"

/* Version 1, two topics, user data of one byte. */
#define TICKERS "\0\7tickers"
#define OTHER "\0\5other"
static const char two_topics[] = "\0\1"
                                 "\0\0\0\2" OTHER "\0\0\0\1"
                                 "\0\0\0\7" TICKERS "\0\0\0\2"
                                 "\0\0\1\0"
                                 "\0\0\0\3"
                                 "\0\0\0\1"
                                 "u";

static void a_topics_partitions_are_told_ascending(void **state)
{
    (void)state;
    int32_t *partitions;
    size_t count;
    assert_true(
        assignment_partitions(two_topics, sizeof two_topics - 1, "tickers", &partitions, &count));
    assert_int_equal(count, 2);
    assert_int_equal(partitions[0], 3);
    assert_int_equal(partitions[1], 256);
    free(partitions);
}

static void a_topic_that_is_not_there_has_none(void **state)
{
    (void)state;
    int32_t *partitions;
    size_t count;
    assert_true(
        assignment_partitions(two_topics, sizeof two_topics - 1, "ticker", &partitions, &count));
    assert_int_equal(count, 0);
    assert_null(partitions);
}

static void a_member_without_an_assignment_has_none(void **state)
{
    (void)state;
    int32_t *partitions;
    size_t count;
    assert_true(assignment_partitions(NULL, 0, "tickers", &partitions, &count));
    assert_int_equal(count, 0);
}

/* What ends early before the user data is no assignment, wherever it is cut. */
static void cut_bytes_are_refused(void **state)
{
    (void)state;
    size_t needed = sizeof two_topics - 1 - 5;
    for (size_t size = 1; size < needed; size++) {
        int32_t *partitions;
        size_t count;
        char *cut = malloc(size);
        assert_non_null(cut);
        memcpy(cut, two_topics, size);
        assert_false(assignment_partitions(cut, size, "tickers", &partitions, &count));
        assert_null(partitions);
        assert_int_equal(count, 0);
        free(cut);
    }
}

static void a_count_beyond_the_bytes_is_refused(void **state)
{
    (void)state;
    static const char many[] = "\0\1\0\0\0\1" TICKERS "\x7f\xff\xff\xff\0\0\0\1";
    int32_t *partitions;
    size_t count;
    assert_false(assignment_partitions(many, sizeof many - 1, "tickers", &partitions, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topics_partitions_are_told_ascending),
        cmocka_unit_test(a_topic_that_is_not_there_has_none),
        cmocka_unit_test(a_member_without_an_assignment_has_none),
        cmocka_unit_test(cut_bytes_are_refused),
        cmocka_unit_test(a_count_beyond_the_bytes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
