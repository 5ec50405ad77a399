/* The proof: each kind of fault is found, exactly, and named; nothing else is. */
#include "base/stop.h"
#include "verify/verify_text.h"
#include "verify_fixture.h"

static const struct proof_case cases[] = {
    {.name = "nothing at all"},
    {.name = "balanced, two coins",
     .log = {"B 10 1 @0/0", "E 11 2 @1/0", "B 12 3 @0/1", "B 25 4 @0/2"},
     .store = {"B 10 1", "B 12 3", "B 25 4", "E 11 2"},
     .want = {.records = 4, .points = 4, .candles = 3, .candles_proved = 3}},
    {.name = "missing",
     .log = {"B 10 1 @0/0", "B 12 3 @0/1", "B 13 2 @0/2", "E 25 4 @1/5"},
     .store = {"B 10 1", "B 13 2"},
     .want = {.records = 4,
              .points = 2,
              .candles = 2,
              .faults = {[VERIFY_MISSING] = "B 12 @0/1 E 25 @1/5", [VERIFY_CANDLE] = "B 10 E 20"}}},
    {.name = "unexpected, within the log's span",
     .log = {"B 10 1 @0/0", "B 30 3 @0/1"},
     .store = {"B 10 1", "B 20 9", "B 30 3"},
     .want = {.records = 2,
              .points = 3,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 20"}}},
    {.name = "unexpected, in a candle: it proves nothing",
     .log = {"B 10 1 @2/0", "B 13 3 @2/1"},
     .store = {"B 10 1", "B 12 2", "B 13 3"},
     .want =
         {.records = 2, .points = 3, .candles_cut = 1, .faults = {[VERIFY_UNEXPECTED] = "B 12"}}},
    {.name = "differing price",
     .log = {"B 10 1 @0/0", "B 22 3 @0/1"},
     .store = {"B 10 1.5", "B 22 3"},
     .want = {.records = 2,
              .points = 2,
              .candles = 2,
              .candles_proved = 1,
              .faults = {[VERIFY_DIFFERING] = "B 10 @0/0", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "written by an older member: it lacks only a column that came later",
     .log = {"B 10 1 m5 @0/0", "B 21 2 m6 @0/1", "B 32 3 @0/2"},
     .store = {"B 10 1", "B 21 2 m6", "B 32 3"},
     .want = {.records = 3,
              .points = 3,
              .candles = 3,
              .candles_proved = 3,
              .faults = {[VERIFY_OLDER] = "B 10 @0/0"}}},
    {.name = "differing, and not only by what an older member does not write",
     .log = {"B 10 1 m5 @0/0", "B 21 2 m6 @0/1", "B 32 3 @0/2", "B 43 4 m8 @0/3"},
     .store = {"B 10 1.5", "B 21 2 m7", "B 32 3 m9", "B 43 4 m8"},
     .want =
         {.records = 4,
          .points = 4,
          .candles = 4,
          .candles_proved = 3,
          .faults =
              {[VERIFY_DIFFERING] = "B 10 @0/0 B 21 @0/1 B 32 @0/2", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "written by an older member, of messages that are conflicting, or came later",
     .log = {"B 10 1 m5 @0/0", "B 10 1 m6 @0/1", "later B 20 2 m7 @0/2", "later B 22 2 m7 @0/3"},
     .store = {"B 10 1", "B 20 2", "B 22 3"},
     .want = {.records = 2,
              .points = 3,
              .candles = 1,
              .candles_proved = 1,
              .faults = {[VERIFY_CONFLICTING] = "B 10 @0/1",
                         [VERIFY_OLDER] = "B 10 @0/0 B 20 @0/2",
                         [VERIFY_DIFFERING] = "B 22 @0/3"}}},
    {.name = "older than a log that has forgotten something, and a candle that it has in part",
     .log = {"B 15 3 @2/50", "B 25 4 @2/51"},
     .store = {"B 1 1", "B 14 2", "B 15 3", "B 25 4"},
     .begin = 50,
     .whole_s = 20,
     .want = {.records = 2,
              .points = 2,
              .forgotten = 2,
              .candles = 1,
              .candles_proved = 1,
              .candles_cut = 1}},
    {.name = "a candle of which the log has forgotten half, and the store lost it",
     .log = {"B 15 3 @2/50"},
     .store = {"B 15 3"},
     .begin = 50,
     .whole_s = 15,
     .want = {.records = 1, .points = 1, .candles_cut = 1}},
    {.name = "live, an older period, live again, and the first part is forgotten",
     .log = {"B 10 1 @2/3", "B 13 1 @2/4", "B 112 1 @2/5", "B 120 3 @2/6"},
     .store = {"B 10 1", "B 13 1", "B 100 2", "B 109 2", "B 111 2", "B 112 1", "B 120 3"},
     .begin = 3,
     .whole_s = 112,
     .want = {.records = 4,
              .points = 4,
              .forgotten = 3,
              .candles = 1,
              .candles_proved = 1,
              .candles_cut = 2}},
    {.name = "one more than the log can have forgotten",
     .log = {"B 10 1 @2/2", "E 10 1 @0/2"},
     .store = {"B 10 1", "B 4 1", "B 50 1", "B 60 1", "E 10 1", "E 30 1"},
     .begin = 2,
     .whole_s = 10,
     .want = {.records = 2,
              .points = 3,
              .forgotten = 3,
              .nameless = 1,
              .candles = 2,
              .candles_proved = 2}},
    {.name = "two coins of one partition have no more between them",
     .log = {"B 10 1 @2/2", "X 10 1 @2/3"},
     .store = {"B 10 1", "B 4 1", "B 5 1", "X 4 1", "X 10 1"},
     .begin = 2,
     .whole_s = 10,
     .want = {.records = 2,
              .points = 3,
              .forgotten = 2,
              .nameless = 1,
              .candles = 2,
              .candles_proved = 2}},
    {.name = "only another partition has forgotten anything",
     .log = {"E 10 1 @0/0", "gap 50 @0/9", "E 50 1 @0/9", "B 15 1 @2/0", "B 35 1 @2/1"},
     .store = {"E 10 1", "E 50 1", "B 10 1", "B 15 1", "B 35 1", "B 99 1"},
     .want = {.records = 4,
              .points = 6,
              .candles = 2,
              .candles_proved = 2,
              .candles_cut = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 10 B 99"}}},
    {.name = "a coin of which all is forgotten, and one that its partition cannot have had",
     .log = {"gap 50 @2/2", "B 50 1 @2/2"},
     .store = {"B 50 1", "X 10 1", "X 99 1", "E 10 1"},
     .want = {.records = 1,
              .points = 2,
              .forgotten = 2,
              .candles = 1,
              .candles_proved = 1,
              .faults = {[VERIFY_UNEXPECTED] = "E 10"}}},
    {.name = "a replay of older times in a log that is whole",
     .log = {"B 10 2 @2/51", "B 100 1 @2/50", "B 103 5 @2/52"},
     .store = {"B 10 2", "B 50 7", "B 95 8", "B 100 1", "B 103 5"},
     .want = {.records = 3,
              .points = 5,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_UNEXPECTED] = "B 50 B 95"}}},
    {.name = "partitions were added: what was forgotten may be of any that the coin had",
     .log = {"gap 20 @0/2", "B 20 2 @0/2", "B 40 1 @2/0", "B 50 5 @2/1", "gap 30 @1/1"},
     .store = {"B 1 2", "B 2 2", "B 20 2", "B 40 1", "B 45 1", "B 50 5", "X 1 1"},
     .want = {.records = 3,
              .points = 4,
              .forgotten = 3,
              .nameless = 1,
              .candles = 1,
              .candles_proved = 1,
              .candles_cut = 2}},
    {.name = "room is made by moving a coin to another partition where it may have been",
     .log = {"B 90 1 @0/3", "gap 60 @0/2", "gap 60 @1/1"},
     .store = {"B 1 2", "B 2 2", "B 90 1", "X 1 2"},
     .want = {.records = 1, .points = 1, .forgotten = 3, .candles = 1, .candles_proved = 1}},
    {.name = "messages that went while they were read",
     .log = {"B 10 1 @2/0", "E 10 1 @0/0", "gap 44 @2/60", "B 40 1 @2/60", "B 50 1 @2/61"},
     .letters = {"? @2/30"},
     .store = {"B 10 1", "B 20 2", "B 40 1", "B 45 9", "B 50 1", "E 10 1"},
     .want = {.records = 4,
              .points = 4,
              .forgotten = 2,
              .candles = 2,
              .candles_proved = 2,
              .candles_cut = 2,
              .letters = 1,
              .letter_places = 1,
              .letters_outside = 1}},
    {.name = "in a log that is whole nothing is outside: older, newer, of a coin that it never had",
     .log = {"B 15 3 @2/0"},
     .store = {"B 1 1", "B 15 3", "B 16 4", "B 99 1", "X 15 1", "X 16 1"},
     .want = {.records = 1,
              .points = 6,
              .candles = 1,
              .candles_proved = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 1 B 16 B 99 X 15 X 16"}}},
    {.name = "sent after the snapshot, and with other values than the store has",
     .log = {"B 15 3 @2/0", "later B 16 4 @2/1", "later B 12 1 @2/2", "later E 1 1 @0/7",
             "later B 20 6 @2/3", "later B 21 7 @2/4", "later B 21 8 @2/5"},
     .store = {"B 12 1", "B 15 3", "B 16 4", "B 17 4", "B 20 5", "B 21 7", "E 1 1"},
     .want = {.records = 1,
              .points = 3,
              .later = 4,
              .candles_cut = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 17", [VERIFY_DIFFERING] = "B 20 @2/3"}}},
    {.name = "of a former topic, as many as it had",
     .log = {"E 15 3 @0/0", "B 15 3 @2/0"},
     .store = {"E 15 3", "E 1 1", "E 99 1", "E 98 1", "B 15 3", "B 1 1"},
     .former = 2,
     .want = {.records = 2,
              .points = 4,
              .former = 2,
              .nameless = 2,
              .candles = 2,
              .candles_proved = 2}},
    {.name = "of a former topic that had its coin in another partition",
     .log = {"B 15 3 @2/0"},
     .store = {"B 15 3", "B 1 1"},
     .former = 1,
     .want = {.records = 1, .points = 1, .former = 1, .candles = 1, .candles_proved = 1}},
    {.name = "more values than are kept, none of which is called wrong",
     .log = {"B 15 1 @2/0", "B 15 2 @2/1", "B 15 3 @2/2", "B 15 4 @2/3", "B 15 5 @2/4",
             "B 15 6 @2/5"},
     .store = {"B 15 6"},
     .want =
         {.records = 6, .points = 1, .of_many = 1, .faults = {[VERIFY_CONFLICTING] = "B 15 @2/1"}}},
    {.name = "sent twice and three times: one point",
     .log = {"B 10 1 @0/0", "B 10 1 @0/1", "B 12 2 @0/2", "B 12 2 @2/2", "B 12 2 @1/1"},
     .store = {"B 10 1", "B 12 2"},
     .want = {.records = 5, .sent_twice = 3, .points = 2, .candles = 1, .candles_proved = 1}},
    {.name = "conflicting: the store may have either",
     .log = {"B 10 1 @0/0", "B 10 2 @0/1", "B 20 5 @0/2", "B 20 6 @0/3", "B 20 5 @0/4"},
     .store = {"B 10 1", "B 20 6"},
     .want = {.records = 5,
              .sent_twice = 1,
              .points = 2,
              .candles = 2,
              .candles_proved = 2,
              .faults = {[VERIFY_CONFLICTING] = "B 10 @0/1 B 20 @0/3"}}},
    {.name = "conflicting, and the store has neither",
     .log = {"B 10 1 @0/0", "B 10 2 @0/1"},
     .store = {"B 10 3"},
     .want = {.records = 2,
              .points = 1,
              .candles = 1,
              .faults = {[VERIFY_CONFLICTING] = "B 10 @0/1",
                         [VERIFY_DIFFERING] = "B 10 @0/0",
                         [VERIFY_CANDLE] = "B 10"}}},
    {.name = "unreadable: accounted by its letters, which count once, or not",
     .log = {"? @0/3", "? @1/4", "? @0/4", "B 10 1 @0/5"},
     .letters = {"? @0/3", "? @0/3", "? @0/4"},
     .store = {"B 10 1"},
     .want = {.records = 1,
              .unreadable = 3,
              .points = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 3,
              .letter_places = 2,
              .faults = {[VERIFY_UNACCOUNTED] = "@1/4"}}},
    {.name = "unreadable: a letter of its place with other bytes is another's",
     .log = {"? @0/3", "? @0/4", "?- @0/5"},
     .letters = {"?x @0/3", "?- @0/4", "?x @0/4", "?- @0/5"},
     .want = {.unreadable = 3,
              .letters = 4,
              .letter_places = 3,
              .letters_elsewhere = 2,
              .faults = {[VERIFY_UNACCOUNTED] = "@0/3 @0/4"}}},
    {.name =
         "unreadable: one beside it with its bytes is its own, and none is enough of a large one",
     .log = {"? @0/3", "?L @0/4"},
     .letters = {"?x @0/3", "? @0/3", "?- @0/4"},
     .want = {.unreadable = 2, .letters = 3, .letter_places = 2}},
    {.name = "a letter that says the store refuses what it does not: missing",
     .log = {"B 10 1 @0/3", "B 12 9 @0/4", "B 33 9 @0/6"},
     .letters = {"B 12 9 @0/4", "B 12 9 @0/4", "B 33 9 @0/6"},
     .store = {"B 10 1"},
     .want = {.records = 3,
              .points = 1,
              .missing_lettered = 2,
              .candles = 2,
              .letters = 3,
              .letter_places = 2,
              .faults = {[VERIFY_MISSING] = "B 12 @0/4 B 33 @0/6", [VERIFY_CANDLE] = "B 10 B 30"}}},
    {.name = "refused once, and stored by a later message",
     .log = {"B 10 1 @0/3", "B 10 1 @0/4"},
     .letters = {"B 10 1 @0/3"},
     .store = {"B 10 1"},
     .want = {.records = 2,
              .sent_twice = 1,
              .points = 1,
              .candles = 1,
              .candles_proved = 1,
              .letters = 1,
              .letter_places = 1}},
    {.name = "refused once, and its second message is missing",
     .log = {"B 10 1 @0/3", "B 10 1 @0/4"},
     .letters = {"B 10 1 @0/3"},
     .want = {.records = 2,
              .sent_twice = 1,
              .missing_lettered = 1,
              .candles = 1,
              .letters = 1,
              .letter_places = 1,
              .faults = {[VERIFY_MISSING] = "B 10 @0/3", [VERIFY_CANDLE] = "B 10"}}},
    {.name = "told twice by the reader: no second message, and no letter of the first",
     .log = {"B 10 1 @0/0", "B 10 1 @0/0", "? @1/4", "? @1/4"},
     .want = {.records = 1,
              .unreadable = 1,
              .candles = 1,
              .faults = {[VERIFY_MISSING] = "B 10 @0/0",
                         [VERIFY_CANDLE] = "B 10",
                         [VERIFY_UNACCOUNTED] = "@1/4"}}},
    {.name = "letters of other places: older, newer, of another log",
     .log = {"B 10 1 @0/60"},
     .letters = {"? @0/3", "B 4 1 @0/4", "? @0/100", "B 50 1 @1/200", "? @0/60", "B 5 5 @0/61",
                 "? @7/1", "elsewhere"},
     .store = {"B 10 1"},
     .begin = 50,
     .want = {.records = 1,
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
     .want = {.records = 4,
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
     .want = {.records = 2,
              .points = 2,
              .not_yet_written = 3 * (END - 9),
              .candles = 2,
              .candles_proved = 2}},
    {.name = "one coin only",
     .log = {"B 10 1 @0/0", "E 11 2 @1/0", "E 12 3 @1/1"},
     .store = {"E 11 2", "X 4 4", "E 12 3"},
     .coin = "tETHUSD",
     .want = {.records = 2, .points = 2, .candles = 1, .candles_proved = 1}},
    {.name = "a span: what lies before and behind it is not looked at",
     .log = {"B 10 1 @0/0", "B 21 2 @0/1", "B 22 3 @0/2", "B 40 4 @0/3", "B 50 5 @0/4"},
     .store = {"B 21 2", "B 22 3", "B 30 9"},
     .from_s = 20,
     .to_s = 40,
     .want = {.records = 2,
              .points = 3,
              .candles = 1,
              .candles_proved = 1,
              .faults = {[VERIFY_UNEXPECTED] = "B 30"}}},
    {.name = "a span that cuts a candle",
     .log = {"B 21 2 @0/1", "B 26 3 @0/2", "B 31 4 @0/3", "B 36 5 @0/4"},
     .store = {"B 21 2", "B 26 3", "B 31 4", "B 36 5"},
     .from_s = 25,
     .to_s = 35,
     .want = {.records = 2, .points = 2, .candles = 1, .candles_proved = 1, .candles_cut = 1}},
    {.name = "a span that cuts a candle whose first ticks the store lacks",
     .log = {"B 21 2 @0/1", "B 26 3 @0/2"},
     .store = {"B 26 3"},
     .from_s = 25,
     .to_s = 35,
     .want = {.records = 1, .points = 1, .candles_cut = 1}},
    {.name = "a span that begins in a candle without ticks before it",
     .log = {"B 19 2 @0/1", "B 26 3 @0/2"},
     .store = {"B 19 2", "B 26 3"},
     .from_s = 25,
     .to_s = 35,
     .want = {.records = 1, .points = 1, .candles = 1, .candles_proved = 1}},
    {.name = "a span before the log",
     .log = {"B 50 5 @0/4"},
     .store = {"B 21 2", "B 26 3", "B 50 5"},
     .from_s = 25,
     .to_s = 35,
     .want = {.points = 1, .faults = {[VERIFY_UNEXPECTED] = "B 26"}}},
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

/* The log ended with its process, and the store stayed: a log of another run follows. */
static void points_of_an_earlier_run_are_former_if_they_are_older_than_the_log(void **state)
{
    (void)state;
    static const struct {
        int64_t second, log_run, run;
        enum verify_fault_kind want;
    } strays[] = {
        {5, 42, 7, VERIFY_FORMER},
        {5, 0, 0, VERIFY_FORMER},       /* both with their service's own time, so of no run */
        {5, 42, 0, VERIFY_UNEXPECTED},  /* the log has no such records */
        {5, 42, 42, VERIFY_UNEXPECTED}, /* of a run that the log has */
        {15, 42, 7, VERIFY_UNEXPECTED}, /* as old as the log */
        {15, 0, 0, VERIFY_UNEXPECTED},
        {100, 42, 7, VERIFY_UNEXPECTED}, /* in its midst */
    };
    for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++) {
        struct error error = {0};
        void *place = NULL;
        assert_int_equal(place_make(&place), 0);
        struct store *points = place_open_prepared(place), *candles = place_open(place, true);
        struct ticker tick = proof_read("B 15 3 @2/0").tick, stray = tick;
        tick.run_id = strays[i].log_run;
        stray.run_id = strays[i].run;
        stray.event_time_ns = (BEGIN_S + strays[i].second) * NS_PER_SECOND;
        (void)str_copy(str_from("tETHUSD"), stray.symbol, sizeof stray.symbol);
        const struct ticker stored[] = {tick, stray};
        cases_write(points, stored, 2);
        const struct proof_case test = {.name = "former"};
        struct verify *verify = proof_create(&test, 1 << 20);
        assert_true(verify_log_record(verify, (struct place){2, 0}, &tick, NULL, &error));
        assert_true(proof_compare(verify, &test, points, candles, &error));
        const struct verify_report *report = verify_report(verify);
        assert_int_equal(report->faults[strays[i].want], 1);
        assert_int_equal(report->named[strays[i].want].items[0].time_ns, stray.event_time_ns);
        assert_int_equal(report->log_since_ns, tick.event_time_ns);
        assert_false(report->balanced);
        verify_destroy(verify);
        store_close(candles);
        store_close(points);
        assert_int_equal(place_remove(&place), 0);
    }
}

static struct verify *prove_two_coins(const struct sqlite_place *place, int64_t from_s)
{
    struct error error = {0};
    struct store *points = place_open(place, true), *candles = place_open(place, true);
    const struct proof_case test = {.name = "two coins", .from_s = from_s, .to_s = INT32_MAX};
    struct verify *verify = proof_create(&test, 1 << 20);
    static const char *const log[] = {"B 15 3 @2/0", "B 55 4 @2/1", "E 50 1 @0/0"};
    for (size_t i = 0; i < sizeof log / sizeof log[0]; i++) {
        struct proof_line line = proof_read(log[i]);
        assert_true(verify_log_record(verify, line.place, &line.tick, NULL, &error));
    }
    assert_true(proof_compare(verify, &test, points, candles, &error));
    store_close(candles);
    store_close(points);
    return verify;
}

/* A log does not begin at one time for all coins: the first answer about a coin that is seldom
 * traded reaches further back. */
static void point_is_former_if_it_is_older_than_the_log_of_its_coin(void **state)
{
    (void)state;
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    static const char *const texts[] = {"B 15 3", "B 55 4", "E 50 1", "E 20 1", "E 49 1"};
    struct ticker stored[5];
    for (size_t i = 0; i < 5; i++) {
        stored[i] = proof_read(texts[i]).tick;
        stored[i].run_id = i < 3 ? stored[i].run_id : 7;
    }
    struct store *store = place_open_prepared(place);
    cases_write(store, stored, 5);
    store_close(store);
    struct verify *verify = prove_two_coins(place, 0);
    const struct verify_report *report = verify_report(verify);
    assert_int_equal(report->faults[VERIFY_FORMER], 2);
    assert_int_equal(report->faults[VERIFY_UNEXPECTED], 0);
    assert_false(report->balanced);
    const struct verify_source source = {.kind = &ticker_kind};
    struct strbuf text = strbuf_new(1 << 16);
    char remedy[CLOCK_TEXT_SIZE + 16], since[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(stored[2].event_time_ns, since);
    (void)snprintf(remedy, sizeof remedy, "--from %s proves", since);
    verify_verdict(report, &source, &text);
    if (strstr(strbuf_text(&text), remedy) == NULL) {
        fail_msg("no \"%s\" in: %s", remedy, strbuf_text(&text));
    }
    strbuf_free(&text);
    verify_destroy(verify);
    verify = prove_two_coins(place, BEGIN_S + 50); /* the remedy */
    assert_true(verify_report(verify)->balanced);
    assert_int_equal(verify_report(verify)->points, 2);
    verify_destroy(verify);
    assert_int_equal(place_remove(&place), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_proved),
        cmocka_unit_test(every_case_is_proved_with_no_memory),
        cmocka_unit_test(stop_ends_it_without_points_too),
        cmocka_unit_test(points_of_an_earlier_run_are_former_if_they_are_older_than_the_log),
        cmocka_unit_test(point_is_former_if_it_is_older_than_the_log_of_its_coin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
