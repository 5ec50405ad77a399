#include <stdlib.h>

#include "base/clock.h"
#include "page/page_model_parts.h"

/* Makes a clock for each partition; they start anew if partitions were added. Without memory the
 * ages stay unknown. */
static bool set_partitions(struct topic_lag *lag, size_t count)
{
    if (lag->partition_count == count) {
        return count > 0;
    }
    free(lag->clocks);
    free(lag->ages_ns);
    lag->clocks = calloc(count, sizeof *lag->clocks);
    lag->ages_ns = calloc(count, sizeof *lag->ages_ns);
    lag->partition_count = lag->clocks != NULL && lag->ages_ns != NULL ? count : 0;
    return lag->partition_count > 0;
}

static int64_t sample_partition(struct lag_clock *clock, const struct partition_status *partition,
                                int64_t now_ns)
{
    int64_t next = partition->committed >= 0 ? partition->committed : partition->begin;
    return next < 0 || partition->end < 0 ? LAG_AGE_UNKNOWN
                                          : lag_clock_sample(clock, next, partition->end, now_ns);
}

static void sample_partitions(struct topic_lag *lag, const struct group_status *status)
{
    int64_t now_ns = clock_monotonic_ns();
    lag->age_ns = 0;
    for (size_t i = 0; i < lag->partition_count; i++) {
        int64_t age_ns = sample_partition(&lag->clocks[i], &status->partitions[i], now_ns);
        lag->ages_ns[i] = age_ns;
        if (age_ns == LAG_AGE_UNKNOWN || lag->age_ns == LAG_AGE_UNKNOWN) {
            lag->age_ns = LAG_AGE_UNKNOWN;
        } else if (age_ns > lag->age_ns) {
            lag->age_ns = age_ns;
        }
    }
}

void page_model_lag_sample(struct page_model *model, size_t stream,
                           const struct group_status *status)
{
    struct topic_lag *lag = &model->lags[stream];
    lag->known = status != NULL;
    lag->age_ns = LAG_AGE_UNKNOWN;
    if (status != NULL && set_partitions(lag, status->partition_count)) {
        sample_partitions(lag, status);
    }
    lag_history_add(&lag->history, clock_wall_ns(), status != NULL ? group_status_lag(status) : -1,
                    lag->age_ns == LAG_AGE_UNKNOWN ? -1 : lag->age_ns / NS_PER_MS);
}

int64_t page_model_partition_age(const struct page_model *model, size_t stream, size_t partition)
{
    const struct topic_lag *lag = &model->lags[stream];
    return lag->known && partition < lag->partition_count ? lag->ages_ns[partition]
                                                          : LAG_AGE_UNKNOWN;
}

int64_t page_model_group_age(const struct page_model *model)
{
    int64_t greatest = 0;
    for (size_t i = 0; i < model->config.stream_count && greatest >= 0; i++) {
        const struct topic_lag *lag = &model->lags[i];
        if (lag->known && (lag->age_ns == LAG_AGE_UNKNOWN || lag->age_ns > greatest)) {
            greatest = lag->age_ns;
        }
    }
    return model->lag_total >= 0 ? greatest : LAG_AGE_UNKNOWN;
}

void page_model_append_age(int64_t age_ns, struct strbuf *json)
{
    if (age_ns == LAG_AGE_UNKNOWN) {
        strbuf_append_text(json, ",\"lag_s\":null");
    } else {
        strbuf_append_format(json, ",\"lag_s\":%.1f", (double)age_ns / NS_PER_SECOND);
    }
}

void page_model_lag_free(struct page_model *model)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        free(model->lags[i].clocks);
        free(model->lags[i].ages_ns);
    }
}

bool page_model_lag(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    (void)error;
    strbuf_append_format(json, "{\"step_s\":%d,\"topics\":[", LAG_STEP_S);
    pthread_mutex_lock(&model->status_lock);
    for (size_t i = 0; i < model->config.stream_count; i++) {
        strbuf_append_text(json, i > 0 ? ",{\"topic\":" : "{\"topic\":");
        strbuf_append_json_string(json, str_from(model->config.streams[i].topic));
        strbuf_append_char(json, ',');
        lag_history_to_json(&model->lags[i].history, json);
        strbuf_append_char(json, '}');
    }
    pthread_mutex_unlock(&model->status_lock);
    strbuf_append_text(json, "]}");
    return true;
}
