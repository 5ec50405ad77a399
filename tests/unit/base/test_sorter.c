/* The external sorter: every record comes out once, in order, in memory or through the file. */
#include "base/sorter/sorter.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "support.h"

/* Twelve bytes: its members are where they are whatever the alignment. */
struct item {
    uint32_t key;
    uint32_t number; /* in order of adding */
    uint32_t check;  /* of both */
};

static struct item item_of(uint32_t key, uint32_t number)
{
    return (struct item){.key = key, .number = number, .check = key * 31 + number};
}

static int compare_keys(const void *left, const void *right)
{
    uint32_t a = ((const struct item *)left)->key;
    uint32_t b = ((const struct item *)right)->key;
    return (a > b) - (a < b);
}

typedef uint32_t (*grouping)(const void *record);

static uint32_t one_of_few(const void *record)
{
    return ((const struct item *)record)->key >> 29;
}

/* Of random keys there are more groups than records, unless there are very many records. */
static uint32_t one_of_many(const void *record)
{
    return ((const struct item *)record)->key >> 16;
}

/* Of keys that are the records' numbers, and records that are added in that order, each group is in
 * order. */
static uint32_t one_of_runs(const void *record)
{
    return ((const struct item *)record)->key / 100;
}

static struct sorter *make_grouped(size_t memory_bytes, const char *folder, grouping group)
{
    struct error error = {0};
    struct sorter *sorter =
        sorter_create(&(struct sorter_config){.record_bytes = sizeof(struct item),
                                              .compare = compare_keys,
                                              .group = group,
                                              .memory_bytes = memory_bytes,
                                              .folder = folder},
                      &error);
    assert_string_equal(error.text, "");
    assert_non_null(sorter);
    return sorter;
}

static struct sorter *make_sorter(size_t memory_bytes, const char *folder)
{
    return make_grouped(memory_bytes, folder, NULL);
}

enum order { RANDOM_KEYS, SORTED_KEYS, REVERSED_KEYS, EQUAL_KEYS, FEW_KEYS, MIXED_RUNS };

static uint32_t key_of(enum order order, uint32_t number, uint32_t count, struct random *random)
{
    switch (order) {
    case RANDOM_KEYS:
        return (uint32_t)random_next(random);
    case SORTED_KEYS:
        return number;
    case REVERSED_KEYS:
        return count - number;
    case EQUAL_KEYS:
        return 7;
    case FEW_KEYS:
        return (uint32_t)random_next(random) % 3;
    case MIXED_RUNS: /* ten runs of a hundred keys each, in turns; then ten more */
        return 1000 * (number / 1000) + 100 * (number % 10) + number % 1000 / 10;
    }
    return 0;
}

/* Each of `count` records is there once, and their keys never step back. */
static void assert_sorted(struct sorter *sorter, uint32_t count)
{
    struct error error = {0};
    char *seen = calloc(count + 1, 1);
    assert_non_null(seen);
    const void *record = NULL;
    uint32_t got = 0, last = 0;
    for (;; got++) {
        assert_true(sorter_next(sorter, &record, &error));
        if (record == NULL) {
            break;
        }
        struct item item;
        memcpy(&item, record, sizeof item);
        assert_true(got == 0 || item.key >= last);
        assert_int_equal(item.check, item.key * 31 + item.number);
        assert_true(item.number < count);
        assert_int_equal(seen[item.number]++, 0);
        last = item.key;
    }
    assert_int_equal(got, count);
    /* The end stays the end. */
    assert_true(sorter_next(sorter, &record, &error));
    assert_null(record);
    free(seen);
}

