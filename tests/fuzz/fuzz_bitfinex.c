/*
 * Bodies of Bitfinex's tickers. Input: a byte that chooses the HTTP status, one that says whether
 * only some coins are wanted, then the body.
 *
 * Rows = ticks + rejected. No tick with a price that is not finite or not above 0, none of a coin
 * that is not wanted, not seen, a funding currency or given twice; figures are finite, and 0 where
 * there is none. Where the answer is anything but rows, nothing is added anywhere and the error
 * says why; a wait is asked for only after a rate limit.
 */
#include "source/bitfinex/bitfinex_parse.h"

#include "fuzz/fuzz.h"
#include "support/ticks.h"

static void check_counts(const struct row_counts *counts, size_t ticks)
{
    int64_t all = counts->records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(counts->rejected[i] >= 0);
        all += counts->rejected[i];
    }
    MUST(counts->rows == all && counts->records == (int64_t)ticks);
}

static void check_tick(const struct ticker *tick, const struct coin_table *wanted,
                       const struct coin_table *seen, struct coin_table *given)
{
    struct str symbol = str_from(tick->symbol);
    MUST(ticker_check(tick) == TICKER_OK);
    MUST(symbol.data[0] == 't' && strcmp(tick->source, "bitfinex") == 0);
    MUST(wanted == NULL || coin_table_find(wanted, symbol) != NULL);
    MUST(coin_table_find(seen, symbol) != NULL && coin_table_find(given, symbol) == NULL);
    MUST(coin_table_add(given, symbol) != NULL);
    for (int i = 0; i < TICKER_FIGURES; i++) {
        MUST(tick->has[i] || same_bits(tick->figures[i], 0));
    }
}

static void check_error(const struct error *error)
{
    MUST(error->kind == ERROR_RETRY && error->text[0] != '\0');
    MUST(strchr(error->text, '\n') == NULL);
    MUST(error->retry_after_ms == 0 || error->retry_after_ms == BITFINEX_RATE_LIMIT_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 429, 500, 404, 301, 204, 503, 0};
    struct fuzz_input in = {data, size};
    long status = statuses[fuzz_byte(&in) % 8];
    bool choose = fuzz_byte(&in) % 2 == 1;
    struct coin_table listed = {0}, seen = {0}, given = {0};
    const struct coin_table *wanted = choose ? &listed : NULL;
    bool all = false;
    struct source_batch batch = {.kind = &ticker_kind};
    struct row_counts counts = {0};
    struct error error = {0};
    MUST(coins_parse("tBTCUSD,tETHUSD,tDOGE:USD", &ticker_kind, &listed, &all, &error));

    enum bitfinex_answer answer =
        bitfinex_parse(status, fuzz_rest(&in), wanted, &seen, &batch, &counts, &error);
    MUST(answer != BITFINEX_NO_MEMORY);
    check_counts(&counts, batch.count);
    if (answer != BITFINEX_ROWS) {
        MUST(counts.rows == 0 && seen.count == 0);
        check_error(&error);
    } else {
        MUST(status >= 200 && status < 300);
    }
    for (size_t i = 0; i < batch.count; i++) {
        check_tick(&batch_ticks(&batch)[i], wanted, &seen, &given);
    }
    source_batch_free(&batch);
    coin_table_free(&listed);
    coin_table_free(&seen);
    coin_table_free(&given);
    return 0;
}
