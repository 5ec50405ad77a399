/* The source of CoinGecko: each call of `next` sends one GET /coins/markets. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "source/coingecko/coingecko_markets.h"
#include "source/coingecko/sent_ticks.h"
#include "source/sources.h"

#define KEY_FLOOR_NS (60 * NS_PER_SECOND)   /* how long the service caches its answers */
#define OPEN_FLOOR_NS (120 * NS_PER_SECOND) /* all programs at an address share the limit */

enum {
    PATH_LIMIT = COINGECKO_PAGE * (3 * RECORD_KEY_MAX + 3) + 200,
    BODY_LIMIT = 4 << 20,
    TIMEOUT_MS = 20000,
};

struct coingecko {
    struct http_client *client;
    struct http_response response;
    struct strbuf path;
    char *key;                /* NULL: none */
    const char *key_header;   /* of this host's kind of key */
    bool all;                 /* follows the first COINGECKO_PAGE coins by market cap */
    struct coin_table wanted; /* empty for `all` */
    bool *missing; /* by index in `wanted`: the last answer lacked the coin, which is logged once */
    size_t first;  /* the first coin of the next request */
    struct sent_ticks sent;
};

static void destroy(void *state)
{
    struct coingecko *gecko = state;
    http_client_destroy(gecko->client);
    http_response_free(&gecko->response);
    strbuf_free(&gecko->path);
    coin_table_free(&gecko->wanted);
    sent_ticks_free(&gecko->sent);
    secret_free(gecko->key);
    free(gecko->missing);
    free(gecko);
}

static bool tell(void *state, const struct record_kind *kind, const void *record,
                 const struct text_arena *texts)
{
    struct coingecko *gecko = state;
    const struct ticker *tick = record;
    (void)texts;
    return kind != &ticker_kind || strcmp(tick->source, COINGECKO_NAME) != 0 ||
           sent_ticks_keep(&gecko->sent, tick);
}

/* Returns the number of coins that the next request asks for. */
static size_t count_asked(const struct coingecko *gecko)
{
    size_t left = gecko->wanted.count - gecko->first;
    return left < COINGECKO_PAGE ? left : COINGECKO_PAGE;
}

static void write_path(struct coingecko *gecko)
{
    strbuf_clear(&gecko->path);
    strbuf_append_format(&gecko->path,
                         "/coins/markets?vs_currency=usd&order=market_cap_desc&per_page=%d&page=1"
                         "&precision=full",
                         COINGECKO_PAGE);
    for (size_t i = 0; i < count_asked(gecko); i++) {
        const char *name = gecko->wanted.coins[gecko->first + i].symbol;
        strbuf_append_text(&gecko->path, i == 0 ? "&ids=" : ",");
        http_append_escaped(&gecko->path, str_from(name + strlen(COINGECKO_PREFIX)));
    }
}

/* Keeps in the batch the ticks that were not sent before, and counts each tick. Returns false when
 * memory runs out. */
static bool choose(struct coingecko *gecko, struct source_batch *batch, struct row_counts *counts)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct ticker tick = *(const struct ticker *)source_batch_at(batch, i);
        enum row_fault fault = sent_ticks_look(&gecko->sent, &tick);
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        if (!sent_ticks_keep(&gecko->sent, &tick)) {
            return false;
        }
        counts->records++;
        *(struct ticker *)source_batch_at(batch, kept++) = tick;
    }
    batch->count = kept;
    return true;
}

/* Logs each coin of which the answer has no good row, once until it has one. The service leaves out
 * coins that it does not know. */
static void tell_missing(struct coingecko *gecko, const struct source_batch *batch)
{
    for (size_t i = 0; i < count_asked(gecko); i++) {
        size_t coin = gecko->first + i;
        const char *name = gecko->wanted.coins[coin].symbol;
        bool missing = true;
        for (size_t k = 0; missing && k < batch->count; k++) {
            const struct ticker *tick = source_batch_at(batch, k);
            missing = strcmp(tick->symbol, name) != 0;
        }
        if (missing && !gecko->missing[coin]) {
            log_warn("unknown_coin", log_text("source", COINGECKO_NAME), log_text("coin", name),
                     log_text("reason", "the answer has no price of it; still asked for"));
        }
        gecko->missing[coin] = missing;
    }
}

