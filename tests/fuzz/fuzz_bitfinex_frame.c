/*
 * Messages of Bitfinex's WebSocket. Input: messages, one after the other, a NUL between; if the
 * first byte is 1, they come on a connection that has a channel of each coin already, with all
 * flags.
 *
 * Whatever comes, what the feed makes of it holds what feed.h says; what it sends is JSON; after a
 * message that ends the connection it goes on with the next one.
 */
#include <jansson.h>

#include "base/clock.h"
#include "fuzz/feed.h"
#include "source/bitfinex_trades/bitfinex_frame.h"

enum { MESSAGES_MAX = 40 }; /* of an input; those behind them are not read */

/* A frame that was read without the JSON library says what the library would say. */
static void check_scanned(struct str text, const struct bitfinex_frame *frame, int flags)
{
    json_t *json = json_loadb(text.data, text.length, JSON_DECODE_INT_AS_REAL, NULL);
    const json_t *kind = json_array_get(json, 1);
    size_t next = 3;
    int64_t number = -1;
    struct trade_row row;
    MUST(frame->json == NULL && json_is_array(json));
    MUST(trade_row_whole(json_array_get(json, 0), &number) && number == frame->channel);
    MUST(strcmp(json_string_value(kind), frame->what == FRAME_UPDATED ? "tu" : "te") == 0);
    MUST(trade_row_read(json_array_get(json, 2), &row) == ROW_FAULTS);
    MUST(trade_row_same(&row, &frame->row));
    if ((flags & FRAME_FLAG_SEQ_ALL) != 0) {
        MUST(trade_row_whole(json_array_get(json, next++), &number) == frame->has_sequence);
        MUST(!frame->has_sequence || number == frame->sequence);
    }
    if ((flags & FRAME_FLAG_TIMESTAMP) != 0) {
        MUST(trade_row_whole(json_array_get(json, next), &number) == frame->has_sent_ms);
        MUST(!frame->has_sent_ms || number == frame->sent_ms);
    }
    json_decref(json);
}

/* Checks how the message is read by itself. This takes as long as what the feed does with it, so it
 * is done for one message in four, and with one set of flags: its length chooses, which an input
 * can have as it likes. */
static void check_frame(struct str text)
{
    static const int all[] = {0, FRAME_FLAG_SEQ_ALL, FRAME_FLAG_TIMESTAMP,
                              FRAME_FLAG_SEQ_ALL | FRAME_FLAG_TIMESTAMP};
    if (text.length % 4 != 0) {
        return;
    }
    int flags = all[text.length / 4 % 4];
    struct bitfinex_frame frame;
    bitfinex_frame_read(text, flags, &frame);
    bool is_data = frame.what >= FRAME_HEARTBEAT;
    if (frame.has_row) {
        check_scanned(text, &frame, flags);
    }
    MUST(!is_data || frame.has_row || (json_is_array(frame.json) && frame.channel >= 0));
    MUST(!frame.has_sequence || (flags & FRAME_FLAG_SEQ_ALL) != 0);
    MUST(!frame.has_sent_ms || (flags & FRAME_FLAG_TIMESTAMP) != 0);
    bitfinex_frame_free(&frame);
}

static void check_asked(struct trade_feed *feed, struct feed_time now)
{
    struct strbuf message = strbuf_new(300);
    for (size_t i = 0; i < feed->places.count; i++) {
        while (trade_feed_ask(feed, i, now, &message)) {
            json_t *json = json_loads(strbuf_text(&message), 0, NULL);
            MUST(json_is_object(json));
            json_decref(json);
            strbuf_clear(&message);
        }
    }
    strbuf_free(&message);
}

static void subscribe(struct fuzz_feed *fuzz)
{
    static const char *const messages[] = {
        "{\"event\":\"info\",\"version\":2}",
        "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":98304}",
        "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":1,\"symbol\":\"tBTCUSD\"}",
        "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":2,\"symbol\":\"tETHUSD\"}",
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        char why[FEED_WHY_MAX + 1];
        MUST(trade_feed_read(&fuzz->feed, 0, str_from(messages[i]), fuzz->now, why) == FEED_GO_ON);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_feed fuzz;
    struct fuzz_input in = {data, size};
    fuzz_feed_begin(&fuzz, 7);
    if (size > 0 && data[0] == 1) {
        (void)fuzz_byte(&in);
        subscribe(&fuzz);
    }
    for (int i = 0; in.left > 0 && i < MESSAGES_MAX; i++) {
        char why[FEED_WHY_MAX + 1];
        struct str piece = fuzz_piece(&in);
        char *text = fuzz_text(piece);
        struct str message = {text, piece.length};
        check_frame(message);
        enum feed_action action = trade_feed_read(&fuzz.feed, 0, message, fuzz.now, why);
        if (action != FEED_GO_ON && action != FEED_PAUSE) {
            MUST(why[0] != '\0');
            trade_feed_drop(&fuzz.feed, 0, why, fuzz.now);
        }
        free(text);
        check_asked(&fuzz.feed, fuzz.now);
        fuzz_feed_take(&fuzz);
        fuzz.now.wall_ns += NS_PER_SECOND;
        fuzz.now.steady_ns += NS_PER_SECOND;
        trade_feed_tick(&fuzz.feed, fuzz.now);
    }
    fuzz_feed_end(&fuzz);
    return 0;
}
