/* The proof: each kind of fault is found, exactly, and named; nothing else is. */
#include "app/verify_parts.h"
#include "base/stop.h"
#include "verify_fixture.h"

static const struct proof_case cases[] = {
    {.name = "nothing at all"},
    {.name = "balanced, two coins",
     .log = {"B 10 1 @0/0", "E 11 2 @1/0", "B 12 3 @0/1", "B 25 4 @0/2"},
     .store = {"B 10 1", "B 12 3", "B 25 4", "E 11 2"},
     .want = {.ticks = 4, .points = 4, .candles = 3, .candles_proved = 3}},
    {.name = "missing",
     .log = {"B 10 1 @0/0", "B 12 3 @0/1", "B 13 2 @0/2", "E 25 4 @1/5"},
     .store = {"B 10 1", "B 13 2"},
     .want = {.ticks = 4,
              .points = 2,
              .candles = 2,
              .faults = {[VERIFY_MISSING] = "B 12 @0/1 E 25 @1/5", [VERIFY_CANDLE] = "B 10 E 20"}}},
    {.name = "unexpected, within the log's span",
     .log = {"B 10 1 @0/0", "B 30 3 @0/1"},
     .store = {"B 10 1", "B 20 9", "B 30 3"},
     .want = {.ticks = 2,
              .points = 3,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 20"}}},
    {.name = "unexpected, in a candle",
     .log = {"B 10 1 @0/0", "B 13 3 @0/1"},
     .store = {"B 10 1", "B 12 2", "B 13 3"},
     .want = {.ticks = 2,
              .points = 3,
              .candles = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 12", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "differing price",
     .log = {"B 10 1 @0/0", "B 22 3 @0/1"},
     .store = {"B 10 1.5", "B 22 3"},
     .want = {.ticks = 2,
              .points = 2,
              .candles = 2,
              .candles_proved = 1,
              .faults = {[VERIFY_DIFFERING] = "B 10 @0/0", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "outside the log, and a candle that the log covers in part",
     .log = {"B 15 3 @0/50", "B 25 4 @0/51"},
     .store = {"B 1 1", "B 14 2", "B 15 3", "B 25 4"},
     .begin = 50,
     .want = {.ticks = 2,
              .points = 2,
              .outside = 2,
              .candles = 1,
              .candles_proved = 1,
              .candles_cut = 1}},
    {.name = "outside the log, in candles of their own",
     .log = {"B 15 3 @0/50"},
     .store = {"B 1 1", "B 9 2", "B 15 3"},
     .begin = 50,
     .want = {.ticks = 1, .points = 1, .outside = 2, .candles = 1, .candles_proved = 1}},
    {.name = "a replay of older times behind ticks whose neighbours are gone",
     .log = {"B 10 2 @0/51", "B 100 1 @0/50", "B 103 5 @0/52"},
     .store = {"B 10 2", "B 15 4", "B 50 7", "B 95 8", "B 100 1", "B 101 3", "B 103 5"},
     .begin = 50,
     .want = {.ticks = 3,
              .points = 4,
              .outside = 3,
              .candles = 1,
              .candles_cut = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 101", [VERIFY_CANDLE] = "B 100"}}},
    {.name = "the same, and nothing is gone",
     .log = {"B 10 2 @0/51", "B 100 1 @0/50", "B 103 5 @0/52"},
     .store = {"B 10 2", "B 50 7", "B 95 8", "B 100 1", "B 103 5"},
     .want = {.ticks = 3,
              .points = 5,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 50 B 95"}}},
    {.name = "a coin that changed its partition, of which the newer one begins later",
     .log = {"B 10 2 @0/60", "B 40 1 @1/70", "B 50 5 @1/71"},
     .store = {"B 10 2", "B 25 7", "B 40 1", "B 45 1", "B 50 5"},
     .begin = 50,
     .want = {.ticks = 3,
              .points = 4,
              .outside = 1,
              .candles = 3,
              .candles_proved = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 45", [VERIFY_CANDLE] = "B 40"}}},
    {.name = "messages that went while they were read",
     .log = {"B 10 1 @0/0", "E 10 1 @1/0", "gap @0/60", "B 40 1 @0/60", "B 50 1 @0/61"},
     .letters = {"? @0/30"},
     .store = {"B 10 1", "B 20 2", "B 40 1", "B 45 9", "B 50 1", "E 10 1"},
     .want = {.ticks = 4,
              .points = 5,
              .outside = 1,
              .candles = 4,
              .candles_proved = 3,
              .letters = 1,
              .letter_places = 1,
              .letters_outside = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 45", [VERIFY_CANDLE] = "B 40"}}},
    {.name = "a coin that only the store has is outside the log",
     .log = {"B 15 3 @0/0"},
     .store = {"B 15 3", "X 15 1", "X 16 1"},
     .want = {.ticks = 1, .points = 1, .outside = 2, .candles = 1, .candles_proved = 1}},
    {.name = "newer than the snapshot: not compared",
     .log = {"B 15 3 @0/0"},
     .store = {"B 15 3", "B 16 4", "B 99 1"},
     .want = {.ticks = 1, .points = 1, .candles = 1, .candles_proved = 1}},
    {.name = "sent twice and three times: one point",
     .log = {"B 10 1 @0/0", "B 10 1 @0/1", "B 12 2 @0/2", "B 12 2 @2/2", "B 12 2 @1/1"},
     .store = {"B 10 1", "B 12 2"},
     .want = {.ticks = 5, .sent_twice = 3, .points = 2, .candles = 1, .candles_proved = 1}},
    {.name = "conflicting: the store may have either",
     .log = {"B 10 1 @0/0", "B 10 2 @0/1", "B 20 5 @0/2", "B 20 6 @0/3", "B 20 5 @0/4"},
     .store = {"B 10 1", "B 20 6"},
     .want = {.ticks = 5,
              .sent_twice = 1,
              .points = 2,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_CONFLICTING] = "B 10 @0/1 B 20 @0/3"}}},
    {.name = "conflicting, and the store has neither",
     .log = {"B 10 1 @0/0", "B 10 2 @0/1"},
     .store = {"B 10 3"},
     .want = {.ticks = 2,
              .points = 1,
              .candles = 1,
              .faults = {[VERIFY_CONFLICTING] = "B 10 @0/1",
                         [VERIFY_DIFFERING] = "B 10 @0/0",
                         [VERIFY_CANDLE] = "B 10"}}},
    {.name = "unreadable: accounted by its letters, which count once, or not",
     .log = {"? @0/3", "? @1/4", "? @0/4", "B 10 1 @0/5"},
     .letters = {"? @0/3", "? @0/3", "? @0/4"},
     .store = {"B 10 1"},
     .want = {.ticks = 1,
              .unreadable = 3,
              .points = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 3,
              .letter_places = 2,
              .faults = {[VERIFY_UNACCOUNTED] = "@1/4"}}},
    {.name = "refused by the store: not missing, and not in the candle",
     .log = {"B 10 1 @0/3", "B 12 9 @0/4", "B 33 9 @0/6"},
     .letters = {"B 12 9 @0/4", "B 12 9 @0/4", "B 33 9 @0/6"},
     .store = {"B 10 1"},
     .want = {.ticks = 3,
              .points = 1,
              .refused = 2,
              .candles = 1,
              .candles_proved = 1,
              .letters = 3,
              .letter_places = 2}},
    {.name = "refused once, and stored by a later message",
     .log = {"B 10 1 @0/3", "B 10 1 @0/4"},
     .letters = {"B 10 1 @0/3"},
     .store = {"B 10 1"},
     .want = {.ticks = 2,
              .sent_twice = 1,
              .points = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 1,
              .letter_places = 1}},
    {.name = "refused once, and its second message is missing",
     .log = {"B 10 1 @0/3", "B 10 1 @0/4"},
     .letters = {"B 10 1 @0/3"},
     .want = {.ticks = 2,
              .sent_twice = 1,
              .candles = 1,
              .letters = 1,
              .letter_places = 1,
              .faults = {[VERIFY_MISSING] = "B 10 @0/4", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "told twice by the reader: no second message, and no letter of the first",
     .log = {"B 10 1 @0/0", "B 10 1 @0/0", "? @1/4", "? @1/4"},
     .want = {.ticks = 1,
              .unreadable = 1,
              .candles = 1,
              .faults = {[VERIFY_MISSING] = "B 10 @0/0",
                         [VERIFY_CANDLE] = "B 10",
                         [VERIFY_UNACCOUNTED] = "@1/4"}}},
    {.name = "sent twice and refused twice: one tick that is refused",
     .log = {"B 10 1 @0/3", "B 10 1 @0/4", "B 20 2 @0/5"},
     .letters = {"B 10 1 @0/3", "B 10 1 @0/4"},
     .store = {"B 20 2"},
     .want = {.ticks = 3,
              .sent_twice = 1,
              .points = 1,
              .refused = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 2,
              .letter_places = 2}},
    {.name = "letters of other places: older, newer, of another log",
     .log = {"B 10 1 @0/60"},
     .letters = {"? @0/3", "B 4 1 @0/4", "? @0/100", "B 50 1 @1/200", "? @0/60", "B 5 5 @0/61",
                 "? @7/1", "elsewhere"},
     .store = {"B 10 1"},
     .begin = 50,
     .want = {.ticks = 1,
              .points = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 8,
              .letter_places = 7,
              .letters_outside = 2,
              .letters_elsewhere = 4}},
    {.name = "not yet written is not missing, nor unaccounted, and its candle is open",
     .log = {"B 10 1 @0/8", "B 12 2 @0/9", "B 25 3 @0/10", "B 26 4 @0/11", "? @0/12"},
     .store = {"B 10 1", "B 25 3"},
     .settled = 9,
     .want = {.ticks = 4,
              .unreadable = 1,
              .points = 2,
              .not_yet_written = 3 * (END - 9),
              .candles = 0,
              .candles_cut = 2,
              .faults = {[VERIFY_MISSING] = NULL}}},
    {.name = "not yet committed, but written already",
     .log = {"B 10 1 @0/8", "B 25 3 @0/10"},
     .store = {"B 10 1", "B 25 3"},
     .settled = 9,
     .want = {.ticks = 2,
              .points = 2,
              .not_yet_written = 3 * (END - 9),
              .candles = 2,
              .candles_proved = 2}},
    {.name = "one coin only",
     .log = {"B 10 1 @0/0", "E 11 2 @1/0", "E 12 3 @1/1"},
     .store = {"E 11 2", "X 4 4", "E 12 3"},
     .coin = "tETHUSD",
     .want = {.ticks = 2, .points = 2, .candles = 1, .candles_proved = 1}},
    {.name = "a span: what lies before and behind it is not looked at",
     .log = {"B 10 1 @0/0", "B 21 2 @0/1", "B 22 3 @0/2", "B 40 4 @0/3", "B 50 5 @0/4"},
     .store = {"B 21 2", "B 22 3", "B 30 9"},
     .from_s = 20,
     .to_s = 40,
     .want = {.ticks = 2,
              .points = 3,
              .candles = 1,
              .candles_proved = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 30"}}},
    {.name = "a span that cuts a candle",
     .log = {"B 21 2 @0/1", "B 26 3 @0/2", "B 31 4 @0/3", "B 36 5 @0/4"},
     .store = {"B 21 2", "B 26 3", "B 31 4", "B 36 5"},
     .from_s = 25,
     .to_s = 35,
     .want = {.ticks = 2, .points = 2, .candles = 1, .candles_proved = 1, .candles_cut = 1}},
    {.name = "a span that cuts a candle whose first ticks the store lacks",
     .log = {"B 21 2 @0/1", "B 26 3 @0/2"},
     .store = {"B 26 3"},
     .from_s = 25,
     .to_s = 35,
     .want = {.ticks = 1, .points = 1, .candles_cut = 1}},
    {.name = "a span that begins in a candle without ticks before it",
     .log = {"B 19 2 @0/1", "B 26 3 @0/2"},
     .store = {"B 19 2", "B 26 3"},
     .from_s = 25,
     .to_s = 35,
     .want = {.ticks = 1, .points = 1, .outside = 0, .candles = 1, .candles_proved = 1}},
    {.name = "a span before the log",
     .log = {"B 50 5 @0/4"},
     .store = {"B 21 2", "B 26 3", "B 50 5"},
     .from_s = 25,
     .to_s = 35,
     .want = {.outside = 1}},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static void every_case_is_proved(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        proof_run(&cases[i], 1 << 20);
    }
}

/* The same through the temporary file: two records in memory. */
static void every_case_is_proved_with_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        proof_run(&cases[i], 1);
    }
}

/* Nothing is in the store, so that no point gives it the time to look. */
static void stop_ends_it_without_points_too(void **state)
{
    (void)state;
    const struct proof_case test = {.log = {"B 10 1 @0/0", "E 11 2 @1/0"}};
    struct error error = {0};
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *points = place_open_prepared(place);
    struct store *candles = place_open(place, true);
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    stop_request(stop);
    struct verify *verify = proof_create(&test, 1 << 20);
    proof_tell(verify, &test);
    assert_false(verify_compare(verify, points, candles, stop, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_string_equal(error.text, "stopped before the end");
    verify_destroy(verify);
    stop_destroy(stop);
    store_close(candles);
    store_close(points);
    assert_int_equal(place_remove(&place), 0);
}

static uint64_t fingerprint_of(const struct ticker *tick)
{
    return verify_fingerprint(tick);
}

/* Whatever a point holds changes its fingerprint; what it does not hold does not. */
static void fingerprint_is_of_all_that_is_stored(void **state)
{
    (void)state;
    struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    const uint64_t before = fingerprint_of(&tick);
    struct ticker other = tick;
    (void)str_copy(str_from("replay"), other.source, sizeof other.source);
    assert_true(fingerprint_of(&other) == before);
    other = tick;
    other.seq++;
    assert_true(fingerprint_of(&other) != before);
    other = tick;
    other.run_id++;
    assert_true(fingerprint_of(&other) != before);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        other = tick;
        other.has[i] = !other.has[i];
        other.figures[i] = 0;
        assert_true(fingerprint_of(&other) != before);
        struct ticker negative = other;
        other.has[i] = negative.has[i] = true;
        negative.figures[i] = -0.0;
        assert_true(fingerprint_of(&other) != fingerprint_of(&negative));
    }
    /* A value moved from one figure to the next is another point. */
    struct ticker left = tick, right = tick;
    left.has[TICKER_HIGH] = right.has[TICKER_LOW] = true;
    left.figures[TICKER_HIGH] = right.figures[TICKER_LOW] = 7;
    assert_true(fingerprint_of(&left) != fingerprint_of(&right));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_proved),
        cmocka_unit_test(every_case_is_proved_with_no_memory),
        cmocka_unit_test(stop_ends_it_without_points_too),
        cmocka_unit_test(fingerprint_is_of_all_that_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
