#include "page/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static void tell(char *reason, const char *text)
{
    memcpy(reason, text, strlen(text) + 1);
}

static struct live_figures *well(void)
{
    struct live_figures *figures = calloc(1, sizeof *figures);
    assert_non_null(figures);
    figures->ingest_count = 1;
    figures->ingests[0].client_id = "producer";
    figures->ingests[0].poller.healthy = true;
    figures->ingests[0].producer.healthy = true;
    figures->member_count = 2;
    for (size_t i = 0; i < 2; i++) {
        figures->members[i].stats.healthy = true;
    }
    return figures;
}

static void assert_health(const struct live_figures *figures, const char *want)
{
    struct strbuf lines = strbuf_new(16 << 10);
    bool healthy = metrics_healthy(figures, &lines);
    assert_string_equal(strbuf_text(&lines), want);
    assert_int_equal(healthy, strstr(want, "not ready") == NULL);
    assert_int_equal(metrics_healthy(figures, NULL), healthy);
    strbuf_free(&lines);
}

static void metrics_healthy_gives_all_reasons_in_the_order_of_the_path(void **state)
{
    (void)state;
    struct live_figures *figures = well();
    assert_health(figures, "");
    tell(figures->ingests[0].poller.notice, "a tick from the future");
    assert_health(figures, "notice: a tick from the future\n");
    tell(figures->ingests[0].overlap, "another producer");
    assert_health(figures, "notice: another producer\nnotice: a tick from the future\n");
    figures->ingests[0].poller.notice[0] = '\0';

    for (size_t i = 0; i < 2; i++) { /* both members have one trouble, which is told once */
        figures->members[i].stats.healthy = false;
        tell(figures->members[i].stats.reason, "the store is away");
    }
    assert_health(figures, "not ready: the store is away\nnotice: another producer\n");
    figures->ingests[0].producer.healthy = false;
    tell(figures->ingests[0].producer.reason, "no broker answers");
    figures->ingests[0].poller.healthy = false;
    tell(figures->ingests[0].poller.reason, "rate limit");
    assert_health(figures, "not ready: rate limit\nnot ready: no broker answers\n"
                           "not ready: the store is away\nnotice: another producer\n");
    tell(figures->ingests[0].waiting_for, "the schema registry");
    assert_health(figures, "not ready: waiting for the schema registry\n"
                           "not ready: the store is away\nnotice: another producer\n");

    figures->ingest_count = 0; /* another process's ingest is not this one's trouble */
    assert_health(figures, "not ready: the store is away\n");
    free(figures);
}

static void reasons_are_told_in_whole_words(void **state)
{
    (void)state;
    struct live_figures *figures = well();
    struct error error;
    char want[2000], words[900] = "";
    for (size_t i = 0; i + 8 < sizeof words; i += 7) {
        memcpy(words + i, " eleven", 8);
    }
    error_set(&error, ERROR_RETRY, "long%s", words);
    figures->ingest_count = 2;
    figures->ingests[0].source = "bitfinex";
    figures->ingests[1] = figures->ingests[0];
    figures->ingests[1].source = "bitfinex-bars";
    figures->ingests[1].poller.healthy = false;
    tell(figures->ingests[1].poller.reason, error.text);
    (void)snprintf(want, sizeof want, "not ready: bitfinex-bars: %s\n", error.text);
    assert_non_null(strstr(want, " eleven…\n"));
    assert_health(figures, want);
    free(figures);
}

static void assert_line(const struct strbuf *text, const char *line)
{
    char whole[400];
    (void)snprintf(whole, sizeof whole, "\n%s\n", line);
    if (strstr(strbuf_text(text), whole) == NULL) {
        fail_msg("no line %s", line);
    }
}

static size_t count_of(const struct strbuf *text, const char *wanted)
{
    size_t count = 0;
    for (const char *at = strbuf_text(text); (at = strstr(at, wanted)) != NULL; at++) {
        count++;
    }
    return count;
}

