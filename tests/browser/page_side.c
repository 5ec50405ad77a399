#include "page_side.h"

#include "base/clock.h"

enum { PROOF_MS = 1000, PROOF_EVERY_MS = 60000, MINUTE_S = 60 };

/* What happened, in seconds since the page's start, the newest first. `begin` and `end` of NONE are
 * null. The real API would not give out the words of the first two; the page trusts nobody. */
#define NONE INT32_MAX
static const struct {
    const char *subject, *what, *source;
    int at_s, begin_s, end_s, number;
    const char *detail;
} happened[] = {
    {"<img src=x onerror=\"window.hacked=1\">", "<b>drill</b>", "x", 125, NONE, NONE, NONE,
     "<script>window.hacked=1</script> \xe2\x80\xaeseidob"},
    {"&lt;i&gt; {{subject}}", "odd_word", "x", 124, NONE, NONE, NONE, "javascript:window.hacked=1"},
    {"demo-2", "assigned", "demo", 122, NONE, NONE, 5, "tickers 3,4,5"},
    {"demo-1", "revoked", "demo", 120, NONE, NONE, 5, "tickers 3,4,5"},
    {"demo-2", "member_back", "page", 119, NONE, NONE, NONE, NULL},
    {"demo-1", "assigned", "demo", 101, NONE, NONE, 4, "tickers 3,4,5"},
    {"demo-2", "member_away", "page", 95, NONE, NONE, NONE, NULL},
    {"demo-2", "assigned", "demo", 32, NONE, NONE, 3, "tickers 3,4,5"},
    {"demo-1", "revoked", "demo", 30, NONE, NONE, 3, "tickers 3,4,5"},
    {"tBTCUSD", "hole_closed", "bitfinex-trades", -300, -600, -330, 0, "exchange_has_no_more"},
    {"tETHUSD", "hole", "bitfinex-trades", -590, -600, NONE, 17, "connection lost"},
    {"tBTCUSD", "hole", "bitfinex-trades", -590, -600, NONE, 17, "connection lost"},
    {"broker/2", "broker_back", "page", -38 * MINUTE_S, NONE, NONE, NONE, NULL},
    {"kill-broker", "drill", "event", -38 * MINUTE_S, NONE, NONE, NONE, "end"},
    {"broker/2", "broker_away", "page", -40 * MINUTE_S, NONE, NONE, NONE, NULL},
    {"kill-broker", "drill", "event", -41 * MINUTE_S, NONE, NONE, NONE, "begin"},
    {"synthetic", "started", "synthetic", -217 * MINUTE_S, NONE, NONE, NONE, NULL},
    {"synthetic", "ended", "synthetic", -229 * MINUTE_S, NONE, NONE, NONE, NULL},
};
enum { HAPPENED = sizeof happened / sizeof happened[0] };

static bool fails(const struct page *page, struct error *error)
{
    return page->mode == MODE_FAILING &&
           !error_set(error, ERROR_RETRY, "the store at http://127.0.0.1:8181 does not answer");
}

static int64_t moment_ns(const struct page *page, int since_start_s)
{
    return page->start_ms * NS_PER_MS + since_start_s * NS_PER_SECOND;
}

static void append_time(struct strbuf *json, const char *name, int64_t time_ns)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, time);
    strbuf_append_format(json, "\"%s\":\"%s\"", name, time);
}

static void append_moment(const struct page *page, struct strbuf *json, const char *name, int at_s)
{
    if (at_s == NONE) {
        strbuf_append_format(json, "\"%s\":null", name);
    } else {
        append_time(json, name, moment_ns(page, at_s));
    }
}

