/* The stand-in for Bitfinex, asked over real sockets. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/clock.h"
#include "fake_fixture.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* tA has 3 rows, tB:USD 1, tC 2; one line is broken, one is late. */
static const char csv[] = "time,symbol,last_price,bid,volume\n"
                          "2026-11-21T09:00:00Z,tA,1.5,1.25,10\n"
                          "2026-11-21T09:00:00Z,tB:USD,0.00000004,,\n"
                          "2026-11-21T09:00:01Z,tA,2,1.5,11\n"
                          "2026-11-21T09:00:02Z,tC,30000.1,3e4,\n"
                          "2026-11-21T09:00:02Z,tC,broken,,\n"
                          "2026-11-21T09:00:03Z,tA,3,2.5,12\n"
                          "2026-11-21T09:00:00Z,tA,4,2.5,12\n"
                          "2026-11-21T09:00:04Z,tC,30001,3e4,7\n";

static void csv_rows_come_once_each_and_at_most_one_a_coin(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv), (struct fake_exchange_config){.repeat = false});
    assert_string_equal(tickers(&fixture, "ALL"),
                        "[[\"tA\",1.25,null,null,null,null,null,1.5,10,null,null],"
                        "[\"tB:USD\",null,null,null,null,null,null,0.00000004,null,null,null],"
                        "[\"tC\",30000,null,null,null,null,null,30000.1,null,null,null]]");
    assert_string_equal(fixture.response.content_type, "application/json; charset=utf-8");
    assert_string_equal(get(&fixture, "/candlewick/progress", 200),
                        "{\"requests\":1,\"rows\":6,\"served\":3,\"repeated\":0,\"rejected\":2,"
                        "\"used_up\":false}\n");
    assert_string_equal(tickers(&fixture, "ALL"),
                        "[[\"tA\",1.5,null,null,null,null,null,2,11,null,null],"
                        "[\"tC\",30000,null,null,null,null,null,30001,7,null,null]]");
    assert_string_equal(tickers(&fixture, "ALL"),
                        "[[\"tA\",2.5,null,null,null,null,null,3,12,null,null]]");
    assert_string_equal(tickers(&fixture, "ALL"), "[]");
    assert_string_equal(get(&fixture, "/candlewick/progress", 200),
                        "{\"requests\":4,\"rows\":6,\"served\":6,\"repeated\":0,\"rejected\":2,"
                        "\"used_up\":true}\n");
    finish(&fixture);
}

static void csv_that_is_used_up_gives_last_rows_again_when_told_so(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv), (struct fake_exchange_config){.repeat = true});
    for (int i = 0; i < 3; ++i) {
        (void)tickers(&fixture, "ALL");
    }
    struct fake_exchange_progress progress;
    fake_exchange_progress(fixture.exchange, &progress);
    assert_int_equal(progress.served, 6);
    assert_int_equal(progress.repeated, 3); /* tB:USD twice, tC once */
    assert_true(progress.used_up);
    for (int i = 0; i < 2; ++i) {
        const char *body = tickers(&fixture, "ALL");
        assert_non_null(strstr(body, "[\"tA\",2.5,null,null,null,null,null,3,12,null,null]"));
        assert_non_null(strstr(body, "0.00000004"));
        assert_non_null(strstr(body, "30001"));
    }
    finish(&fixture);
}

static void csv_rows_of_coins_not_asked_for_wait(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv), (struct fake_exchange_config){.repeat = false});
    assert_non_null(strstr(tickers(&fixture, "tC"), "30000.1"));
    assert_non_null(strstr(tickers(&fixture, "tC,tNOPE"), "30001"));
    assert_string_equal(tickers(&fixture, "tC"), "[]");
    assert_string_equal(tickers(&fixture, "tNOPE,,"), "[]");
    assert_non_null(strstr(tickers(&fixture, "tB%3AUSD%2CtA"), "[\"tA\",1.25,"));
    assert_string_equal(tickers(&fixture, "tB:USD"), "[]");
    finish(&fixture);
}