static void truth_lag_is_told_by_stream_and_step(void **state)
{
    (void)state;
    static const struct histogram_bounds bounds = {2, {2500, 1000000}};
    struct live_figures *figures = well();
    struct strbuf text = strbuf_new(1 << 20);
    tell(figures->members[0].client_id, "m");
    struct truth_lag *lag = &figures->members[0].measures.truth_lag[1];
    lag->stream = "trade";
    for (int step = 0; step < TRUTH_STEPS; step++) {
        lag->steps[step] = histogram_new(&bounds);
    }
    histogram_add(&lag->steps[TRUTH_FRAME_TO_KAFKA], 2000);
    lag->negative[TRUTH_EXCHANGE_TO_FRAME] = 7;
    metrics_append(figures, true, &text);
#define TRADE_STEP(step) "{member=\"m\",stream=\"trade\",step=\"" step "\""
    assert_line(&text, "# TYPE candlewick_truth_lag_seconds histogram");
    assert_line(&text, "candlewick_truth_lag_seconds_bucket" TRADE_STEP(
                           "frame_to_kafka") ",le=\"0.0025\"} 1");
    assert_line(&text, "candlewick_truth_lag_seconds_count" TRADE_STEP("exchange_to_frame") "} 0");
    assert_line(&text, "candlewick_truth_lag_negative_total" TRADE_STEP("exchange_to_frame") "} 7");
    assert_line(&text, "candlewick_truth_lag_negative_total" TRADE_STEP("frame_to_kafka") "} 0");
    assert_int_equal(count_of(&text, "kafka_to_store"), 0); /* nothing was measured */
    strbuf_free(&text);
    free(figures);
}

static void metrics_append_names_every_partition_and_label(void **state)
{
    (void)state;
    struct live_figures *figures = well();
    struct strbuf text = strbuf_new(1 << 20);
    struct consumer_measures *measures = &figures->members[0].measures;
    tell(figures->members[0].client_id, "a \"quoted\\\nname");
    tell(figures->members[1].client_id, "b");
    measures->partition_count = 500;
    measures->partitions = calloc(500, sizeof *measures->partitions);
    assert_non_null(measures->partitions);
    for (size_t i = 0; i < 500; i++) {
        measures->partitions[i] = (struct owned_partition){.topic = i == 8 ? "bars" : "tickers",
                                                           .partition = (int32_t)i,
                                                           .lag = i == 7 ? -1 : (int64_t)i};
    }
    metrics_append(figures, true, &text);
    assert_false(text.failed);
    assert_int_equal(count_of(&text, "candlewick_partition_owned{"), 500);
    assert_int_equal(count_of(&text, "candlewick_partition_lag_messages{"), 499); /* 7: unknown */
    assert_line(&text, "candlewick_partition_owned{member=\"a \\\"quoted\\\\\\nname\",topic="
                       "\"tickers\",partition=\"499\"} 1");
    assert_line(&text, "candlewick_partition_lag_messages{member=\"a \\\"quoted\\\\\\nname\","
                       "topic=\"tickers\",partition=\"499\"} 499");
    assert_line(&text, "candlewick_partition_lag_messages{member=\"a \\\"quoted\\\\\\nname\","
                       "topic=\"bars\",partition=\"8\"} 8");
    strbuf_free(&text);
    live_figures_clear(figures);
    free(figures);
}

static void metrics_append_writes_times_in_seconds(void **state)
{
    (void)state;
    static const struct histogram_bounds bounds = {2, {2500, 1000000}};
    struct live_figures *figures = well();
    struct strbuf text = strbuf_new(1 << 20);
    struct consumer_measures *measures = &figures->members[1].measures;
    tell(figures->members[1].client_id, "consumer-2");
    figures->ingests[0].client_id = "producer";
    measures->write = histogram_new(&bounds);
    histogram_add(&measures->write, 2000);
    histogram_add(&measures->write, 3000000);
    measures->dead_lettered[DEAD_LETTER_BAD] = 4;
    figures->members[1].stats.last_write_ns = 1763712000500000000;
    figures->members[1].stats.topics_made_again = 2;
    figures->ingests[0].overlap_coins = 7;
    figures->ingests[0].producer.round_trips = (struct round_trips){
        .count = 2, .brokers = {{1, 10, 25000, 5, 1500, 9000}, {2, 7, 1000, 0, 0, 0}}};
    metrics_append(figures, false, &text);
    assert_line(&text, "# TYPE candlewick_store_write_duration_seconds histogram");
    assert_line(&text, "candlewick_store_write_duration_seconds_bucket{member=\"consumer-2\",le="
                       "\"0.0025\"} 1");
    assert_line(&text,
                "candlewick_store_write_duration_seconds_bucket{member=\"consumer-2\",le=\"1\"} 1");
    assert_line(&text, "candlewick_store_write_duration_seconds_bucket{member=\"consumer-2\",le="
                       "\"+Inf\"} 2");
    assert_line(&text, "candlewick_store_write_duration_seconds_sum{member=\"consumer-2\"} 3.002");
    assert_line(&text,
                "candlewick_dead_letters_total{member=\"consumer-2\",reason=\"undecodable\"} 4");
    assert_line(&text, "candlewick_dead_letters_total{member=\"consumer-2\",reason=\"refused\"} 0");
    assert_line(&text,
                "candlewick_last_write_timestamp_seconds{member=\"consumer-2\"} 1763712000.5");
    assert_line(&text, "candlewick_broker_round_trip_seconds{client=\"producer\",broker=\"1\","
                       "quantile=\"0.99\"} 0.009");
    assert_line(&text, "candlewick_broker_round_trip_seconds_sum{client=\"producer\",broker=\"1\"} "
                       "0.025");
    assert_line(&text, "candlewick_broker_round_trip_seconds{client=\"producer\",broker=\"2\","
                       "quantile=\"0.5\"} NaN"); /* nothing of late */
    assert_line(&text, "candlewick_topic_recreated_total{member=\"consumer-2\"} 2");
    assert_line(&text, "candlewick_producer_overlap_coins 7");
    assert_line(&text, "candlewick_healthy 0");
    strbuf_free(&text);
    free(figures);
}