static void append_event(const struct page *page, struct strbuf *json, size_t index)
{
    strbuf_append_text(json, "{\"subject\":");
    strbuf_append_json_string(json, str_from(happened[index].subject));
    strbuf_append_json_member(json, "what", happened[index].what);
    strbuf_append_json_member(json, "source", happened[index].source);
    strbuf_append_json_member(json, "detail", happened[index].detail);
    strbuf_append_char(json, ',');
    append_moment(page, json, "time", happened[index].at_s);
    strbuf_append_char(json, ',');
    append_moment(page, json, "begin", happened[index].begin_s);
    strbuf_append_char(json, ',');
    append_moment(page, json, "end", happened[index].end_s);
    strbuf_append_format(json,
                         happened[index].number == NONE ? ",\"number\":null}" : ",\"number\":%d}",
                         happened[index].number);
}

/* The source listened for seven hours, but not for twelve minutes (tape.h). */
static void append_covered(const struct page *page, struct strbuf *json)
{
    static const char *const sources[] = {"synthetic/0", "bitfinex-trades/0"};
    static const int spans[][2] = {{-420 * MINUTE_S, -229 * MINUTE_S}, {-217 * MINUTE_S, NONE}};
    const char *separator = "{";
    for (size_t i = 0; i < 4; i++) {
        const int *span = spans[i % 2];
        strbuf_append_format(json, "%s\"source\":\"%s\",", separator, sources[i / 2]);
        append_moment(page, json, "from", span[0]);
        strbuf_append_char(json, ',');
        append_time(json, "to", span[1] == NONE ? clock_wall_ns() : moment_ns(page, span[1]));
        strbuf_append_text(json, ",\"every_ms\":5000}");
        separator = ",{";
    }
}

bool page_history(void *context, const struct web_history_wanted *wanted, struct strbuf *json,
                  struct error *error)
{
    const struct page *page = context;
    bool some = page->mode != MODE_EMPTY && page->mode != MODE_REPLAY;
    const char *separator = "";
    if (fails(page, error)) {
        return false;
    }
    strbuf_append_text(json, "{\"events\":[");
    for (size_t i = 0; some && i < HAPPENED && i < wanted->limit; i++) {
        if (moment_ns(page, happened[i].at_s) >= wanted->from_ns) {
            strbuf_append_text(json, separator);
            append_event(page, json, i);
            separator = ",";
        }
    }
    strbuf_append_text(json, "],\"next\":null,\"since\":null,\"before\":[");
    if (some) {
        strbuf_append_text(json,
                           "{\"subject\":\"demo-1\",\"what\":\"assigned\",\"source\":\"demo\","
                           "\"begin\":null,\"end\":null,\"number\":1,\"detail\":\"tickers "
                           "0,1,2,3,4,5\",");
        append_moment(page, json, "time", -421 * MINUTE_S);
        strbuf_append_char(json, '}');
    }
    strbuf_append_text(json, "],\"covered\":[");
    if (some) {
        append_covered(page, json);
    }
    strbuf_append_text(json, "],");
    append_moment(page, json, "covered_since", -421 * MINUTE_S);
    strbuf_append_char(json, '}');
    return true;
}

bool page_compare(void *context, const struct web_candles_wanted *wanted, struct strbuf *json,
                  struct error *error)
{
    (void)wanted;
    if (fails(context, error)) {
        return false;
    }
    strbuf_append_text(json, "{\"coin\":\"tBTCUSD\",\"source\":\"bitfinex\",\"interval\":\"5m\","
                             "\"pairs\":[{\"ours\":\"trades\",\"theirs\":\"bars\",\"judged\":true,"
                             "\"candles\":70,\"both\":70,\"equal\":68,\"only_ours\":0,"
                             "\"only_theirs\":0,\"whole\":68,\"volumes_off\":0,\"median_bp\":1.5,"
                             "\"worst_bp\":2,\"reasons\":{\"hole\":2,\"late_trade\":0},"
                             "\"differences\":[]}]}");
    return true;
}

/* Returns how long ago the last proof was started, in ms; negative: never. */
static int64_t since_proof(const struct page *page)
{
    int64_t at_ms = atomic_load(&page->proof_ms);
    return at_ms == 0 ? -1 : clock_wall_ns() / NS_PER_MS - at_ms;
}

