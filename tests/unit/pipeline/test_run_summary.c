#include "pipeline/run_summary.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cmocka_all.h"
#include "record/ticker.h"

static void run_summary_log_names_every_figure_once(void **state)
{
    (void)state;
    struct ingest_stats ingest = {
        .kind = &ticker_kind,
        .poller = {.requests = 3, .dropped = 2, .held_back = 1, .rows = {.rows = 100}},
        .producer = {.sent = 90, .acknowledged = 88},
    };
    for (int i = 0; i < ROW_FAULTS; i++) {
        ingest.poller.rows.rejected[i] = i + 1; /* every reason at once has to fit */
    }
    const struct consumer_stats members[] = {{.consumed = 50, .written = 40, .dead_lettered = 10},
                                             {.consumed = 38, .written = 38, .rebalances = 4}};
    static const char *const want[] = {
        "event=summary",    "kind=ticker",     "requests=3",  "rows=100",     "produced=88",
        "undelivered=2",    "dropped=2",       "held_back=1", "consumed=88",  "written=78",
        "dead_lettered=10", "write_retries=0", "lag=5",       "rebalances=4", "gap_messages=0",
    };
    struct capture capture;
    capture_start(&capture);
    run_summary_log(
        &(struct run_summary){.ingest = &ingest, .members = members, .member_count = 2, .lag = 5});
    char *log = capture_end(&capture);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(capture_count(log, want[i]), 1);
    }
    assert_int_equal(capture_count(log, " rejected_"), ROW_FAULTS);
    free(log);
}

static void run_summary_ingest_complete_tells_what_is_missing(void **state)
{
    (void)state;
    const struct {
        struct ingest_stats stats;
        const char *want; /* NULL: complete */
    } cases[] = {
        {{.producer = {.sent = 5, .acknowledged = 5}}, NULL},
        {{.waiting_for = "the topics in Kafka"}, NULL}, /* stopped before the first tick */
        {{.kind = &ticker_kind,
          .producer = {.sent = 5, .acknowledged = 3, .reason = "no broker answers"}},
         "2 ticks were not acknowledged by Kafka (no broker answers)"},
        {{.failed = true, .waiting_for = "the schema registry (it answered 409)"},
         "the schema registry (it answered 409)"},
        {{.failed = true, .poller = {.ended = true, .reason = "the file is cut off"}},
         "the file is cut off"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        assert_int_equal(run_summary_ingest_complete(&cases[i].stats, &error),
                         cases[i].want == NULL);
        if (cases[i].want != NULL) {
            assert_int_equal(error.kind, ERROR_FATAL);
            assert_non_null(strstr(error.text, cases[i].want));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_summary_log_names_every_figure_once),
        cmocka_unit_test(run_summary_ingest_complete_tells_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
