#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "cmocka_all.h"
#include "source/sources.h"
#include "source/synthetic/synthetic_market.h"
#include "ticks.h"

#define START_NS INT64_C(1767225600000000000)

static const struct synthetic_config six_rounds = {.coins = "tBTCUSD,tETHUSD,tXXXUSD",
                                                   .seed = 7,
                                                   .start_ns = START_NS,
                                                   .step_ns = NS_PER_SECOND,
                                                   .limit = 6};

static struct source *open_source(struct synthetic_config config)
{
    struct error error = {0};
    struct source *source = synthetic_source_create(&config, &error);
    if (source == NULL) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(source->name, "synthetic");
    assert_int_equal(source->live, config.live);
    return source;
}

/* Reads at most `limit` ticks; to source_batch_free(). */
static struct source_batch read_ticks(struct source *source, size_t limit)
{
    struct source_batch all = {.kind = source->kind};
    struct source_batch batch = {0};
    struct row_counts counts = {0};
    struct error error;
    while (all.count < limit &&
           source->next(source->state, &batch, &counts, &error) == SOURCE_BATCH) {
        for (size_t i = 0; i < batch.count && all.count < limit; i++) {
            struct ticker *copy = source_batch_add(&all);
            assert_non_null(copy);
            *copy = batch_ticks(&batch)[i];
        }
        all.has_time = batch.has_time;
    }
    assert_true(counts.rows >= (int64_t)all.count);
    assert_int_equal(counts.rows, counts.records);
    source_batch_free(&batch);
    return all;
}

static struct source_batch ticks_of(struct synthetic_config config, size_t limit)
{
    struct source *source = open_source(config);
    struct source_batch ticks = read_ticks(source, limit);
    source_destroy(source);
    return ticks;
}

static void same_input_gives_the_same_ticks_bit_for_bit(void **state)
{
    (void)state;
    struct source_batch first = ticks_of(six_rounds, 1000);
    struct source_batch second = ticks_of(six_rounds, 1000);
    assert_int_equal(first.count, 18);
    assert_int_equal(second.count, 18);
    assert_memory_equal(batch_ticks(&first), batch_ticks(&second),
                        18 * sizeof *batch_ticks(&first));
    assert_true(first.has_time);
    source_batch_free(&first);
    source_batch_free(&second);
}

/* What every platform has to give; worked out by an independent program. */
static void known_seed_gives_known_prices(void **state)
{
    (void)state;
    static const char *const want[] = {"65881.5", "3127.65", "8150.55", "65885.2", "3127.52",
                                       "8149.9",  "65883.9", "3127.5",  "8150.25", "65902.1",
                                       "3127.34", "8149.08", "65900.3", "3126.72", "8148.9",
                                       "65899.8", "3126.68", "8148.17"};
    struct source_batch ticks = ticks_of(six_rounds, 1000);
    assert_int_equal(batch_ticks(&ticks)[0].run_id, INT64_C(2598546137496809399));
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        char text[NUMBER_TEXT_SIZE];
        (void)number_format(batch_ticks(&ticks)[i].last_price, text);
        assert_string_equal(text, want[i]);
    }
    source_batch_free(&ticks);
}

static void ticks_carry_their_place_in_the_walk(void **state)
{
    (void)state;
    static const char *const symbols[] = {"tBTCUSD", "tETHUSD", "tXXXUSD"};
    struct source_batch ticks = ticks_of(six_rounds, 1000);
    for (size_t i = 0; i < ticks.count; i++) {
        const struct ticker *tick = &batch_ticks(&ticks)[i];
        assert_string_equal(tick->symbol, symbols[i % 3]);
        assert_string_equal(tick->source, "synthetic");
        assert_int_equal(tick->event_time_ns, START_NS + (int64_t)(i / 3) * NS_PER_SECOND);
        assert_int_equal(tick->seq, i + 1);
        assert_int_equal(tick->run_id, batch_ticks(&ticks)[0].run_id);
    }
    assert_true(batch_ticks(&ticks)[0].run_id >= 0);
    source_batch_free(&ticks);
}

