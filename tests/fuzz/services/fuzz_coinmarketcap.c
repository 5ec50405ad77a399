/*
 * CoinMarketCap's answers. Input: a byte that chooses the HTTP status, whether two coins are wanted
 * or all, and whether the past of one was asked for; then the body.
 *
 * Whatever comes: every row is a tick or is counted with one fault; a tick is one that its kind's
 * check accepts, of a coin that is wanted, with nothing of the run; a list has each coin once, a
 * past is in the order of time; what is no answer is an error to be tried again, with a wait of at
 * most a month and a day.
 */
#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "record/ticker.h"
#include "source/coinmarketcap/coinmarketcap_quotes.h"

#define NOW (INT64_C(1796040000) * NS_PER_SECOND)

static void check_ticks(const struct source_batch *batch, const struct coinmarketcap_coins *coins,
                        bool past, const struct row_counts *counts)
{
    int64_t rows = (int64_t)batch->count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += counts->rejected[i];
    }
    MUST(rows == counts->rows);
    for (size_t i = 0; i < batch->count; i++) {
        const struct ticker *tick = source_batch_at(batch, i);
        const struct ticker *before = i > 0 ? source_batch_at(batch, i - 1) : NULL;
        MUST(ticker_check(tick) == TICKER_OK && tick->seq == 0 && tick->run_id == 0);
        MUST(coin_table_find(&coins->known, str_from(tick->symbol)) != NULL);
        MUST(!tick->has[TICKER_MARKET_CAP] || tick->figures[TICKER_MARKET_CAP] != 0);
        MUST(before == NULL || (past ? before->event_time_ns < tick->event_time_ns
                                     : strcmp(before->symbol, tick->symbol) != 0));
    }
    MUST(coins->known.count <= COINMARKETCAP_COINS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 401, 429, 403, 503, 200, 200, 200};
    struct fuzz_input in = {.at = data, .left = size};
    uint8_t choice = fuzz_byte(&in);
    struct coinmarketcap_coins coins = {.all = (choice & 1) == 0};
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct service_refusal refusal;
    struct error error = {0};
    int64_t credits = 0;
    bool past = (choice & 16) != 0;
    const struct service_answer answer = {
        .status = statuses[choice >> 1 & 7], .body = fuzz_rest(&in), .now_ns = NOW};
    MUST(coin_table_add(&coins.known, str_from("cmc:bitcoin")) != NULL &&
         coin_table_add(&coins.known, str_from("cmc:ethereum")) != NULL);
    coins.ids[0] = past ? 1 : 0;
    const struct coinmarketcap_reading reading = {
        .answer = &answer, .coins = &coins, .past_of = past ? "cmc:bitcoin" : NULL};
    if (coinmarketcap_quotes_read(&reading, &batch, &counts, &credits, &refusal, &error)) {
        check_ticks(&batch, &coins, past, &counts);
    } else {
        MUST(error.kind == ERROR_RETRY && error.text[0] != '\0');
        MUST(refusal.closed_ns >= 0 && refusal.closed_ns <= 32 * NS_PER_DAY);
        MUST(counts.rows == 0 && batch.count == 0);
    }
    MUST(credits >= 0);
    coin_table_free(&coins.known);
    source_batch_free(&batch);
    return 0;
}
