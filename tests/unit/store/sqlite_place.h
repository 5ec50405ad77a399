/* A folder for one test's SQLite store. */
#ifndef CANDLEWICK_TESTS_SQLITE_PLACE_H
#define CANDLEWICK_TESTS_SQLITE_PLACE_H

#include "store/store.h"

struct sqlite_place {
    char folder[256];
    char file[300];
    char address[320];
};

/* For cmocka: *state becomes a struct sqlite_place *. */
int place_make(void **state);
int place_remove(void **state);
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

/* Asserts that it works. The first for reading, or for writing without store_prepare(). */
struct store *place_open(const struct sqlite_place *place, bool read_only);
struct store *place_open_prepared(const struct sqlite_place *place);

#endif
