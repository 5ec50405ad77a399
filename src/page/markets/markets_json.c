#include "page/markets/markets_json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "market/providers.h"

static void append_number(struct strbuf *json, const char *name, double value)
{
    strbuf_append_format(json, ",\"%s\":", name);
    strbuf_append_json_double(json, value); /* NAN is null */
}

static void append_time(struct strbuf *json, const char *name, int64_t time_ns)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, text);
    strbuf_append_json_member(json, name, text);
}

static void append_flag(struct strbuf *json, const char *name, bool value)
{
    strbuf_append_format(json, ",\"%s\":%s", name, value ? "true" : "false");
}

static void append_asset(struct strbuf *json, const struct asset *asset)
{
    if (asset == NULL) {
        strbuf_append_text(json, ",\"asset\":null");
        return;
    }
    strbuf_append_text(json, ",\"asset\":{\"ticker\":");
    strbuf_append_json_string(json, str_from(asset->ticker));
    strbuf_append_json_member(json, "name", asset->name);
    strbuf_append_char(json, '}');
}

static void append_cap(struct strbuf *json, const struct market_row *from)
{
    append_number(json, "market_cap", from != NULL ? from->cap : NAN);
    if (from != NULL) {
        strbuf_append_json_member(json, "market_cap_unit", from->quote);
        strbuf_append_json_member(json, "market_cap_source", from->cap_source);
        strbuf_append_json_member(json, "market_cap_coin", from->coin);
        append_time(json, "market_cap_time", from->cap_time_ns);
    }
}

/* Appends the closes of the last day, without the one of a day ago. */
static void append_sparkline(struct strbuf *json, const struct market_row *row)
{
    strbuf_append_text(json, ",\"sparkline\":[");
    for (size_t i = 1; i < row->span_count; i++) {
        strbuf_append_text(json, i > 1 ? "," : "");
        strbuf_append_json_double(json, row->closes[i]);
    }
    strbuf_append_format(json, "],\"sparkline_step_s\":%lld",
                         (long long)(row->step_ns / NS_PER_SECOND));
}

static void append_row(struct strbuf *json, const struct market_row *row)
{
    char name[SYMBOL_MAX + 2];
    symbol_display(row->coin, name);
    strbuf_append_text(json, "{\"coin\":");
    strbuf_append_json_string(json, str_from(row->coin));
    strbuf_append_json_member(json, "name", name);
    append_asset(json, row->asset);
    strbuf_append_json_member(json, "quote", row->quote);
    strbuf_append_json_member(json, "of", row->kind->name);
    strbuf_append_json_member(json, "source", row->source);
    strbuf_append_json_member(json, "timeframe", row->timeframe);
    append_number(json, "price", row->price);
    append_time(json, "time", row->time_ns);
    append_number(json, "change_1h", 100 * row->change_1h);
    append_number(json, "change_24h", 100 * row->change_24h);
    append_number(json, "change_7d", 100 * row->change_7d);
    append_number(json, "volume_24h", row->volume);
    strbuf_append_json_member(json, "volume_unit",
                              isnan(row->volume)     ? NULL
                              : row->volume_in_quote ? row->quote
                                                     : row->base);
    strbuf_append_json_member(json, "volume_source", row->volume_source);
    append_cap(json, row->cap_from);
    append_sparkline(json, row);
    append_flag(json, "synthetic", row->synthetic);
    append_flag(json, "made_up", row->made_up);
    strbuf_append_char(json, '}');
}

void provider_to_json(const struct provider *provider, struct strbuf *json)
{
    strbuf_append_text(json, "{\"service\":");
    strbuf_append_json_string(json, str_from(provider->service));
    strbuf_append_json_member(json, "name", provider->name);
    strbuf_append_json_member(json, "link", provider->link);
    strbuf_append_json_member(json, "words", provider->words);
    strbuf_append_char(json, '}');
}

static bool is_of(const struct market_rows *rows, const struct provider *provider)
{
    bool any = false;
    for (size_t i = 0; !any && i < rows->count; i++) {
        const struct market_row *row = &rows->items[i];
        any = strcmp(row->source, provider->service) == 0 ||
              strcmp(row->volume_source, provider->service) == 0 ||
              strcmp(row->cap_source, provider->service) == 0;
    }
    return any;
}

static void append_providers(struct strbuf *json, const struct market_rows *rows)
{
    const char *separator = "";
    for (size_t i = 0; i < provider_count; i++) {
        if (is_of(rows, &providers[i])) {
            strbuf_append_text(json, separator);
            provider_to_json(&providers[i], json);
            separator = ",";
        }
    }
}

void markets_to_json(const struct market_rows *rows, struct strbuf *json)
{
    char as_of[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(rows->as_of_ns, as_of);
    strbuf_append_format(json, rows->count > 0 ? "{\"as_of\":\"%s\"" : "{\"as_of\":null", as_of);
    strbuf_append_text(json, ",\"markets\":[");
    for (size_t i = 0; i < rows->count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_row(json, &rows->items[i]);
    }
    strbuf_append_text(json, "],\"providers\":[");
    append_providers(json, rows);
    strbuf_append_text(json, "]}");
}
