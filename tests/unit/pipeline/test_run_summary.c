#include "pipeline/run_summary.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/ticker.h"

static void run_summary_log_names_every_figure_once(void **state)
{
    (void)state;
    struct ingest_stats ingest = {
        .kind = &ticker_kind,
        .poller = {.requests = 3, .dropped = 2, .held_back = 1, .rows = {.rows = 100}},
        .records = {.sent = 90, .acknowledged = 88},
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
    run_summary_log(&(struct run_summary){
        .ingests = &ingest, .ingest_count = 1, .members = members, .member_count = 2, .lag = 5});
    char *log = capture_end(&capture);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(capture_count(log, want[i]), 1);
    }
    assert_int_equal(capture_count(log, " rejected_"), ROW_FAULTS);
    free(log);
}

static void of_several_sources_each_has_its_line_and_the_run_their_sum(void **state)
{
    (void)state;
    const struct ingest_stats ingests[] = {
        {.kind = &ticker_kind,
         .source = "bitfinex",
         .poller = {.requests = 3, .rows = {.rows = 100, .rejected = {[ROW_BAD_PRICE] = 2}}},
         .records = {.sent = 90, .acknowledged = 88}},
        {.kind = &bar_kind,
         .source = "bitfinex-bars",
         .poller = {.requests = 1,
                    .rows = {.rows = 10, .rejected = {[ROW_BAD_PRICE] = 1}},
                    .figures = {{.name = "open_holes", .value = 2}},
                    .figure_count = 1},
         .records = {.sent = 10, .acknowledged = 10},
         .events = {.sent = 4, .acknowledged = 3}},
    };
    struct capture capture;
    capture_start(&capture);
    run_summary_log(&(struct run_summary){.ingests = ingests, .ingest_count = 2, .lag = -1});
    char *log = capture_end(&capture);
    static const char *const want[] = {
        "event=source_summary source=bitfinex kind=ticker requests=3 rows=100 produced=88",
        "event=source_summary source=bitfinex-bars kind=bar requests=1 rows=10 produced=10",
        "event=summary requests=4 rows=110 produced=98 undelivered=2",
        "rejected_bad_price=3",
        "events=3 events_undelivered=1 events_dropped=0 rejected_bad_price=1 open_holes=2",
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(capture_count(log, want[i]), 1);
    }
    free(log);
    struct error error = {0};
    assert_false(run_summary_ingests_complete(ingests, 2, &error));
    assert_non_null(strstr(error.text, "bitfinex: 2 ticks were not acknowledged"));
}

static void run_summary_ingests_complete_tells_what_is_missing(void **state)
{
    (void)state;
    const struct {
        struct ingest_stats stats;
        const char *want; /* NULL: complete */
    } cases[] = {
        {{.records = {.sent = 5, .acknowledged = 5}}, NULL},
        {{.waiting_for = "the topics in Kafka"}, NULL}, /* stopped before the first tick */
        {{.kind = &ticker_kind,
          .records = {.sent = 5, .acknowledged = 3},
          .events = {.sent = 2, .acknowledged = 1},
          .producer = {.reason = "no broker answers"}},
         "2 ticks were not acknowledged by Kafka (no broker answers)"},
        {{.kind = &ticker_kind,
          .records = {.sent = 5, .acknowledged = 5},
          .events = {.sent = 2, .acknowledged = 1},
          .producer = {.reason = "no broker answers"}},
         "1 events were not acknowledged by Kafka (no broker answers)"},
        {{.failed = true, .waiting_for = "the schema registry (it answered 409)"},
         "the schema registry (it answered 409)"},
        {{.failed = true, .poller = {.ended = true, .reason = "the file is cut off"}},
         "the file is cut off"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        assert_int_equal(run_summary_ingests_complete(&cases[i].stats, 1, &error),
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
        cmocka_unit_test(of_several_sources_each_has_its_line_and_the_run_their_sum),
        cmocka_unit_test(run_summary_ingests_complete_tells_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