static void every_record_comes_out_once_and_in_order(void **state)
{
    (void)state;
    static const struct sorter_case {
        enum order order;
        uint32_t count;
        size_t memory_bytes;
        bool spills;
    } cases[] = {
        {RANDOM_KEYS, 0, 1 << 20, false},
        {RANDOM_KEYS, 0, 0, false},
        {RANDOM_KEYS, 1, 1 << 20, false},
        {RANDOM_KEYS, 1, 0, false},
        {RANDOM_KEYS, 2, 0, false},
        {RANDOM_KEYS, 3, 0, true},
        {RANDOM_KEYS, 100000, 8 << 20, false},
        {RANDOM_KEYS, 100000, 1 << 16, true},
        {SORTED_KEYS, 50000, 1 << 16, true},
        {REVERSED_KEYS, 50000, 1 << 16, true},
        {EQUAL_KEYS, 50000, 1 << 16, true},
        {EQUAL_KEYS, 50000, 8 << 20, false},
        {FEW_KEYS, 50000, 1 << 12, true},
        {MIXED_RUNS, 50000, 8 << 20, false},
        {MIXED_RUNS, 50000, 1 << 16, true},
        {RANDOM_KEYS, 2000, 1, true},
        /* Runs that fill their buffers exactly, and one record more. */
        {RANDOM_KEYS, 4096, 28 * 1024, true},
        {RANDOM_KEYS, 4097, 28 * 1024, true},
    };
    static const grouping groupings[] = {NULL, one_of_few, one_of_many, one_of_runs};
    enum { GROUPINGS = sizeof groupings / sizeof groupings[0] };
    struct random random = random_seeded(5);
    for (size_t i = 0; i < GROUPINGS * sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        const struct sorter_case *test = &cases[i / GROUPINGS];
        struct sorter *sorter =
            make_grouped(test->memory_bytes, "/var/tmp", groupings[i % GROUPINGS]);
        for (uint32_t k = 0; k < test->count; k++) {
            struct item item = item_of(key_of(test->order, k, test->count, &random), k);
            assert_true(sorter_add(sorter, &item, &error));
        }
        assert_true(sorter_finish(sorter, &error));
        assert_int_equal(sorter_count(sorter), test->count);
        assert_int_equal(sorter_spilled_bytes(sorter),
                         test->spills ? test->count * sizeof(struct item) : 0);
        assert_sorted(sorter, test->count);
        sorter_destroy(sorter);
    }
}

/* Adds until it fails, or `count` are in. */
static bool add_many(struct sorter *sorter, uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        struct item item = item_of(i, i);
        if (!sorter_add(sorter, &item, error)) {
            return false;
        }
    }
    return sorter_finish(sorter, error);
}

static void full_disk_is_told_with_its_remedy(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct error error = {0};
    struct sorter *sorter = make_sorter(1 << 16, "/var/tmp");
    bool added = add_many(sorter, 1000000, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_false(added);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, "/var/tmp"));
    assert_non_null(strstr(error.text, "cannot grow over 1 MiB"));
    assert_non_null(strstr(error.text, "TMPDIR"));
    sorter_destroy(sorter);
}

static void folder_that_is_not_there_fails_only_when_it_is_needed(void **state)
{
    (void)state;
    struct error error = {0};
    struct sorter *fits = make_sorter(1 << 20, "/var/tmp/no/such/folder");
    assert_true(add_many(fits, 100, &error));
    assert_sorted(fits, 100);
    sorter_destroy(fits);
    struct sorter *spills = make_sorter(1 << 10, "/var/tmp/no/such/folder");
    assert_false(add_many(spills, 10000, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, "/var/tmp/no/such/folder"));
    sorter_destroy(spills);
}

static void memory_only_fails_before_it_writes_a_file(void **state)
{
    (void)state;
    struct error error = {0};
    const struct sorter_config config = {.record_bytes = sizeof(struct item),
                                         .compare = compare_keys,
                                         .memory_bytes = 1 << 20,
                                         .folder = "/var/tmp/no/such/folder",
                                         .memory_only = true};
    struct sorter *sorter = sorter_create(&config, &error);
    assert_non_null(sorter);
    assert_false(add_many(sorter, 1000000, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, "needs more memory"));
    assert_int_equal(sorter_spilled_bytes(sorter), 0);
    sorter_destroy(sorter);
}

static void temporary_file_has_no_name(void **state)
{
    (void)state;
    char folder[256];
    support_make_folder(folder, sizeof folder);
    struct error error = {0};
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    struct sorter *sorter = make_sorter(1 << 10, NULL);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_true(add_many(sorter, 10000, &error));
    assert_true(sorter_spilled_bytes(sorter) > 0);
    /* The folder can be removed under it: nothing is in it. */
    assert_int_equal(remove(folder), 0);
    assert_sorted(sorter, 10000);
    sorter_destroy(sorter);
}

static void destroy_takes_null_and_half_filled_ones(void **state)
{
    (void)state;
    struct error error = {0};
    sorter_destroy(NULL);
    struct sorter *sorter = make_sorter(1 << 10, "/var/tmp");
    for (uint32_t i = 0; i < 1000; i++) {
        struct item item = item_of(i, i);
        assert_true(sorter_add(sorter, &item, &error));
    }
    sorter_destroy(sorter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_once_and_in_order),
        cmocka_unit_test(full_disk_is_told_with_its_remedy),
        cmocka_unit_test(folder_that_is_not_there_fails_only_when_it_is_needed),
        cmocka_unit_test(memory_only_fails_before_it_writes_a_file),
        cmocka_unit_test(temporary_file_has_no_name),
        cmocka_unit_test(destroy_takes_null_and_half_filled_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
