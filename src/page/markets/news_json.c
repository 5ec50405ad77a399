#include "page/markets/news_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "market/providers.h"
#include "page/markets/markets_json.h"
#include "page/markets/news_shelf.h"
#include "record/names.h"
#include "record/news.h"

enum { WIDENING = 4 }; /* how many times longer the next span is */

/* A question that is being answered. */
struct reading {
    struct store *store;
    struct series_summary *sources;
    size_t source_count;
    int64_t first_ns, last_ns; /* the stored times of the oldest and the newest item */
    struct news_shelf shelf;
    int64_t seen_from_ns; /* what is stored from here on was looked at */
    size_t looked;
    bool no_memory;
};

static bool list_sources(struct reading *reading, struct error *error)
{
    if (!store_list_series(reading->store, &news_kind, &reading->sources, &reading->source_count,
                           error)) {
        return false;
    }
    reading->first_ns = INT64_MAX;
    reading->last_ns = INT64_MIN;
    for (size_t i = 0; i < reading->source_count; i++) {
        const struct series_summary *source = &reading->sources[i];
        int64_t last_ns = column_int64(news_kind.time, &source->last);
        reading->first_ns =
            source->first_time_ns < reading->first_ns ? source->first_time_ns : reading->first_ns;
        reading->last_ns = last_ns > reading->last_ns ? last_ns : reading->last_ns;
    }
    return true;
}

static bool take(void *context, const void *point, const struct text_arena *texts, const char *odd)
{
    struct reading *reading = context;
    reading->looked++;
    if (odd == NULL) { /* otherwise another program has written it */
        reading->no_memory = !news_shelf_add(&reading->shelf, point, texts);
    }
    return !reading->no_memory;
}

/* Reads what all sources have in [from_ns, to_ns). */
static bool read_span(struct reading *reading, int64_t from_ns, int64_t to_ns, struct error *error)
{
    for (size_t i = 0; i < reading->source_count; i++) {
        const struct series_summary *source = &reading->sources[i];
        bool has_some =
            column_int64(news_kind.time, &source->last) >= from_ns && source->first_time_ns < to_ns;
        if (has_some && !store_scan(reading->store, &news_kind, source->series, from_ns, to_ns,
                                    take, reading, error)) {
            return false;
        }
        if (reading->no_memory) {
            return error_set(error, ERROR_RETRY, "no memory for the news");
        }
    }
    return true;
}

/* Reads backwards from `before_ns`, exclusive. */
static bool read_newest(struct reading *reading, int64_t before_ns, struct error *error)
{
    int64_t to_ns = before_ns <= reading->last_ns ? before_ns : reading->last_ns + 1;
    int64_t span_ns = NS_PER_DAY;
    reading->seen_from_ns = to_ns;
    while (reading->seen_from_ns > reading->first_ns && !news_shelf_full(&reading->shelf) &&
           reading->looked < NEWS_LOOKED_MOST) {
        int64_t length_ns = 0;
        bool longer =
            __builtin_sub_overflow(reading->seen_from_ns, reading->first_ns, &length_ns) ||
            length_ns > span_ns;
        int64_t from_ns = longer ? reading->seen_from_ns - span_ns : reading->first_ns;
        if (!read_span(reading, from_ns, reading->seen_from_ns, error)) {
            return false;
        }
        reading->seen_from_ns = from_ns;
        span_ns = span_ns < INT64_MAX / WIDENING ? span_ns * WIDENING : span_ns;
    }
    return true;
}

/* Appends the tickers of the coins that the item names. */
static void append_coins(struct strbuf *json, const struct news_shelf *shelf,
                         const struct news *news)
{
    struct str rest = str_from(news->coins), coin;
    const char *separator = "";
    strbuf_append_text(json, ",\"coins\":[");
    while (news->has_coins && str_split(&rest, ',', &coin)) {
        strbuf_append_text(json, separator);
        strbuf_append_json_string(json, news_shelf_ticker(shelf, coin));
        separator = ",";
    }
    strbuf_append_char(json, ']');
}

