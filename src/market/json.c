#include "market/json.h"

#include "base/clock.h"
#include "market/coverage.h"

static void append_name(struct strbuf *json, const char *name)
{
    strbuf_append_char(json, '"');
    strbuf_append_text(json, name);
    strbuf_append_text(json, "\":");
}

static void append_time(struct strbuf *json, int64_t time_ns)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, text);
    append_name(json, "time");
    strbuf_append_json_string(json, str_from(text));
}

static void append_named_double(struct strbuf *json, const char *name, double value)
{
    strbuf_append_char(json, ',');
    append_name(json, name);
    strbuf_append_json_double(json, value);
}

static void append_mark(struct strbuf *json, const char *name, bool value)
{
    strbuf_append_char(json, ',');
    append_name(json, name);
    strbuf_append_text(json, value ? "true" : "false");
}

/* Appends the parts of the candle's time, 0 to 1. */
static void append_coverage(struct strbuf *json, const struct coverage_share *share)
{
    static const char *const names[COVERAGE_STATES] = {"live", "refilled", "hole"};
    strbuf_append_text(json, ",\"covered\":{\"unknown\":");
    strbuf_append_json_double(json, coverage_part(share, share->unknown_ns));
    for (int i = 0; i < COVERAGE_STATES; i++) {
        append_named_double(json, names[i], coverage_part(share, share->ns[i]));
    }
    strbuf_append_char(json, '}');
    if (share->polls > 0) {
        strbuf_append_text(json, ",\"polls\":");
        strbuf_append_int64(json, share->polls);
    }
}

static void append_candle(struct strbuf *json, const struct candle *candle, struct str coin,
                          const struct candle_marks *marks)
{
    strbuf_append_char(json, '{');
    append_time(json, candle->time_ns);
    strbuf_append_char(json, ',');
    append_name(json, "coin");
    strbuf_append_json_string(json, coin);
    append_named_double(json, "open", candle->open);
    append_named_double(json, "high", candle->high);
    append_named_double(json, "low", candle->low);
    append_named_double(json, "close", candle->close);
    strbuf_append_text(json, ",\"ticks\":");
    if (candle->ticks == CANDLE_TICKS_UNKNOWN) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_int64(json, candle->ticks);
    }
    if (candle->has_volume) {
        append_named_double(json, "volume", candle->volume);
    }
    if (candle->filled) {
        append_mark(json, "filled", true);
    }
    if (marks != NULL && marks->coverage != NULL) {
        struct coverage_share share = candle_coverage(candle, marks);
        append_coverage(json, &share);
    }
    if (marks != NULL && !marks->coverage_only) {
        append_mark(json, "forming", candle_is_forming(candle, marks));
        append_mark(json, "cut", candle_is_cut(candle, marks));
        append_mark(json, "synthetic", marks->synthetic);
    }
    strbuf_append_char(json, '}');
}

void candles_append_json(const struct candle_list *candles, const char *coin,
                         const struct candle_marks *marks, struct strbuf *json)
{
    struct str name = str_from(coin);
    for (size_t i = 0; i < candles->count; i++) {
        if (i > 0) {
            strbuf_append_char(json, ',');
        }
        append_candle(json, &candles->items[i], name, marks);
    }
}

void candles_to_json(const struct candle_list *candles, const char *coin,
                     const struct candle_marks *marks, struct strbuf *json)
{
    strbuf_append_char(json, '[');
    candles_append_json(candles, coin, marks, json);
    strbuf_append_char(json, ']');
}
