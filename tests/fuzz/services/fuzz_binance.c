/*
 * What Binance says. Input: a byte that says whether it is an answer (its lowest bit 0; the others
 * choose the HTTP status) or a message of the WebSocket, then its text.
 *
 * Whatever comes: every row is a bar or is counted with one fault; a bar is one that its kind's
 * check accepts, of the symbol and timeframe that were asked for, and those of an answer are in
 * rising order; what is no answer is an error to be tried again, with a wait that is not below 0.
 */
#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "source/binance/binance_answer.h"
#include "source/binance/binance_frame.h"

static const struct binance_bars minutes = {.interval = "1m", .length_ns = 60 * NS_PER_SECOND};

static void check_bar(const struct bar *bar)
{
    MUST(bar_check(bar) == BAR_OK);
    MUST(strcmp(bar->source, "binance") == 0 && strcmp(bar->timeframe, "1m") == 0);
    MUST(bar->has_volume && bar->has_quote_volume && bar->has_trades && bar->revision == 0);
}

static void check_rows(const struct source_batch *batch, const struct row_counts *counts)
{
    int64_t rows = (int64_t)batch->count;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += counts->rejected[i];
    }
    MUST(rows == counts->rows);
    for (size_t i = 0; i < batch->count; i++) {
        const struct bar *bar = source_batch_at(batch, i);
        const struct bar *before = i > 0 ? source_batch_at(batch, i - 1) : NULL;
        check_bar(bar);
        MUST(strcmp(bar->symbol, "BTCUSDT") == 0);
        MUST(before == NULL || before->open_time_ns < bar->open_time_ns);
    }
}

static void check_answer(uint8_t choice, struct str body)
{
    static const long statuses[] = {200, 400, 418, 429, 451, 403, 404, 503};
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct error error = {0};
    const struct binance_reply reply = {
        .status = statuses[choice >> 1 & 7], .body = body, .now_ns = INT64_C(1764504000000000000)};
    switch (binance_answer_read(&reply, &minutes, "BTCUSDT", &batch, &counts, &error)) {
    case BINANCE_ROWS:
        check_rows(&batch, &counts);
        break;
    case BINANCE_UNKNOWN_SYMBOL:
    case BINANCE_AWAY:
        MUST(error.kind == ERROR_RETRY && error.text[0] != '\0' && error.retry_after_ms >= 0);
        MUST(batch.count == 0 && counts.rows == 0);
        break;
    case BINANCE_NO_MEMORY:
    default:
        MUST(false);
    }
    source_batch_free(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {.at = data, .left = size};
    uint8_t choice = fuzz_byte(&in);
    struct str text = fuzz_rest(&in);
    if ((choice & 1) == 0) {
        check_answer(choice, text);
        return 0;
    }
    struct binance_frame frame;
    binance_frame_read(text, &minutes, &frame);
    if (frame.kind == BINANCE_FRAME_FINAL && frame.fault == ROW_FAULTS) {
        check_bar(&frame.bar);
    }
    MUST(frame.kind < BINANCE_FRAME_ERROR || frame.text[0] != '\0');
    return 0;
}
