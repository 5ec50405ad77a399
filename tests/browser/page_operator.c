#include "page_operator.h"

#include <string.h>

#include "base/clock.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum { PARTITIONS = 6, LETTERS = 2, LOOKED_MOST = 100, STEPS = 40 };

void page_letters(int64_t offset, struct strbuf *json)
{
    static const char *const letters[LETTERS] = {
        "{\"kind\":\"undecodable\",\"reason\":\"schema 9 is not in the registry <b>at all</b>\","
        "\"topic\":\"tickers\",\"partition\":2,\"offset\":120}",
        "{\"kind\":null,\"reason\":null,\"topic\":null,\"partition\":null,\"offset\":null}",
    };
    strbuf_append_char(json, '[');
    for (int64_t n = offset > 0 ? offset : 0; n < LETTERS; n++) {
        strbuf_append_format(
            json,
            "%s{\"partition\":0,\"offset\":%lld,\"timestamp\":"
            "\"2026-01-31T12:00:00Z\",\"key\":\"tETHUSD\",\"schema_id\":9,"
            "\"size\":11,\"value\":null,\"error\":\"schema 9\",\"dead_letter\":%s}",
            json->data[json->length - 1] == '[' ? "" : ",", (long long)n, letters[n]);
    }
    strbuf_append_char(json, ']');
}

static bool is_letters(const char *topic)
{
    return topic != NULL && strcmp(topic, PAGE_LETTERS) == 0;
}

static bool give_partitions(void *context, const char *topic, struct strbuf *json,
                            struct error *error)
{
    (void)context;
    if (!is_letters(topic)) {
        return error_set(error, ERROR_REJECT, "there is no topic %s", topic);
    }
    strbuf_append_format(json, "[{\"partition\":0,\"begin\":0,\"end\":%d}]", LETTERS);
    return true;
}

/* Whether the message is looked for: by its key, or by its JSON. */
static bool is_wanted(const struct web_search_wanted *wanted, const char *key, const char *json)
{
    return (wanted->key == NULL || strcmp(wanted->key, key) == 0) &&
           (wanted->contains == NULL || strstr(json, wanted->contains) != NULL);
}

/* Appends the message if it is looked for. */
static void look_at(const struct page *page, const struct web_search_wanted *wanted,
                    int32_t partition, size_t offset, struct strbuf *json)
{
    struct ticker tick = tape_get(page->tape, (size_t)partition / 2, offset);
    struct strbuf message = strbuf_new(1 << 16);
    page_tick_message(page, partition, offset, &message);
    bool late = wanted->since_ns == INT64_MIN || tick.event_time_ns >= wanted->since_ns;
    if (late && is_wanted(wanted, tick.symbol, strbuf_text(&message))) {
        strbuf_append_text(json, json->data[json->length - 1] == '[' ? "" : ",");
        strbuf_append_str(json, strbuf_str(&message));
    }
    strbuf_free(&message);
}

/* Looks at a hundred messages at most, so that a search has to go on. The key tETHUSD is in
 * partition 2, as all of coin 1 are. */
static bool give_search(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                        struct error *error)
{
    const struct page *page = context;
    int32_t partition = wanted->partition >= 0 ? wanted->partition : 2;
    if (partition >= PARTITIONS) {
        return error_set(error, ERROR_REJECT, "partition %d does not exist", (int)partition);
    }
    int64_t end = (int64_t)page_messages_in(page, partition);
    bool on = wanted->from >= 0 || wanted->since_ns != INT64_MIN;
    int64_t first = wanted->from > 0 ? wanted->from : 0;
    int64_t last = wanted->before >= 0 && wanted->before < end ? wanted->before : end;
    if (on && last - first > LOOKED_MOST) {
        last = first + LOOKED_MOST;
    } else if (last - first > LOOKED_MOST) {
        first = last - LOOKED_MOST;
    }
    strbuf_append_text(json, "{\"messages\":[");
    for (int64_t n = first; n < last; n++) {
        look_at(page, wanted, partition, (size_t)n, json);
    }
    bool more_on = on && last < end, more_back = !on && first > 0;
    strbuf_append_format(json,
                         "],\"topic\":\"tickers\",\"partition\":%d,\"begin\":0,\"end\":%lld,"
                         "\"looked_at\":%lld,\"looked_from\":%lld,\"looked_to\":%lld,",
                         (int)partition, (long long)end, (long long)(last - first),
                         (long long)first, (long long)last);
    strbuf_append_format(json, more_back ? "\"next_before\":%lld," : "\"next_before\":null,",
                         (long long)first);
    strbuf_append_format(json, more_on ? "\"next_from\":%lld}" : "\"next_from\":null}",
                         (long long)last);
    return true;
}

