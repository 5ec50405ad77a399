/* Rows of trades: which are good, and what is wrong with the others. */
#include <string.h>

#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_json.h"
#include "source/bitfinex_trades/trade_row.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum row_fault read_text(const char *text, struct trade_row *row)
{
    json_t *json = bitfinex_json_load(str_from(text), NULL);
    assert_non_null(json);
    enum row_fault fault = trade_row_read(json, row);
    json_decref(json);
    return fault;
}

static void good_rows_have_their_figures(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct trade_row want;
    } cases[] = {
        {"[5690221201,1734237017719,0.00991467,102570]",
         {5690221201, 1734237017719, 0.00991467, 102570}},
        {"[0,0,-5e-8,2.503e-05]", {0, 0, -5e-8, 2.503e-05}},
        {"[9007199254740992,1,1,1]", {INT64_C(9007199254740992), 1, 1, 1}},
        {"[1,9214646399999,1,1]", {1, INT64_C(9214646399999), 1, 1}},
        {"[1,2,3,4,null,\"more\"]", {1, 2, 3, 4}}, /* columns that a later version appends */
        {"[412685579,1580269005757,4.2,0.1244,12]", {412685579, 1580269005757, 4.2, 0.1244}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trade_row row;
        assert_int_equal(read_text(cases[i].text, &row), ROW_FAULTS);
        assert_true(trade_row_same(&row, &cases[i].want));
    }
}

static void bad_rows_have_one_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum row_fault want;
    } cases[] = {
        {"7", ROW_BAD_SHAPE},
        {"{\"0\":1}", ROW_BAD_SHAPE},
        {"[]", ROW_BAD_SHAPE},
        {"[1,2,3]", ROW_BAD_SHAPE},
        {"[\"1\",2,3,4]", ROW_BAD_FIGURE},
        {"[-1,2,3,4]", ROW_BAD_FIGURE},
        {"[1.5,2,3,4]", ROW_BAD_FIGURE},
        {"[9007199254740994,2,3,4]", ROW_BAD_FIGURE},
        {"[1e400,2,3,4]", ROW_BAD_FIGURE},
        {"[1,null,3,4]", ROW_BAD_TIME},
        {"[1,-2,3,4]", ROW_BAD_TIME},
        {"[1,2.5,3,4]", ROW_BAD_TIME},
        {"[1,9214646400000,3,4]", ROW_BAD_TIME},
        {"[1,2,3,0]", ROW_BAD_PRICE},
        {"[1,2,3,-4]", ROW_BAD_PRICE},
        {"[1,2,3,null]", ROW_BAD_PRICE},
        {"[1,2,3,1e400]", ROW_BAD_PRICE},
        {"[1,2,0,4]", ROW_BAD_FIGURE},
        {"[1,2,-0.0,4]", ROW_BAD_FIGURE},
        {"[1,2,\"3\",4]", ROW_BAD_FIGURE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trade_row row;
        if (read_text(cases[i].text, &row) != cases[i].want) {
            fail_msg("%s", cases[i].text);
        }
    }
}

static void rows_are_the_same_only_with_the_same_bits(void **state)
{
    (void)state;
    const struct trade_row row = {1, 2, 3, 4};
    static const struct trade_row others[] = {
        {2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, -3, 4}, {1, 2, 3, 5}};
    assert_true(trade_row_same(&row, &row));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(trade_row_same(&row, &others[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_rows_have_their_figures),
        cmocka_unit_test(bad_rows_have_one_fault),
        cmocka_unit_test(rows_are_the_same_only_with_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
