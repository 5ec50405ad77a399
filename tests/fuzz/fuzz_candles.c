/*
 * Bodies of Bitfinex's candles. Input: a byte that chooses the HTTP status, one the timeframe, then
 * the body.
 *
 * Rows = bars + rejected. Each bar is whole, of the coin that was asked for, and later than the one
 * before it. Where the answer is anything but rows, nothing is counted and the error says why. And
 * what is sent of an answer once is known when the same answer comes again, whatever revision it
 * got.
 */
#include "source/bars/known_bars.h"
#include "source/bitfinex/bitfinex_candles.h"

#include "fuzz/fuzz.h"

static void check_counts(const struct row_counts *counts, size_t bars)
{
    int64_t all = (int64_t)bars;
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(counts->rejected[i] >= 0);
        all += counts->rejected[i];
    }
    MUST(counts->rows == all && counts->records == 0);
}

static void check_bars(const struct source_batch *bars, struct str timeframe)
{
    int64_t before_ns = INT64_MIN;
    for (size_t i = 0; i < bars->count; i++) {
        const struct bar *bar = source_batch_at(bars, i);
        MUST(bar_check(bar) == BAR_OK && bar->revision == 0 && bar->has_volume);
        MUST(strcmp(bar->symbol, "tBTCUSD") == 0 && strcmp(bar->source, "bitfinex") == 0);
        MUST(str_equal_text(timeframe, bar->timeframe) && bar->open_time_ns > before_ns);
        before_ns = bar->open_time_ns;
    }
}

static void check_known(const struct source_batch *bars)
{
    struct known_bars known = {0};
    struct known_bar before;
    for (size_t i = 0; i < bars->count; i++) {
        struct bar bar = *(const struct bar *)source_batch_at(bars, i);
        enum known_finding finding = known_bars_look(&known, &bar, &before);
        MUST(finding == KNOWN_NEW || finding == KNOWN_TOO_OLD);
        MUST(known_bars_keep(&known, &bar));
    }
    MUST(known.count <= KNOWN_BARS_MAX);
    for (size_t i = 0; i < bars->count; i++) {
        struct bar bar = *(const struct bar *)source_batch_at(bars, i);
        enum known_finding finding = known_bars_look(&known, &bar, &before);
        MUST(finding == KNOWN_EQUAL ||
             (finding == KNOWN_TOO_OLD && i + KNOWN_BARS_MAX < bars->count));
    }
    known_bars_free(&known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 429, 500, 404, 301, 204, 503, 0};
    static const char *const names[] = {"1m", "1h", "1d", "5m"};
    struct fuzz_input in = {data, size};
    long status = statuses[fuzz_byte(&in) % 8];
    struct str timeframe = str_from(names[fuzz_byte(&in) % 4]);
    struct source_batch bars = {0};
    struct row_counts counts = {0};
    struct error error = {0};
    enum bitfinex_answer answer =
        bitfinex_candles_parse(status, fuzz_rest(&in), bitfinex_timeframe_named(timeframe),
                               "tBTCUSD", &bars, &counts, &error);
    MUST(answer != BITFINEX_NO_MEMORY);
    check_counts(&counts, bars.count);
    if (answer == BITFINEX_ROWS) {
        MUST(status >= 200 && status < 300);
    } else {
        MUST(bars.count == 0 && error.kind == ERROR_RETRY && error.text[0] != '\0');
        MUST(strchr(error.text, '\n') == NULL);
        MUST(error.retry_after_ms == 0 || error.retry_after_ms == BITFINEX_RATE_LIMIT_MS);
    }
    check_bars(&bars, timeframe);
    check_known(&bars);
    source_batch_free(&bars);
    return 0;
}
