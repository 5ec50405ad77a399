#include "fake_backend.h"

#include <string.h>

#include "base/clock.h"
#include "market/coverage.h"
#include "market/json.h"
#include "web/metrics.h"

static const struct candle candles[] = {
    {.time_ns = INT64_C(1767225600) * NS_PER_SECOND,
     .open = 0.1 + 0.2,
     .high = 91234.5,
     .low = 4e-8,
     .close = 1.0 / 3,
     .ticks = 12},
    {.time_ns = INT64_C(1767225900) * NS_PER_SECOND,
     .open = 1,
     .high = 2,
     .low = 1,
     .close = 2,
     .ticks = 1},
};

static bool answer(const struct fake *fake, const char *what, struct strbuf *json,
                   struct error *error)
{
    if (fake->fail != ERROR_NONE) {
        return error_set(error, fake->fail, "%s: the \"store\" is away", what);
    }
    do {
        strbuf_append_format(json, "{\"answer\":\"%s\"}", what);
    } while (fake->huge && !json->failed);
    return true;
}

static bool give_info(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "info", json, error);
}

static bool give_coins(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "coins", json, error);
}

static bool give_markets(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "markets", json, error);
}

static bool give_news(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
                      struct error *error)
{
    struct fake *fake = context;
    (void)str_copy(str_from(wanted->coins != NULL ? wanted->coins : ""), fake->coin,
                   sizeof fake->coin);
    fake->before_ns = wanted->before_ns;
    fake->news_limit = wanted->limit;
    return answer(fake, "news", json, error);
}

static bool give_status(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "status", json, error);
}

static bool add_candles(const struct fake *fake, struct candle_list *list)
{
    bool added = true;
    for (size_t round = 0; round == 0 || round < fake->candle_rounds; ++round) {
        for (size_t i = 0; i < sizeof candles / sizeof candles[0]; ++i) {
            added = added && candle_list_add(list, &candles[i]);
        }
    }
    return added;
}

static void note(struct fake *fake, const struct web_candles_wanted *wanted)
{
    const char *of = wanted->of != NULL ? wanted->of : "";
    (void)str_copy(str_from(of), fake->of, sizeof fake->of);
    (void)str_copy(str_from(wanted->coin), fake->coin, sizeof fake->coin);
    (void)str_copy(str_from(wanted->source != NULL ? wanted->source : ""), fake->source,
                   sizeof fake->source);
    fake->interval_ns = wanted->interval_ns;
    fake->from_ns = wanted->from_ns;
    fake->to_ns = wanted->to_ns;
    fake->candle_limit = wanted->limit;
    fake->fill = wanted->fill;
}

static bool cover(struct coverage *coverage, const char *coin)
{
    const struct event list = {.what = "coins", .source = "x", .time_ns = 5};
    const struct event covered = {.what = "covered",
                                  .source = "x",
                                  .begin_ns = candles[0].time_ns,
                                  .end_ns = candles[0].time_ns + 60 * NS_PER_SECOND,
                                  .number = 5000,
                                  .has_begin_ns = true,
                                  .has_end_ns = true,
                                  .has_number = true};
    *coverage = coverage_begin("x", coin);
    return coverage_add(coverage, &list, str_from(coin)) &&
           coverage_add(coverage, &covered, str_from("5:0-0")) && coverage_conclude(coverage);
}

static bool give_candles(void *context, const struct web_candles_wanted *wanted,
                         struct candle_list *list, struct coverage *coverage, struct error *error)
{
    struct fake *fake = context;
    note(fake, wanted);
    if (!add_candles(fake, list) || (fake->covered && !cover(coverage, wanted->coin))) {
        return error_set(error, ERROR_FATAL, "no memory");
    }
    struct strbuf unused = strbuf_new(1000);
    bool well = answer(fake, "candles", &unused, error);
    strbuf_free(&unused);
    return well;
}

static bool give_compare(void *context, const struct web_candles_wanted *wanted,
                         struct strbuf *json, struct error *error)
{
    note(context, wanted);
    return answer(context, "compare", json, error);
}

