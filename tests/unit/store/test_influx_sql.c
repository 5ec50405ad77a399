/* InfluxDB's end on real rows: line protocol in, SQL through DataFusion, the engine of InfluxDB 3.
 * Needs tests/support/influx_server.py and a Python that has what it needs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bar_cases.h"
#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "live_cases.h"
#include "record/ticker.h"
#include "scan_cases.h"
#include "store_cases.h"

#define SERVER FIXTURES "/../support/influx_server.py"

struct running {
    pid_t pid;
    char url[64];
};

/* The server's port is its first line of output. */
static void start_server(struct running *server, const char *python)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl(python, python, SERVER, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(close(ends[1]), 0);
    FILE *output = fdopen(ends[0], "r");
    assert_non_null(output);
    char line[32] = "";
    assert_non_null(fgets(line, sizeof line, output));
    assert_int_equal(fclose(output), 0);
    line[strcspn(line, "\n")] = '\0';
    (void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%s", line);
}

static int set_up(void **state)
{
    const char *python = getenv("CANDLEWICK_TEST_PYTHON");
    if (python == NULL || python[0] == '\0') {
        return 0;
    }
    struct running *server = calloc(1, sizeof *server);
    assert_non_null(server);
    start_server(server, python);
    *state = server;
    return 0;
}

static int tear_down(void **state)
{
    struct running *server = *state;
    if (server != NULL) {
        assert_int_equal(kill(server->pid, SIGTERM), 0);
        assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
        free(server);
    }
    return 0;
}

static struct running *need_server(void **state)
{
    if (*state == NULL) {
        print_message("skipped: CANDLEWICK_TEST_PYTHON names no Python with datafusion and "
                      "pyarrow (./tests/run.sh sets it)\n");
        skip();
    }
    return *state;
}

static struct store *open_database(const struct running *server, const char *database, bool gzip)
{
    struct error error = {0};
    struct store *store = store_open(
        &(struct store_config){.address = server->url, .database = database, .gzip = gzip}, &error);
    assert_string_equal(error.text, "");
    assert_non_null(store);
    return store;
}

/* Asks the server itself; the answer's body, to free(). */
static char *request(const struct running *server, const char *path, const char *body, long status)
{
    struct error error = {0};
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = server->url}, &error);
    assert_non_null(client);
    struct http_response response = {0};
    const struct http_request asked = {.method = body != NULL ? "POST" : "GET",
                                       .path = path,
                                       .body = str_from(body != NULL ? body : "")};
    assert_true(http_client_send(client, &asked, &response, &error));
    assert_int_equal(response.status, status);
    char *answer = strdup(strbuf_text(&response.body));
    assert_non_null(answer);
    http_response_free(&response);
    http_client_destroy(client);
    return answer;
}

/* A number of the server's statistics. */
static int64_t stat_of(const struct running *server, const char *name)
{
    char *answer = request(server, "/control/stats", NULL, 200);
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = strstr(answer, key);
    assert_non_null(at);
    int64_t value = strtoll(at + strlen(key), NULL, 10);
    free(answer);
    return value;
}

static void script(const struct running *server, const char *faults)
{
    free(request(server, "/control", faults, 204));
}

static void nothing_stored_yet_is_an_error(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "unborn", false);
    int64_t points = -1;
    struct error error = {0};
    assert_false(store_count(store, &ticker_kind, &points, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "nothing is stored there yet"));
    store_close(store);
}

static void every_case_holds(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "market", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    assert_true(store_prepare(store, &error)); /* harmless again */
    cases_run(store);
    assert_int_equal(stat_of(server, "conflicting_rewrites"), 0);
    store_close(store);
}

static void every_case_of_bars_holds(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "bars", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    bar_cases_run(store);
    assert_int_equal(cases_count(store), 0); /* of ticks */
    assert_int_equal(stat_of(server, "conflicting_rewrites"), 0);
    store_close(store);
}

static void every_case_of_trades_and_events_holds(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "live", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    live_cases_run(store);
    assert_int_equal(stat_of(server, "conflicting_rewrites"), 0);
    store_close(store);
}

