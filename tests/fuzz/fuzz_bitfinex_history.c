/*
 * Pages of Bitfinex's history of trades. Input: a byte that chooses the HTTP status, and the id of
 * the trade before the hole; then bodies, a NUL between.
 *
 * Each body answers the request for the next page of a hole of tBTCUSD. Requests never leave the
 * hole's span and its margins, and each begins no later than the one before; the hole is closed
 * once or stays open; what is sent holds what feed.h says.
 */
#include <jansson.h>

#include "base/clock.h"
#include "fuzz/feed.h"

enum { BODIES_MAX = 20 }; /* of an input; those behind them are not read */

#define SNAPSHOT "[1,[[90,1999000,1,1]]]"

static void open_hole(struct fuzz_feed *fuzz)
{
    static const char *const messages[] = {
        "{\"event\":\"info\",\"version\":2}",
        "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":1,\"symbol\":\"tBTCUSD\"}",
        SNAPSHOT,
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        char why[FEED_WHY_MAX + 1];
        MUST(trade_feed_read(&fuzz->feed, 0, str_from(messages[i]), fuzz->now, why) == FEED_GO_ON);
    }
    fuzz_feed_take(fuzz);
}

/* Answers a request with a body. */
static void answer(struct fuzz_feed *fuzz, const struct refill_page *page, long status,
                   struct str body)
{
    json_t *rows = NULL;
    struct error error = {0};
    switch (bitfinex_answer_read(status, body, "trades", &rows, &error)) {
    case BITFINEX_ROWS:
        trade_feed_take_page(&fuzz->feed, page, rows, fuzz->now);
        json_decref(rows);
        break;
    case BITFINEX_UNKNOWN_SYMBOL:
        trade_feed_give_up(&fuzz->feed, page, fuzz->now);
        break;
    case BITFINEX_AWAY:
        MUST(error.kind == ERROR_RETRY);
        break;
    case BITFINEX_NO_MEMORY:
    default:
        MUST(false);
    }
    fuzz_feed_take(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 429, 500, 404};
    static struct fuzz_feed fuzz;
    struct fuzz_input in = {data, size};
    long status = statuses[fuzz_byte(&in) % 4];
    struct refill_page page;
    int64_t end_ms = INT64_MAX;
    fuzz_feed_begin(&fuzz, fuzz_byte(&in) % 90);
    open_hole(&fuzz);
    for (int i = 0; i < BODIES_MAX && in.left > 0; i++) {
        if (!trade_feed_next_page(&fuzz.feed, fuzz.now, &page)) {
            break;
        }
        struct str piece = fuzz_piece(&in);
        char *text = fuzz_text(piece);
        MUST(page.coin == 0 && page.start_ms <= page.end_ms && page.end_ms <= end_ms);
        MUST(page.start_ms >= 1000000 - REFILL_MARGIN_MS);
        MUST(page.end_ms <= 1999000 + REFILL_MARGIN_MS);
        end_ms = page.end_ms;
        answer(&fuzz, &page, status, (struct str){text, piece.length});
        free(text);
    }
    MUST(fuzz.feed.holes.count <= 1);
    fuzz_feed_end(&fuzz);
    return 0;
}
