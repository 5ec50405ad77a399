/*
 * The source of feeds. Each feed has its own schedule; a call of `next` sends at most one request.
 * What decides is pure (feed_news.h, news_intake.h, service_schedule.h); here are the socket, the
 * clock and the log.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "base/stop.h"
#include "source/news/feed_news.h"
#include "source/news/feed_url.h"
#include "source/service/poll_floor.h"
#include "source/service/service_schedule.h"
#include "source/sources.h"

enum {
    BODY_LIMIT = 16 << 20, /* counted after decompression */
    TIMEOUT_MS = 30000,
    WAIT_MS = 200, /* at most, in one call of `next` (source.h, `pushed`) */
    HOPS_MAX = 5,  /* redirects in a row that are followed */
    TROUBLE_SIZE = 256,
    FAILED_MOST_MS = 3600000, /* the longest wait after a failure that asks for none */
};

struct feed {
    char host[NEWS_SOURCE_MAX + 1]; /* of its first address: the source of its records */
    struct feed_url url;            /* where it is: the first address, or where 301 led to. Only
                                       the source's thread writes it, under the lock */
    struct feed_url next;           /* where to ask now; other than `url` after a 302 */
    struct http_client *client;     /* of `next`; NULL: to be made */
    int hops;
    char etag[256], last_modified[64];
    struct service_schedule schedule;
    bool gone;     /* 410: never to be asked again */
    bool answered; /* an answer has come before: what is new in the next one is news of now */
    char trouble[TROUBLE_SIZE]; /* "": none */
    char flaw[TROUBLE_SIZE];    /* the flaw of its XML that was logged last */
};

struct rss {
    struct rss_config config;
    struct feed feeds[RSS_FEEDS_MAX];
    size_t count;
    struct news_intake intake;
    struct http_response response;
    pthread_mutex_t lock; /* protects the figures below, and the feeds' `url` and `trouble` */
    int64_t requests, not_modified, failures, changed;
};

static void destroy(void *state)
{
    struct rss *rss = state;
    for (size_t i = 0; i < rss->count; i++) {
        http_client_destroy(rss->feeds[i].client);
    }
    news_intake_free(&rss->intake);
    assets_destroy(rss->config.assets);
    http_response_free(&rss->response);
    pthread_mutex_destroy(&rss->lock);
    free(rss);
}

static void count(struct rss *rss, int64_t *figure, int64_t amount)
{
    pthread_mutex_lock(&rss->lock);
    *figure += amount;
    pthread_mutex_unlock(&rss->lock);
}

static void set_trouble(struct rss *rss, struct feed *feed, const char *text)
{
    pthread_mutex_lock(&rss->lock);
    bool before = feed->trouble[0] != '\0';
    (void)snprintf(feed->trouble, sizeof feed->trouble, "%.255s", text);
    pthread_mutex_unlock(&rss->lock);
    if (text[0] != '\0' && !before) {
        log_warn("feed_failed", log_text("feed", feed->url.shown), log_text("reason", text));
    } else if (text[0] == '\0' && before) {
        log_info("feed_back", log_text("feed", feed->url.shown));
    }
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct rss *rss = state;
    const struct news *news = record;
    bool ours = false;
    for (size_t i = 0; kind == &news_kind && i < rss->count; i++) {
        ours = ours || strcmp(news->source, rss->feeds[i].host) == 0;
    }
    return !ours || news_intake_tell(&rss->intake, news, texts);
}

/* Sets where to ask next. */
static void head_for(struct feed *feed, const struct feed_url *url)
{
    if (strcmp(url->base, feed->next.base) != 0) { /* another server */
        http_client_destroy(feed->client);
        feed->client = NULL;
    }
    feed->next = *url;
}

