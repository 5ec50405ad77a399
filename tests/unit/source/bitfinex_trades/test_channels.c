/* Channels of a connection, and coins over connections. */
#include "cmocka_all.h"
#include "source/bitfinex_trades/channels.h"

static void channel_carries_the_coin_that_was_put_last(void **state)
{
    (void)state;
    struct channel_map map = {0};
    size_t coin = 99;
    assert_false(channel_map_find(&map, 0, &coin));
    for (size_t i = 0; i < CONNECTION_CHANNELS; i++) {
        assert_true(channel_map_put(&map, 1000 + (int64_t)i, i));
    }
    assert_false(channel_map_put(&map, 5, 0));
    assert_true(channel_map_put(&map, 1003, 77));
    assert_true(channel_map_find(&map, 1003, &coin));
    assert_int_equal(coin, 77);
    assert_true(channel_map_find(&map, 1024, &coin));
    assert_int_equal(coin, 24);
    assert_false(channel_map_find(&map, 5, &coin));
}

static void coins_take_as_few_connections_as_they_need(void **state)
{
    (void)state;
    static const struct {
        size_t coins, want;
    } cases[] = {{0, 0}, {1, 1}, {25, 1}, {26, 2}, {50, 2}, {51, 3}, {1000, 40}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct coin_places places;
        assert_true(coin_places_init(&places, cases[i].coins));
        assert_int_equal(places.count, cases[i].want);
        for (size_t coin = 0; coin < cases[i].coins; coin++) {
            assert_int_equal(places.connections[coin], coin / CONNECTION_CHANNELS);
        }
        coin_places_free(&places);
    }
}

static void coin_without_room_moves_to_another_connection(void **state)
{
    (void)state;
    struct coin_places places;
    assert_true(coin_places_init(&places, 27));
    assert_true(coin_places_move(&places, 24, 24)); /* the first one has 24 now, and stays so */
    assert_int_equal(places.connections[24], 1);
    assert_true(coin_places_move(&places, 26, 2)); /* the second one has 2; a third is made */
    assert_int_equal(places.connections[26], 2);
    assert_int_equal(places.count, 3);
    coin_places_free(&places);

    assert_true(coin_places_init(&places, 2));
    assert_true(coin_places_move(&places, 1, 0));
    assert_false(coin_places_move(&places, 1, 0)); /* as many connections as coins, all full */
    assert_int_equal(places.connections[1], 1);
    coin_places_free(&places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_carries_the_coin_that_was_put_last),
        cmocka_unit_test(coins_take_as_few_connections_as_they_need),
        cmocka_unit_test(coin_without_room_moves_to_another_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
