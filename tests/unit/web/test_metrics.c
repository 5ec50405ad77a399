/* The Prometheus text format 0.0.4, byte by byte. */
#include <math.h>

#include "cmocka_all.h"
#include "web/metrics.h"

static void expect_text(struct strbuf *text, const char *want)
{
    assert_string_equal(strbuf_text(text), want);
    strbuf_free(text);
}

static void family_writes_help_and_type(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(1000);
    metrics_family(&text, "a_total", METRIC_COUNTER, "One \"thing\".\nA back\\slash.");
    metrics_family(&text, "b", METRIC_GAUGE, "");
    metrics_family(&text, "c_seconds", METRIC_HISTOGRAM, "Three.");
    expect_text(&text, "# HELP a_total One \"thing\".\\nA back\\\\slash.\n# TYPE a_total counter\n"
                       "# HELP b \n# TYPE b gauge\n"
                       "# HELP c_seconds Three.\n# TYPE c_seconds histogram\n");
}

static void samples_write_labels_escaped(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(1000);
    metrics_int(&text, "a_total", METRIC_NO_LABELS, INT64_MAX);
    metrics_int(&text, "a_total", METRIC_LABELS({"coin", "tBTCUSD"}), -3);
    metrics_int(&text, "a_total", METRIC_LABELS({"a", "\"q\" \\ \n"}, {"b", ""}), 0);
    expect_text(&text, "a_total 9223372036854775807\n"
                       "a_total{coin=\"tBTCUSD\"} -3\n"
                       "a_total{a=\"\\\"q\\\" \\\\ \\n\",b=\"\"} 0\n");
}

static void doubles_are_written_whatever_they_are(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "g 0\n"},           {0.1, "g 0.1\n"},        {91234.5, "g 91234.5\n"},
        {INFINITY, "g +Inf\n"}, {-INFINITY, "g -Inf\n"}, {NAN, "g NaN\n"},
        {-2.5, "g -2.5\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strbuf text = strbuf_new(100);
        metrics_double(&text, "g", METRIC_NO_LABELS, cases[i].value);
        expect_text(&text, cases[i].want);
    }
}

static void histogram_counts_are_cumulative(void **state)
{
    (void)state;
    static const double bounds[] = {0.005, 0.1, 2.5};
    static const uint64_t counts[] = {4, 0, 3, 2};
    struct metric_histogram histogram = {bounds, counts, 3, 12.5};
    struct strbuf text = strbuf_new(1000);
    metrics_histogram(&text, "h_seconds", METRIC_LABELS({"member", "demo-1"}), &histogram);
    expect_text(&text, "h_seconds_bucket{member=\"demo-1\",le=\"0.005\"} 4\n"
                       "h_seconds_bucket{member=\"demo-1\",le=\"0.1\"} 4\n"
                       "h_seconds_bucket{member=\"demo-1\",le=\"2.5\"} 7\n"
                       "h_seconds_bucket{member=\"demo-1\",le=\"+Inf\"} 9\n"
                       "h_seconds_sum{member=\"demo-1\"} 12.5\n"
                       "h_seconds_count{member=\"demo-1\"} 9\n");
}

static void histogram_without_labels_or_bounds_has_one_bucket(void **state)
{
    (void)state;
    static const uint64_t counts[] = {7};
    struct metric_histogram histogram = {NULL, counts, 0, 1};
    struct strbuf text = strbuf_new(1000);
    metrics_histogram(&text, "h", METRIC_NO_LABELS, &histogram);
    expect_text(&text, "h_bucket{le=\"+Inf\"} 7\nh_sum 1\nh_count 7\n");
}

static void summary_has_its_quantiles_sum_and_count(void **state)
{
    (void)state;
    static const struct metric_quantile quantiles[] = {{0.5, 0.0015}, {0.99, NAN}};
    struct metric_summary summary = {quantiles, 2, 1.25, 9};
    struct strbuf text = strbuf_new(1000);
    metrics_family(&text, "s_seconds", METRIC_SUMMARY, "Four.");
    metrics_summary(&text, "s_seconds", METRIC_LABELS({"broker", "1"}), &summary);
    metrics_summary(&text, "s_seconds", METRIC_NO_LABELS,
                    &(struct metric_summary){quantiles, 1, 0, 0});
    expect_text(&text, "# HELP s_seconds Four.\n# TYPE s_seconds summary\n"
                       "s_seconds{broker=\"1\",quantile=\"0.5\"} 0.0015\n"
                       "s_seconds{broker=\"1\",quantile=\"0.99\"} NaN\n"
                       "s_seconds_sum{broker=\"1\"} 1.25\ns_seconds_count{broker=\"1\"} 9\n"
                       "s_seconds{quantile=\"0.5\"} 0.0015\ns_seconds_sum 0\ns_seconds_count 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family_writes_help_and_type),
        cmocka_unit_test(samples_write_labels_escaped),
        cmocka_unit_test(doubles_are_written_whatever_they_are),
        cmocka_unit_test(histogram_counts_are_cumulative),
        cmocka_unit_test(histogram_without_labels_or_bounds_has_one_bucket),
        cmocka_unit_test(summary_has_its_quantiles_sum_and_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