/* As an older member leaves it: the database and the ticker's table are there. */
static void table_that_was_never_made_holds_no_bars(void **state)
{
    const struct running *server = need_server(state);
    free(request(server, "/api/v3/write_lp?db=former&precision=nanosecond",
                 "ticker,coin=tBTCUSD last_price=1,seq=1i,run_id=1i 1", 204));
    struct store *store = open_database(server, "former", false);
    cases_no_bars(store);
    assert_int_equal(cases_count(store), 1);
    const struct bar bar = cases_bar("AAPL", "replay", "1d", 0, 1);
    cases_write_bars(store, &bar, 1); /* which makes it */
    int64_t points = 0;
    struct error error = {0};
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, 1);
    store_close(store);
}

/* Written with gzip, which the cases above are not: the bits of 14,000 ticks come back. */
static void points_stream_with_the_same_bits(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "streamed", true);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    scan_cases_run(store);
    store_close(store);
}

static void faults_lose_nothing_and_store_nothing_twice(void **state)
{
    const struct running *server = need_server(state);
    struct store *store = open_database(server, "faulty", false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    script(server, "{\"faults\":[{\"status\":503,\"retry_after\":\"7\"},{\"reset\":true},"
                   "{\"status\":413,\"limit\":1000,\"times\":3},{\"match\":\",seq=9i\","
                   "\"times\":0}]}");
    enum { TICKS = 40 };
    struct ticker ticks[TICKS];
    for (size_t i = 0; i < TICKS; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i, (int64_t)i);
    }
    struct rejected_list rejected = {0};
    assert_false(store_write(store, &(struct record_set){&ticker_kind, ticks, TICKS, NULL},
                             &rejected, &error));
    assert_int_equal(error.retry_after_ms, 7000);
    /* libcurl itself may send again what a kept connection lost. */
    int attempts = 1;
    while (!store_write(store, &(struct record_set){&ticker_kind, ticks, TICKS, NULL}, &rejected,
                        &error)) {
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_true(++attempts < 4);
    }
    assert_int_equal(rejected.count, 1);
    assert_int_equal(rejected.items[0].index, 9);
    int64_t points = 0;
    assert_true(store_count(store, &ticker_kind, &points, &error));
    assert_int_equal(points, TICKS); /* the reset stored the ninth before it was refused */
    assert_int_equal(stat_of(server, "conflicting_rewrites"), 0);
    script(server, "{\"faults\":[]}");
    rejected_list_free(&rejected);
    store_close(store);
}

/* A coin and price like those that other writers of the same table may have spoilt. */
static void column_of_another_type_names_its_lines(void **state)
{
    const struct running *server = need_server(state);
    free(request(server, "/api/v3/write_lp?db=spoilt&precision=nanosecond",
                 "ticker,coin=tBTCUSD bid=\"text\" 1", 204));
    struct store *store = open_database(server, "spoilt", false);
    struct ticker ticks[3];
    for (size_t i = 0; i < 3; i++) {
        ticks[i] = cases_plain_tick("tBTCUSD", (int64_t)i + 10, (int64_t)i);
    }
    ticks[1].has[TICKER_BID] = false;
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 3, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 2);
    assert_int_equal(rejected.items[0].index, 0);
    assert_int_equal(rejected.items[1].index, 2);
    assert_non_null(strstr(rejected.items[0].reason, "invalid column type for column 'bid'"));
    rejected_list_free(&rejected);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stored_yet_is_an_error),
        cmocka_unit_test(every_case_holds),
        cmocka_unit_test(every_case_of_bars_holds),
        cmocka_unit_test(every_case_of_trades_and_events_holds),
        cmocka_unit_test(table_that_was_never_made_holds_no_bars),
        cmocka_unit_test(points_stream_with_the_same_bits),
        cmocka_unit_test(faults_lose_nothing_and_store_nothing_twice),
        cmocka_unit_test(column_of_another_type_names_its_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
