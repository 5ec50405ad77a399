#include "page/truth_lag_json.h"

#include <string.h>

#include "base/text/number.h"

static void append_seconds(struct strbuf *json, const char *name, int64_t us)
{
    char seconds[NUMBER_TEXT_SIZE] = "null";
    if (us >= 0 && us < INT64_MAX) {
        (void)number_format((double)us / 1e6, seconds);
    }
    strbuf_append_format(json, ",\"%s\":%s", name, seconds);
}

static void append_step(struct strbuf *json, const struct truth_lag *lag, int step)
{
    const struct histogram *histogram = &lag->steps[step];
    strbuf_append_format(json, "\"%s\":{\"measured\":%llu,\"negative\":%lld",
                         truth_step_names[step], (unsigned long long)histogram_total(histogram),
                         (long long)lag->negative[step]);
    append_seconds(json, "half_s", histogram_below_us(histogram, 0.5));
    append_seconds(json, "most_s", histogram_below_us(histogram, 0.99));
    strbuf_append_char(json, '}');
}

/* Returns the sum of what all members and the page have measured for the stream. The page also
 * measures the steps to Kafka, but of the same records: these count only if this process has no
 * members. */
static struct truth_lag lag_of(const struct live_figures *figures, const char *stream)
{
    struct truth_lag all = truth_lag_new(stream);
    for (size_t k = 0; k < STREAMS_MAX; k++) {
        const struct truth_lag *lag = &figures->page_lag[k];
        if (lag->stream != NULL && strcmp(lag->stream, stream) == 0) {
            (figures->member_count > 0 ? truth_lag_merge_page : truth_lag_merge)(&all, lag);
        }
    }
    for (size_t i = 0; i < figures->member_count; i++) {
        for (size_t k = 0; k < STREAMS_MAX; k++) {
            const struct truth_lag *lag = &figures->members[i].measures.truth_lag[k];
            if (lag->stream != NULL && strcmp(lag->stream, stream) == 0) {
                truth_lag_merge(&all, lag);
            }
        }
    }
    return all;
}

void truth_lag_append(struct strbuf *json, const struct live_figures *figures, const char *stream)
{
    struct truth_lag lag = lag_of(figures, stream);
    const char *separator = "";
    strbuf_append_text(json, ",\"truth_lag\":{");
    for (int step = 0; step < TRUTH_STEPS; step++) {
        if (histogram_total(&lag.steps[step]) > 0 || lag.negative[step] > 0) {
            strbuf_append_text(json, separator);
            append_step(json, &lag, step);
            separator = ",";
        }
    }
    strbuf_append_char(json, '}');
}
