/* The outcome table of writes to InfluxDB, over real HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "influx_stub.h"
#include "raw_server.h"
#include "record/ticker.h"
#include "store_cases.h"

enum { BATCH = 64 };

/* seq i, spelled so that "seq=7i" is no part of "seq=17i": every line holds ",seq=…i,". */
static void make_batch(struct ticker ticks[BATCH])
{
    static const char *const coins[] = {"tBTCUSD", "tETHUSD"};
    for (size_t i = 0; i < BATCH; i++) {
        ticks[i] = cases_plain_tick(coins[i % 2], (int64_t)i, (int64_t)i);
    }
}

/* One batch, one scripted server. */
struct trial {
    struct influx_stub stub;
    struct store *store;
    struct ticker ticks[BATCH];
    struct rejected_list rejected;
    struct error error;
};

static struct trial *trial_start(struct influx_stub script, struct store_config config)
{
    struct trial *trial = calloc(1, sizeof *trial);
    assert_non_null(trial);
    trial->stub = script;
    stub_start(&trial->stub);
    trial->store = stub_open(&trial->stub, config);
    make_batch(trial->ticks);
    return trial;
}

static bool trial_write(struct trial *trial, size_t count)
{
    return store_write(trial->store, &(struct record_set){&ticker_kind, trial->ticks, count, NULL},
                       &trial->rejected, &trial->error);
}

static void trial_end(struct trial *trial)
{
    rejected_list_free(&trial->rejected);
    store_close(trial->store);
    stub_stop(&trial->stub);
    free(trial);
}

static size_t log2_up(size_t n)
{
    size_t bits = 0;
    while (((size_t)1 << bits) < n) {
        bits++;
    }
    return bits;
}

static void good_batch_is_one_request(void **state)
{
    (void)state;
    struct trial *trial = trial_start((struct influx_stub){.answers = NULL},
                                      (struct store_config){.database = "my-db"});
    cases_write(trial->store, trial->ticks, BATCH);
    assert_int_equal(trial->stub.requests, 1);
    const char *head = "POST /api/v3/write_lp my-db nanosecond -\n";
    assert_memory_equal(trial->stub.seen[0], head, strlen(head));
    assert_string_equal(trial->stub.seen[0] + strlen(head), strbuf_text(&trial->stub.stored));
    assert_int_equal(stub_stored(&trial->stub, "\n"), BATCH);

    /* The same again is the same bytes. */
    cases_write(trial->store, trial->ticks, BATCH);
    assert_string_equal(trial->stub.seen[0], trial->stub.seen[1]);

    cases_write(trial->store, trial->ticks, 0);
    assert_int_equal(trial->stub.requests, 2);
    trial_end(trial);
}

static void refusal_that_names_no_line_keeps_all(void **state)
{
    (void)state;
    static const struct {
        struct stub_answer answer;
        const char *want;
        int wait_ms;
    } cases[] = {
        {{503, "overloaded", "7"}, "answered 503: overloaded", 7000},
        {{429, "", "garbage"}, "answered 429", 0},
        {{500, "wal buffer full with 5 ops", NULL}, "wal buffer full", 0},
        {{502, "<html>", NULL}, "answered 502: <html>", 0},
        {{400, "{\"error\":\"no\"}", NULL}, "answered 400: {\"error\":\"no\"}", 0},
        {{422, "limit reached", NULL}, "answered 422: limit reached", 0},
        {{401, NULL, NULL}, "answered 401 (see --token-file)", 0},
        {{403, NULL, NULL}, "answered 403 (see --token-file)", 0},
        {{404, "not here", NULL}, "answered 404: not here", 0},
        {{302, NULL, NULL}, "answered 302", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial *trial =
            trial_start((struct influx_stub){.answers = &cases[i].answer, .answer_count = 1},
                        (struct store_config){0});
        trial->ticks[3].last_price = -1;
        assert_false(trial_write(trial, BATCH));
        assert_int_equal(trial->error.kind, ERROR_RETRY);
        assert_int_equal(trial->error.retry_after_ms, cases[i].wait_ms);
        assert_non_null(strstr(trial->error.text, trial->stub.url));
        if (strstr(trial->error.text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, trial->error.text);
        }
        assert_int_equal(trial->rejected.count, 0);
        assert_int_equal(trial->stub.requests, 1); /* one attempt: the caller repeats it */

        assert_true(trial_write(trial, BATCH));
        assert_int_equal(trial->rejected.count, 1);
        assert_int_equal(stub_stored(&trial->stub, "\n"), BATCH - 1);
        trial_end(trial);
    }
}

static void redirect_is_told_with_its_target_and_the_remedy(void **state)
{
    (void)state;
    const struct raw_answer moved = {
        .bytes = "HTTP/1.1 308 Moved\r\nContent-Length: 0\r\nLocation: "
                 "https://me:hunter2@new.example:8443/api/v3/write_lp?db=market\r\n\r\n"};
    struct raw_server *server = raw_server_create(&moved, 1);
    struct error error = {0};
    struct store *store =
        store_open(&(struct store_config){.address = raw_server_url(server)}, &error);
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    struct rejected_list rejected = {0};
    struct candle_list candles = {0};
    const struct candle_query query = {.kind = &ticker_kind,
                                       .series = "tBTCUSD",
                                       .interval_ns = NS_PER_SECOND,
                                       .to_ns = INT64_MAX};
    assert_non_null(store);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "answered 308, a redirect to https://new.example:8443: "
                                       "name its target with --store"));
    assert_false(store_candles(store, &query, &candles, &error));
    assert_non_null(strstr(error.text, "name its target with --store"));
    assert_false(store_prepare(store, &error));
    assert_non_null(strstr(error.text, "name its target with --store"));
    assert_null(strstr(error.text, "hunter2"));
    store_close(store);
    raw_server_destroy(server);
}

