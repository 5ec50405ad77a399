#include "source/coinmarketcap/coinmarketcap_answer.h"

#include <string.h>

#include "base/clock.h"
#include "source/service/tick_json.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (3600 * NS_PER_SECOND)
#define MARGIN_NS MINUTE_NS /* by which our clock may be ahead of the service's */

enum {
    CODE_LEAST = 1001, /* the codes of the service's own; below them a code is HTTP's status */
    CODE_PLAN = 1006,
    CODE_MINUTE = 1008,
    CODE_DAY = 1009,
    CODE_MONTH = 1010,
    CODE_ADDRESS = 1011,
    CREDITS_MOST = 1000000,
    SHOWN_BYTES = 120,
};

static const struct {
    int code;
    const char *advice;
} refusals[] = {
    {1001, "it does not know the key: see --coinmarketcap-key-file"},
    {1002, "it has got no key: see --coinmarketcap-key-file"},
    {1003, "the key's plan is to be paid for first, at the service's site"},
    {1004, "the payment of the key's plan is overdue"},
    {1005, "it asks for a key: see --coinmarketcap-key-file"},
    {CODE_PLAN, "the key's plan does not have that"},
    {1007, "the key has been disabled: make another one at the service's site"},
};

/* Reads a number, also one that is written as a string. */
static int64_t read_count(const json_t *json)
{
    const char *text = json_string_value(json);
    int64_t count = tick_json_whole(json);
    for (size_t i = 0; text != NULL && text[i] >= '0' && text[i] <= '9' && i < 9; i++) {
        count = count * 10 + (text[i] - '0');
    }
    return count;
}

static json_t *refuse(struct service_refusal *refusal, struct error *error, int64_t closed_ns)
{
    refusal->closed_ns = closed_ns;
    error->retry_after_ms = 0; /* it is in closed_ns */
    return NULL;
}

/* The wait that Retry-After asks for, at most a day; 0: none. */
static int64_t asked_ns(const struct service_answer *answer)
{
    int64_t wait_ns = answer->retry_after_ms * NS_PER_MS;
    return wait_ns < NS_PER_DAY ? wait_ns : NS_PER_DAY;
}

/* A limit of requests in a minute. */
static json_t *refuse_minute(const struct service_answer *answer, int64_t code,
                             struct service_refusal *refusal, struct error *error)
{
    int64_t wait_ns = asked_ns(answer) > 0 ? asked_ns(answer) : MINUTE_NS;
    (void)error_set(error, ERROR_RETRY, "rate limit (HTTP %ld, code %lld): waiting %lld s; %s",
                    answer->status, (long long)code, (long long)(wait_ns / NS_PER_SECOND),
                    code == CODE_ADDRESS ? "programs at this address have sent too many requests"
                                         : "the key's plan allows no more in a minute");
    return refuse(refusal, error, wait_ns);
}

/* The credits of a day or month are used up. */
static json_t *refuse_until_reset(const struct service_answer *answer, int64_t code,
                                  struct service_refusal *refusal, struct error *error)
{
    int64_t start_ns = 0, end_ns = answer->now_ns - answer->now_ns % NS_PER_DAY + NS_PER_DAY;
    if (code == CODE_MONTH) {
        clock_month_of(answer->now_ns, &start_ns, &end_ns);
    }
    int64_t until_ns = end_ns + MARGIN_NS;
    if (until_ns < answer->now_ns + asked_ns(answer)) {
        until_ns = answer->now_ns + asked_ns(answer);
    }
    char until[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(until_ns - until_ns % NS_PER_SECOND, until);
    (void)error_set(error, ERROR_RETRY,
                    "the credits of the key's plan for this %s are used up (code %lld): no request "
                    "is sent before %s; see --poll-interval coinmarketcap",
                    code == CODE_MONTH ? "month" : "day", (long long)code, until);
    return refuse(refusal, error, until_ns - answer->now_ns);
}

static json_t *refuse_code(const struct service_answer *answer, int64_t code, const json_t *status,
                           struct service_refusal *refusal, struct error *error)
{
    const char *words = json_string_value(json_object_get(status, "error_message"));
    const char *advice = NULL;
    if (code == CODE_MINUTE || code == CODE_ADDRESS) {
        return refuse_minute(answer, code, refusal, error);
    }
    if (code == CODE_DAY || code == CODE_MONTH) {
        return refuse_until_reset(answer, code, refusal, error);
    }
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        advice = code == refusals[i].code ? refusals[i].advice : advice;
    }
    (void)error_set(error, ERROR_RETRY, "CoinMarketCap answers error %lld (HTTP %ld): %.*s",
                    (long long)code, answer->status, SHOWN_BYTES,
                    advice != NULL  ? advice
                    : words != NULL ? words
                                    : "it does not say why");
    bool soon = code >= 500 && code < CODE_LEAST;
    refusal->of_plan = code == CODE_PLAN;
    return refuse(refusal, error, soon ? asked_ns(answer) : HOUR_NS);
}

/* An answer without the envelope: of what stands before the service, or of another one. */
static json_t *refuse_bare(const struct service_answer *answer, struct service_refusal *refusal,
                           struct error *error)
{
    static const struct service_words words = {
        .name = "CoinMarketCap", .url = "--coinmarketcap-url", .key = "--coinmarketcap-key-file"};
    bool refused = answer->status >= 400 && answer->status < 500;
    if (answer->status == 429) {
        return refuse_minute(answer, CODE_MINUTE, refusal, error);
    }
    service_answer_explain(answer, &words, error);
    return refuse(refusal, error, refused ? HOUR_NS : asked_ns(answer));
}

json_t *coinmarketcap_answer_open(const struct service_answer *answer, int64_t *credits,
                                  struct service_refusal *refusal, struct error *error)
{
    json_error_t why;
    const char *text = answer->body.data != NULL ? answer->body.data : "";
    json_t *json = json_loadb(text, answer->body.length, TICK_JSON_FLAGS, &why);
    const json_t *status = json_object_get(json, "status");
    int64_t code = read_count(json_object_get(status, "error_code"));
    int64_t cost = read_count(json_object_get(status, "credit_count"));
    bool success = answer->status >= 200 && answer->status < 300;
    *credits = cost > 0 && cost <= CREDITS_MOST ? cost : 0;
    *refusal = (struct service_refusal){.closed_ns = 0};
    if (json_is_object(status) && (code != 0 || !success)) {
        code = code != 0 ? code : answer->status;
        (void)(code == 429 ? refuse_minute(answer, CODE_MINUTE, refusal, error)
                           : refuse_code(answer, code, status, refusal, error));
    } else if (!json_is_object(status) || !success || json_object_get(json, "data") == NULL) {
        (void)refuse_bare(answer, refusal, error);
    } else {
        return json;
    }
    json_decref(json);
    return NULL;
}
