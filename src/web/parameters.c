#include "web/parameters.h"

#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "market/candle.h"
#include "record/kind.h"
#include "record/names.h"

enum {
    SHOWN_MAX = 40, /* how many bytes of an invalid value the error quotes at most */
    WORDS_LIMIT = 128,
    COINS_MAX = 200, /* as many as one question about news may have */
};

bool parameter_coin(const struct http_exchange *exchange, const char **value, struct error *error)
{
    const char *text = http_exchange_query(exchange, "coin");
    if (text == NULL) {
        return error_set(error, ERROR_REJECT, "coin is missing: name one, such as coin=tBTCUSD");
    }
    if (!record_symbol_valid(str_from(text))) {
        return error_set(error, ERROR_REJECT, "coin \"%.*s\" is no symbol: 1 to %d of %s",
                         SHOWN_MAX, text, RECORD_KEY_MAX, RECORD_SYMBOL_CLASS);
    }
    *value = text;
    return true;
}

bool parameter_coins(const struct http_exchange *exchange, const char **value, struct error *error)
{
    const char *one = http_exchange_query(exchange, "coin");
    const char *list = http_exchange_query(exchange, "coins");
    const char *text = one != NULL ? one : list;
    struct str rest = str_from(text != NULL ? text : ""), coin;
    size_t count = 0;
    if (one != NULL && list != NULL) {
        return error_set(error, ERROR_REJECT, "name either coin or coins, not both");
    }
    while (text != NULL && str_split(&rest, ',', &coin)) {
        count++;
        if (!record_symbol_valid(coin)) {
            return error_set(error, ERROR_REJECT, "coin \"%.*s\" is no symbol: 1 to %d of %s",
                             coin.length < SHOWN_MAX ? (int)coin.length : SHOWN_MAX, coin.data,
                             RECORD_KEY_MAX, RECORD_SYMBOL_CLASS);
        }
    }
    if (text != NULL && count == 0) {
        return error_set(error, ERROR_REJECT, "no coin is named: leave coin out for all news");
    }
    if (count > COINS_MAX || (one != NULL && count > 1)) {
        return error_set(error, ERROR_REJECT, "coin takes one coin, coins at most %d", COINS_MAX);
    }
    *value = text != NULL ? text : *value;
    return true;
}

bool parameter_source(const struct http_exchange *exchange, const char **value, struct error *error)
{
    const char *text = http_exchange_query(exchange, "source");
    if (text != NULL && !record_source_valid(str_from(text))) {
        return error_set(error, ERROR_REJECT,
                         "source \"%.*s\" is none: 1 to 15 letters, digits or any of : . _ -",
                         SHOWN_MAX, text);
    }
    *value = text != NULL ? text : *value;
    return true;
}

bool parameter_word(const struct http_exchange *exchange, const char *name,
                    const char *const words[], const char **value, struct error *error)
{
    const char *text = http_exchange_query(exchange, name);
    struct strbuf allowed = strbuf_new(WORDS_LIMIT);
    bool known = text == NULL;
    for (size_t i = 0; words[i] != NULL; i++) {
        strbuf_append_format(&allowed, "%s%s", i > 0 ? ", " : "", words[i]);
        if (text != NULL && strcmp(text, words[i]) == 0) {
            *value = words[i];
            known = true;
        }
    }
    if (!known) {
        error_set(error, ERROR_REJECT, "%s \"%.*s\" must be one of: %s", name, SHOWN_MAX, text,
                  strbuf_text(&allowed));
    }
    strbuf_free(&allowed);
    return known;
}

bool parameter_interval(const struct http_exchange *exchange, int64_t *value_ns,
                        struct error *error)
{
    const char *text = http_exchange_query(exchange, "interval");
    if (text != NULL && !candle_interval_parse(str_from(text), value_ns)) {
        return error_set(error, ERROR_REJECT,
                         "interval \"%.*s\" is none: use 1m, 5m, 15m, 1h, or another number with "
                         "its unit (ms, s, m, h, d, w), or 1M",
                         SHOWN_MAX, text);
    }
    return true;
}

bool parameter_time(const struct http_exchange *exchange, const char *name, int64_t *value_ns,
                    struct error *error)
{
    const char *text = http_exchange_query(exchange, name);
    if (text != NULL && !clock_parse_time(str_from(text), value_ns)) {
        return error_set(error, ERROR_REJECT,
                         "%s \"%.*s\" is no time: use RFC 3339 (2026-01-31T09:00:00Z) or a number "
                         "since 1970 in s, ms, us or ns",
                         name, SHOWN_MAX, text);
    }
    return true;
}

bool parameter_whole(const struct http_exchange *exchange, const char *name, int64_t least,
                     int64_t most, int64_t *value, struct error *error)
{
    const char *text = http_exchange_query(exchange, name);
    if (text == NULL) {
        return true;
    }
    int64_t number;
    if (!str_to_int64(str_from(text), &number) || number < least || number > most) {
        return error_set(error, ERROR_REJECT, "%s \"%.*s\" must be a whole number, %lld to %lld",
                         name, SHOWN_MAX, text, (long long)least, (long long)most);
    }
    *value = number;
    return true;
}

bool parameter_text(const struct http_exchange *exchange, const char *name, size_t most,
                    const char **value, struct error *error)
{
    const char *text = http_exchange_query(exchange, name);
    if (text == NULL) {
        return true;
    }
    size_t length = strlen(text);
    if (length == 0 || length > most) {
        return error_set(error, ERROR_REJECT, "%s must have 1 to %zu bytes, and has %zu", name,
                         most, length);
    }
    *value = text;
    return true;
}
