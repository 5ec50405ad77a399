/*
 * Runs the tests of a group side by side, each in a process of its own: for tests that wait (for
 * sessions, back-off and time-outs) much more than they work. What a test prints comes in one
 * piece, in the order of the table.
 */
#ifndef CANDLEWICK_TESTS_SIDE_BY_SIDE_H
#define CANDLEWICK_TESTS_SIDE_BY_SIDE_H

#include "cmocka_all.h"

/* For main(), before it has made any thread: 0, or how many tests failed, as
 * cmocka_run_group_tests() without fixtures of the group. A process that crashes or reports a leak
 * has failed. */
#define run_side_by_side(tests) side_by_side((tests), sizeof(tests) / sizeof((tests)[0]))
int side_by_side(const struct CMUnitTest *tests, size_t count);

#endif