static bool connect_to(struct rss *rss, struct feed *feed, struct error *error)
{
    if (feed->client == NULL) {
        feed->client =
            http_client_create(&(struct http_client_config){.base_url = feed->next.base,
                                                            .option = "--source",
                                                            .timeout_ms = TIMEOUT_MS,
                                                            .body_limit_bytes = BODY_LIMIT,
                                                            .ca_file = rss->config.ca_file,
                                                            .stop = rss->config.stop},
                               error);
    }
    return feed->client != NULL;
}

/* Follows a redirect with the next request: for good after 301 and 308, else just now. */
static bool follow(struct rss *rss, struct feed *feed, struct error *error)
{
    const struct http_response *response = &rss->response;
    struct feed_url target;
    bool for_good = response->status == 301 || response->status == 308;
    if (!feed_url_parse(strbuf_str(&response->target), &target, error)) {
        return error_set(error, ERROR_RETRY, "it answers %ld, a redirect to nowhere",
                         response->status);
    }
    if (!feed_url_leads_to(&feed->next, &target, error)) {
        return false;
    }
    if (++feed->hops > HOPS_MAX) {
        return error_set(error, ERROR_RETRY, "more than %d redirects in a row", HOPS_MAX);
    }
    /* After a temporary redirect all later ones of this request are temporary, too. */
    for_good = for_good && strcmp(feed->next.text, feed->url.text) == 0;
    head_for(feed, &target);
    if (for_good) {
        log_info("feed_moved", log_text("feed", feed->url.shown), log_text("to", target.shown));
        pthread_mutex_lock(&rss->lock);
        feed->url = target;
        pthread_mutex_unlock(&rss->lock);
    }
    feed->etag[0] = feed->last_modified[0] = '\0'; /* these belong to the former address */
    feed->schedule.due_ns = 0;
    return true;
}

static bool explain(struct feed *feed, const struct http_response *response, struct error *error)
{
    long status = response->status;
    if (status == 410) {
        feed->gone = true;
        return error_set(error, ERROR_RETRY,
                         "it answers 410: it is gone for good and is not asked again; take it out "
                         "of --source");
    }
    const char *why = status == 429                    ? "it is asked too often"
                      : status == 404                  ? "there is no feed at this address"
                      : status == 401 || status == 403 ? "it does not let us read it"
                      : status >= 500                  ? "the server is in trouble"
                                                       : "not an answer that a feed gives";
    (void)error_set(error, ERROR_RETRY, "it answers %ld: %s", status, why);
    error->retry_after_ms = response->retry_after_ms;
    return false;
}

/* Keeps the validators of a whole answer. After a broken one there are none: its rest is still to
 * come. */
static void keep_validators(struct feed *feed, const struct http_response *response, bool whole)
{
    (void)str_copy(str_from(whole ? response->etag : ""), feed->etag, sizeof feed->etag);
    (void)str_copy(str_from(whole ? response->last_modified : ""), feed->last_modified,
                   sizeof feed->last_modified);
}

static void log_flaw(struct feed *feed, const char *flaw)
{
    if (flaw[0] != '\0' && strcmp(flaw, feed->flaw) != 0) {
        log_warn("feed_broken", log_text("feed", feed->url.shown), log_text("reason", flaw),
                 log_text("meaning", "the items before it are taken"));
    }
    (void)str_copy(str_from(flaw), feed->flaw, sizeof feed->flaw);
}

static bool read_items(struct rss *rss, struct feed *feed, struct source_batch *batch,
                       struct row_counts *counts, struct error *error)
{
    struct feed_result result;
    const struct feed_answer answer = {.body = strbuf_str(&rss->response.body),
                                       .content_type = str_from(rss->response.content_type),
                                       .host = feed->host,
                                       .now_ns = rss->config.wall_ns()};
    int64_t changed = rss->intake.changed;
    if (!feed_news_read(&answer, &rss->intake, batch, counts, &result, error)) {
        batch->count = 0;
        return false;
    }
    for (size_t i = 0; feed->answered && i < batch->count; i++) {
        batch->arrived_ns[i] = answer.now_ns;
    }
    changed = rss->intake.changed - changed;
    if (changed > 0) {
        count(rss, &rss->changed, changed);
        log_info("news_changed", log_text("feed", feed->url.shown), log_int("items", changed));
    }
    log_flaw(feed, result.trouble);
    keep_validators(feed, &rss->response, result.trouble[0] == '\0');
    feed->answered = true;
    return true;
}

