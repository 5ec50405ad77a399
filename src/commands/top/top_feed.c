#include "commands/top/top_feed.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/http/http_client.h"

enum {
    TIMEOUT_MS = 3000,
    MARKETS_EVERY_MS = 3000, /* the page computes them at most so often */
    STATUS_EVERY_MS = 1000,
    CANDLES_EVERY_MS = 2000,
    BODY_LIMIT = 16 << 20,
    PATH_LIMIT = 1024,
};

struct top_feed {
    struct top_feed_config config;
    struct http_client *client; /* only the thread uses it */
    int wished;                 /* an eventfd: the wish has changed */
    pthread_t thread;
    pthread_mutex_t lock; /* protects what follows */
    struct top_wish wish;
    struct top_answers answers;
};

/* A request of one kind, and when it is to be sent next. */
enum question { ASK_MARKETS, ASK_STATUS, ASK_CANDLES, QUESTIONS };
static const int every_ms[QUESTIONS] = {MARKETS_EVERY_MS, STATUS_EVERY_MS, CANDLES_EVERY_MS};

static bool same_wish(const struct top_wish *left, const struct top_wish *right)
{
    return strcmp(left->coin, right->coin) == 0 && strcmp(left->of, right->of) == 0 &&
           strcmp(left->source, right->source) == 0 && left->interval_ns == right->interval_ns &&
           left->most == right->most;
}

static struct top_wish wish_of(struct top_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    struct top_wish wish = feed->wish;
    pthread_mutex_unlock(&feed->lock);
    return wish;
}

/* Appends the path of the request. Ticks have one source a coin, so theirs is not named. */
static void append_path(struct strbuf *path, enum question question, const struct top_wish *wish)
{
    static const char *const paths[QUESTIONS] = {"/api/markets", "/api/status", "/api/candles"};
    strbuf_append_text(path, paths[question]);
    if (question == ASK_CANDLES) {
        char interval[CLOCK_TEXT_SIZE];
        bool named = strcmp(wish->of, "ticker") != 0 && wish->source[0] != '\0';
        candle_interval_format(wish->interval_ns, interval);
        strbuf_append_text(path, "?coin=");
        http_append_escaped(path, str_from(wish->coin));
        strbuf_append_text(path, "&of=");
        http_append_escaped(path, str_from(wish->of));
        strbuf_append_text(path, named ? "&source=" : "");
        http_append_escaped(path, str_from(named ? wish->source : ""));
        strbuf_append_format(path, "&interval=%s&limit=%d", interval, wish->most);
    }
}

/* Replaces the kept markets or status. Returns false if the answer is none. */
static bool keep_answer(struct top_feed *feed, enum question question, const json_t *answer)
{
    struct top_markets markets = {0};
    struct top_status status = {0};
    if (question == ASK_MARKETS) {
        bool read = top_markets_parse(answer, &markets);
        pthread_mutex_lock(&feed->lock);
        struct top_markets before = feed->answers.markets;
        feed->answers.markets = read ? markets : before;
        pthread_mutex_unlock(&feed->lock);
        top_markets_free(read ? &before : &markets);
        return read;
    }
    /* Only this thread changes the status, so it may be read without the lock. */
    bool read = top_status_parse(answer, &feed->answers.status, &status);
    pthread_mutex_lock(&feed->lock);
    struct top_status before = feed->answers.status;
    feed->answers.status = read ? status : before;
    pthread_mutex_unlock(&feed->lock);
    top_status_free(read ? &before : &status);
    return read;
}

static void keep_candles(struct top_feed *feed, const struct top_wish *wish, const json_t *answer,
                         const char *refused)
{
    struct candle_list candles = {0};
    if (refused[0] == '\0' && !top_candles_parse(answer, &candles)) {
        candle_list_free(&candles);
        refused = "the page's answer has no candles";
    }
    pthread_mutex_lock(&feed->lock);
    struct candle_list before = feed->answers.candles;
    feed->answers.candles = candles;
    feed->answers.candles_of = *wish;
    (void)str_copy(str_from(refused), feed->answers.candles_refused,
                   sizeof feed->answers.candles_refused);
    pthread_mutex_unlock(&feed->lock);
    candle_list_free(&before);
}

/* Remembers whether the page answers: `why` is NULL if it did. */
static void keep_away(struct top_feed *feed, const char *why)
{
    pthread_mutex_lock(&feed->lock);
    struct top_answers *answers = &feed->answers;
    if (why == NULL) {
        answers->away_since_ns = 0;
    } else if (answers->away_since_ns == 0) {
        answers->away_since_ns = clock_wall_ns();
    }
    (void)str_copy(str_from(why != NULL ? why : ""), answers->away_why, sizeof answers->away_why);
    pthread_mutex_unlock(&feed->lock);
}