static bool is_link(struct str url)
{
    return (str_starts_with(url, "http://") || str_starts_with(url, "https://")) &&
           news_url_valid(url);
}

static void append_item(struct strbuf *json, const struct news_shelf *shelf,
                        const struct news_item *item)
{
    const struct news *news = &item->news;
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(news->published_ns, time);
    strbuf_append_text(json, "{\"id\":");
    strbuf_append_json_string(json, str_from(news->news_id));
    strbuf_append_format(json, ",\"time\":\"%s\",\"dated\":%s,\"title\":", time,
                         news->dated ? "true" : "false");
    strbuf_append_json_string(json, text_arena_at(&item->texts, news->title));
    struct str url = text_arena_at(&item->texts, news->url);
    strbuf_append_text(json, ",\"url\":");
    if (news->has_url && is_link(url)) {
        strbuf_append_json_string(json, url);
    } else {
        strbuf_append_text(json, "null");
    }
    strbuf_append_text(json, ",\"source\":");
    strbuf_append_json_string(json, str_from(news->source));
    append_coins(json, shelf, news);
    strbuf_append_text(json, ",\"votes\":");
    if (news->has_votes) {
        strbuf_append_int64(json, news->votes);
    } else {
        strbuf_append_text(json, "null");
    }
    strbuf_append_text(json, ",\"score\":");
    strbuf_append_json_double(json, news->has_score ? news->score : NAN);
    bool synthetic = record_made_up(str_from(news->source)) != NULL;
    strbuf_append_format(json, ",\"synthetic\":%s}", synthetic ? "true" : "false");
}

/* Appends from where the next question continues, or null if nothing is left. */
static void append_next(struct strbuf *json, const struct reading *reading, size_t shown)
{
    bool more = shown < reading->shelf.count || reading->seen_from_ns > reading->first_ns;
    char next[CLOCK_TEXT_SIZE];
    /* If the shelf is full, the next page begins after the last item that is shown; otherwise all
     * of the span was seen. */
    bool full = news_shelf_full(&reading->shelf);
    clock_format_rfc3339(full && shown > 0 ? reading->shelf.items[shown - 1]->news.time_ns
                                           : reading->seen_from_ns,
                         next);
    strbuf_append_format(json, more ? "],\"next\":\"%s\"" : "],\"next\":null", next);
}

static void append_providers(struct strbuf *json, const struct reading *reading)
{
    const char *separator = "";
    strbuf_append_text(json, ",\"providers\":[");
    for (size_t i = 0; i < reading->source_count; i++) {
        const struct provider *provider = provider_of(str_from(reading->sources[i].series));
        if (provider != NULL) {
            strbuf_append_text(json, separator);
            provider_to_json(provider, json);
            separator = ",";
        }
    }
    strbuf_append_text(json, "]}");
}

static void append_answer(struct strbuf *json, const struct reading *reading)
{
    size_t shown = news_shelf_page(&reading->shelf);
    strbuf_append_text(json, "{\"news\":[");
    for (size_t i = 0; i < shown; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_item(json, &reading->shelf, reading->shelf.items[i]);
    }
    append_next(json, reading, shown);
    append_providers(json, reading);
}

bool news_to_json(struct store *store, const struct assets *assets,
                  const struct web_news_wanted *wanted, struct strbuf *json, struct error *error)
{
    struct reading reading = {.store = store};
    if (!news_shelf_init(&reading.shelf, assets, wanted->coins, wanted->limit)) {
        return error_set(error, ERROR_RETRY, "no memory for the news");
    }
    bool read = list_sources(&reading, error) &&
                (reading.source_count == 0 || read_newest(&reading, wanted->before_ns, error));
    if (read) {
        append_answer(json, &reading);
    }
    news_shelf_free(&reading.shelf);
    free(reading.sources);
    return read;
}
