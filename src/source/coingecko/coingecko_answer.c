#include "source/coingecko/coingecko_answer.h"

#include "source/service/tick_json.h"

enum {
    NOT_FOUND = 404,
    TOO_MANY = 429,
    CODE_NO_KEY = 10002,
    CODE_WRONG_KEY_HOST = 10010, /* a key of the Pro service at the host of the Demo service; */
    CODE_WRONG_HOST_KEY = 10011, /* and the other way round */
    CODE_RANGE = 10012,
    RATE_LIMIT_MS = 60000,
    SHOWN_BYTES = 120,
};

static bool retry(struct error *error, int wait_ms)
{
    error->retry_after_ms = wait_ms;
    return false;
}

static bool rate_limited(const struct service_answer *answer, struct error *error)
{
    int wait_ms = answer->retry_after_ms > 0 ? answer->retry_after_ms : RATE_LIMIT_MS;
    (void)error_set(error, ERROR_RETRY, "rate limit (HTTP 429): waiting %d s; %s",
                    1 + (wait_ms - 1) / 1000,
                    answer->has_key ? "the key's plan allows no more"
                                    : "without a key all programs at this address share a few "
                                      "requests a minute: a free Demo key has its own "
                                      "(--coingecko-key-file)");
    return retry(error, wait_ms);
}

/* Returns what to do about an error code of the service; NULL: nothing is known. */
static const char *advice_of(int64_t code)
{
    switch (code) {
    case CODE_NO_KEY:
        return "a key is needed there: --coingecko-key-file";
    case CODE_WRONG_KEY_HOST:
    case CODE_WRONG_HOST_KEY:
        return "a Pro key goes with --coingecko-url https://pro-api.coingecko.com/api/v3, a Demo "
               "key with the usual address";
    case CODE_RANGE:
        return "the free service gives no data older than 365 days; the key is right";
    default:
        return NULL;
    }
}

/* Reads {"status":{…}}, {"error":{"status":{…}}}, {"error":"…"} or {"error_code":…}. */
static bool read_error(const struct service_answer *answer, const json_t *json,
                       struct service_refusal *refusal, struct error *error)
{
    const json_t *outer = json_object_get(json, "error");
    const json_t *status = json_object_get(json_is_object(outer) ? outer : json, "status");
    status = json_is_object(status) ? status : json;
    int64_t code = tick_json_whole(json_object_get(status, "error_code"));
    const char *words = json_string_value(json_object_get(status, "error_message"));
    words = words != NULL ? words : json_is_string(outer) ? json_string_value(outer) : "";
    if (answer->status == TOO_MANY || code == TOO_MANY) {
        return rate_limited(answer, error);
    }
    refusal->for_good = refusal->for_good || code == CODE_RANGE;
    const char *advice = advice_of(code);
    (void)error_set(error, ERROR_RETRY, "CoinGecko answered error %lld (HTTP %ld): %.*s",
                    (long long)code, answer->status, SHOWN_BYTES, advice != NULL ? advice : words);
    return retry(error, answer->retry_after_ms);
}

bool coingecko_refuse(const struct service_answer *answer, const json_t *json,
                      struct service_refusal *refusal, struct error *error)
{
    *refusal = (struct service_refusal){.for_good = answer->status == NOT_FOUND};
    if (json_is_object(json)) {
        return read_error(answer, json, refusal, error);
    }
    if (answer->status == TOO_MANY) {
        return rate_limited(answer, error);
    }
    static const struct service_words words = {
        .name = "CoinGecko", .url = "--coingecko-url", .key = "--coingecko-key-file"};
    service_answer_explain(answer, &words, error);
    return retry(error, answer->retry_after_ms);
}
