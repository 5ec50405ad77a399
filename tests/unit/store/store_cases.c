#include "store_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/ticker.h"

enum { COINS = 3, TICKS = 1500 };

/* Named so that sorting by bytes and by their place here agree. */
static const char *const coins[COINS] = {"tBTCUSD", "tDOGE:USD", "t_x-1"};

/* 2026-01-01T00:00:00Z */
#define NEW_YEAR_NS (INT64_C(1767225600) * NS_PER_SECOND)

static double random_double(struct random *random)
{
    static const double edges[] = {1e-8, 5e-324, 1.7976931348623157e308, 0.1, 30000, 1e22, 4e20};
    uint64_t kind = random_next(random) % 8;
    if (kind == 0) {
        return edges[random_next(random) % (sizeof edges / sizeof edges[0])];
    }
    if (kind < 4) {
        return (double)(random_next(random) % 10000000 + 1) / 100; /* as prices are */
    }
    return (random_unit(random) + 0x1p-60) * 30000; /* any bits */
}

struct ticker cases_tick(struct random *random, const char *symbol, int64_t time_ns, int64_t seq)
{
    struct ticker tick = {.source = "synthetic", .event_time_ns = time_ns, .seq = seq};
    assert_true(str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol));
    tick.run_id = (int64_t)random_next(random);
    tick.last_price = random_double(random);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        tick.has[i] = random_next(random) % 4 > 0;
        if (tick.has[i]) {
            double value = random_double(random);
            uint64_t kind = random_next(random) % 8;
            tick.figures[i] = kind == 0 ? -0.0 : kind == 1 ? -value : value;
        }
    }
    return tick;
}

struct ticker cases_plain_tick(const char *symbol, int64_t time_ns, int64_t seq)
{
    struct ticker tick = {.source = "synthetic",
                          .event_time_ns = time_ns,
                          .seq = seq,
                          .run_id = 1,
                          .last_price = 30000 + (double)seq};
    assert_true(str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol));
    tick.has[TICKER_BID] = true;
    tick.figures[TICKER_BID] = tick.last_price - 1;
    return tick;
}

void cases_write(struct store *store, const struct ticker *ticks, size_t count)
{
    struct rejected_list rejected = {0};
    struct error error = {0};
    bool written = store_write(store, &(struct record_set){&ticker_kind, ticks, count, NULL},
                               &rejected, &error);
    assert_string_equal(error.text, "");
    assert_true(written);
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
}

/* From two days before 1970 to 2026: bursts within one millisecond, gaps of hours, points on the
 * edges of buckets and just before them. Ticks of one coin come in time order. */
static struct ticker *make_ticks(struct random *random)
{
    struct ticker *ticks = calloc((size_t)COINS * TICKS, sizeof *ticks);
    assert_non_null(ticks);
    for (size_t coin = 0; coin < COINS; coin++) {
        int64_t time_ns = -2 * 24 * 3600 * NS_PER_SECOND;
        for (size_t i = 0; i < TICKS; i++) {
            uint64_t step = random_next(random) % 8;
            if (i == TICKS / 3) {
                time_ns = NEW_YEAR_NS - 3600 * NS_PER_SECOND;
            } else if (step < 2) {
                time_ns += 1;
            } else if (step < 3) {
                time_ns = candle_bucket_start(time_ns, 300 * NS_PER_SECOND) + 300 * NS_PER_SECOND;
            } else if (step < 4) {
                time_ns = candle_bucket_start(time_ns, 60 * NS_PER_SECOND) + 60 * NS_PER_SECOND - 1;
                time_ns += i > 0 && ticks[coin * TICKS + i - 1].event_time_ns >= time_ns ? 1 : 0;
            } else {
                time_ns += (int64_t)(random_next(random) % 600000) * NS_PER_MS + 1;
            }
            ticks[coin * TICKS + i] = cases_tick(random, coins[coin], time_ns, (int64_t)i);
        }
    }
    return ticks;
}

/* Whether the tick is in a candle that was asked for. */
static bool is_asked(const struct candle_query *query, int64_t time_ns)
{
    if (query->cut || query->from_ns >= query->to_ns) {
        return time_ns >= query->from_ns && time_ns < query->to_ns;
    }
    return candle_bucket_end(time_ns, query->interval_ns) > query->from_ns &&
           candle_bucket_start(time_ns, query->interval_ns) < query->to_ns;
}

/* Independent of any store, by src/market's fold. */
static void fold(const struct ticker *ticks, const struct candle_query *query,
                 struct candle_list *candles)
{
    struct candle candle = {0};
    for (size_t i = 0; i < (size_t)COINS * TICKS; i++) {
        const struct ticker *tick = &ticks[i];
        if (strcmp(tick->symbol, query->series) != 0 || !is_asked(query, tick->event_time_ns)) {
            continue;
        }
        while (candle_fold(&candle, query->interval_ns, tick->event_time_ns, tick->last_price)) {
            assert_true(candle_list_add(candles, &candle));
            candle.ticks = 0;
        }
    }
    if (candle.ticks > 0) {
        assert_true(candle_list_add(candles, &candle));
    }
    if (query->limit > 0 && candles->count > query->limit) {
        memmove(candles->items, candles->items + candles->count - query->limit,
                query->limit * sizeof *candles->items);
        candles->count = query->limit;
    }
}

