/* The HTTP sink of bench/ is to a writer a store that has everything: it counts and keeps what is
 * written, and no more, and each point that it is asked for is there. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "store/influx/influx.h"

struct sink {
    pid_t pid;
    char url[64];
    char kept[32]; /* path of the file with the bodies */
};

/* Its port is its first line of output. */
static struct sink start_sink(void)
{
    struct sink sink = {.kept = "/tmp/bench-sink-XXXXXX"};
    int kept = mkstemp(sink.kept);
    int ends[2];
    assert_true(kept >= 0 && close(kept) == 0 && pipe(ends) == 0);
    sink.pid = fork();
    assert_true(sink.pid >= 0);
    if (sink.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execl(SINK, SINK, "--keep", sink.kept, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(close(ends[1]), 0);
    FILE *output = fdopen(ends[0], "r");
    char line[32] = "";
    assert_non_null(output);
    assert_non_null(fgets(line, sizeof line, output));
    assert_int_equal(fclose(output), 0);
    (void)snprintf(sink.url, sizeof sink.url, "http://127.0.0.1:%d", (int)strtol(line, NULL, 10));
    return sink;
}

static void end_sink(struct sink *sink)
{
    int status = 0;
    assert_int_equal(kill(sink->pid, SIGTERM), 0);
    assert_int_equal(waitpid(sink->pid, &status, 0), sink->pid);
    assert_int_equal(status, 0);
    assert_int_equal(unlink(sink->kept), 0);
}

static json_int_t counted_lines(const struct sink *sink)
{
    const struct http_client_config config = {.base_url = sink->url};
    struct http_client *http = http_client_create(&config, NULL);
    struct http_response response = {0};
    const struct http_request request = {.path = "/counts"};
    assert_non_null(http);
    assert_true(http_client_send(http, &request, &response, NULL));
    json_t *counts = json_loads(strbuf_text(&response.body), 0, NULL);
    json_int_t lines = json_integer_value(json_object_get(counts, "lines"));
    json_decref(counts);
    http_response_free(&response);
    http_client_destroy(http);
    return lines;
}

/* Every other line is the comment with the time. */
static size_t kept_lines_that_are_no_ticks(const struct sink *sink)
{
    size_t strange = 0;
    FILE *file = fopen(sink->kept, "re");
    char line[1024];
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        strange += strncmp(line, "ticker,coin=", 12) != 0 && strncmp(line, "# ", 2) != 0;
    }
    assert_int_equal(fclose(file), 0);
    return strange;
}

static void every_point_that_was_written_is_there_and_no_question_is_counted(void **state)
{
    (void)state;
    struct sink sink = start_sink();
    struct error error = {0};
    const struct store_config config = {.address = sink.url, .database = "market"};
    struct store *store = store_open(&config, &error);
    assert_non_null(store);
    assert_true(store_prepare(store, &error));
    struct ticker ticks[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(ticks[i].symbol, sizeof ticks[i].symbol, "tBTCUSD");
        ticks[i].event_time_ns = (1767225600 + (int64_t)i) * NS_PER_SECOND + 5;
        ticks[i].last_price = 2.5;
    }
    struct rejected_list rejected = {0};
    assert_true(
        store_write(store, &(struct record_set){&ticker_kind, ticks, 3, NULL}, &rejected, &error));
    for (size_t i = 0; i < 3; i++) {
        bool found = false;
        assert_true(influx_has_point((struct influx *)store, &ticker_kind, ticks[i].symbol,
                                     ticks[i].event_time_ns, &found, &error));
        assert_true(found);
    }
    assert_int_equal(counted_lines(&sink), 3);
    assert_int_equal(kept_lines_that_are_no_ticks(&sink), 0);
    rejected_list_free(&rejected);
    store_close(store);
    end_sink(&sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_that_was_written_is_there_and_no_question_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
