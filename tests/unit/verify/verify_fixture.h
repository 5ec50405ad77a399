/* A log, dead letters and a store, as a few lines each, and what the proof makes of them. */
#ifndef CANDLEWICK_TESTS_APP_VERIFY_FIXTURE_H
#define CANDLEWICK_TESTS_APP_VERIFY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "pipeline/record_decoder.h"
#include "sqlite_place.h"
#include "store_cases.h"
#include "verify/verify.h"

enum { LINES = 16 };

/* A tick of the log or of a letter: "B 10 1.5 @0/7" is tBTCUSD at second 10, price 1.5, from offset
 * 7 of partition 0; "B 10 1.5 m9 @0/7" has a market cap of 9, a column of the schema's version 2;
 * "? @0/7" is no tick; "gap 44 @0/7": what was before it is gone, and it was sent at second 44;
 * "later B 10 1.5 @0/7" came after the snapshot. Of the store: "B 10 1.5". NULL ends a list. Of
 * three partitions the producer puts B and X into the last and E into the first. */
struct proof_case {
    const char *name;
    const char *log[LINES];
    const char *letters[LINES];
    const char *store[LINES];
    const char *coin;       /* NULL: all */
    int64_t from_s, to_s;   /* to_s 0: no bounds */
    int64_t begin, settled; /* of each partition; settled 0: all */
    int64_t whole_s;        /* when the message at `begin` was sent */
    int64_t former;         /* of the first partition */
    struct {
        int64_t records, unreadable, sent_twice, points, forgotten, refused, not_yet_written;
        int64_t missing_lettered, later, of_many, former,
            nameless; /* unexpected, but not by name */
        int64_t candles, candles_proved, candles_cut;
        int64_t letters, letter_places, letters_outside, letters_elsewhere;
        /* Named as "B 10 @0/7", "B 10" or "@0/7", with a blank between. */
        const char *faults[VERIFY_KINDS];
    } want;
};

/* Seconds of ticks are counted from AHEAD_MAX_S, those of messages' timestamps from 0: a message
 * that was sent before second n can have no tick of second n or later. */
enum { PARTITIONS = 3, END = 100, INTERVAL_S = 10, BEGIN_S = AHEAD_MAX_S };

struct proof_line {
    bool is_tick;
    struct ticker tick;
    struct place place;
    struct encoded_message message;
};

/* "?" and "?x" have other values; "?L" is a large message, "?-" has neither key nor value. */
static inline struct encoded_message proof_message(const char *text)
{
    static char large[DEAD_LETTER_WHOLE_BYTES + 1];
    const struct str value = {.data = text + 1, .length = 1};
    if (text[1] == '-') {
        return (struct encoded_message){.timestamp_ms = 0};
    }
    return (struct encoded_message){
        .key = str_from("k"), .value = text[1] == 'L' ? (struct str){large, sizeof large} : value};
}

static inline const char *proof_symbol(char letter)
{
    return letter == 'B' ? "tBTCUSD" : letter == 'E' ? "tETHUSD" : "tXRPUSD";
}

static inline struct proof_line proof_read(const char *text)
{
    text += strncmp(text, "later ", strlen("later ")) == 0 ? strlen("later ") : 0;
    struct proof_line line = {.is_tick = text[0] != '?' && text[0] != 'g'};
    const char *at = strchr(text, '@');
    if (line.is_tick) {
        char *rest = NULL;
        int64_t second = strtoll(text + 2, &rest, 10);
        int64_t time_ns = (BEGIN_S + second) * NS_PER_SECOND;
        line.tick = cases_plain_tick(proof_symbol(text[0]), time_ns, 5);
        line.tick.last_price = strtod(rest, &rest);
        line.tick.has[TICKER_MARKET_CAP] = strncmp(rest, " m", 2) == 0;
        line.tick.figures[TICKER_MARKET_CAP] =
            line.tick.has[TICKER_MARKET_CAP] ? strtod(rest + 2, NULL) : 0;
    } else {
        line.message = proof_message(text);
    }
    if (at != NULL) {
        char *slash = NULL;
        line.place.partition = (int32_t)strtol(at + 1, &slash, 10);
        line.place.offset = strtoll(slash + 1, NULL, 10);
    }
    return line;
}

