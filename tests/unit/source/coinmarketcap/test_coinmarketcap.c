/* The source of CoinMarketCap at its service: what is asked for, and what is not asked any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "raw_server.h"
#include "record/ticker.h"
#include "source/sources.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY "cmc-canary-77aa01"
#define COIN(id, slug, price, time)                                                                \
    "{\"id\":" id ",\"slug\":\"" slug "\",\"quote\":{\"USD\":{\"price\":" price                    \
    ",\"market_cap\":5,\"last_updated\":\"" time "\"}}}"
#define GOOD "{\"status\":{\"error_code\":0,\"credit_count\":1},\"data\":"
#define BAD(code)                                                                                  \
    "{\"status\":{\"error_code\":" code ",\"error_message\":\"no\",\"credit_count\":2}}"

struct rig {
    char folder[128];
    struct strbuf texts[8];
    struct raw_answer answers[8];
    struct raw_server *server;
    struct stop *stop;
    struct source *source;
    struct source_batch batch;
    struct row_counts counts;
};

static void rig_open(struct rig *rig, const char *coins, int64_t history_ns,
                     const char *const *bodies, size_t count)
{
    char path[160];
    struct error error = {0};
    *rig = (struct rig){.source = NULL};
    support_make_folder(rig->folder, sizeof rig->folder);
    (void)snprintf(path, sizeof path, "%s/key", rig->folder);
    support_write_file(path, KEY "\n", strlen(KEY) + 1);
    assert_int_equal(chmod(path, 0600), 0);
    for (size_t i = 0; i < count; i++) {
        rig->texts[i] = strbuf_new(64 << 10);
        strbuf_append_format(&rig->texts[i], "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                             strlen(bodies[i]), bodies[i]);
        rig->answers[i].bytes = strbuf_text(&rig->texts[i]);
    }
    rig->server = raw_server_create(rig->answers, count);
    rig->stop = stop_create(&error);
    const struct coinmarketcap_config config = {.base_url = raw_server_url(rig->server),
                                                .coins = coins,
                                                .key_file = path,
                                                .interval_ns = 20 * NS_PER_MS,
                                                .history_ns = history_ns,
                                                .requests_per_minute = 60000,
                                                .stop = rig->stop};
    rig->source = coinmarketcap_source_create(&config, &error);
    if (rig->source == NULL) {
        fail_msg("%s", error.text);
    }
}

static void rig_close(struct rig *rig)
{
    source_destroy(rig->source);
    source_batch_free(&rig->batch);
    raw_server_destroy(rig->server);
    stop_destroy(rig->stop);
    for (size_t i = 0; i < COUNT(rig->texts); i++) {
        strbuf_free(&rig->texts[i]);
    }
    support_remove_folder(rig->folder);
}

static void call(struct rig *rig)
{
    struct error error = {0};
    assert_int_equal(rig->source->next(rig->source->state, &rig->batch, &rig->counts, &error),
                     SOURCE_BATCH);
}

/* Calls `next` until so many requests were sent in all. */
static void ask_until(struct rig *rig, size_t requests)
{
    while (raw_server_requests(rig->server) < requests) {
        call(rig);
    }
}

static void expect_request(struct rig *rig, size_t n, const char *text)
{
    char *request = raw_server_request(rig->server, n);
    assert_non_null(request);
    if (strstr(request, text) == NULL) {
        fail_msg("%s lacks %s", request, text);
    }
    free(request);
}

static int64_t credits_of(struct rig *rig, struct source_report *report)
{
    *report = (struct source_report){.figure_count = 0};
    rig->source->report(rig->source->state, report);
    assert_int_equal(report->figure_count, 1);
    assert_string_equal(report->figures[0].name, "credits_spent");
    return report->figures[0].value;
}

