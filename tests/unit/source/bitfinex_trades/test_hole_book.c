/* The book of holes: which are a group, which is next. */
#include "cmocka_all.h"
#include "source/bitfinex_trades/hole_book.h"

static void open_hole(struct hole_book *book, size_t coin, int64_t begin_ms, int64_t end_ms)
{
    assert_true(hole_book_open(book, coin, begin_ms, end_ms, begin_ms + 5));
}

static void hole_is_opened_once_and_gets_its_end_later(void **state)
{
    (void)state;
    struct hole_book book = {0};
    assert_null(hole_book_newest(&book, 0));
    open_hole(&book, 3, 100, HOLE_LASTS);
    open_hole(&book, 3, 100, 200);
    assert_int_equal(book.count, 1);
    assert_int_equal(hole_book_newest(&book, 3)->end_ms, 200);
    assert_int_equal(hole_book_newest(&book, 3)->last_id, 105);
    assert_null(hole_book_newest(&book, 2));
    assert_null(hole_book_newest(&book, 4));
    assert_null(hole_book_find(&book, 3, 101));
    hole_book_close(&book, 3, 101);
    assert_int_equal(book.count, 1);
    hole_book_close(&book, 3, 100);
    assert_int_equal(book.count, 0);
    hole_book_free(&book);
}

static void holes_that_touch_are_a_group(void **state)
{
    (void)state;
    struct hole_book book = {0};
    struct hole_group group;
    open_hole(&book, 1, 400, 500);
    open_hole(&book, 1, 100, 200);
    open_hole(&book, 1, 200, 300); /* touches the one before */
    open_hole(&book, 2, 250, 450); /* of another coin */
    assert_true(hole_book_group(&book, 1, 100, &group));
    assert_int_equal(book.holes[group.first].begin_ms, 100);
    assert_int_equal(book.holes[group.last].begin_ms, 200);
    assert_true(hole_book_group(&book, 1, 400, &group));
    assert_int_equal(group.first, group.last);
    assert_false(hole_book_group(&book, 1, 250, &group));
    hole_book_free(&book);
}

static void newest_group_of_each_coin_has_its_turn(void **state)
{
    (void)state;
    struct hole_book book = {0};
    struct hole_group group;
    open_hole(&book, 1, 100, 200);
    open_hole(&book, 1, 400, 500);
    open_hole(&book, 4, 100, 200);
    open_hole(&book, 4, 300, HOLE_LASTS); /* its end is not known: an older one is asked for */
    open_hole(&book, 5, 300, HOLE_LASTS);
    static const int64_t want[][2] = {{1, 400}, {4, 100}, {1, 400}, {4, 100}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(hole_book_next(&book, &group));
        assert_int_equal(book.holes[group.first].coin, want[i][0]);
        assert_int_equal(book.holes[group.first].begin_ms, want[i][1]);
    }
    hole_book_close(&book, 1, 400);
    hole_book_close(&book, 4, 100);
    assert_true(hole_book_next(&book, &group));
    assert_int_equal(book.holes[group.first].begin_ms, 100);
    hole_book_close(&book, 1, 100);
    assert_false(hole_book_next(&book, &group));
    hole_book_free(&book);
}

static void trade_is_counted_at_the_hole_that_holds_its_time(void **state)
{
    (void)state;
    struct hole_book book = {0};
    struct hole_group group;
    open_hole(&book, 1, 100, 200);
    open_hole(&book, 1, 200, 300);
    assert_true(hole_book_group(&book, 1, 100, &group));
    static const int64_t times_ms[] = {99, 100, 199, 200, 301};
    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        hole_book_count(&book, group, times_ms[i]);
    }
    assert_int_equal(book.holes[0].refilled, 3);
    assert_int_equal(book.holes[1].refilled, 2);
    hole_book_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hole_is_opened_once_and_gets_its_end_later),
        cmocka_unit_test(holes_that_touch_are_a_group),
        cmocka_unit_test(newest_group_of_each_coin_has_its_turn),
        cmocka_unit_test(trade_is_counted_at_the_hole_that_holds_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