static void of_several_sources_each_figure_and_reason_names_its_own(void **state)
{
    (void)state;
    struct live_figures *figures = well();
    struct strbuf text = strbuf_new(1 << 20);
    figures->ingest_count = 2;
    figures->ingests[0].source = "bitfinex";
    figures->ingests[1] = figures->ingests[0];
    figures->ingests[1].source = "bitfinex-trades";
    figures->ingests[1].client_id = "producer-trades";
    figures->ingests[0].records.acknowledged = 3;
    figures->ingests[1].records = (struct ingest_counts){.sent = 5, .acknowledged = 4};
    figures->ingests[1].events =
        (struct ingest_counts){.sent = 12, .acknowledged = 11, .undelivered = 1};
    figures->ingests[1].producer = (struct producer_stats){
        .healthy = true, .sent = 17, .acknowledged = 15, .queued = 1, .failed = 1};
    figures->ingests[1].poller.rows.rejected[ROW_REPEAT] = 5;
    figures->ingests[1].poller.figures[0] = (struct source_figure){
        .name = "open_holes", .help = "Holes that are not refilled yet.", .value = 6};
    figures->ingests[1].poller.figures[1] = (struct source_figure){
        .name = "reconnects", .help = "Connections made again.", .grows = true, .value = 7};
    figures->ingests[1].poller.figure_count = 2;
    figures->has_events = true;
    figures->events = (struct event_log_stats){.written = 9, .given_up = 2, .waiting = 1};
    metrics_append(figures, true, &text);
    assert_line(&text, "candlewick_events_written_total 9");
    assert_line(&text, "candlewick_events_given_up_total 2");
    assert_line(&text, "candlewick_events_waiting 1");
    assert_line(&text, "candlewick_ticks_acknowledged_total{source=\"bitfinex\"} 3");
    assert_line(&text, "candlewick_ticks_acknowledged_total{source=\"bitfinex-trades\"} 4");
    assert_line(&text, "candlewick_ticks_sent_total{source=\"bitfinex-trades\"} 5");
    assert_line(&text, "candlewick_ticks_undelivered_total{source=\"bitfinex-trades\"} 0");
    assert_line(&text, "candlewick_source_events_sent_total{source=\"bitfinex-trades\"} 12");
    assert_line(&text,
                "candlewick_source_events_acknowledged_total{source=\"bitfinex-trades\"} 11");
    assert_line(&text, "candlewick_source_events_undelivered_total{source=\"bitfinex-trades\"} 1");
    assert_line(&text, "candlewick_rows_rejected_total{reason=\"repeat\",source="
                       "\"bitfinex-trades\"} 5");
    assert_line(&text, "# TYPE candlewick_source_open_holes gauge");
    assert_line(&text, "candlewick_source_open_holes{source=\"bitfinex-trades\"} 6");
    assert_line(&text, "# TYPE candlewick_source_reconnects_total counter");
    assert_line(&text, "candlewick_source_reconnects_total{source=\"bitfinex-trades\"} 7");
    assert_int_equal(count_of(&text, "# TYPE candlewick_ticks_acknowledged_total"), 1);
    assert_int_equal(count_of(&text, "candlewick_source_open_holes{"), 1);

    tell(figures->ingests[1].poller.notice, "3 holes are open");
    assert_health(figures, "notice: bitfinex-trades: 3 holes are open\n");
    figures->ingests[1].poller.healthy = false;
    tell(figures->ingests[1].poller.reason, "no connection");
    assert_health(figures, "not ready: bitfinex-trades: no connection\n"
                           "notice: bitfinex-trades: 3 holes are open\n");
    strbuf_free(&text);
    free(figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_healthy_gives_all_reasons_in_the_order_of_the_path),
        cmocka_unit_test(reasons_are_told_in_whole_words),
        cmocka_unit_test(truth_lag_is_told_by_stream_and_step),
        cmocka_unit_test(metrics_append_names_every_partition_and_label),
        cmocka_unit_test(metrics_append_writes_times_in_seconds),
        cmocka_unit_test(of_several_sources_each_figure_and_reason_names_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