static void other_input_is_another_run(void **state)
{
    (void)state;
    struct synthetic_config configs[5];
    for (int i = 0; i < 5; i++) {
        configs[i] = six_rounds;
    }
    configs[1].seed++;
    configs[2].start_ns++;
    configs[3].step_ns++;
    configs[4].coins = "tETHUSD,tBTCUSD,tXXXUSD";
    int64_t run_ids[5];
    for (int i = 0; i < 5; i++) {
        struct source_batch ticks = ticks_of(configs[i], 1000);
        run_ids[i] = batch_ticks(&ticks)[0].run_id;
        for (int k = 0; k < i; k++) {
            assert_int_not_equal(run_ids[i], run_ids[k]);
        }
        source_batch_free(&ticks);
    }
}

static void a_coin_walks_alike_whatever_walks_beside_it(void **state)
{
    (void)state;
    struct synthetic_config config = six_rounds;
    struct source_batch three = ticks_of(config, 1000);
    config.coins = "tXXXUSD";
    struct source_batch one = ticks_of(config, 1000);
    for (size_t i = 0; i < 6; i++) {
        assert_true(batch_ticks(&one)[i].last_price == batch_ticks(&three)[3 * i + 2].last_price);
    }
    source_batch_free(&three);
    config.seed++;
    struct source_batch other = ticks_of(config, 1000);
    int differ = 0;
    for (size_t i = 0; i < 6; i++) {
        differ += batch_ticks(&one)[i].last_price != batch_ticks(&other)[i].last_price ? 1 : 0;
    }
    assert_true(differ >= 5);
    source_batch_free(&one);
    source_batch_free(&other);
}

static int decimals_of(double value)
{
    char text[NUMBER_TEXT_SIZE];
    (void)number_format(value, text);
    assert_null(strchr(text, 'e'));
    const char *point = strchr(text, '.');
    return point == NULL ? 0 : (int)strlen(point + 1);
}

static void assert_plausible(const struct ticker *tick, double base)
{
    const double *figures = tick->figures;
    assert_int_equal(ticker_check(tick), TICKER_OK);
    assert_true(tick->last_price >= base / 9 && tick->last_price <= base * 9);
    assert_true(figures[TICKER_BID] > 0 && figures[TICKER_BID] < tick->last_price);
    assert_true(figures[TICKER_ASK] > tick->last_price);
    assert_true(figures[TICKER_ASK] < figures[TICKER_BID] * 1.01);
    assert_true(figures[TICKER_BID_SIZE] > 0 && figures[TICKER_ASK_SIZE] > 0);
    assert_true(figures[TICKER_LOW] <= tick->last_price &&
                tick->last_price <= figures[TICKER_HIGH]);
    double open = tick->last_price - figures[TICKER_DAILY_CHANGE];
    double relative = figures[TICKER_DAILY_CHANGE] / open;
    assert_true(relative - figures[TICKER_DAILY_CHANGE_RELATIVE] < 2e-8);
    assert_true(figures[TICKER_DAILY_CHANGE_RELATIVE] - relative < 2e-8);
    assert_true(figures[TICKER_VOLUME] > 0);
    assert_true(decimals_of(tick->last_price) <= 8);
    for (int i = 0; i <= TICKER_LOW; i++) {
        assert_true(tick->has[i]);
        assert_true(decimals_of(figures[i]) <= 8);
    }
}

static void prices_stay_plausible_for_any_step(void **state)
{
    (void)state;
    static const int64_t steps[] = {1, NS_PER_MS, 5 * NS_PER_SECOND, 3600 * NS_PER_SECOND,
                                    86400 * 400 * NS_PER_SECOND};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct synthetic_config config = {
            .coins = "ALL", .seed = i, .start_ns = 1, .step_ns = steps[i], .limit = 3000};
        struct source_batch ticks = ticks_of(config, 1000000);
        size_t rounds = ticks.count / 10;
        assert_true(rounds == 3000 || (i == 4 && rounds > 200)); /* the year 2262 */
        int moves = 0;
        for (size_t k = 0; k < ticks.count; k++) {
            assert_plausible(&batch_ticks(&ticks)[k], batch_ticks(&ticks)[k % 10].last_price);
            moves += k >= 10 && batch_ticks(&ticks)[k].last_price !=
                                    batch_ticks(&ticks)[k - 10].last_price
                         ? 1
                         : 0;
        }
        /* A step of a nanosecond is far less than a last decimal. */
        assert_true(i == 0 || moves > (int)ticks.count / 4);
        source_batch_free(&ticks);
    }
}

