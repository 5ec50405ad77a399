#include "source/bitfinex/bitfinex_answer.h"

#include <string.h>

#include <jansson.h>

#include "source/bitfinex/bitfinex_json.h"

enum {
    ERROR_RATE_LIMIT = 11010,
    ERROR_MAINTENANCE = 20060,
    ERROR_PARAMETER = 10020,
    SHOWN_BYTES = 80,
};

static enum bitfinex_answer rate_limited(struct error *error)
{
    (void)error_set(error, ERROR_RETRY,
                    "rate limit: the exchange wants fewer requests a minute; waiting 60 s");
    if (error != NULL) {
        error->retry_after_ms = BITFINEX_RATE_LIMIT_MS;
    }
    return BITFINEX_AWAY;
}

/* Reads ["error", CODE, "text"], which arrives with any HTTP status. */
static enum bitfinex_answer read_error(const json_t *json, long status, struct error *error)
{
    double code = json_number_value(json_array_get(json, 1));
    const json_t *text = json_array_get(json, 2);
    const char *words = json_is_string(text) ? json_string_value(text) : "";
    if (code == ERROR_RATE_LIMIT || status == BITFINEX_TOO_MANY) {
        return rate_limited(error);
    }
    if (code == ERROR_MAINTENANCE) {
        (void)error_set(error, ERROR_RETRY, "the exchange is down for maintenance");
        return BITFINEX_AWAY;
    }
    (void)error_set(error, ERROR_RETRY, "the exchange answered error %.0f: %.*s (HTTP %ld)", code,
                    SHOWN_BYTES, words, status);
    bool symbol = code == ERROR_PARAMETER && strncmp(words, "symbol", strlen("symbol")) == 0;
    return symbol ? BITFINEX_UNKNOWN_SYMBOL : BITFINEX_AWAY;
}

/* An object is never rows: it is {"error":"ERR_RATE_LIMIT"} or an error as the API before v2
 * wrote it. */
static enum bitfinex_answer read_object(const json_t *json, long status, const char *what,
                                        struct error *error)
{
    const json_t *text = json_object_get(json, "error");
    if (json_is_string(text) && strcmp(json_string_value(text), "ERR_RATE_LIMIT") == 0) {
        return rate_limited(error);
    }
    if (json_is_string(text)) {
        (void)error_set(error, ERROR_RETRY, "the exchange answered error %.*s (HTTP %ld)",
                        SHOWN_BYTES, json_string_value(text), status);
    } else {
        (void)error_set(
            error, ERROR_RETRY,
            "the answer is an object, not rows of %s (HTTP %ld): is --exchange-url the base of "
            "Bitfinex's API v2?",
            what, status);
    }
    return BITFINEX_AWAY;
}

static bool is_error(const json_t *json)
{
    const json_t *first = json_array_get(json, 0);
    return json_is_string(first) && strcmp(json_string_value(first), "error") == 0;
}

/* Classifies, by its status alone, an answer whose body says nothing of use. */
static enum bitfinex_answer bare_status(long status, const json_t *json, const char *what,
                                        struct error *error)
{
    const char *advice = "the exchange is away";
    if (status >= 200 && status < 300) {
        (void)error_set(error, ERROR_RETRY,
                        "the answer is %s, not rows of %s: is --exchange-url the base of "
                        "Bitfinex's API v2?",
                        json_is_array(json) ? "one flat array" : "one single value", what);
        return BITFINEX_AWAY;
    }
    if (status >= 400 && status < 500) {
        advice = status == 404 ? "no such path: check --exchange-url" : "the exchange refuses us";
    }
    (void)error_set(error, ERROR_RETRY, "HTTP %ld: %s", status, advice);
    return BITFINEX_AWAY;
}

enum bitfinex_answer bitfinex_answer_read(long status, struct str body, const char *what,
                                          json_t **rows, struct error *error)
{
    struct error not_json = {0};
    json_t *json = bitfinex_json_load(body, &not_json);
    bool success = status >= 200 && status < 300;
    enum bitfinex_answer answer;
    *rows = NULL;
    if (json_is_array(json) && is_error(json)) {
        answer = read_error(json, status, error);
    } else if (status == BITFINEX_TOO_MANY) {
        answer = rate_limited(error);
    } else if (json_is_object(json)) {
        answer = read_object(json, status, what, error);
    } else if (success && json == NULL) {
        (void)error_set(error, ERROR_RETRY, "%s", not_json.text);
        answer = BITFINEX_AWAY;
    } else if (success && bitfinex_json_is_rows(json)) {
        *rows = json;
        return BITFINEX_ROWS;
    } else {
        answer = bare_status(status, json, what, error);
    }
    json_decref(json);
    return answer;
}
