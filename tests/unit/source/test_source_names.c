#include "source/source_names.h"

#include "cmocka_all.h"

static void lists_are_taken_apart(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum source_naming want;
        size_t count;
        const char *bad;      /* unless they are named */
        const char *argument; /* of the last one */
    } cases[] = {
        {"bitfinex", SOURCES_NAMED, 1, NULL, ""},
        {" bitfinex ", SOURCES_NAMED, 1, NULL, ""},
        {"synthetic", SOURCES_NAMED, 1, NULL, ""},
        {"replay:prices.csv", SOURCES_NAMED, 1, NULL, "prices.csv"},
        {"replay:a,b.csv", SOURCES_NAMED, 1, NULL, "a,b.csv"},
        {"replay:a, b,,c:d", SOURCES_NAMED, 1, NULL, "a, b,,c:d"},
        {"", SOURCES_UNKNOWN, 0, "", NULL},
        {"bitfinex,", SOURCES_UNKNOWN, 0, "", NULL},
        {"bitfinx", SOURCES_UNKNOWN, 0, "bitfinx", NULL},
        {"Bitfinex", SOURCES_UNKNOWN, 0, "Bitfinex", NULL},
        {"bitfinex:x", SOURCES_UNKNOWN, 0, "bitfinex:x", NULL},
        {"replay", SOURCES_UNKNOWN, 0, "replay", NULL},
        {"replay:", SOURCES_UNKNOWN, 0, "replay:", NULL},
        {"bitfinex,bitfinex", SOURCES_TWICE, 0, "bitfinex", NULL},
        {"bitfinex,synthetic", SOURCES_MIXED, 0, "synthetic", NULL},
        {"replay:a.csv,synthetic", SOURCES_MIXED, 0, "synthetic", NULL},
        {"replay:a.csv,replay:b.csv", SOURCES_MIXED, 0, "replay:b.csv", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct named_sources sources;
        struct str bad;
        enum source_naming naming = source_names_parse(str_from(cases[i].text), &sources, &bad);
        if (naming != cases[i].want) {
            fail_msg("\"%s\": %d", cases[i].text, (int)naming);
        }
        if (naming != SOURCES_NAMED) {
            assert_true(str_equal_text(bad, cases[i].bad));
            continue;
        }
        assert_int_equal(sources.count, cases[i].count);
        assert_true(str_equal_text(sources.items[sources.count - 1].argument, cases[i].argument));
    }
}

static void each_row_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < SOURCE_IDS; i++) {
        assert_non_null(source_rows[i].name);
        assert_ptr_equal(source_row_named(str_from(source_rows[i].name)), &source_rows[i]);
    }
    assert_null(source_row_named(str_from("")));
    assert_null(source_row_named(str_from("bitfine")));
}

static void synthetic_lists_are_told_from_others(void **state)
{
    (void)state;
    assert_true(source_names_synthetic(str_from("synthetic-trade, synthetic-bar")));
    assert_false(source_names_synthetic(str_from("bitfinex,rss:default")));
    assert_false(source_names_synthetic(str_from("replay:synthetic")));
    assert_false(source_names_synthetic(str_from("synthetic,bitfinex"))); /* they never mix */
    assert_false(source_names_synthetic(str_from("")));
}

static void the_nearest_name_is_suggested(void **state)
{
    (void)state;
    const struct {
        const char *typo, *want;
    } cases[] = {
        {"bitfinx", "bitfinex"},
        {"synthetc", "synthetic"},
        {"reply:prices.csv", "replay"},
        {"replay", "replay"},
        {"nonsense", NULL},
        {"", NULL},
        {"a-name-that-is-longer-than-any-of-ours", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *nearest = source_names_nearest(str_from(cases[i].typo));
        if (cases[i].want == NULL) {
            assert_null(nearest);
        } else {
            assert_string_equal(nearest, cases[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_taken_apart),
        cmocka_unit_test(each_row_is_found_by_its_name),
        cmocka_unit_test(synthetic_lists_are_told_from_others),
        cmocka_unit_test(the_nearest_name_is_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