static void all_makes_ten_coins(void **state)
{
    (void)state;
    struct synthetic_config config = {
        .coins = "ALL", .start_ns = START_NS, .step_ns = NS_PER_SECOND, .limit = 1};
    struct source_batch ticks = ticks_of(config, 1000);
    assert_int_equal(ticks.count, 10);
    assert_string_equal(batch_ticks(&ticks)[0].symbol, "tBTCUSD");
    for (size_t i = 0; i < 10; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(batch_ticks(&ticks)[i].symbol, batch_ticks(&ticks)[k].symbol);
        }
    }
    source_batch_free(&ticks);
}

static void endless_data_ends_with_time(void **state)
{
    (void)state;
    struct synthetic_config config = six_rounds;
    config.limit = 0;
    config.start_ns = RECORD_TIME_END_NS - 11;
    config.step_ns = 4;
    struct source_batch ticks = ticks_of(config, 1000000);
    assert_int_equal(ticks.count, 9);
    assert_int_equal(batch_ticks(&ticks)[8].event_time_ns, RECORD_TIME_END_NS - 3);
    source_batch_free(&ticks);
    config.start_ns = START_NS;
    ticks = ticks_of(config, 50000); /* goes on and on */
    assert_int_equal(ticks.count, 50000);
    source_batch_free(&ticks);
}

static void live_gives_one_round_a_request(void **state)
{
    (void)state;
    for (int has_start = 0; has_start < 2; has_start++) {
        struct synthetic_config config = six_rounds;
        config.live = true;
        config.start_ns = has_start ? START_NS : 0;
        struct source *source = open_source(config);
        struct source_batch batch = {0};
        struct row_counts counts = {0};
        struct error error;
        for (int i = 0; i < 6; i++) {
            assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
            assert_int_equal(batch.count, 3);
            /* Without a start the poller stamps them, as it does for an exchange. */
            assert_int_equal(batch.has_time, has_start);
        }
        assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_END);
        assert_int_equal(counts.records, 18);
        source_destroy(source);
        source_batch_free(&batch);
    }
}

static void live_with_a_start_gives_the_ticks_of_a_fast_run(void **state)
{
    (void)state;
    struct synthetic_config config = six_rounds;
    struct source_batch fast = ticks_of(config, 1000);
    config.live = true;
    struct source_batch live = ticks_of(config, 1000);
    assert_int_equal(live.count, fast.count);
    assert_memory_equal(batch_ticks(&live), batch_ticks(&fast),
                        fast.count * sizeof *batch_ticks(&fast));
    source_batch_free(&fast);
    source_batch_free(&live);
}

static void without_a_start_it_begins_now_or_after_the_log(void **state)
{
    (void)state;
    int64_t now = clock_wall_ns();
    const struct {
        int64_t newest, least, most;
    } cases[] = {
        {INT64_MIN, now, now + 600 * NS_PER_SECOND},
        {now - 5 * NS_PER_SECOND, now, now + 600 * NS_PER_SECOND},
        {now + 5000 * NS_PER_SECOND, now + 5000 * NS_PER_SECOND + 1,
         now + 5000 * NS_PER_SECOND + 1},
    };
    int64_t run_ids[3];
    for (int i = 0; i < 3; i++) {
        struct synthetic_config config = six_rounds;
        config.start_ns = 0;
        struct source *source = open_source(config);
        source->begin(source->state, cases[i].newest);
        struct source_batch ticks = read_ticks(source, 1000);
        assert_true(ticks.has_time);
        assert_int_equal(ticks.count, 18);
        assert_true(batch_ticks(&ticks)[0].event_time_ns >= cases[i].least);
        assert_true(batch_ticks(&ticks)[0].event_time_ns <= cases[i].most);
        assert_int_equal(batch_ticks(&ticks)[3].event_time_ns,
                         batch_ticks(&ticks)[0].event_time_ns + NS_PER_SECOND);
        run_ids[i] = batch_ticks(&ticks)[0].run_id;
        assert_true(i == 0 || run_ids[i] != run_ids[i - 1]);
        source_destroy(source);
        source_batch_free(&ticks);
    }
}

