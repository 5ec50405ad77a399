/* The proof of much: many coins, many faults, many days, a long log; and of a store that fails. */
#include "support.h"
#include "verify_fixture.h"

enum { COINS = 300, TICKS_EACH = 40, GONE = 12000 };

static struct ticker many_tick(size_t coin, size_t number)
{
    char symbol[SYMBOL_MAX + 1];
    (void)snprintf(symbol, sizeof symbol, "tC%zu", coin);
    return cases_plain_tick(symbol, (int64_t)number * NS_PER_SECOND, (int64_t)number);
}

/* More coins than the table begins with, more faults than are named, told in no order. */
static void faults_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct error error = {0};
    struct proof_case test = {.name = "many"};
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *store = place_open_prepared(place);
    struct store *candles = place_open(place, true);
    struct verify *verify = proof_create(&test, 1 << 16);
    for (size_t number = TICKS_EACH; number-- > 0;) {
        for (size_t coin = 0; coin < COINS; coin++) {
            struct ticker tick = many_tick(coin, number);
            struct place at = {.partition = 0, .offset = (int64_t)(number % END)};
            assert_true(verify_log_record(verify, at, &tick, NULL, &error));
        }
    }
    bool compared = proof_compare(verify, &test, store, candles, &error);
    assert_string_equal(error.text, "");
    assert_true(compared);
    const struct verify_report *report = verify_report(verify);
    assert_int_equal(report->series_count, COINS);
    assert_int_equal(report->faults[VERIFY_MISSING], GONE);
    assert_int_equal(report->named[VERIFY_MISSING].count, VERIFY_FAULTS_MAX);
    assert_false(report->balanced);
    for (size_t coin = 0; coin < COINS; coin++) {
        assert_int_equal(report->series[coin].faults[VERIFY_MISSING], TICKS_EACH);
        assert_int_equal(report->series[coin].records, TICKS_EACH);
    }
    verify_destroy(verify);
    store_close(candles);
    store_close(store);
    assert_int_equal(place_remove(&place), 0);
}

/* Days with candles and days without, asked for in pieces: each is proved once. */
static void prove_many_days(bool early)
{
    enum { TICKS = 4000 };
    struct error error = {0};
    struct proof_case test = {.name = "days"};
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *store = place_open_prepared(place);
    struct store *candles = place_open(place, true);
    struct verify *verify = proof_create(&test, 1 << 20);
    struct ticker *ticks = calloc(TICKS, sizeof *ticks);
    assert_non_null(ticks);
    int64_t second = -100000;
    for (int64_t i = 0; i < TICKS; i++) {
        second += i % 1500 == 1499 ? 400000 : INTERVAL_S;
        ticks[i] = cases_plain_tick("tBTCUSD", second * NS_PER_SECOND, i);
    }
    cases_write(store, ticks, TICKS);
    assert_true(!early || verify_compare_early(verify, store, &error));
    for (int64_t i = 0; i < TICKS; i++) {
        assert_true(
            verify_log_record(verify, (struct place){.offset = i % END}, &ticks[i], NULL, &error));
    }
    free(ticks);
    assert_true(proof_compare(verify, &test, store, candles, &error));
    const struct verify_report *report = verify_report(verify);
    assert_true(report->balanced);
    assert_int_equal(report->candles, TICKS);
    assert_int_equal(report->candles_proved, TICKS);
    assert_int_equal(verify_compared(verify), 2 * TICKS);
    verify_destroy(verify);
    store_close(candles);
    store_close(store);
    assert_int_equal(place_remove(&place), 0);
}

static void candles_of_many_days_are_proved(void **state)
{
    (void)state;
    prove_many_days(false);
    prove_many_days(true);
}

/* The most memory that this process has had, in KiB, since it was last asked. */
static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (kib == 0 && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", strlen("VmHWM:")) == 0) {
            kib = strtol(line + strlen("VmHWM:"), NULL, 10);
        }
    }
    assert_int_equal(fclose(status), 0);
    assert_true(kib > 0);
    support_write_file("/proc/self/clear_refs", "5", 1);
    return kib;
}

/* A million ticks, 48 MB of records, within a budget of 4 MiB. Sanitizers keep books of their own.
 */
static void memory_does_not_grow_with_the_log(void **state)
{
    (void)state;
    enum { TICKS = 1000000, BUDGET = 4 << 20, MOST_KIB = 12 << 10 };
    struct error error = {0};
    struct proof_case test = {.name = "long"};
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *store = place_open_prepared(place);
    struct store *candles = place_open(place, true);
    struct verify *verify = proof_create(&test, BUDGET);
    (void)peak_kib();
    long before_kib = peak_kib();
    for (int64_t i = 0; i < TICKS; i++) {
        /* In no order of time, 100 a candle. */
        int64_t time_ns = i * 7919 % TICKS * NS_PER_SECOND / 10;
        struct ticker tick = cases_plain_tick("tBTCUSD", time_ns, i);
        assert_true(
            verify_log_record(verify, (struct place){.offset = i % END}, &tick, NULL, &error));
    }
    assert_true(proof_compare(verify, &test, store, candles, &error));
    long grown_kib = peak_kib() - before_kib;
    assert_int_equal(verify_report(verify)->faults[VERIFY_MISSING], TICKS);
    print_message("the proof took %ld KiB\n", grown_kib);
    if (!SUPPORT_SANITIZED && grown_kib > MOST_KIB) {
        fail_msg("the proof took %ld KiB", grown_kib);
    }
    verify_destroy(verify);
    store_close(candles);
    store_close(store);
    assert_int_equal(place_remove(&place), 0);
}

static void store_that_fails_is_an_error_not_a_verdict(void **state)
{
    (void)state;
    struct error error = {0};
    struct proof_case test = {.name = "no store", .log = {"B 10 1 @0/0"}};
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *points = place_open(place, true);
    struct verify *verify = proof_create(&test, 1 << 20);
    proof_tell(verify, &test);
    assert_false(verify_compare(verify, points, points, NULL, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_false(verify_report(verify)->balanced);
    verify_destroy(verify);
    verify_destroy(NULL);
    store_close(points);
    assert_int_equal(place_remove(&place), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_beyond_the_limit_are_counted),
        cmocka_unit_test(candles_of_many_days_are_proved),
        cmocka_unit_test(memory_does_not_grow_with_the_log),
        cmocka_unit_test(store_that_fails_is_an_error_not_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
