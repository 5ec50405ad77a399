/* A record that is compared with its point as it is read leads to the same report as one that is
 * compared at the end: random logs in many orders, with random stores. */
#include "base/random.h"
#include "support.h"
#include "verify/verify_text.h"
#include "verify_fixture.h"

enum {
    ROUNDS = SUPPORT_SANITIZED ? 30 : 150,
    RECORDS_MAX = 700, /* more than a window has points */
    SECONDS = 900,
};

static const char *const symbols[] = {"tBTCUSD", "tXRPUSD", "tETHUSD"};
enum { SYMBOLS = sizeof symbols / sizeof symbols[0] };

struct made {
    struct ticker log[RECORDS_MAX];
    bool with_letter[RECORDS_MAX];
    size_t count;
    int64_t settled;
};

static uint64_t below(struct random *random, uint64_t limit)
{
    return random_next(random) % limit;
}

/* One in so many. */
static bool seldom(struct random *random, uint64_t odds)
{
    return odds > 0 && below(random, odds) == 0;
}

static struct ticker made_tick(struct random *random, int64_t second, uint64_t coins)
{
    struct ticker tick =
        cases_plain_tick(symbols[below(random, coins)], (BEGIN_S + second) * NS_PER_SECOND, 5);
    tick.last_price = 1 + (double)(second % 7);
    tick.has[TICKER_MARKET_CAP] = second % 3 == 0;
    tick.figures[TICKER_MARKET_CAP] = tick.has[TICKER_MARKET_CAP] ? (double)second : 0;
    return tick;
}

static void change(struct random *random, struct ticker *tick)
{
    switch (below(random, 3)) {
    case 0:
        tick->last_price += 1;
        break;
    case 1:
        tick->seq++;
        break;
    default:
        tick->has[TICKER_MARKET_CAP] = false;
        tick->figures[TICKER_MARKET_CAP] = 0;
        break;
    }
}

/* In the order of time, with ticks out of order, sent again, or sent again with other values. */
static void make_log(struct random *random, struct made *made)
{
    uint64_t disorder = below(random, 3) * 15, repeats = below(random, 3) * 20;
    uint64_t coins = 1 + below(random, SYMBOLS);
    int64_t step = 1 + (int64_t)below(random, 3), second = 0;
    made->count = below(random, RECORDS_MAX);
    made->settled = seldom(random, 4) ? (int64_t)below(random, 1 + made->count) : RECORDS_MAX;
    for (size_t i = 0; i < made->count; i++) {
        second = seldom(random, disorder) ? (int64_t)below(random, SECONDS) : second + step;
        made->log[i] = made_tick(random, second, coins);
        if (i > 0 && seldom(random, repeats)) {
            made->log[i] = made->log[below(random, i)];
            if (seldom(random, 3)) {
                change(random, &made->log[i]);
            }
        }
        made->with_letter[i] = seldom(random, 50);
    }
}

/* The points of the log, but for some that are missing, changed or of no message. */
static void fill_store(struct random *random, const struct made *made, struct store *store)
{
    uint64_t faults = seldom(random, 3) ? 0 : 3 + below(random, 60);
    struct ticker *ticks = calloc(RECORDS_MAX, sizeof *ticks);
    size_t count = 0;
    assert_non_null(ticks);
    for (size_t i = 0; i < made->count; i++) {
        struct ticker tick = made->log[i];
        if (seldom(random, faults)) {
            continue;
        }
        if (seldom(random, faults)) {
            change(random, &tick);
        }
        if (seldom(random, faults)) {
            tick.event_time_ns += NS_PER_SECOND / 2;
        }
        ticks[count++] = tick;
    }
    cases_write(store, ticks, count);
    free(ticks);
}

static struct verify *prove(const struct made *made, bool early, struct store *points,
                            struct store *candles)
{
    struct error error = {0};
    struct proof_case test = {.name = "made"};
    const struct verify_partition partition = {.end = RECORDS_MAX, .settled = made->settled};
    const struct verify_config config = {.kind = &ticker_kind,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX,
                                         .interval_ns = INTERVAL_S * NS_PER_SECOND,
                                         .memory_bytes = 1 << 20};
    struct verify *verify = verify_create(&config, &partition, 1, &error);
    assert_non_null(verify);
    assert_true(!early || verify_compare_early(verify, points, &error));
    for (size_t i = 0; i < made->count; i++) {
        const struct place place = {.offset = (int64_t)i};
        assert_true(verify_log_record(verify, place, &made->log[i], NULL, &error));
        assert_true(!made->with_letter[i] ||
                    verify_letter_record(verify, place, &made->log[i], NULL, &error));
    }
    assert_true(proof_compare(verify, &test, points, candles, &error));
    return verify;
}

/* The report as JSON has all counts, and all faults by name. */
static char *told(const struct verify *verify)
{
    const struct verify_source source = {.kind = &ticker_kind,
                                         .topic = "t",
                                         .group = "g",
                                         .store = "s",
                                         .interval_ns = INTERVAL_S * NS_PER_SECOND,
                                         .from_ns = INT64_MIN,
                                         .to_ns = INT64_MAX};
    struct strbuf json = strbuf_new(1 << 22);
    verify_to_json(verify_report(verify), &source, &json);
    char *text = strdup(strbuf_text(&json));
    assert_non_null(text);
    strbuf_free(&json);
    return text;
}

static void early_and_late_comparisons_agree(void **state)
{
    (void)state;
    struct random random = random_seeded(20261130);
    struct made *made = calloc(1, sizeof *made);
    assert_non_null(made);
    int balanced = 0;
    for (int round = 0; round < ROUNDS; round++) {
        void *place = NULL;
        assert_int_equal(place_make(&place), 0);
        struct store *points = place_open_prepared(place);
        struct store *candles = place_open(place, true);
        make_log(&random, made);
        fill_store(&random, made, points);
        struct verify *late = prove(made, false, points, candles);
        struct verify *early = prove(made, true, points, candles);
        char *late_text = told(late), *early_text = told(early);
        if (strcmp(late_text, early_text) != 0) {
            fail_msg("round %d: late\n%s\nearly\n%s", round, late_text, early_text);
        }
        balanced += verify_report(early)->balanced ? 1 : 0;
        free(late_text);
        free(early_text);
        verify_destroy(late);
        verify_destroy(early);
        store_close(candles);
        store_close(points);
        assert_int_equal(place_remove(&place), 0);
    }
    free(made);
    assert_in_range(balanced, 1, ROUNDS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_and_late_comparisons_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