static void head_uses_nothing_up(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv), (struct fake_exchange_config){.faults = "500@1"});
    struct error error = {0};
    struct http_request head = {.method = "HEAD", .path = "/v2/tickers?symbols=ALL"};
    assert_true(http_client_send(fixture.client, &head, &fixture.response, &error));
    assert_int_equal(fixture.response.status, 200);
    struct fake_exchange_progress progress;
    fake_exchange_progress(fixture.exchange, &progress);
    assert_int_equal(progress.served, 0);
    assert_int_equal(progress.requests, 0);
    finish(&fixture);
}

static void gzipped_csv_is_served_like_a_plain_one(void **state)
{
    (void)state;
    struct fixture fixture;
    char folder[200];
    char path[220];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/ticks.csv.gz", folder);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, csv, sizeof csv - 1), sizeof csv - 1);
    assert_int_equal(gzclose(file), Z_OK);
    start(&fixture, NULL, 0, (struct fake_exchange_config){.data = path});
    assert_non_null(strstr(tickers(&fixture, "tC"), "30000.1"));
    finish(&fixture);
    support_remove_folder(folder);
}

static void other_paths_and_methods_are_answered_like_bitfinex_does(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv), (struct fake_exchange_config){.refuse_unknown = true});
    assert_string_equal(get(&fixture, "/v2/platform/status", 200), "[1]");
    assert_string_equal(get(&fixture, "/v2/tickers", 500),
                        "[\"error\",10020,\"symbols: invalid\"]");
    assert_string_equal(get(&fixture, "/v2/tickers?symbols=", 500),
                        "[\"error\",10020,\"symbols: invalid\"]");
    assert_string_equal(get(&fixture, "/v2/tickers?symbols=tA,tNOPE", 500),
                        "[\"error\",10020,\"symbol: invalid\"]");
    assert_memory_equal(get(&fixture, "/nope", 404), "<!DOCTYPE html>", 15);
    assert_memory_equal(get(&fixture, "/v2/tickers/", 404), "<!DOCTYPE html>", 15);
    struct error error = {0};
    struct http_request post = {.method = "POST", .path = "/v2/tickers?symbols=ALL"};
    assert_true(http_client_send(fixture.client, &post, &fixture.response, &error));
    assert_int_equal(fixture.response.status, 404);
    finish(&fixture);
}

static void fault_of_each_kind_comes_at_its_request_and_uses_no_row(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv),
          (struct fake_exchange_config){
              .faults = "429@1-3;500@4;maintenance@5;html@6;truncated@7;slow=300ms@8"});
    static const struct {
        long status;
        const char *body;
    } want[] = {
        {429, "[\"error\",11010,\"ratelimit: error\"]"},
        {200, "[\"error\", 11010, \"ratelimit: error\"]"},
        {429, "{\"error\":\"ERR_RATE_LIMIT\"}"},
        {500, "[\"error\",10001,\"unknown error\"]"},
        {503, "[\"error\",20060,\"maintenance\"]"},
        {502, NULL},
    };
    for (size_t i = 0; i < COUNT(want); ++i) {
        const char *body = get(&fixture, "/v2/tickers?symbols=ALL", want[i].status);
        if (want[i].body != NULL) {
            assert_string_equal(body, want[i].body);
        } else {
            assert_memory_equal(body, "<!DOCTYPE html>", 15);
            assert_string_equal(fixture.response.content_type, "text/html");
        }
    }
    struct error error = {0};
    assert_false(http_client_send(fixture.client,
                                  &(struct http_request){.path = "/v2/tickers?symbols=ALL"},
                                  &fixture.response, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_memory_equal(strbuf_text(&fixture.response.body), "[[\"tA\",1.25,", 12);
    struct fake_exchange_progress progress;
    fake_exchange_progress(fixture.exchange, &progress);
    assert_int_equal(progress.served, 0);
    assert_int_equal(progress.requests, 7);

    int64_t start_ns = clock_monotonic_ns();
    assert_memory_equal(tickers(&fixture, "ALL"), "[[\"tA\",1.25,", 12);
    assert_true(clock_monotonic_ns() - start_ns >= 250 * NS_PER_MS);
    assert_memory_equal(tickers(&fixture, "ALL"), "[[\"tA\",1.5,", 11);
    finish(&fixture);
}

enum { ROWS = 3000, CLIENTS = 4 };

/* Asks until the answer is empty; counts rows by their price, which is their number. */
struct asker {
    const char *url;
    int seen[ROWS];
};

static void *ask_for_all(void *context)
{
    struct asker *asker = context;
    struct error error = {0};
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = asker->url}, &error);
    struct http_response response = {0};
    bool more = client != NULL;
    while (more &&
           http_client_send(client, &(struct http_request){.path = "/v2/tickers?symbols=ALL"},
                            &response, &error)) {
        const char *row = strbuf_text(&response.body);
        more = strcmp(row, "[]") != 0;
        while ((row = strstr(row, "[\"t")) != NULL) {
            for (int comma = 0; comma < 7; ++comma) {
                row = strchr(row, ',') + 1;
            }
            asker->seen[strtol(row, NULL, 10) - 1]++;
        }
    }
    http_response_free(&response);
    http_client_destroy(client);
    return NULL;
}