/* Lines are counted without the ticks that never became one. */
static void named_lines_are_rejected_by_place_in_batch(void **state)
{
    (void)state;
    struct trial *trial =
        trial_start((struct influx_stub){.bad = "seq=5i"}, (struct store_config){0});
    trial->ticks[1].last_price = 0;
    trial->ticks[4].seq = 5;
    assert_true(trial_write(trial, BATCH));
    assert_int_equal(trial->rejected.count, 3);
    assert_int_equal(trial->rejected.items[0].index, 1);
    assert_string_equal(trial->rejected.items[0].reason,
                        "bad_price: last_price is not a finite number above 0");
    assert_int_equal(trial->rejected.items[1].index, 4);
    assert_string_equal(trial->rejected.items[1].reason, "refused");
    assert_int_equal(trial->rejected.items[2].index, 5);
    assert_int_equal(trial->stub.requests, 1);
    assert_int_equal(stub_stored(&trial->stub, "\n"), BATCH - 3);
    trial_end(trial);
}

/* One bad line, at each place, in batches of each size: found in 2 * log2(n) + 2 requests. */
static void wrong_names_are_checked_by_halves(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 16, 33, BATCH};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        for (size_t place = 0; place < sizes[k]; place += 1 + sizes[k] / 5) {
            char bad[32];
            (void)snprintf(bad, sizeof bad, ",seq=%zui,", place);
            struct trial *trial =
                trial_start((struct influx_stub){.bad = bad, .naming = STUB_NAMES_WRONG},
                            (struct store_config){0});
            assert_true(trial_write(trial, sizes[k]));
            assert_int_equal(trial->rejected.count, 1);
            assert_int_equal(trial->rejected.items[0].index, place);
            assert_true(trial->stub.requests <= 2 * log2_up(sizes[k]) + 2);
            for (size_t i = 0; i < sizes[k]; i++) {
                char line[32];
                (void)snprintf(line, sizeof line, ",seq=%zui,", i);
                assert_int_equal(stub_stored(&trial->stub, line) > 0, i != place);
            }
            trial_end(trial);
        }
    }
}

/* The first bad line is named and nothing was stored: the rest is sent again. */
static void first_named_alone_means_rest_again(void **state)
{
    (void)state;
    struct trial *trial =
        trial_start((struct influx_stub){.bad = ",seq=1", .naming = STUB_NAMES_FIRST},
                    (struct store_config){0});
    assert_true(trial_write(trial, BATCH));
    assert_int_equal(trial->rejected.count, 11); /* 1 and 10 to 19 */
    assert_int_equal(trial->rejected.items[0].index, 1);
    assert_int_equal(trial->rejected.items[10].index, 19);
    assert_int_equal(trial->stub.requests, 12);
    assert_int_equal(stub_stored(&trial->stub, "\n"), BATCH - 11);
    for (int i = 20; i < BATCH; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, ",seq=%di,", i);
        assert_int_equal(stub_stored(&trial->stub, line), 1);
    }
    trial_end(trial);
}

static void every_line_refused_leaves_nothing_to_send(void **state)
{
    (void)state;
    static const enum stub_naming namings[] = {STUB_NAMES, STUB_NAMES_WRONG, STUB_NAMES_FIRST};
    for (size_t i = 0; i < sizeof namings / sizeof namings[0]; i++) {
        struct trial *trial = trial_start(
            (struct influx_stub){.bad = "ticker", .naming = namings[i]}, (struct store_config){0});
        assert_true(trial_write(trial, BATCH));
        assert_int_equal(trial->rejected.count, BATCH);
        assert_int_equal(stub_stored(&trial->stub, "\n"), 0);
        assert_true(trial->stub.requests < (size_t)2 * BATCH);
        trial_end(trial);
    }
}

static void too_large_is_split_until_it_fits(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *body;
        size_t limit;
        size_t rejected;
    } cases[] = {
        {413, "", 1000, 0},
        {500, "max request size (10485760 bytes) exceeded", 500, 0},
        {413, "", 20, BATCH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial *trial = trial_start((struct influx_stub){.limit = cases[i].limit,
                                                               .limit_status = cases[i].status,
                                                               .limit_body = cases[i].body},
                                          (struct store_config){0});
        assert_true(trial_write(trial, BATCH));
        assert_int_equal(trial->rejected.count, cases[i].rejected);
        if (trial->rejected.count > 0) {
            assert_string_equal(trial->rejected.items[0].reason, "too large for InfluxDB");
        }
        assert_int_equal(stub_stored(&trial->stub, "\n"), BATCH - cases[i].rejected);
        trial_end(trial);
    }
}

