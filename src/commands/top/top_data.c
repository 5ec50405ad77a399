#include "commands/top/top_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/str.h"

static void read_text(const json_t *object, const char *name, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(object, name));
    (void)str_copy(str_from(value != NULL ? value : ""), text, size);
}

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Returns an integer that is not below 0; -1 for anything else. */
static int64_t figure_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
                                                                    : -1;
}

/* Takes the newest closes if there are more than fit. */
static void read_closes(const json_t *list, struct top_market *market)
{
    size_t count = json_array_size(list);
    size_t first = count > TOP_CLOSES_MAX ? count - TOP_CLOSES_MAX : 0;
    for (size_t i = first; i < count; i++) {
        market->closes[market->close_count++] = number_of(json_array_get(list, i));
    }
}

static void read_market(const json_t *row, struct top_market *market)
{
    static const char *const changes[TOP_CHANGES] = {"change_1h", "change_24h", "change_7d"};
    read_text(row, "coin", market->coin, sizeof market->coin);
    read_text(row, "name", market->name, sizeof market->name);
    read_text(row, "of", market->of, sizeof market->of);
    read_text(row, "source", market->source, sizeof market->source);
    for (size_t i = 0; i < TOP_CHANGES; i++) {
        market->change[i] = number_of(json_object_get(row, changes[i]));
    }
    market->price = number_of(json_object_get(row, "price"));
    market->cap = number_of(json_object_get(row, "market_cap"));
    market->synthetic = json_is_true(json_object_get(row, "synthetic"));
    market->made_up = json_is_true(json_object_get(row, "made_up"));
    read_closes(json_object_get(row, "sparkline"), market);
}

bool top_markets_parse(const json_t *answer, struct top_markets *markets)
{
    const json_t *rows = json_object_get(answer, "markets");
    size_t count = json_array_size(rows);
    if (!json_is_array(rows)) {
        return false;
    }
    markets->items = calloc(count + 1, sizeof *markets->items);
    if (markets->items == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct top_market *market = &markets->items[markets->count];
        read_market(json_array_get(rows, i), market);
        markets->count += market->coin[0] != '\0' ? 1 : 0;
    }
    markets->known = true;
    return true;
}

void top_markets_free(struct top_markets *markets)
{
    free(markets->items);
    *markets = (struct top_markets){0};
}

static const struct top_stream *find_stream(const struct top_status *status, const char *topic)
{
    for (size_t i = 0; i < status->stream_count; i++) {
        if (strcmp(status->streams[i].topic, topic) == 0) {
            return &status->streams[i];
        }
    }
    return NULL;
}

static void read_partition(const json_t *row, const struct top_stream *before,
                           struct top_partition *partition)
{
    int64_t number = figure_of(row, "partition");
    partition->number = (int)number;
    read_text(row, "owner", partition->owner, sizeof partition->owner);
    for (size_t i = 0; before != NULL && i < before->partition_count; i++) {
        if (before->partitions[i].number == partition->number) {
            partition->lag = before->partitions[i].lag;
        }
    }
    lag_trend_take(&partition->lag, figure_of(row, "lag"));
}

static bool read_stream(const json_t *row, const struct top_status *before,
                        struct top_stream *stream)
{
    const json_t *partitions = json_object_get(row, "partitions");
    size_t count = json_array_size(partitions);
    read_text(row, "topic", stream->topic, sizeof stream->topic);
    const struct top_stream *earlier = find_stream(before, stream->topic);
    stream->lag = earlier != NULL ? earlier->lag : (struct lag_trend){0};
    lag_trend_take(&stream->lag, figure_of(row, "lag"));
    stream->partitions = calloc(count + 1, sizeof *stream->partitions);
    if (stream->partitions == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        read_partition(json_array_get(partitions, i), earlier, &stream->partitions[i]);
    }
    stream->partition_count = count;
    return true;
}

bool top_status_parse(const json_t *answer, const struct top_status *before,
                      struct top_status *status)
{
    const json_t *streams = json_object_get(answer, "streams");
    size_t count = json_array_size(streams);
    if (!json_is_array(streams)) {
        return false;
    }
    status->streams = calloc(count + 1, sizeof *status->streams);
    bool read = status->streams != NULL;
    for (size_t i = 0; read && i < count; i++) {
        read = read_stream(json_array_get(streams, i), before, &status->streams[i]);
        status->stream_count = i + 1;
    }
    status->brokers = (int)figure_of(answer, "brokers");
    status->ticks_per_second = number_of(json_object_get(answer, "ticks_per_second"));
    status->lag = before->lag;
    lag_trend_take(&status->lag, figure_of(answer, "lag_total"));
    read_text(answer, "waiting_for", status->waiting_for, sizeof status->waiting_for);
    read_text(answer, "no_news", status->no_news, sizeof status->no_news);
    status->known = read;
    return read;
}

void top_status_free(struct top_status *status)
{
    for (size_t i = 0; i < status->stream_count; i++) {
        free(status->streams[i].partitions);
    }
    free(status->streams);
    *status = (struct top_status){0};
}

static bool read_candle(const json_t *row, struct candle *candle)
{
    const char *time = json_string_value(json_object_get(row, "time"));
    const json_t *ticks = json_object_get(row, "ticks");
    *candle = (struct candle){
        .open = number_of(json_object_get(row, "open")),
        .high = number_of(json_object_get(row, "high")),
        .low = number_of(json_object_get(row, "low")),
        .close = number_of(json_object_get(row, "close")),
        .ticks = json_is_integer(ticks) ? json_integer_value(ticks) : CANDLE_TICKS_UNKNOWN,
    };
    return time != NULL && clock_parse_time(str_from(time), &candle->time_ns) &&
           isfinite(candle->open) && isfinite(candle->high) && isfinite(candle->low) &&
           isfinite(candle->close);
}

bool top_candles_parse(const json_t *answer, struct candle_list *candles)
{
    struct candle candle;
    int64_t before_ns = INT64_MIN;
    bool read = json_is_array(answer);
    for (size_t i = 0; read && i < json_array_size(answer); i++) {
        read = read_candle(json_array_get(answer, i), &candle) && candle.time_ns > before_ns &&
               candle_list_add(candles, &candle);
        before_ns = candle.time_ns;
    }
    return read;
}
