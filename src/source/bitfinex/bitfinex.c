/* The live source: each call of `next` sends one GET /v2/tickers over a kept-alive connection. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text/strbuf.h"
#include "record/ticker.h"
#include "source/bitfinex/bitfinex_ask.h"
#include "source/bitfinex/bitfinex_pairs.h"
#include "source/bitfinex/bitfinex_parse.h"
#include "source/bitfinex/bitfinex_rest.h"
#include "source/sources.h"

enum {
    PATH_LIMIT = BITFINEX_PAIRS_MAX * (BITFINEX_SYMBOL_MAX + 1) + 100,
    NAMED_LIMIT = 500, /* bytes of coin names in one log line */
};

struct bitfinex {
    struct bitfinex_rest rest;
    bool all;
    struct coin_table wanted; /* empty when all coins are wanted */
    struct bitfinex_ask ask;
    bool *missing; /* by index in `wanted`: the last answer lacked the coin, which is logged once */
    bool empty;    /* the last answer to ALL had no row, which is logged once */
    struct strbuf names;
};

static void destroy(void *state)
{
    struct bitfinex *bitfinex = state;
    bitfinex_rest_close(&bitfinex->rest);
    coin_table_free(&bitfinex->wanted);
    bitfinex_ask_free(&bitfinex->ask);
    free(bitfinex->missing);
    strbuf_free(&bitfinex->names);
    free(bitfinex);
}

static const char *name_of(const struct bitfinex *bitfinex, size_t coin)
{
    return bitfinex->wanted.coins[coin].symbol;
}

/* Every character that a symbol of Bitfinex may have is valid in a query. */
static void write_path(struct bitfinex *bitfinex, const size_t *asked, size_t count)
{
    struct strbuf *text = bitfinex_rest_path(&bitfinex->rest);
    strbuf_append_text(text, "/tickers?symbols=");
    if (bitfinex->all) {
        strbuf_append_text(text, "ALL");
    }
    for (size_t i = 0; i < count; ++i) {
        strbuf_append_text(text, i > 0 ? "," : "");
        strbuf_append_text(text, name_of(bitfinex, asked[i]));
    }
}

/* Appends a name to a list for people while there is room. The log line also has the total
 * count. */
static void name_coin(struct strbuf *names, const char *symbol)
{
    if (names->length + BITFINEX_SYMBOL_MAX < NAMED_LIMIT) {
        strbuf_append_text(names, names->length > 0 ? "," : "");
        strbuf_append_text(names, symbol);
    }
}

/* Logs the coins that the answer has no row of, each once, and logs each again when it is back. */
static void tell_missing(struct bitfinex *bitfinex, const size_t *asked, size_t count,
                         const struct coin_table *seen)
{
    struct strbuf *names = &bitfinex->names;
    int64_t fresh = 0;
    strbuf_clear(names);
    for (size_t i = 0; i < count; ++i) {
        const char *symbol = name_of(bitfinex, asked[i]);
        bool missing = coin_table_find(seen, str_from(symbol)) == NULL;
        if (missing && !bitfinex->missing[asked[i]]) {
            name_coin(names, symbol);
            fresh++;
        } else if (!missing && bitfinex->missing[asked[i]]) {
            log_info("coin_back", log_text("coin", symbol));
        }
        bitfinex->missing[asked[i]] = missing;
    }
    if (fresh > 0) {
        log_warn("coins_missing", log_int("count", fresh), log_text("coins", strbuf_text(names)),
                 log_text("reason", "the exchange has no ticker of them; still asked for"));
    }
}

static void tell_empty(struct bitfinex *bitfinex, const struct coin_table *seen)
{
    bool empty = seen->count == 0;
    if (empty && !bitfinex->empty) {
        log_warn("no_tickers", log_text("reason", "the exchange answers ALL without a coin"));
    }
    bitfinex->empty = empty;
}

static void tell_finding(const struct bitfinex *bitfinex, enum bitfinex_finding finding,
                         size_t coin, bool first)
{
    if (finding == BITFINEX_FOUND_KNOWN) {
        log_info("coin_back", log_text("coin", name_of(bitfinex, coin)));
    } else if (finding == BITFINEX_FOUND_UNKNOWN && first) {
        log_warn("unknown_coin", log_text("coin", name_of(bitfinex, coin)),
                 log_text("reason", "the exchange does not know it: going on without, and asking "
                                    "again now and then"));
    }
}