/* Half is stored, half is refused for now: nothing is said of either. */
static void failure_in_a_half_reports_nothing(void **state)
{
    (void)state;
    static const struct stub_answer answers[] = {{413, "", NULL}, {0}, {503, "later", NULL}};
    struct trial *trial =
        trial_start((struct influx_stub){.answers = answers, .answer_count = 3, .bad = ",seq=3i,"},
                    (struct store_config){0});
    assert_false(trial_write(trial, BATCH));
    assert_int_equal(trial->error.kind, ERROR_RETRY);
    assert_int_equal(trial->rejected.count, 0);
    assert_true(trial_write(trial, BATCH));
    assert_int_equal(trial->rejected.count, 1);
    assert_int_equal(trial->rejected.items[0].index, 3);
    assert_int_equal(stub_stored(&trial->stub, ",seq=63i,"), 1);
    trial_end(trial);
}

/* InfluxDB takes 10 MiB, gzip or not: more is never sent in one request. */
static void large_batch_goes_in_requests_below_the_limit(void **state)
{
    (void)state;
    enum { TICKS = 60000 };
    struct random random = random_seeded(3);
    struct ticker *ticks = calloc(TICKS, sizeof *ticks);
    assert_non_null(ticks);
    for (size_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_tick(&random, "tBTCUSD", (int64_t)i, (int64_t)i);
    }
    struct influx_stub stub = {.limit = 10485760, .limit_status = 599};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){0});
    cases_write(store, ticks, TICKS);
    assert_true(stub.requests > 1);
    assert_int_equal(stub_stored(&stub, "\n"), TICKS);
    store_close(store);
    stub_stop(&stub);
    free(ticks);
}

static void gzip_is_used_when_asked_for(void **state)
{
    (void)state;
    static const struct stub_answer answer = {204, "", NULL};
    struct trial *trial = trial_start((struct influx_stub){.answers = &answer, .answer_count = 1},
                                      (struct store_config){.gzip = true});
    cases_write(trial->store, trial->ticks, BATCH);
    const char *head = "POST /api/v3/write_lp market nanosecond gzip\n\x1f\x8b";
    assert_memory_equal(trial->stub.seen[0], head, strlen(head));
    trial_end(trial);
}

/* The server stored it, but its answer was lost: the same bytes again are harmless. */
static void lost_answer_means_same_bytes_again(void **state)
{
    (void)state;
    static const struct raw_answer answers[] = {
        {.bytes = NULL, .end = RAW_RESET},
        {.bytes = "HTTP/1.1 20", .end = RAW_CLOSE},
        {.bytes = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", .end = RAW_CLOSE},
    };
    struct raw_server *server = raw_server_create(answers, 3);
    struct error error = {0};
    struct store *store =
        store_open(&(struct store_config){.address = raw_server_url(server)}, &error);
    assert_non_null(store);
    struct ticker ticks[BATCH];
    make_batch(ticks);
    struct rejected_list rejected = {0};
    for (int attempt = 0; attempt < 2; attempt++) {
        assert_false(store_write(store, &(struct record_set){&ticker_kind, ticks, BATCH, NULL},
                                 &rejected, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
    }
    cases_write(store, ticks, BATCH);
    char *first = raw_server_request(server, 0);
    char *last = raw_server_request(server, 2);
    assert_non_null(first);
    assert_non_null(last);
    assert_string_equal(first, last);
    free(first);
    free(last);
    rejected_list_free(&rejected);
    store_close(store);
    raw_server_destroy(server);
}

static void nobody_there_means_retry(void **state)
{
    (void)state;
    struct influx_stub stub = {.answers = NULL};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){0});
    stub_stop(&stub);
    struct rejected_list rejected = {0};
    struct error error = {0};
    const struct ticker tick = cases_plain_tick("tBTCUSD", 1, 1);
    assert_false(
        store_write(store, &(struct record_set){&ticker_kind, &tick, 1, NULL}, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, stub.url));
    assert_false(store_prepare(store, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    rejected_list_free(&rejected);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_batch_is_one_request),
        cmocka_unit_test(refusal_that_names_no_line_keeps_all),
        cmocka_unit_test(redirect_is_told_with_its_target_and_the_remedy),
        cmocka_unit_test(named_lines_are_rejected_by_place_in_batch),
        cmocka_unit_test(wrong_names_are_checked_by_halves),
        cmocka_unit_test(first_named_alone_means_rest_again),
        cmocka_unit_test(every_line_refused_leaves_nothing_to_send),
        cmocka_unit_test(too_large_is_split_until_it_fits),
        cmocka_unit_test(failure_in_a_half_reports_nothing),
        cmocka_unit_test(large_batch_goes_in_requests_below_the_limit),
        cmocka_unit_test(gzip_is_used_when_asked_for),
        cmocka_unit_test(lost_answer_means_same_bytes_again),
        cmocka_unit_test(nobody_there_means_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