static inline void proof_tell(struct verify *verify, const struct proof_case *test)
{
    struct error error = {0};
    for (size_t i = 0; test->letters[i] != NULL; i++) {
        if (strcmp(test->letters[i], "elsewhere") == 0) {
            verify_letter_elsewhere(verify);
            continue;
        }
        struct proof_line line = proof_read(test->letters[i]);
        assert_true(line.is_tick
                        ? verify_letter_record(verify, line.place, &line.tick, NULL, &error)
                        : verify_letter_unreadable(verify, line.place, &line.message, &error));
    }
    for (int32_t i = 0; test->begin > 0 && i < PARTITIONS; i++) {
        verify_log_begins(verify, (struct place){i, test->begin},
                          test->whole_s > 0 ? test->whole_s * 1000 - 1 : 0);
    }
    for (size_t i = 0; test->log[i] != NULL; i++) {
        struct proof_line line = proof_read(test->log[i]);
        if (test->log[i][0] == 'g') {
            verify_log_begins(verify, line.place,
                              strtol(test->log[i] + strlen("gap "), NULL, 10) * 1000 - 1);
            continue;
        }
        if (test->log[i][0] == 'l') {
            continue;
        }
        assert_true(line.is_tick
                        ? verify_log_record(verify, line.place, &line.tick, NULL, &error)
                        : verify_log_unreadable(verify, line.place, &line.message, &error));
    }
}

static inline struct verify *proof_create(const struct proof_case *test, size_t memory_bytes)
{
    struct error error = {0};
    struct verify_partition partitions[PARTITIONS];
    for (size_t i = 0; i < PARTITIONS; i++) {
        partitions[i] = (struct verify_partition){
            .begin = test->begin, .end = END, .settled = test->settled > 0 ? test->settled : END};
    }
    partitions[0].former = test->former;
    const struct verify_config config = {
        .kind = &ticker_kind,
        .coin = test->coin,
        .from_ns = test->to_s > 0 ? test->from_s * NS_PER_SECOND : INT64_MIN,
        .to_ns = test->to_s > 0 ? test->to_s * NS_PER_SECOND : INT64_MAX,
        .interval_ns = INTERVAL_S * NS_PER_SECOND,
        .memory_bytes = memory_bytes};
    struct verify *verify = verify_create(&config, partitions, PARTITIONS, &error);
    assert_non_null(verify);
    return verify;
}

/* The named faults of a kind, as a case writes them. */
static inline void proof_faults(const struct verify_report *report, enum verify_fault_kind kind,
                                char *text, size_t size)
{
    const struct verify_fault_list *named = &report->named[kind];
    text[0] = '\0';
    for (size_t i = 0; i < named->count; i++) {
        const struct verify_fault *fault = &named->items[i];
        size_t length = strlen(text);
        if (kind != VERIFY_UNACCOUNTED) {
            (void)snprintf(text + length, size - length, "%s%c %lld", length > 0 ? " " : "",
                           report->series[fault->series].name[1],
                           (long long)(fault->time_ns / NS_PER_SECOND - BEGIN_S));
            length = strlen(text);
        }
        if (fault->place.partition >= 0) {
            (void)snprintf(text + length, size - length, "%s@%d/%lld", length > 0 ? " " : "",
                           (int)fault->place.partition, (long long)fault->place.offset);
        }
    }
    assert_true(strlen(text) < size - 1);
}

#define PROOF_CHECK(test, report, member)                                                          \
    do {                                                                                           \
        if ((report)->member != (test)->want.member) {                                             \
            fail_msg("%s: " #member " is %lld, wanted %lld", (test)->name,                         \
                     (long long)(report)->member, (long long)(test)->want.member);                 \
        }                                                                                          \
    } while (0)

