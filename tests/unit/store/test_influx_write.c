/* The outcome table of writes to InfluxDB, over real HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "influx_stub.h"
#include "raw_server.h"
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
    struct influx_stub stub = {.answers = NULL};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.database = "my-db"});
    struct ticker ticks[BATCH];
    make_batch(ticks);
    cases_write(store, ticks, BATCH);
    assert_int_equal(stub.requests, 1);
    const char *head = "POST /api/v3/write_lp my-db nanosecond -\n";
    assert_memory_equal(stub.seen[0], head, strlen(head));
    assert_string_equal(stub.seen[0] + strlen(head), strbuf_text(&stub.stored));
    assert_int_equal(stub_stored(&stub, "\n"), BATCH);

    /* The same again is the same bytes. */
    cases_write(store, ticks, BATCH);
    assert_string_equal(stub.seen[0], stub.seen[1]);

    cases_write(store, ticks, 0);
    assert_int_equal(stub.requests, 2);
    store_close(store);
    stub_stop(&stub);
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
        struct influx_stub stub = {.answers = &cases[i].answer, .answer_count = 1};
        stub_start(&stub);
        struct store *store = stub_open(&stub, (struct store_config){0});
        struct ticker ticks[BATCH];
        make_batch(ticks);
        ticks[3].last_price = -1;
        struct rejected_list rejected = {0};
        struct error error = {0};
        assert_false(store_write(store, ticks, BATCH, &rejected, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_int_equal(error.retry_after_ms, cases[i].wait_ms);
        assert_non_null(strstr(error.text, stub.url));
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        assert_int_equal(rejected.count, 0);
        assert_int_equal(stub.requests, 1); /* one attempt: the caller repeats it */

        assert_true(store_write(store, ticks, BATCH, &rejected, &error));
        assert_int_equal(rejected.count, 1);
        assert_int_equal(stub_stored(&stub, "\n"), BATCH - 1);
        rejected_list_free(&rejected);
        store_close(store);
        stub_stop(&stub);
    }
}

/* Lines are counted without the ticks that never became one. */
static void named_lines_are_rejected_by_place_in_batch(void **state)
{
    (void)state;
    struct influx_stub stub = {.bad = "seq=5i"};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){0});
    struct ticker ticks[BATCH];
    make_batch(ticks);
    ticks[1].last_price = 0;
    ticks[4].seq = 5;
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(store_write(store, ticks, BATCH, &rejected, &error));
    assert_int_equal(rejected.count, 3);
    assert_int_equal(rejected.items[0].index, 1);
    assert_string_equal(rejected.items[0].reason, "bad_price");
    assert_int_equal(rejected.items[1].index, 4);
    assert_string_equal(rejected.items[1].reason, "refused");
    assert_int_equal(rejected.items[2].index, 5);
    assert_int_equal(stub.requests, 1);
    assert_int_equal(stub_stored(&stub, "\n"), BATCH - 3);
    rejected_list_free(&rejected);
    store_close(store);
    stub_stop(&stub);
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
            struct influx_stub stub = {.bad = bad, .naming = STUB_NAMES_WRONG};
            stub_start(&stub);
            struct store *store = stub_open(&stub, (struct store_config){0});
            struct ticker ticks[BATCH];
            make_batch(ticks);
            struct rejected_list rejected = {0};
            struct error error = {0};
            assert_true(store_write(store, ticks, sizes[k], &rejected, &error));
            assert_int_equal(rejected.count, 1);
            assert_int_equal(rejected.items[0].index, place);
            assert_true(stub.requests <= 2 * log2_up(sizes[k]) + 2);
            for (size_t i = 0; i < sizes[k]; i++) {
                char line[32];
                (void)snprintf(line, sizeof line, ",seq=%zui,", i);
                assert_int_equal(stub_stored(&stub, line) > 0, i != place);
            }
            rejected_list_free(&rejected);
            store_close(store);
            stub_stop(&stub);
        }
    }
}

