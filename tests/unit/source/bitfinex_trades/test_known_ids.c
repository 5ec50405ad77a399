/* The bounded memory of a coin's newest trades. */
#include "cmocka_all.h"
#include "source/bitfinex_trades/known_ids.h"

static void add(struct known_ids *known, int64_t id)
{
    const struct trade_row row = {id, 10 * id, 1, 2};
    assert_true(known_ids_add(known, &row));
}

static void ids_in_any_order_are_found_with_their_figures(void **state)
{
    (void)state;
    struct known_ids known = {0};
    assert_null(known_ids_find(&known, 0));
    for (int64_t i = 0; i < KNOWN_IDS_MAX; i++) {
        add(&known, i * 7 % KNOWN_IDS_MAX * 2); /* the even ones, mixed */
    }
    for (int64_t id = 0; id < 2 * KNOWN_IDS_MAX; id++) {
        const struct trade_row *row = known_ids_find(&known, id);
        assert_int_equal(row != NULL, id % 2 == 0);
        assert_true(row == NULL || (row->id == id && row->time_ms == 10 * id));
    }
    known_ids_free(&known);
}

static void full_memory_keeps_the_greatest_ids(void **state)
{
    (void)state;
    struct known_ids known = {0};
    const int64_t all = 5 * KNOWN_IDS_MAX;
    for (int64_t id = 0; id < all; id++) {
        add(&known, id ^ 1); /* neighbours come in the wrong order, as te do */
    }
    add(&known, all / 2); /* an old one comes late: it is left out */
    for (int64_t id = 0; id < all; id++) {
        assert_int_equal(known_ids_find(&known, id) != NULL, id >= all - KNOWN_IDS_MAX);
    }
    assert_true(known.capacity <= 2 * KNOWN_IDS_MAX);
    known_ids_clear(&known);
    assert_null(known_ids_find(&known, all - 1));
    add(&known, 3);
    assert_non_null(known_ids_find(&known, 3));
    known_ids_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_in_any_order_are_found_with_their_figures),
        cmocka_unit_test(full_memory_keeps_the_greatest_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