/* Field by field, since padding may differ. */
static void assert_same_bits(const void *left, const void *right, size_t size, const char *what)
{
    if (memcmp(left, right, size) != 0) {
        fail_msg("%s differs", what);
    }
}

static void assert_same_candles(const struct candle_list *got, const struct candle_list *want)
{
    assert_int_equal(got->count, want->count);
    for (size_t i = 0; i < want->count; i++) {
        const struct candle *a = &got->items[i];
        const struct candle *b = &want->items[i];
        assert_int_equal(a->time_ns, b->time_ns);
        assert_int_equal(a->ticks, b->ticks);
        assert_same_bits(&a->open, &b->open, sizeof a->open, "open");
        assert_same_bits(&a->high, &b->high, sizeof a->high, "high");
        assert_same_bits(&a->low, &b->low, sizeof a->low, "low");
        assert_same_bits(&a->close, &b->close, sizeof a->close, "close");
    }
}

static void check_query(struct store *store, const struct ticker *ticks,
                        const struct candle_query *query)
{
    struct candle_list got = {0};
    struct candle_list want = {0};
    struct error error = {0};
    bool answered = store_candles(store, query, &got, &error);
    assert_string_equal(error.text, "");
    assert_true(answered);
    fold(ticks, query, &want);
    assert_same_candles(&got, &want);
    candle_list_free(&got);
    candle_list_free(&want);
}

static void check_candles(struct store *store, const struct ticker *ticks)
{
    static const int64_t intervals_ns[] = {
        1500 * NS_PER_MS,     7 * NS_PER_SECOND,     300 * NS_PER_SECOND, 900 * NS_PER_SECOND,
        3600 * NS_PER_SECOND, 86400 * NS_PER_SECOND, CANDLE_WEEK_NS,      CANDLE_MONTH_NS};
    static const struct {
        int64_t from_ns, to_ns;
        size_t limit;
    } spans[] = {
        {INT64_MIN, INT64_MAX, 0},
        {INT64_MIN, INT64_MAX, 1},
        {INT64_MIN, INT64_MAX, 37},
        {INT64_MIN, INT64_MAX, 5000},
        {NEW_YEAR_NS + 123 * NS_PER_SECOND, NEW_YEAR_NS + 7201 * NS_PER_SECOND, 0},
        {NEW_YEAR_NS + 123 * NS_PER_SECOND, NEW_YEAR_NS + 7201 * NS_PER_SECOND, 3},
        {-3600 * NS_PER_SECOND - 1, 3600 * NS_PER_SECOND + 1, 0},
        {-3600 * NS_PER_SECOND - 1, 1, 2},
        {NEW_YEAR_NS, NEW_YEAR_NS, 0},
        {NEW_YEAR_NS, NEW_YEAR_NS - 1, 0},
        {NEW_YEAR_NS + 400 * 86400 * NS_PER_SECOND, INT64_MAX, 0},
        {NEW_YEAR_NS + 400 * 86400 * NS_PER_SECOND, INT64_MAX, 9},
    };
    for (size_t i = 0; i < sizeof intervals_ns / sizeof intervals_ns[0]; i++) {
        for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++) {
            const struct candle_query query = {.kind = &ticker_kind,
                                               .series = coins[(i + k) % COINS],
                                               .interval_ns = intervals_ns[i],
                                               .from_ns = spans[k].from_ns,
                                               .to_ns = spans[k].to_ns,
                                               .limit = spans[k].limit};
            check_query(store, ticks, &query);
            if ((i + k) % 4 == 0) {
                struct candle_query cut = query;
                cut.cut = true;
                check_query(store, ticks, &cut);
            }
        }
    }
}

static void check_unknown_coin(struct store *store)
{
    struct candle_list got = {0};
    struct error error = {0};
    const struct candle_query query = {.kind = &ticker_kind,
                                       .series = "tNOPE",
                                       .interval_ns = NS_PER_SECOND,
                                       .from_ns = 0,
                                       .to_ns = INT64_MAX,
                                       .limit = 2};
    assert_true(store_candles(store, &query, &got, &error));
    assert_int_equal(got.count, 0);
    candle_list_free(&got);
}