static void coins_are_asked_for_by_slug_once_and_then_by_id(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        GOOD "{\"1\":" COIN("1", "bitcoin", "7", "2026-11-30T12:00:00Z") "}}",
        GOOD "{\"1\":" COIN("1", "renamed", "8", "2026-11-30T12:01:00Z") "}}",
        GOOD "{\"1\":" COIN("1", "renamed", "9", "2026-11-30T12:01:00Z") "}}",
    };
    struct rig rig;
    struct source_report report;
    rig_open(&rig, "cmc:bitcoin,cmc:nothing", 0, bodies, COUNT(bodies));
    ask_until(&rig, 1);
    assert_int_equal(rig.batch.count, 1);
    ask_until(&rig, 2);
    assert_int_equal(rig.batch.count, 1);
    assert_string_equal(((const struct ticker *)source_batch_at(&rig.batch, 0))->symbol,
                        "cmc:bitcoin");
    ask_until(&rig, 3);
    assert_int_equal(rig.batch.count, 0);
    assert_int_equal(rig.counts.rejected[ROW_REPEAT_CHANGED], 1);
    assert_int_equal(rig.counts.records, 2);
    assert_int_equal(credits_of(&rig, &report), 3);
    expect_request(&rig, 0,
                   "GET /v2/cryptocurrency/quotes/latest?slug=bitcoin,nothing&convert=USD");
    expect_request(&rig, 0, "X-CMC_PRO_API_KEY: " KEY "\r\n");
    expect_request(&rig, 1, "GET /v2/cryptocurrency/quotes/latest?id=1&convert=USD");
    rig_close(&rig);
}

static void used_up_credits_are_waited_for(void **state)
{
    (void)state;
    static const char *const bodies[] = {BAD("1010")};
    struct rig rig;
    struct source_report report;
    rig_open(&rig, "ALL", NS_PER_DAY, bodies, COUNT(bodies));
    ask_until(&rig, 1);
    for (int i = 0; i < 4; i++) {
        call(&rig); /* each waits for 200 ms, ten times the interval */
    }
    assert_int_equal(raw_server_requests(rig.server), 1);
    assert_int_equal(credits_of(&rig, &report), 2);
    assert_non_null(strstr(report.trouble, "for this month are used up (code 1010): no request"));
    assert_int_equal(report.request_errors, 1);
    expect_request(&rig, 0, "GET /v1/cryptocurrency/listings/latest?start=1&limit=200&");
    rig_close(&rig);
}

static void plan_without_history_is_named_and_prices_go_on(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        GOOD "[" COIN("1", "bitcoin", "7", "2026-11-30T12:00:00Z") "]}",
        BAD("1006"),
        GOOD "[" COIN("1", "bitcoin", "8", "2026-11-30T12:01:00Z") "]}",
    };
    struct rig rig;
    struct source_report report;
    rig_open(&rig, "ALL", NS_PER_DAY, bodies, 2);
    ask_until(&rig, 2);
    expect_request(&rig, 1, "GET /v2/cryptocurrency/quotes/historical?id=1&time_start=");
    assert_int_equal(credits_of(&rig, &report), 3);
    assert_string_equal(report.trouble, "");
    assert_non_null(strstr(report.notice, "Hobbyist"));
    rig_close(&rig);
}

static void answer_with_the_key_is_not_read(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"status\":{\"error_code\":1001,\"error_message\":\"" KEY
                                         " is unknown\"}}"};
    struct rig rig;
    struct source_report report;
    rig_open(&rig, "ALL", 0, bodies, COUNT(bodies));
    ask_until(&rig, 1);
    (void)credits_of(&rig, &report);
    assert_non_null(strstr(report.trouble, "contains the key"));
    assert_null(strstr(report.trouble, KEY));
    rig_close(&rig);
}

static void what_cannot_be_followed_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *coins, *key_file;
        int64_t interval_s;
        const char *want;
    } cases[] = {
        {"ALL", NULL, 600, "--coinmarketcap-key-file"},
        {"ALL", "/nowhere", 59, "--poll-interval coinmarketcap=59s: 1m at least: CoinMarketCap's"},
        {"tBTCUSD", "/nowhere", 60, "tBTCUSD is no coin of CoinMarketCap"},
        {"cmc:", "/nowhere", 60, "cmc: is no coin of CoinMarketCap"},
        {"cmc:bitcoin", "/nowhere", 60, "/nowhere"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        const struct coinmarketcap_config config = {.base_url = "https://service.example",
                                                    .coins = cases[i].coins,
                                                    .key_file = cases[i].key_file,
                                                    .requests_per_minute = 30,
                                                    .interval_ns =
                                                        cases[i].interval_s * NS_PER_SECOND};
        assert_null(coinmarketcap_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("%s", error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coins_are_asked_for_by_slug_once_and_then_by_id),
        cmocka_unit_test(used_up_credits_are_waited_for),
        cmocka_unit_test(plan_without_history_is_named_and_prices_go_on),
        cmocka_unit_test(answer_with_the_key_is_not_read),
        cmocka_unit_test(what_cannot_be_followed_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