static bool give_messages(void *context, const char *topic, int32_t partition, int64_t offset,
                          int limit, struct strbuf *json, struct error *error)
{
    struct fake *fake = context;
    (void)str_copy(str_from(topic != NULL ? topic : ""), fake->topic, sizeof fake->topic);
    fake->partition = partition;
    fake->offset = offset;
    fake->message_limit = limit;
    return answer(fake, "messages", json, error);
}

static bool give_history(void *context, const struct web_history_wanted *wanted,
                         struct strbuf *json, struct error *error)
{
    struct fake *fake = context;
    (void)str_copy(str_from(wanted->coin != NULL ? wanted->coin : ""), fake->coin,
                   sizeof fake->coin);
    fake->from_ns = wanted->from_ns;
    fake->to_ns = wanted->to_ns;
    fake->history_limit = wanted->limit;
    return answer(fake, "history", json, error);
}

static bool give_verify(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "verify", json, error);
}

static bool start_verify(void *context, int *wait_s, struct strbuf *json, struct error *error)
{
    struct fake *fake = context;
    *wait_s = fake->verify_wait_s;
    if (*wait_s > 0) {
        return true;
    }
    fake->verify_starts++;
    return answer(fake, "started", json, error);
}

static void note_text(const char *text, char *room, size_t size)
{
    (void)str_copy(str_from(text != NULL ? text : ""), room, size);
}

static bool give_search(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                        struct error *error)
{
    struct fake *fake = context;
    fake->search = *wanted;
    note_text(wanted->topic, fake->topic, sizeof fake->topic);
    note_text(wanted->key, fake->key, sizeof fake->key);
    note_text(wanted->contains, fake->contains, sizeof fake->contains);
    return answer(fake, "search", json, error);
}

static bool give_partitions(void *context, const char *topic, struct strbuf *json,
                            struct error *error)
{
    struct fake *fake = context;
    note_text(topic, fake->topic, sizeof fake->topic);
    return answer(fake, "partitions", json, error);
}

static bool give_lag(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "lag", json, error);
}

static bool give_prediction(void *context, const struct web_predict_wanted *wanted,
                            struct strbuf *json, struct error *error)
{
    struct fake *fake = context;
    fake->predict = *wanted;
    note_text(wanted->strategies, fake->strategies, sizeof fake->strategies);
    return answer(fake, "lab/predict", json, error);
}

static bool give_lab_results(void *context, struct strbuf *json, struct error *error)
{
    return answer(context, "lab/results", json, error);
}

static void give_metrics(void *context, struct strbuf *text)
{
    (void)context;
    metrics_family(text, "fake_total", METRIC_COUNTER, "Things.");
    metrics_int(text, "fake_total", METRIC_NO_LABELS, 3);
}

static bool give_health(void *context, struct strbuf *lines)
{
    const struct fake *fake = context;
    if (fake->unhealthy) {
        strbuf_append_text(lines, "not ready: no broker answers \"now\"\nnotice: late\n");
    }
    return !fake->unhealthy;
}

struct web_backend fake_backend(struct fake *fake)
{
    return (struct web_backend){
        .context = fake,
        .info = give_info,
        .coins = give_coins,
        .markets = give_markets,
        .news = give_news,
        .candles = give_candles,
        .compare = give_compare,
        .status = give_status,
        .messages = give_messages,
        .history = give_history,
        .verify = give_verify,
        .verify_start = start_verify,
        .search = give_search,
        .partitions = give_partitions,
        .lag = give_lag,
        .predict = give_prediction,
        .lab_results = give_lab_results,
        .metrics = give_metrics,
        .healthy = give_health,
    };
}

char *fake_candles_json(const struct fake *fake, const char *coin)
{
    struct candle_list list = {0};
    struct strbuf json = strbuf_new(16 << 20);
    (void)add_candles(fake, &list);
    candles_to_json(&list, coin, NULL, &json);
    candle_list_free(&list);
    return strbuf_take(&json);
}