static void check_bad_queries(struct store *store)
{
    static const struct candle_query queries[] = {
        {.kind = &ticker_kind, .series = "t' OR 1=1 --", .interval_ns = 1, .to_ns = 1},
        {.kind = &ticker_kind, .series = "", .interval_ns = 1, .to_ns = 1},
        {.kind = &ticker_kind, .series = "tBTCUSD", .interval_ns = 0, .to_ns = 1},
        {.kind = &ticker_kind, .series = "tBTCUSD", .interval_ns = -1, .to_ns = 1},
        {.kind = &ticker_kind, .series = "tBTCUSD", .interval_ns = 1, .to_ns = 1, .limit = 100001},
    };
    struct candle_list got = {0};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct error error = {0};
        assert_false(store_candles(store, &queries[i], &got, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
        assert_int_equal(got.count, 0);
    }
    double price = 0;
    bool found = true;
    struct error error = {0};
    assert_false(store_price_at(store, &ticker_kind, "a'b", 0, &price, &found, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_false(found);
    candle_list_free(&got);
}

static void assert_same_point(const struct ticker *got, const struct ticker *want)
{
    assert_string_equal(got->symbol, want->symbol);
    assert_string_equal(got->source, "");
    assert_int_equal(got->event_time_ns, want->event_time_ns);
    assert_int_equal(got->seq, want->seq);
    assert_true(got->run_id == want->run_id);
    assert_same_bits(&got->last_price, &want->last_price, sizeof want->last_price, "last_price");
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        assert_int_equal(got->has[i], want->has[i]);
        assert_same_bits(&got->figures[i], &want->figures[i], sizeof want->figures[i],
                         ticker_figure_names[i]);
    }
}

static void check_coins(struct store *store, const struct ticker *ticks)
{
    struct series_summary *list = NULL;
    size_t count = 0;
    struct error error = {0};
    bool answered = store_list_series(store, &ticker_kind, &list, &count, &error);
    assert_string_equal(error.text, "");
    assert_true(answered);
    assert_int_equal(count, COINS);
    for (size_t i = 0; i < COINS; i++) {
        assert_string_equal(list[i].series, coins[i]);
        assert_int_equal(list[i].first_time_ns, ticks[i * TICKS].event_time_ns);
        assert_same_point((const void *)&list[i].last, &ticks[(i + 1) * TICKS - 1]);
    }
    free(list);
}

static void check_prices(struct store *store, const struct ticker *ticks)
{
    const struct ticker *first = &ticks[0];
    const struct ticker *middle = &ticks[TICKS / 2];
    const struct ticker *last = &ticks[TICKS - 1];
    const struct {
        int64_t time_ns;
        const double *want; /* NULL: none */
    } cases[] = {
        {first->event_time_ns - 1, NULL},
        {INT64_MIN, NULL},
        {first->event_time_ns, &first->last_price},
        {middle->event_time_ns, &middle->last_price},
        {middle->event_time_ns - 1, &middle[-1].last_price},
        {last->event_time_ns, &last->last_price},
        {INT64_MAX, &last->last_price},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        double price = 0;
        bool found = false;
        assert_true(store_price_at(store, &ticker_kind, coins[0], cases[i].time_ns, &price, &found,
                                   &error));
        assert_int_equal(found, cases[i].want != NULL);
        if (found) {
            assert_same_bits(&price, cases[i].want, sizeof price, "price");
        }
    }
}

int64_t cases_count(struct store *store)
{
    int64_t points = -1;
    struct error error = {0};
    assert_true(store_count(store, &ticker_kind, &points, &error));
    return points;
}

/* Ticks that break the promises are refused by their place in the batch; the others are stored. */
static void check_bad_ticks(struct store *store, int64_t before)
{
    struct ticker ticks[4];
    for (size_t i = 0; i < 4; i++) {
        ticks[i] = cases_plain_tick(
            coins[0], NEW_YEAR_NS + INT64_C(90) * 86400 * NS_PER_SECOND + (int64_t)i, (int64_t)i);
    }
    ticks[0].last_price = 0;
    ticks[2].symbol[0] = ' ';
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 4, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 2);
    assert_int_equal(rejected.items[0].index, 0);
    assert_string_equal(rejected.items[0].reason,
                        "bad_price: last_price is not a finite number above 0");
    assert_int_equal(rejected.items[1].index, 2);
    assert_string_equal(rejected.items[1].reason, "bad_symbol");
    assert_int_equal(cases_count(store), before + 2);

    /* Nothing but bad ones, and nothing at all. */
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 1, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 1);
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 0, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 0);
    assert_int_equal(cases_count(store), before + 2);
    rejected_list_free(&rejected);
}

void cases_run(struct store *store)
{
    struct random random = random_seeded(20261121);
    struct ticker *ticks = make_ticks(&random);
    size_t count = (size_t)COINS * TICKS;
    assert_int_equal(cases_count(store), 0);
    check_unknown_coin(store);
    /* Two batches that overlap: what comes twice counts once. */
    cases_write(store, ticks, count / 2 + 10);
    cases_write(store, ticks + count / 2 - 10, count - count / 2 + 10);
    assert_int_equal(cases_count(store), (int64_t)count);
    check_candles(store, ticks);
    check_unknown_coin(store);
    check_bad_queries(store);
    check_coins(store, ticks);
    check_prices(store, ticks);
    cases_write(store, ticks, count);
    assert_int_equal(cases_count(store), (int64_t)count);
    check_candles(store, ticks);
    check_bad_ticks(store, (int64_t)count);
    free(ticks);
}