static inline void proof_check(const struct proof_case *test, const struct verify_report *report)
{
    bool faultless = true;
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        char text[1024];
        const char *want = test->want.faults[kind] != NULL ? test->want.faults[kind] : "";
        proof_faults(report, (enum verify_fault_kind)kind, text, sizeof text);
        if (strcmp(text, want) != 0) {
            fail_msg("%s: %s: \"%s\", wanted \"%s\"", test->name, verify_fault_names[kind], text,
                     want);
        }
        int64_t nameless = kind == VERIFY_FORMER       ? report->faults[kind]
                           : kind == VERIFY_UNEXPECTED ? test->want.nameless
                                                       : 0;
        assert_int_equal(report->faults[kind] - nameless, report->named[kind].count);
        faultless = faultless && report->faults[kind] == 0;
    }
    PROOF_CHECK(test, report, records);
    PROOF_CHECK(test, report, unreadable);
    PROOF_CHECK(test, report, sent_twice);
    PROOF_CHECK(test, report, points);
    PROOF_CHECK(test, report, forgotten);
    PROOF_CHECK(test, report, missing_lettered);
    PROOF_CHECK(test, report, later);
    PROOF_CHECK(test, report, of_many);
    if (report->faults[VERIFY_FORMER] != test->want.former) {
        fail_msg("%s: former is %lld", test->name, (long long)report->faults[VERIFY_FORMER]);
    }
    PROOF_CHECK(test, report, refused);
    PROOF_CHECK(test, report, not_yet_written);
    PROOF_CHECK(test, report, candles);
    PROOF_CHECK(test, report, candles_proved);
    PROOF_CHECK(test, report, candles_cut);
    PROOF_CHECK(test, report, letters);
    PROOF_CHECK(test, report, letter_places);
    PROOF_CHECK(test, report, letters_outside);
    PROOF_CHECK(test, report, letters_elsewhere);
    assert_int_equal(report->messages, test->want.records + test->want.unreadable);
    assert_int_equal(report->balanced, faultless && test->want.not_yet_written == 0);
}

static inline bool proof_compare(struct verify *verify, const struct proof_case *test,
                                 struct store *points, struct store *candles, struct error *error)
{
    bool done = verify_compare(verify, points, candles, NULL, error);
    for (size_t i = 0; done && test->log[i] != NULL; i++) {
        struct proof_line line = proof_read(test->log[i]);
        done = test->log[i][0] != 'l' ||
               verify_later_record(verify, line.place, &line.tick, NULL, error);
    }
    return done && verify_conclude(verify, error);
}

/* The records are compared as they are told if `early`, and otherwise at the end. */
static inline void proof_run_once(const struct proof_case *test, size_t memory_bytes, bool early,
                                  struct store *points, struct store *candles)
{
    struct error error = {0};
    struct verify *verify = proof_create(test, memory_bytes);
    assert_true(!early || verify_compare_early(verify, points, &error));
    proof_tell(verify, test);
    bool compared = proof_compare(verify, test, points, candles, &error);
    assert_string_equal(error.text, "");
    assert_true(compared);
    proof_check(test, verify_report(verify));
    verify_destroy(verify);
}

/* In a store of its own. */
static inline void proof_run(const struct proof_case *test, size_t memory_bytes)
{
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *points = place_open_prepared(place);
    struct store *candles = place_open(place, true);
    struct ticker ticks[LINES];
    size_t count = 0;
    for (; test->store[count] != NULL; count++) {
        ticks[count] = proof_read(test->store[count]).tick;
    }
    cases_write(points, ticks, count);
    struct proof_case spanned = *test;
    spanned.from_s += BEGIN_S;
    spanned.to_s += test->to_s > 0 ? BEGIN_S : 0;
    proof_run_once(&spanned, memory_bytes, false, points, candles);
    proof_run_once(&spanned, memory_bytes, true, points, candles);
    store_close(candles);
    store_close(points);
    assert_int_equal(place_remove(&place), 0);
}

#endif