static void several_clients_share_the_rows_without_loss_or_repetition(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(1 << 20);
    strbuf_append_text(&text, "time,symbol,last_price\n");
    for (int i = 0; i < ROWS; ++i) {
        strbuf_append_format(&text, "%d,tC%d,%d\n", 1795251900 + i, i * i % 7, i + 1);
    }
    struct fixture fixture;
    start(&fixture, text.data, text.length, (struct fake_exchange_config){0});
    static struct asker askers[CLIENTS];
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; ++i) {
        askers[i] = (struct asker){.url = fake_exchange_url(fixture.exchange)};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_for_all, &askers[i]), 0);
    }
    for (int i = 0; i < CLIENTS; ++i) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (int row = 0; row < ROWS; ++row) {
        int seen = 0;
        for (int i = 0; i < CLIENTS; ++i) {
            seen += askers[i].seen[row];
        }
        assert_int_equal(seen, 1);
    }
    finish(&fixture);
    strbuf_free(&text);
}

static void destroy_while_a_slow_answer_is_under_way_returns_soon(void **state)
{
    (void)state;
    struct fixture fixture;
    start(&fixture, csv, strlen(csv),
          (struct fake_exchange_config){.faults = "slow=4s@1-", .repeat = false});
    static struct asker asker;
    asker.url = fake_exchange_url(fixture.exchange);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_for_all, &asker), 0);
    struct fake_exchange_progress progress = {0};
    while (progress.requests == 0) {
        fake_exchange_progress(fixture.exchange, &progress);
    }
    int64_t start_ns = clock_monotonic_ns();
    fake_exchange_destroy(fixture.exchange);
    assert_true(clock_monotonic_ns() - start_ns < 2 * NS_PER_SECOND);
    assert_int_equal(pthread_join(thread, NULL), 0);
    fixture.exchange = NULL;
    finish(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_rows_come_once_each_and_at_most_one_a_coin),
        cmocka_unit_test(csv_that_is_used_up_gives_last_rows_again_when_told_so),
        cmocka_unit_test(csv_rows_of_coins_not_asked_for_wait),
        cmocka_unit_test(head_uses_nothing_up),
        cmocka_unit_test(gzipped_csv_is_served_like_a_plain_one),
        cmocka_unit_test(other_paths_and_methods_are_answered_like_bitfinex_does),
        cmocka_unit_test(fault_of_each_kind_comes_at_its_request_and_uses_no_row),
        cmocka_unit_test(several_clients_share_the_rows_without_loss_or_repetition),
        cmocka_unit_test(destroy_while_a_slow_answer_is_under_way_returns_soon),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