static bool take_answer(struct rss *rss, struct feed *feed, struct source_batch *batch,
                        struct row_counts *counts, struct error *error)
{
    const struct http_response *response = &rss->response;
    if (response->status == 304) {
        count(rss, &rss->not_modified, 1);
        return true;
    }
    if (response->status == 200) {
        return read_items(rss, feed, batch, counts, error);
    }
    return explain(feed, response, error);
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Sends the feed's request. Returns false with `error` filled if there is no answer of use. */
static bool ask(struct rss *rss, struct feed *feed, struct source_batch *batch,
                struct row_counts *counts, struct error *error)
{
    const struct http_request request = {
        .path = feed_url_path(&feed->next),
        .accept = "application/rss+xml, application/atom+xml, application/rdf+xml, "
                  "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
        .if_none_match = feed->etag,
        .if_modified_since = feed->last_modified,
    };
    count(rss, &rss->requests, 1);
    if (!connect_to(rss, feed, error) ||
        !http_client_send(feed->client, &request, &rss->response, error)) {
        return false;
    }
    int64_t now_ns = clock_monotonic_ns();
    if (is_redirect(rss->response.status)) {
        return follow(rss, feed, error);
    }
    if (!take_answer(rss, feed, batch, counts, error)) {
        return false;
    }
    service_schedule_answered(&feed->schedule, now_ns);
    feed->hops = 0;
    head_for(feed, &feed->url);
    set_trouble(rss, feed, "");
    return true;
}

static struct feed *most_urgent(struct rss *rss)
{
    struct feed *urgent = NULL;
    for (size_t i = 0; i < rss->count; i++) {
        struct feed *feed = &rss->feeds[i];
        if (!feed->gone && (urgent == NULL || feed->schedule.due_ns < urgent->schedule.due_ns)) {
            urgent = feed;
        }
    }
    return urgent;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct rss *rss = state;
    struct feed *feed = most_urgent(rss);
    source_batch_begin(batch, &news_kind, true);
    if (feed == NULL) {
        (void)error_set(error, ERROR_FATAL,
                        "each of the feeds answers 410: gone for good; name others with --source");
        return SOURCE_ERROR;
    }
    int64_t left_ns = feed->schedule.due_ns - clock_monotonic_ns();
    if (left_ns > 0) {
        int64_t left_ms = left_ns / NS_PER_MS + 1;
        (void)stop_wait_ms(rss->config.stop, left_ms < WAIT_MS ? left_ms : WAIT_MS);
        return SOURCE_BATCH;
    }
    struct error failure = {.kind = ERROR_NONE};
    if (ask(rss, feed, batch, counts, &failure)) {
        return SOURCE_BATCH;
    }
    if (failure.kind == ERROR_FATAL) {
        *error = failure;
        return SOURCE_ERROR;
    }
    if (stop_requested(rss->config.stop)) {
        return SOURCE_BATCH; /* the stop may have interrupted the request: this is no failure */
    }
    feed->hops = 0;
    head_for(feed, &feed->url);
    service_schedule_failed(&feed->schedule, clock_monotonic_ns(), failure.retry_after_ms);
    count(rss, &rss->failures, 1);
    set_trouble(rss, feed, failure.text);
    return SOURCE_BATCH;
}

static void report(void *state, struct source_report *report)
{
    struct rss *rss = state;
    size_t failing = 0;
    char text[TROUBLE_SIZE + FEED_URL_SHOWN] = "";
    pthread_mutex_lock(&rss->lock);
    for (size_t i = 0; i < rss->count; i++) {
        if (rss->feeds[i].trouble[0] != '\0' && failing++ == 0) {
            (void)snprintf(text, sizeof text, "%.120s: %s", rss->feeds[i].url.shown,
                           rss->feeds[i].trouble);
        }
    }
    char *to = failing == rss->count ? report->trouble : report->notice;
    (void)snprintf(to, sizeof report->trouble, "%.255s", text);
    report->requests = rss->requests;
    report->request_errors = rss->failures;
    source_report_add(report, "feeds_not_modified", "Answers that nothing has changed (304).", true,
                      rss->not_modified);
    source_report_add(report, "feeds_failing", "Feeds whose last request failed.", false,
                      (int64_t)failing);
    source_report_add(report, "news_changed", "Titles that have changed since they were sent.",
                      true, rss->changed);
    pthread_mutex_unlock(&rss->lock);
}

static bool interval_allowed(const struct rss *rss, struct error *error)
{
    static const struct poll_floor floor = {
        "rss", 300 * NS_PER_SECOND,
        "servers of feeds give the same answer for minutes, and lock out who asks more often"};
    bool allowed = true;
    for (size_t i = 0; allowed && i < rss->count; i++) {
        allowed = poll_floor_check(&floor, rss->config.interval_ns, rss->feeds[i].url.text, error);
    }
    return allowed;
}

static bool add_feed(struct rss *rss, struct str text, struct error *error)
{
    if (rss->count == RSS_FEEDS_MAX) {
        return error_set(error, ERROR_USAGE, "more than %d feeds", RSS_FEEDS_MAX);
    }
    struct feed *feed = &rss->feeds[rss->count];
    if (!feed_url_parse(text, &feed->url, error)) {
        return false;
    }
    for (size_t i = 0; i < rss->count; i++) {
        if (strcmp(rss->feeds[i].url.text, feed->url.text) == 0) {
            return error_set(error, ERROR_USAGE, "%.100s is named twice", feed->url.shown);
        }
    }
    (void)str_copy(str_from(feed->url.host), feed->host, sizeof feed->host);
    feed->schedule =
        service_schedule_new(rss->config.interval_ns, FAILED_MOST_MS, random_from_system());
    rss->count++;
    head_for(feed, &feed->url);
    return connect_to(rss, feed, error);
}

static bool add_feeds(struct rss *rss, const char *urls, struct error *error)
{
    struct str rest = str_from(urls), piece;
    while (str_split(&rest, ',', &piece)) {
        piece = str_trim(piece);
        if (str_starts_with(piece, "rss:")) { /* rss:URL,rss:URL */
            piece = (struct str){.data = piece.data + 4, .length = piece.length - 4};
        }
        bool added = str_equal_text(piece, "default") ? add_feeds(rss, feed_url_defaults, error)
                                                      : add_feed(rss, piece, error);
        if (!added) {
            return false;
        }
    }
    return rss->count > 0 || error_set(error, ERROR_USAGE, "no feed is named");
}

struct source *rss_source_create(const struct rss_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct rss *rss = calloc(1, sizeof *rss);
    if (source == NULL || rss == NULL) {
        free(source);
        free(rss);
        assets_destroy(config->assets);
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        return NULL;
    }
    rss->config = *config;
    rss->intake.max_age_ns = config->max_age_ns;
    rss->intake.assets = config->assets;
    pthread_mutex_init(&rss->lock, NULL);
    if (rss->config.wall_ns == NULL) {
        rss->config.wall_ns = clock_wall_ns;
    }
    if (!add_feeds(rss, config->urls, error) || !interval_allowed(rss, error)) {
        destroy(rss);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = "rss",
                              .kind = &news_kind,
                              .live = true,
                              .pushed = true,
                              .told_all = true,
                              .state = rss,
                              .tell = tell,
                              .next = next,
                              .report = report,
                              .destroy = destroy};
    return source;
}