/* Handles an answer that came. An answer to a question about candles that is an error is told where
 * they would be: the page has no bars of that interval, or no such coin any more. */
static void take(struct top_feed *feed, enum question question, const struct top_wish *wish,
                 const struct http_response *response)
{
    struct str body = strbuf_str(&response->body);
    json_t *answer = json_loadb(body.data, body.length, 0, NULL);
    char status[64];
    (void)snprintf(status, sizeof status, "the page answers with status %ld", response->status);
    if (question == ASK_CANDLES) {
        const char *said = json_string_value(json_object_get(answer, "error"));
        keep_candles(feed, wish, answer,
                     response->status == 200 ? ""
                     : said != NULL          ? said
                                             : status);
        keep_away(feed, NULL);
    } else if (response->status != 200) {
        keep_away(feed, status);
    } else {
        keep_away(feed, keep_answer(feed, question, answer)
                            ? NULL
                            : "what answers there is not a page of candlewick");
    }
    json_decref(answer);
}

static void ask(struct top_feed *feed, enum question question)
{
    struct error error = {0};
    struct strbuf path = strbuf_new(PATH_LIMIT);
    const struct top_wish wish = wish_of(feed);
    append_path(&path, question, &wish);
    struct http_request request = {.path = strbuf_text(&path)};
    struct http_response response = {0};
    if (question != ASK_CANDLES || wish.coin[0] != '\0') {
        if (http_client_send(feed->client, &request, &response, &error)) {
            take(feed, question, &wish, &response);
        } else if (!stop_requested(feed->config.stop)) {
            keep_away(feed, error.text);
        }
        feed->config.changed(feed->config.context);
    }
    http_response_free(&response);
    strbuf_free(&path);
}

static int64_t earliest(const int64_t due_ns[QUESTIONS])
{
    int64_t next_ns = due_ns[0];
    for (int i = 1; i < QUESTIONS; i++) {
        next_ns = due_ns[i] < next_ns ? due_ns[i] : next_ns;
    }
    return next_ns;
}

static void *ask_on(void *context)
{
    struct top_feed *feed = context;
    int64_t due_ns[QUESTIONS] = {0};
    while (!stop_requested(feed->config.stop)) {
        for (int i = 0; i < QUESTIONS && !stop_requested(feed->config.stop); i++) {
            eventfd_t changes = 0;
            bool wished = i == ASK_CANDLES && eventfd_read(feed->wished, &changes) == 0;
            if (wished || clock_monotonic_ns() >= due_ns[i]) {
                ask(feed, (enum question)i);
                due_ns[i] = clock_monotonic_ns() + every_ms[i] * NS_PER_MS;
            }
        }
        (void)stop_wait_fd(feed->config.stop, feed->wished, POLLIN, earliest(due_ns));
    }
    return NULL;
}

struct top_feed *top_feed_create(const struct top_feed_config *config, struct error *error)
{
    const struct http_client_config http = {.base_url = config->page,
                                            .option = "--page",
                                            .timeout_ms = TIMEOUT_MS,
                                            .connect_timeout_ms = TIMEOUT_MS,
                                            .body_limit_bytes = BODY_LIMIT,
                                            .stop = config->stop};
    struct top_feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    feed->config = *config;
    feed->wished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    feed->client = http_client_create(&http, error);
    pthread_mutex_init(&feed->lock, NULL);
    bool running = feed->client != NULL && feed->wished >= 0;
    if (running && pthread_create(&feed->thread, NULL, ask_on, feed) != 0) {
        running = false;
        error_set(error, ERROR_FATAL, "no thread to ask the page could be made");
    } else if (feed->wished < 0) {
        error_set(error, ERROR_FATAL, "no eventfd could be made");
    }
    if (!running) {
        feed->config.stop = NULL; /* there is no thread to wait for */
        top_feed_destroy(feed);
        return NULL;
    }
    return feed;
}

void top_feed_destroy(struct top_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    if (feed->config.stop != NULL) {
        pthread_join(feed->thread, NULL);
    }
    top_markets_free(&feed->answers.markets);
    top_status_free(&feed->answers.status);
    candle_list_free(&feed->answers.candles);
    http_client_destroy(feed->client);
    if (feed->wished >= 0) {
        (void)close(feed->wished);
    }
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

void top_feed_wish(struct top_feed *feed, const struct top_wish *wish)
{
    pthread_mutex_lock(&feed->lock);
    bool changed = !same_wish(&feed->wish, wish);
    feed->wish = *wish;
    pthread_mutex_unlock(&feed->lock);
    if (changed) {
        (void)eventfd_write(feed->wished, 1);
    }
}

const struct top_answers *top_feed_lock(struct top_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    return &feed->answers;
}

void top_feed_unlock(struct top_feed *feed)
{
    pthread_mutex_unlock(&feed->lock);
}
