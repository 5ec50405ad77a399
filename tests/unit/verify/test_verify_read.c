/* Where a log begins that lost messages while it was read. */
#include "cmocka_all.h"
#include "verify/verify_read.h"

enum { MESSAGES = 4 };

static const struct {
    const char *name;
    int64_t begin, begin_now;
    int64_t offsets[MESSAGES]; /* that came; 0 ends them. Sent at 10 times the offset, in ms */
    int64_t want, want_ms;
} cases[] = {
    {"all came", 5, 5, {5, 6, 7}, 5, 50},
    {"none came", 5, 5, {0}, 5, -1},
    {"behind a marker, nothing was cut", 5, 5, {5, 7, 8}, 5, 50},
    {"cut while it was read", 5, 40, {5, 6, 40, 41}, 40, 400},
    {"cut before its first message came", 5, 40, {40, 41}, 40, 400},
    {"cut, and a marker far behind", 5, 40, {5, 40, 900, 902}, 40, 9020},
    {"read, then cut, and a marker far behind", 5, 6, {5, 6, 900000}, 6, 9000000},
    {"a marker, and cut behind it after it was read", 5, 40, {5, 7, 8}, 7, 70},
    {"read, then cut", 5, 40, {5, 6, 7}, 5, 50},
};

static void log_begins_where_the_partition_does_at_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verify_course course = verify_course_from(cases[i].begin);
        for (size_t k = 0; k < MESSAGES && cases[i].offsets[k] > 0; k++) {
            verify_course_follow(&course, cases[i].offsets[k], 10 * cases[i].offsets[k]);
        }
        int64_t timestamp_ms = 0;
        int64_t begin = verify_course_begin(&course, cases[i].begin_now, &timestamp_ms);
        if (begin != cases[i].want || timestamp_ms != cases[i].want_ms) {
            fail_msg("%s: %lld at %lld ms", cases[i].name, (long long)begin,
                     (long long)timestamp_ms);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_begins_where_the_partition_does_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