/* The page must show the words of a stream as text. */
static void append_proof(const struct page *page, int64_t age_ms, struct strbuf *json)
{
    bool faulty = page->mode == MODE_STREAMS;
    append_time(json, "ended", clock_wall_ns() - age_ms * NS_PER_MS);
    strbuf_append_format(
        json,
        ",\"age_s\":%lld,\"took_ms\":1234,\"balanced\":%s,\"words\":\"The books of %d of 2 topics "
        "balance.\",\"streams\":[{\"stream\":\"ticker\",\"topic\":\"tickers\",\"balanced\":true,"
        "\"verdict\":\"The books balance: 4000 ticks of the log are in the store.\","
        "\"not_looked_at\":\" Not looked at: "
        "<b>x</b>.\",\"log\":4000,\"stored\":4000,\"missing\":0,"
        "\"unexpected\":0,\"former\":0,\"differing\":0,\"older\":0,\"conflicting\":0,\"series\":["
        "{\"coin\":\"tBTCUSD\",\"log\":4000,\"stored\":4000,\"missing\":0,\"unexpected\":0,"
        "\"former\":0,\"differing\":0,\"older\":0,\"conflicting\":0}],\"more_series\":0},"
        "{\"stream\":\"trade\",\"topic\":\"<img src=x onerror=window.hacked=1>\",\"balanced\":%s,"
        "\"verdict\":\"<script>window.hacked=1</script>\",\"not_looked_at\":\"\",\"log\":12,"
        "\"stored\":%d,\"missing\":%d,\"unexpected\":0,\"former\":0,\"differing\":0,\"older\":0,"
        "\"conflicting\":0,\"series\":[{\"coin\":\"<i>\",\"source\":\"bitfinex\",\"log\":12,"
        "\"stored\":%d,\"missing\":%d,\"unexpected\":0,\"former\":0,\"differing\":0,\"older\":0,"
        "\"conflicting\":0}],\"more_series\":3}]",
        (long long)(age_ms / 1000), faulty ? "false" : "true", faulty ? 1 : 2,
        faulty ? "false" : "true", faulty ? 10 : 12, faulty ? 2 : 0, faulty ? 10 : 12,
        faulty ? 2 : 0);
}

bool page_verify(void *context, struct strbuf *json, struct error *error)
{
    (void)error;
    const struct page *page = context;
    int64_t gone_ms = since_proof(page);
    bool running = gone_ms >= 0 && gone_ms < PROOF_MS;
    int64_t left_ms = gone_ms < 0 ? 0 : PROOF_EVERY_MS - gone_ms;
    strbuf_append_format(json, "{\"state\":\"%s\",\"again_in_s\":%lld,\"progress\":%s,",
                         gone_ms < 0 ? "never"
                         : running   ? "running"
                                     : "done",
                         (long long)(left_ms > 0 ? (left_ms + 999) / 1000 : 0),
                         running ? "\"reading the log: 5 of 4012 messages of tickers\"" : "null");
    if (gone_ms < PROOF_MS) {
        strbuf_append_text(json, "\"ended\":null,\"age_s\":null,\"took_ms\":null,\"balanced\":null,"
                                 "\"words\":null,\"streams\":[]");
    } else {
        append_proof(page, gone_ms - PROOF_MS, json);
    }
    strbuf_append_char(json, '}');
    return true;
}

bool page_verify_start(void *context, int *wait_s, struct strbuf *json, struct error *error)
{
    struct page *page = context;
    int64_t gone_ms = since_proof(page);
    *wait_s = gone_ms >= 0 && gone_ms < PROOF_EVERY_MS
                  ? (int)((PROOF_EVERY_MS - gone_ms + 999) / 1000)
                  : 0;
    if (*wait_s > 0) {
        return true;
    }
    atomic_store(&page->proof_ms, clock_wall_ns() / NS_PER_MS);
    return page_verify(page, json, error);
}