static enum source_next take_answer(struct coingecko *gecko, struct source_batch *batch,
                                    struct row_counts *counts, struct error *error)
{
    const struct coingecko_reply reply = {.status = gecko->response.status,
                                          .body = strbuf_str(&gecko->response.body),
                                          .retry_after_ms = gecko->response.retry_after_ms,
                                          .has_key = gecko->key != NULL};
    if (!coingecko_markets_read(&reply, gecko->all ? NULL : &gecko->wanted, batch, counts, error)) {
        (void)error_prefix(error, "%s", http_client_url(gecko->client));
        return SOURCE_ERROR;
    }
    tell_missing(gecko, batch);
    gecko->first += count_asked(gecko);
    gecko->first = gecko->first < gecko->wanted.count ? gecko->first : 0;
    if (!choose(gecko, batch, counts)) {
        batch->count = 0;
        (void)error_set(error, ERROR_FATAL, "no memory for the coins of %s", COINGECKO_NAME);
        return SOURCE_ERROR;
    }
    return SOURCE_BATCH;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct coingecko *gecko = state;
    source_batch_begin(batch, &ticker_kind, true);
    write_path(gecko);
    const struct http_request request = {.path = strbuf_text(&gecko->path),
                                         .accept = "application/json",
                                         .key_header = gecko->key_header,
                                         .key = gecko->key};
    if (!http_client_send(gecko->client, &request, &gecko->response, error) ||
        !http_client_refuse_redirect(gecko->client, &gecko->response, "--coingecko-url", error)) {
        return SOURCE_ERROR;
    }
    return take_answer(gecko, batch, counts, error);
}

static bool check_interval(const struct coingecko_config *config, struct error *error)
{
    int64_t floor_ns = config->key_file != NULL ? KEY_FLOOR_NS : OPEN_FLOOR_NS;
    return config->interval_ns >= floor_ns ||
           error_set(error, ERROR_USAGE, "--poll-interval coingecko=…: %lld s is too fast: %s",
                     (long long)(config->interval_ns / NS_PER_SECOND),
                     config->key_file != NULL
                         ? "CoinGecko's answers are the same for 60 s"
                         : "without a key CoinGecko allows a few requests a minute to an address: "
                           "120 s at least, or 60 s with --coingecko-key-file");
}

static bool read_coins(struct coingecko *gecko, const char *names, struct error *error)
{
    if (!coins_parse(names, &ticker_kind, &gecko->wanted, &gecko->all, error)) {
        return false;
    }
    for (size_t i = 0; i < gecko->wanted.count; i++) {
        const char *name = gecko->wanted.coins[i].symbol;
        if (!str_starts_with(str_from(name), COINGECKO_PREFIX) ||
            name[strlen(COINGECKO_PREFIX)] == '\0') {
            return error_set(error, ERROR_USAGE,
                             "%s is no coin of CoinGecko: its names are ids behind %s, such as "
                             "cg:bitcoin",
                             name, COINGECKO_PREFIX);
        }
    }
    gecko->missing = calloc(gecko->wanted.count + 1, sizeof *gecko->missing);
    return gecko->missing != NULL || error_set(error, ERROR_FATAL, "no memory for the coins");
}

/* A Pro key has a host and a header of its own. */
static bool read_key(struct coingecko *gecko, const struct coingecko_config *config,
                     struct error *error)
{
    bool pro = strstr(config->base_url, "//pro-api.") != NULL;
    gecko->key_header = pro ? "x-cg-pro-api-key" : "x-cg-demo-api-key";
    gecko->key = config->key_file != NULL ? secret_file_read_token(config->key_file, error) : NULL;
    return config->key_file == NULL || gecko->key != NULL;
}

static bool fill(struct coingecko *gecko, const struct coingecko_config *config,
                 struct error *error)
{
    gecko->path = strbuf_new(PATH_LIMIT);
    if (!check_interval(config, error) || !read_coins(gecko, config->coins, error) ||
        !read_key(gecko, config, error)) {
        return false;
    }
    gecko->client = http_client_create(&(struct http_client_config){.base_url = config->base_url,
                                                                    .option = "--coingecko-url",
                                                                    .timeout_ms = TIMEOUT_MS,
                                                                    .body_limit_bytes = BODY_LIMIT,
                                                                    .ca_file = config->ca_file,
                                                                    .stop = config->stop},
                                       error);
    return gecko->client != NULL;
}

struct source *coingecko_source_create(const struct coingecko_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct coingecko *gecko = calloc(1, sizeof *gecko);
    if (source == NULL || gecko == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
        free(gecko);
        free(source);
        return NULL;
    }
    if (!fill(gecko, config, error)) {
        destroy(gecko);
        free(source);
        return NULL;
    }
    *source = (struct source){.name = COINGECKO_NAME,
                              .kind = &ticker_kind,
                              .own_times = true,
                              .live = true,
                              .state = gecko,
                              .tell = tell,
                              .next = next,
                              .destroy = destroy};
    return source;
}
