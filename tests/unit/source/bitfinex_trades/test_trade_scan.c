/* Frames of one trade that are read without the JSON library: the same as with it, or not at all.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_json.h"
#include "source/bitfinex_trades/trade_scan.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void frames_of_a_trade_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool updated;
        int64_t channel, behind[2];
        size_t behind_count;
        struct trade_row row;
    } cases[] = {
        {"[7,\"te\",[12,1700000000000,-0.5,30000.1],3,1700000000001]",
         false,
         7,
         {3, 1700000000001},
         2,
         {12, 1700000000000, -0.5, 30000.1}},
        {"[0,\"tu\",[0,0,4,0.00000001]]", true, 0, {0, 0}, 0, {0, 0, 4, 1e-8}},
        {"[1,\"tu\",[1,1,123456.12345678901234567,5],9]",
         true,
         1,
         {9, 0},
         1,
         {1, 1, 123456.12345678901234567, 5}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trade_scan scan;
        assert_true(trade_scan_read(str_from(cases[i].text), &scan));
        assert_int_equal(scan.updated, cases[i].updated);
        assert_int_equal(scan.channel, cases[i].channel);
        assert_int_equal(scan.behind_count, cases[i].behind_count);
        assert_memory_equal(scan.behind, cases[i].behind, sizeof scan.behind);
        assert_true(trade_row_same(&scan.row, &cases[i].row));
        assert_int_equal(scan.row.id, cases[i].row.id);
    }
}

static void all_else_is_left_to_the_library(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[",
        "{\"event\":\"info\"}",
        "[1,\"hb\"]",
        "[1,\"fte\",[1,1,1,1]]",
        "[1,[[1,1,1,1]]]",
        "[1,\"te\",[1,1,1,1]",
        "[1,\"te\",[1,1,1,1]] ",
        "[1, \"te\",[1,1,1,1]]",
        "[1,\"te\",[1,1,1,1],2,3,4]",
        "[1,\"te\",[1,1,1,1],null]",
        "[1,\"te\",[1,1,1,1],]",
        "[1,\"te\",[1,1,1,1,1]]",
        "[1,\"te\",[1,1,1]]",
        "[-1,\"te\",[1,1,1,1]]",
        "[01,\"te\",[1,1,1,1]]",
        "[1,\"te\",[1,1,01,1]]",
        "[1,\"te\",[1,1,.5,1]]",
        "[1,\"te\",[1,1,1.,1]]",
        "[1,\"te\",[1,1,1e3,1]]",
        "[1,\"te\",[1.5,1,1,1]]",
        "[1,\"te\",[1,1,0,1]]",
        "[1,\"te\",[1,1,-0.0,1]]",
        "[1,\"te\",[1,1,1,0]]",
        "[1,\"te\",[1,1,1,-1]]",
        "[1,\"te\",[-1,1,1,1]]",
        "[1,\"te\",[1,999999999999999,1,1]]",
        "[1,\"te\",[9999999999999999,1,1,1]]",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct trade_scan scan;
        assert_false(trade_scan_read(str_from(texts[i]), &scan));
    }
}

/* The same bits, whatever the number of digits and decimals. */
static void numbers_are_those_of_the_library(void **state)
{
    (void)state;
    struct random random = random_seeded(7);
    for (int i = 0; i < 20000; i++) {
        char text[200];
        uint64_t digits = random_next(&random) >> (random_next(&random) % 64);
        uint64_t decimals = random_next(&random) >> (random_next(&random) % 64);
        int width = (int)(random_next(&random) % 20);
        (void)snprintf(text, sizeof text,
                       "[1,\"te\",[1,1,%" PRIu64 ".%0*" PRIu64 ",%" PRIu64 ".5]]", digits, width,
                       decimals, digits / 1000);
        struct trade_scan scan;
        struct trade_row row;
        json_t *json = bitfinex_json_load(str_from(text), NULL);
        bool good = trade_row_read(json_array_get(json, 2), &row) == ROW_FAULTS;
        json_decref(json);
        bool read = trade_scan_read(str_from(text), &scan);
        assert_true(!read || (good && trade_row_same(&row, &scan.row)));
        assert_true(read || !good || str_from(text).length > 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_a_trade_are_read),
        cmocka_unit_test(all_else_is_left_to_the_library),
        cmocka_unit_test(numbers_are_those_of_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
