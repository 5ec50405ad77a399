#include "fake_exchange/fake_limit.h"

#include <stdlib.h>

#include "base/text/str.h"

enum { MOST_LIMIT = 1000000, MINUTE_MS = 60000 };

static const struct {
    const char *name;
    int64_t otherwise;
} names[FAKE_LIMITS] = {
    [FAKE_LIMIT_TICKERS] = {"tickers", 30},   [FAKE_LIMIT_TRADES] = {"trades", 15},
    [FAKE_LIMIT_CANDLES] = {"candles", 30},   [FAKE_LIMIT_CONNECTS] = {"connects", 20},
    [FAKE_LIMIT_CHANNELS] = {"channels", 25}, [FAKE_LIMIT_BLOCK] = {"block", 60},
};

static bool parse_limit(struct str piece, struct fake_limits *limits)
{
    struct str name;
    struct str number = piece;
    int64_t most = 0;
    if (!str_split(&number, '=', &name) || !str_to_int64(str_trim(number), &most) || most < 0 ||
        most > MOST_LIMIT) {
        return false;
    }
    for (int i = 0; i < FAKE_LIMITS; i++) {
        if (str_equal_text(str_trim(name), names[i].name)) {
            limits->most[i] = most;
            return true;
        }
    }
    return false;
}

bool fake_limits_parse(const char *text, struct fake_limits *limits, struct error *error)
{
    for (int i = 0; i < FAKE_LIMITS; i++) {
        limits->most[i] = names[i].otherwise;
    }
    struct str rest = str_from(text != NULL ? text : "");
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        if (!parse_limit(str_trim(piece), limits)) {
            int shown = piece.length > 40 ? 40 : (int)piece.length;
            return error_set(error, ERROR_USAGE,
                             "limit \"%.*s\" is none; give NAME=N, N from 0 (no limit) to %d, of "
                             "tickers, trades, candles and connects (in a minute), channels and "
                             "block (seconds)",
                             shown, piece.data, MOST_LIMIT);
        }
    }
    return true;
}

void fake_rate_free(struct fake_rate *rate)
{
    free(rate->times_ms);
    *rate = (struct fake_rate){0};
}

bool fake_rate_take(struct fake_rate *rate, int64_t most, int64_t block_ms, int64_t now_ms)
{
    if (most == 0) {
        return true;
    }
    if (rate->times_ms == NULL) {
        rate->times_ms = calloc((size_t)most, sizeof *rate->times_ms);
    }
    if (rate->times_ms == NULL || (rate->blocked && now_ms < rate->blocked_until_ms)) {
        return false;
    }
    size_t oldest = rate->taken % (size_t)most;
    rate->blocked = rate->taken >= (size_t)most && now_ms - rate->times_ms[oldest] < MINUTE_MS;
    if (rate->blocked) {
        rate->blocked_until_ms = now_ms + block_ms;
        return false;
    }
    rate->times_ms[rate->taken++ % (size_t)most] = now_ms;
    return true;
}