static void a_log_at_the_end_of_time_leaves_no_room(void **state)
{
    (void)state;
    struct synthetic_config config = six_rounds;
    config.start_ns = 0;
    struct source *source = open_source(config);
    source->begin(source->state, RECORD_TIME_END_NS - 1);
    struct source_batch ticks = read_ticks(source, 1000);
    assert_int_equal(ticks.count, 0);
    source_destroy(source);
    source_batch_free(&ticks);
}

static void create_refuses_what_cannot_be(void **state)
{
    (void)state;
    struct synthetic_config configs[] = {six_rounds, six_rounds, six_rounds, six_rounds};
    configs[0].coins = "tBTCUSD,?";
    configs[1].step_ns = 0;
    configs[2].limit = -1;
    configs[3].coins = "";
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct error error = {0};
        assert_null(synthetic_source_create(&configs[i], &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_true(strlen(error.text) > 10);
    }
}

static void live_one_gives_the_past_first_if_the_log_has_nothing(void **state)
{
    (void)state;
    enum { COINS = 2, STEPS = 120 };
    for (int known = 0; known < 2; known++) {
        struct source *source =
            open_source((struct synthetic_config){.coins = "tBTCUSD,tETHUSD",
                                                  .seed = 7,
                                                  .live = true,
                                                  .step_ns = NS_PER_SECOND,
                                                  .market = true,
                                                  .history_ns = 3600 * NS_PER_SECOND});
        struct source_batch batch = {0};
        struct row_counts counts = {0};
        struct error error;
        int64_t now_ns = clock_wall_ns();
        source->begin(source->state, known ? now_ns : INT64_MIN);
        assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
        assert_int_equal(batch.has_time, !known);
        assert_int_equal(batch.step_ns, known ? 0 : 30 * NS_PER_SECOND);
        assert_in_range(batch.count, known ? COINS : COINS * STEPS, COINS * (STEPS + 1));
        struct market market, yesterday;
        assert_true(market_init(&market, "tBTCUSD", 7));
        assert_true(market_init(&yesterday, "tBTCUSD", 7));
        for (size_t i = 0; i < batch.count && !known; i++) {
            const struct ticker *tick = &batch_ticks(&batch)[i];
            assert_int_equal(ticker_check(tick), TICKER_OK);
            assert_true(tick->event_time_ns >= now_ns - 3600 * NS_PER_SECOND &&
                        tick->event_time_ns < clock_wall_ns());
            assert_int_equal(tick->seq, i + 1);
            double price =
                walk_decimal(market_price(&market, tick->event_time_ns), market.decimals);
            assert_true(i % COINS != 0 || tick->last_price == price);
            int64_t before_ns = tick->event_time_ns - NS_PER_DAY;
            double before = walk_decimal(market_price(&yesterday, before_ns), yesterday.decimals);
            double change = tick->figures[TICKER_DAILY_CHANGE];
            assert_true(i % COINS != 0 || fabs(change - (price - before)) < 0.01);
            assert_false(tick->has[TICKER_HIGH] || tick->has[TICKER_LOW]);
        }
        market_free(&market);
        market_free(&yesterday);
        assert_int_equal(source->next(source->state, &batch, &counts, &error), SOURCE_BATCH);
        assert_int_equal(batch.count, COINS);
        assert_false(batch.has_time);
        assert_int_equal(batch.step_ns, 0);
        source_batch_free(&batch);
        source_destroy(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_input_gives_the_same_ticks_bit_for_bit),
        cmocka_unit_test(known_seed_gives_known_prices),
        cmocka_unit_test(ticks_carry_their_place_in_the_walk),
        cmocka_unit_test(other_input_is_another_run),
        cmocka_unit_test(a_coin_walks_alike_whatever_walks_beside_it),
        cmocka_unit_test(prices_stay_plausible_for_any_step),
        cmocka_unit_test(all_makes_ten_coins),
        cmocka_unit_test(endless_data_ends_with_time),
        cmocka_unit_test(live_gives_one_round_a_request),
        cmocka_unit_test(live_with_a_start_gives_the_ticks_of_a_fast_run),
        cmocka_unit_test(without_a_start_it_begins_now_or_after_the_log),
        cmocka_unit_test(a_log_at_the_end_of_time_leaves_no_room),
        cmocka_unit_test(create_refuses_what_cannot_be),
        cmocka_unit_test(live_one_gives_the_past_first_if_the_log_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