/* The first bad line is named and nothing was stored: the rest is sent again. */
static void first_named_alone_means_rest_again(void **state)
{
    (void)state;
    struct influx_stub stub = {.bad = ",seq=1", .naming = STUB_NAMES_FIRST};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){0});
    struct ticker ticks[BATCH];
    make_batch(ticks);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(store_write(store, ticks, BATCH, &rejected, &error));
    assert_int_equal(rejected.count, 11); /* 1 and 10 to 19 */
    assert_int_equal(rejected.items[0].index, 1);
    assert_int_equal(rejected.items[10].index, 19);
    assert_int_equal(stub.requests, 12);
    assert_int_equal(stub_stored(&stub, "\n"), BATCH - 11);
    for (int i = 20; i < BATCH; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, ",seq=%di,", i);
        assert_int_equal(stub_stored(&stub, line), 1);
    }
    rejected_list_free(&rejected);
    store_close(store);
    stub_stop(&stub);
}

static void every_line_refused_leaves_nothing_to_send(void **state)
{
    (void)state;
    static const enum stub_naming namings[] = {STUB_NAMES, STUB_NAMES_WRONG, STUB_NAMES_FIRST};
    for (size_t i = 0; i < sizeof namings / sizeof namings[0]; i++) {
        struct influx_stub stub = {.bad = "ticker", .naming = namings[i]};
        stub_start(&stub);
        struct store *store = stub_open(&stub, (struct store_config){0});
        struct ticker ticks[BATCH];
        make_batch(ticks);
        struct rejected_list rejected = {0};
        struct error error = {0};
        assert_true(store_write(store, ticks, BATCH, &rejected, &error));
        assert_int_equal(rejected.count, BATCH);
        assert_int_equal(stub_stored(&stub, "\n"), 0);
        assert_true(stub.requests < (size_t)2 * BATCH);
        rejected_list_free(&rejected);
        store_close(store);
        stub_stop(&stub);
    }
}

static void too_large_is_split_until_it_fits(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *body;
        size_t limit;
        bool gzip;
        size_t rejected;
    } cases[] = {
        {413, "", 1000, false, 0},
        {500, "max request size (10485760 bytes) exceeded", 500, false, 0},
        {413, "", 20, false, BATCH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct influx_stub stub = {
            .limit = cases[i].limit, .limit_status = cases[i].status, .limit_body = cases[i].body};
        stub_start(&stub);
        struct store *store = stub_open(&stub, (struct store_config){0});
        struct ticker ticks[BATCH];
        make_batch(ticks);
        struct rejected_list rejected = {0};
        struct error error = {0};
        assert_true(store_write(store, ticks, BATCH, &rejected, &error));
        assert_int_equal(rejected.count, cases[i].rejected);
        if (rejected.count > 0) {
            assert_string_equal(rejected.items[0].reason, "too large for InfluxDB");
        }
        assert_int_equal(stub_stored(&stub, "\n"), BATCH - cases[i].rejected);
        rejected_list_free(&rejected);
        store_close(store);
        stub_stop(&stub);
    }
}

/* Half is stored, half is refused for now: nothing is said of either. */
static void failure_in_a_half_reports_nothing(void **state)
{
    (void)state;
    static const struct stub_answer answers[] = {{413, "", NULL}, {0}, {503, "later", NULL}};
    struct influx_stub stub = {.answers = answers, .answer_count = 3, .bad = ",seq=3i,"};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){0});
    struct ticker ticks[BATCH];
    make_batch(ticks);
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_false(store_write(store, ticks, BATCH, &rejected, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(rejected.count, 0);
    assert_true(store_write(store, ticks, BATCH, &rejected, &error));
    assert_int_equal(rejected.count, 1);
    assert_int_equal(rejected.items[0].index, 3);
    assert_int_equal(stub_stored(&stub, ",seq=63i,"), 1);
    rejected_list_free(&rejected);
    store_close(store);
    stub_stop(&stub);
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
    struct influx_stub stub = {.answers = &answer, .answer_count = 1};
    stub_start(&stub);
    struct store *store = stub_open(&stub, (struct store_config){.gzip = true});
    struct ticker ticks[BATCH];
    make_batch(ticks);
    cases_write(store, ticks, BATCH);
    const char *head = "POST /api/v3/write_lp market nanosecond gzip\n\x1f\x8b";
    assert_memory_equal(stub.seen[0], head, strlen(head));
    store_close(store);
    stub_stop(&stub);
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
        assert_false(store_write(store, ticks, BATCH, &rejected, &error));
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
    assert_false(store_write(store, &tick, 1, &rejected, &error));
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
