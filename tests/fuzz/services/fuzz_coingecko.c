/*
 * CoinGecko's answers. Input: a byte that chooses the HTTP status, whether two coins are wanted
 * or all, and, from 192 on, a chart in place of a list; then the body.
 *
 * Whatever comes: every row is a tick or is counted with one fault; a tick is one that its kind's
 * check accepts, of a coin that is wanted, each coin once, with nothing of the run; what is no
 * answer is an error to be tried again, with a wait that is not below 0.
 */
#include "fuzz/fuzz.h"
#include "source/coingecko/coingecko_chart.h"
#include "source/coingecko/coingecko_markets.h"
#include "source/service/sent_ticks.h"

static void check_ticks(const struct source_batch *batch, const struct coin_table *wanted,
                        const struct row_counts *counts)
{
    struct sent_ticks sent = {.capacity = 0};
    int64_t rows = (int64_t)batch->count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += counts->rejected[i];
    }
    MUST(rows == counts->rows);
    for (size_t i = 0; i < batch->count; i++) {
        const struct ticker *tick = source_batch_at(batch, i);
        MUST(ticker_check(tick) == TICKER_OK && tick->seq == 0 && tick->run_id == 0);
        MUST(strncmp(tick->symbol, COINGECKO_PREFIX, 3) == 0);
        MUST(wanted == NULL || coin_table_find(wanted, str_from(tick->symbol)) != NULL);
        MUST(!tick->has[TICKER_MARKET_CAP] || tick->figures[TICKER_MARKET_CAP] != 0);
        MUST(sent_ticks_look(&sent, tick) == ROW_FAULTS);
        MUST(sent_ticks_keep(&sent, tick));
        MUST(sent_ticks_look(&sent, tick) == ROW_REPEAT);
    }
    sent_ticks_free(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 401, 429, 404, 503, 200, 200, 200};
    struct fuzz_input in = {.at = data, .left = size};
    uint8_t choice = fuzz_byte(&in);
    struct coin_table wanted = {.count = 0};
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct error error = {0};
    struct service_refusal refusal;
    const struct service_answer answer = {
        .status = statuses[choice >> 1 & 7], .body = fuzz_rest(&in), .has_key = choice >= 128};
    MUST(coin_table_add(&wanted, str_from("cg:bitcoin")) != NULL &&
         coin_table_add(&wanted, str_from("cg:ethereum")) != NULL);
    const struct coin_table *of = (choice & 1) != 0 ? &wanted : NULL;
    bool chart = choice >= 192;
    if (chart ? coingecko_chart_read(&answer, "cg:bitcoin", &batch, &counts, &refusal, &error)
              : coingecko_markets_read(&answer, of, &batch, &counts, &refusal, &error)) {
        check_ticks(&batch, of, &counts);
    } else {
        MUST(error.kind == ERROR_RETRY && error.text[0] != '\0' && error.retry_after_ms >= 0);
        MUST(counts.rows == 0 && batch.count == 0);
    }
    coin_table_free(&wanted);
    source_batch_free(&batch);
    return 0;
}