/* The exchange refused the request because of one symbol: narrows down which one it is. */
static enum source_next handle_refusal(struct bitfinex *bitfinex, struct error *error)
{
    size_t coin = 0;
    bool first = !bitfinex->ask.asking_dropped;
    enum bitfinex_finding finding =
        bitfinex_ask_answer(&bitfinex->ask, clock_monotonic_ns(), false, &coin);
    tell_finding(bitfinex, finding, coin, first);
    if (bitfinex->ask.active_count > 0) {
        return SOURCE_BATCH;
    }
    (void)error_set(error, ERROR_RETRY,
                    "the exchange knows none of the coins (%s%s): check --coins",
                    name_of(bitfinex, 0), bitfinex->wanted.count > 1 ? ",…" : "");
    return SOURCE_ERROR;
}

static void handle_rows(struct bitfinex *bitfinex, const size_t *asked, size_t count,
                        const struct coin_table *seen)
{
    if (bitfinex->all) {
        tell_empty(bitfinex, seen);
        return;
    }
    tell_missing(bitfinex, asked, count, seen);
    size_t coin = 0;
    enum bitfinex_finding finding =
        bitfinex_ask_answer(&bitfinex->ask, clock_monotonic_ns(), true, &coin);
    tell_finding(bitfinex, finding, coin, false);
}

static enum source_next read_answer(struct bitfinex *bitfinex, const size_t *asked, size_t count,
                                    struct source_batch *batch, struct row_counts *counts,
                                    struct error *error)
{
    const struct http_response *response = &bitfinex->rest.response;
    struct coin_table seen = {0};
    enum source_next result = SOURCE_ERROR;
    switch (bitfinex_parse(response->status, strbuf_str(&response->body),
                           bitfinex->all ? NULL : &bitfinex->wanted, &seen, batch, counts, error)) {
    case BITFINEX_ROWS:
        handle_rows(bitfinex, asked, count, &seen);
        result = SOURCE_BATCH;
        break;
    case BITFINEX_UNKNOWN_SYMBOL:
        result = bitfinex->all ? SOURCE_ERROR : handle_refusal(bitfinex, error);
        break;
    case BITFINEX_AWAY:
    case BITFINEX_NO_MEMORY:
        break;
    }
    coin_table_free(&seen);
    return result;
}

static enum source_next next(void *state, struct source_batch *batch, struct row_counts *counts,
                             struct error *error)
{
    struct bitfinex *bitfinex = state;
    source_batch_begin(batch, &ticker_kind, false);
    size_t count = 0;
    const size_t *asked = NULL;
    if (!bitfinex->all) {
        asked = bitfinex_ask_next(&bitfinex->ask, clock_monotonic_ns(), &count);
    }
    write_path(bitfinex, asked, count);
    if (!bitfinex_rest_get(&bitfinex->rest, error)) {
        return SOURCE_ERROR;
    }
    enum source_next result = read_answer(bitfinex, asked, count, batch, counts, error);
    if (result == SOURCE_ERROR) {
        bitfinex_rest_explain(&bitfinex->rest, error);
    }
    return result;
}

static bool fill(struct bitfinex *bitfinex, const struct bitfinex_config *config,
                 struct error *error)
{
    bitfinex->names = strbuf_new(NAMED_LIMIT + 1);
    if (!coins_parse(config->coins, &ticker_kind, &bitfinex->wanted, &bitfinex->all, error) ||
        !bitfinex_pairs_check(&bitfinex->wanted, error) ||
        !bitfinex_rest_open(&bitfinex->rest, config, PATH_LIMIT, error)) {
        return false;
    }
    size_t count = bitfinex->wanted.count;
    bitfinex->missing = calloc(count > 0 ? count : 1, sizeof *bitfinex->missing);
    return (bitfinex->missing != NULL && bitfinex_ask_init(&bitfinex->ask, count)) ||
           error_set(error, ERROR_FATAL, "no memory for a source of %zu coins", count);
}

struct source *bitfinex_source_create(const struct bitfinex_config *config, struct error *error)
{
    struct source *source = calloc(1, sizeof *source);
    struct bitfinex *bitfinex = calloc(1, sizeof *bitfinex);
    if (source == NULL || bitfinex == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a source");
    } else if (fill(bitfinex, config, error)) {
        *source = (struct source){.name = "bitfinex",
                                  .kind = &ticker_kind,
                                  .live = true,
                                  .state = bitfinex,
                                  .next = next,
                                  .destroy = destroy};
        return source;
    }
    if (bitfinex != NULL) {
        destroy(bitfinex);
    }
    free(source);
    return NULL;
}
