/* Which coins are asked for next, against an exchange that refuses any request with an unknown. */
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_ask.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
enum { COINS_MAX = 1000 };

/* The exchange, and what came of asking it. */
struct exchange {
    bool unknown[COINS_MAX];
    int ticks[COINS_MAX]; /* answers that each coin was in */
    int requests;
    int found_unknown;
};

static void ask_once(struct bitfinex_ask *ask, struct exchange *exchange, int64_t now_ns)
{
    size_t count = 0;
    const size_t *asked = bitfinex_ask_next(ask, now_ns, &count);
    assert_true(count > 0);
    bool known = true;
    for (size_t i = 0; i < count; ++i) {
        assert_true(i == 0 || asked[i] > asked[i - 1]);
        known = known && !exchange->unknown[asked[i]];
    }
    for (size_t i = 0; known && i < count; ++i) {
        exchange->ticks[asked[i]]++;
    }
    exchange->requests++;
    size_t coin = COINS_MAX;
    switch (bitfinex_ask_answer(ask, now_ns, known, &coin)) {
    case BITFINEX_NOTHING_FOUND:
        break;
    case BITFINEX_FOUND_UNKNOWN:
        assert_true(exchange->unknown[coin]);
        exchange->found_unknown++;
        break;
    case BITFINEX_FOUND_KNOWN:
        assert_false(exchange->unknown[coin]);
        break;
    }
}

static void culprits_anywhere_are_found_in_few_requests(void **state)
{
    (void)state;
    static const struct {
        size_t coins;
        size_t culprits[4];
        size_t culprit_count;
        int want_at_most; /* requests until all culprits are found and the rest was asked for */
    } cases[] = {
        {1, {0}, 1, 1},
        {2, {0}, 1, 4},
        {2, {1}, 1, 4},
        {3, {0, 2}, 2, 6},
        {10, {4}, 1, 10},
        {300, {0}, 1, 20},
        {300, {299}, 1, 20},
        {300, {150}, 1, 20},
        {300, {0, 100, 200, 299}, 4, 64},
        {1000, {1, 2, 3, 998}, 4, 70},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct bitfinex_ask ask;
        assert_true(bitfinex_ask_init(&ask, cases[i].coins));
        struct exchange exchange = {0};
        for (size_t k = 0; k < cases[i].culprit_count; ++k) {
            exchange.unknown[cases[i].culprits[k]] = true;
        }
        size_t good = cases[i].coins - cases[i].culprit_count;
        do {
            ask_once(&ask, &exchange, 1);
            assert_true(exchange.requests <= cases[i].want_at_most);
        } while (ask.active_count > good || ask.range_count > 0);
        assert_int_equal(exchange.found_unknown, cases[i].culprit_count);
        assert_int_equal(ask.active_count, good);
        for (size_t coin = 0; coin < cases[i].coins; ++coin) {
            /* The search itself brought each good coin's tick once. */
            assert_int_equal(exchange.ticks[coin], exchange.unknown[coin] ? 0 : 1);
        }
        if (good > 0) {
            size_t count;
            (void)bitfinex_ask_next(&ask, 2, &count);
            assert_int_equal(count, good); /* and now all are asked for at once again */
        }
        bitfinex_ask_free(&ask);
    }
}

static void all_coins_unknown_are_found_one_by_one_and_then_asked_in_turn(void **state)
{
    (void)state;
    struct bitfinex_ask ask;
    assert_true(bitfinex_ask_init(&ask, 5));
    struct exchange exchange = {.unknown = {true, true, true, true, true}};
    while (ask.active_count > 0) {
        ask_once(&ask, &exchange, 1);
        assert_true(exchange.requests <= 10);
    }
    int probes[5] = {0};
    for (int i = 0; i < 10; ++i) {
        size_t count;
        const size_t *asked = bitfinex_ask_next(&ask, 1, &count);
        assert_int_equal(count, 1);
        probes[*asked]++;
        ask_once(&ask, &exchange, 1);
    }
    for (int i = 0; i < 5; ++i) {
        assert_int_equal(probes[i], 2);
    }
    exchange.unknown[3] = false;
    for (int i = 0; i < 5; ++i) {
        ask_once(&ask, &exchange, 1);
    }
    assert_int_equal(ask.active_count, 1);
    assert_true(exchange.ticks[3] > 0);
    bitfinex_ask_free(&ask);
}

static void dropped_coins_are_asked_for_again_rarely_and_alone(void **state)
{
    (void)state;
    struct bitfinex_ask ask;
    assert_true(bitfinex_ask_init(&ask, 10));
    struct exchange exchange = {.unknown = {[3] = true, [7] = true}};
    while (ask.active_count > 8 || ask.range_count > 0) {
        ask_once(&ask, &exchange, 0);
    }
    exchange = (struct exchange){.unknown = {[3] = true, [7] = true}};
    /* An hour at one request each 5 s: 12 of the 720 go to the dropped ones. */
    const int64_t step_ns = 5 * NS_PER_SECOND;
    int64_t now_ns = 0;
    for (int i = 0; i < 720; ++i, now_ns += step_ns) {
        ask_once(&ask, &exchange, now_ns);
    }
    assert_in_range(exchange.found_unknown, 10, 12);
    assert_int_equal(exchange.ticks[0], 720 - exchange.found_unknown);
    /* The exchange lists one of them: it is taken back within two turns, and stays. */
    exchange.unknown[7] = false;
    for (int i = 0; i < 130; ++i, now_ns += step_ns) {
        ask_once(&ask, &exchange, now_ns);
    }
    assert_int_equal(ask.active_count, 9);
    int before = exchange.ticks[7];
    ask_once(&ask, &exchange, now_ns);
    assert_int_equal(exchange.ticks[7], before + 1);
    bitfinex_ask_free(&ask);
}

static void question_that_got_no_answer_is_asked_again(void **state)
{
    (void)state;
    struct bitfinex_ask ask;
    assert_true(bitfinex_ask_init(&ask, 4));
    struct exchange exchange = {.unknown = {[1] = true}};
    for (int i = 0; i < 8; ++i) {
        size_t first_count;
        size_t again_count;
        const size_t *first = bitfinex_ask_next(&ask, 1, &first_count);
        size_t begin = *first;
        const size_t *again = bitfinex_ask_next(&ask, 2, &again_count);
        assert_int_equal(*again, begin);
        assert_int_equal(first_count, again_count);
        ask_once(&ask, &exchange, 2);
    }
    assert_int_equal(ask.active_count, 3);
    bitfinex_ask_free(&ask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(culprits_anywhere_are_found_in_few_requests),
        cmocka_unit_test(all_coins_unknown_are_found_one_by_one_and_then_asked_in_turn),
        cmocka_unit_test(dropped_coins_are_asked_for_again_rarely_and_alone),
        cmocka_unit_test(question_that_got_no_answer_is_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