/* Of 40 steps two are not known; the lag rises to 39. */
static bool give_lag(void *context, struct strbuf *json, struct error *error)
{
    const struct page *page = context;
    (void)error;
    strbuf_append_format(json, "{\"step_s\":5,\"topics\":[{\"topic\":\"tickers\",\"from\":%lld",
                         (long long)page->start_ms);
    for (int ages = 0; ages < 2; ages++) {
        strbuf_append_text(json, ages == 1 ? "],\"lag_s\":[" : ",\"lag\":[");
        for (int i = 0; i < STEPS; i++) {
            strbuf_append_text(json, i > 0 ? "," : "");
            strbuf_append_format(json, i == 10 || i == 11 ? "null" : ages == 1 ? "%d.5" : "%d", i);
        }
    }
    strbuf_append_text(json,
                       "]},{\"topic\":\"<i>bars</i>\",\"from\":null,\"lag\":[],\"lag_s\":[]}]}");
    return true;
}

/* Two partitions; with range one of them moves, with the others none. */
static bool give_prediction(void *context, const struct web_predict_wanted *wanted,
                            struct strbuf *json, struct error *error)
{
    static const char *const strategies[] = {"range", "roundrobin", "sticky", "eager-sticky"};
    (void)context;
    if (wanted->members > 9) {
        return error_set(error, ERROR_RETRY, "the topics' partitions are not known yet");
    }
    strbuf_append_text(json,
                       "{\"topics\":[{\"topic\":\"tickers\",\"partitions\":2}],\"strategies\":[");
    for (size_t i = 0; i < 4; i++) {
        strbuf_append_format(
            json,
            "%s{\"strategy\":\"%s\",\"steps\":[{\"change\":\"start\",\"rounds\":1,\"placement\":{"
            "\"m1\":[\"tickers-0\",\"tickers-1\"]},\"least\":2,\"most\":2,\"moved\":0,"
            "\"needless\":0,\"needed\":0,\"revoked\":0}",
            i > 0 ? "," : "", strategies[i]);
        if (wanted->change != WEB_PREDICT_NONE) {
            strbuf_append_format(
                json,
                ",{\"change\":\"m2 joins\",\"rounds\":%d,\"placement\":{\"m1\":[\"tickers-0\"%s],"
                "\"m2\":[%s]},\"least\":%d,\"most\":%d,\"moved\":%d,\"needless\":%d,\"needed\":1,"
                "\"revoked\":%d}",
                i == 2 ? 2 : 1, i == 0 ? "" : ",\"tickers-1\"", i == 0 ? "\"tickers-1\"" : "",
                i == 0, i == 0 ? 1 : 2, i == 0, i == 0, i == 0 ? 2 : 0);
        }
        strbuf_append_text(json, "]}");
    }
    strbuf_append_text(json, "]}");
    return true;
}

static bool give_lab_results(void *context, struct strbuf *json, struct error *error)
{
    const struct page *page = context;
    (void)error;
    if (page->mode != MODE_STREAMS) {
        strbuf_append_text(json, "{\"time\":null,\"scenarios\":[]}");
        return true;
    }
    strbuf_append_text(
        json, "{\"time\":\"2026-01-31T12:00:00Z\",\"setting\":\"seed 7, 3 runs, <b>3 brokers</b>\","
              "\"in_process\":false,\"good\":true,\"broken_off\":null,\"scenarios\":[{\"scenario\":"
              "\"join\",\"question\":\"a third member joins\",\"strategies\":["
              "{\"strategy\":\"range\",\"assignor\":\"range\",\"runs\":3,"
              "\"moved\":{\"median\":4.000,\"least\":3.000,\"most\":5.000},"
              "\"unowned_s\":{\"median\":0.125,\"least\":0.125,\"most\":0.125}},"
              "{\"strategy\":\"sticky\",\"assignor\":\"cooperative-sticky\",\"runs\":3,"
              "\"moved\":{\"median\":2.000,\"least\":2.000,\"most\":2.000},"
              "\"unowned_s\":{\"median\":1.500,\"least\":1.000,\"most\":2.000}}]}]}");
    return true;
}

void page_set_operator(struct web_backend *backend)
{
    backend->search = give_search;
    backend->partitions = give_partitions;
    backend->lag = give_lag;
    backend->predict = give_prediction;
    backend->lab_results = give_lab_results;
}
