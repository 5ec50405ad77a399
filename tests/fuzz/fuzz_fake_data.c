/*
 * A user's file for fake-exchange: trades, a replay CSV, or a recorded body. Input: the file.
 *
 * It is refused with a reason, or every answer to a request is a body that the other end can read:
 * of a CSV, one row for each coin that was asked for and is there, each of them a good tick; of a
 * recorded body, JSON where the file was that. Trades are a book whose answers are JSON and whose
 * CSV is the same book again.
 */
#include "fake_exchange/fake_data.h"

#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "fake_exchange/fake_rest.h"
#include "fuzz/fuzz.h"
#include "record/ticker.h"
#include "source/bitfinex/bitfinex_parse.h"

enum { REQUESTS = 4 };

static const char *put_file(struct str content)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fake", 0);
        MUST(fd >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        log_set_level(LOG_OFF);
    }
    MUST(ftruncate(fd, 0) == 0);
    MUST(pwrite(fd, content.data, content.length, 0) == (ssize_t)content.length);
    return path;
}

/* A CSV's answer, as the producer reads it. */
static void check_answer(struct str body)
{
    struct coin_table seen = {0};
    struct source_batch batch = {.kind = &ticker_kind};
    struct row_counts counts = {0};
    struct error error = {0};
    MUST(bitfinex_parse(200, body, NULL, &seen, &batch, &counts, &error) == BITFINEX_ROWS);
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(counts.rejected[i] == 0 || i == ROW_FUNDING || i == ROW_BAD_SYMBOL);
    }
    coin_table_free(&seen);
    source_batch_free(&batch);
}

static void check_json(struct strbuf *body)
{
    MUST(!body->failed);
    json_t *json = json_loadb(body->data, body->length, 0, NULL);
    MUST(json != NULL);
    json_decref(json);
    strbuf_clear(body);
}

/* What is asked of a book, at a time in the middle of it and at its end. */
static void check_answers(const struct fake_market *market)
{
    struct strbuf body = strbuf_new(16 << 20);
    for (int i = 0; i < 2; i++) {
        int64_t now_ms = market->trades[i == 0 ? market->count / 2 : market->count - 1].time_ms;
        struct str symbol = str_from(fake_market_symbol(market, market->trades[0].coin));
        const struct fake_params params = {.limit = "10000", .sort = i == 0 ? "1" : "-1"};
        char key[100];
        (void)snprintf(key, sizeof key, "trade:1D:%.*s", (int)symbol.length, symbol.data);
        fake_rest_tickers(market, str_from("ALL"), now_ms, &body);
        check_json(&body);
        (void)fake_rest_trades(market, symbol, &params, now_ms, &body);
        check_json(&body);
        (void)fake_rest_candles(market, str_from(key), &params, now_ms, i == 1, &body);
        check_json(&body);
    }
    strbuf_free(&body);
}

/* Whether the file is one of trades. */
static bool check_trades(const char *path)
{
    struct fake_market market, again;
    struct error error = {0};
    if (!fake_market_is_file(path)) {
        return false;
    }
    if (!fake_market_load(&market, path, &error)) {
        MUST(error.kind == ERROR_USAGE || error.kind == ERROR_FATAL);
        MUST(error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
    } else if (market.count > 0) {
        check_answers(&market);
        struct strbuf csv = strbuf_new(16 << 20);
        strbuf_append_text(&csv, "id,time_ms,symbol,amount,price\n");
        size_t next = 0;
        while (fake_rest_book(&market, FAKE_UNKNOWN_COIN, &next, market.count, 10, &csv)) {
        }
        MUST(!csv.failed && fake_market_load(&again, put_file(strbuf_str(&csv)), &error));
        MUST(again.count == market.count);
        for (size_t i = 0; i < market.count; i++) {
            MUST(again.trades[i].id == market.trades[i].id);
            MUST(again.trades[i].price_e8 == market.trades[i].price_e8);
        }
        fake_market_free(&again);
        strbuf_free(&csv);
    }
    fake_market_free(&market);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str content = {(const char *)data, size};
    struct error error = {0};
    const char *path = put_file(content);
    if (check_trades(path)) {
        return 0;
    }
    struct fake_data *fake = fake_data_load(path, true, &error);
    if (fake == NULL) {
        MUST(error.kind == ERROR_USAGE || error.kind == ERROR_FATAL);
        MUST(error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
        return 0;
    }
    struct str start = str_trim(content);
    bool csv = start.length > 0 && (start.data[0] == 't' || start.data[0] == 's');
    for (int i = 0; i < REQUESTS; i++) {
        struct strbuf body = strbuf_new(16 << 20);
        bool known = fake_data_knows(fake, str_from("tBTCUSD,tETHUSD"));
        fake_data_answer(fake, str_from(known && i % 2 == 1 ? "tBTCUSD,tETHUSD" : "ALL"), i > 0,
                         &body);
        MUST(!body.failed);
        if (csv) {
            check_answer(strbuf_str(&body));
        }
        strbuf_free(&body);
    }
    struct fake_exchange_progress progress = {0};
    fake_data_progress(fake, &progress);
    fake_data_free(fake);
    return 0;
}
