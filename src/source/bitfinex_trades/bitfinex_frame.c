#include "source/bitfinex_trades/bitfinex_frame.h"

#include "source/bitfinex/bitfinex_json.h"
#include "source/bitfinex_trades/trade_scan.h"

static struct str text_of(const json_t *object, const char *name)
{
    const json_t *json = json_object_get(object, name);
    return json_is_string(json) ? (struct str){json_string_value(json), json_string_length(json)}
                                : str_from("");
}

/* Some codes came as text in older versions. Returns -1 when there is no number. */
static int64_t number_of(const json_t *object, const char *name)
{
    const json_t *json = json_object_get(object, name);
    int64_t number = -1;
    if (!trade_row_whole(json, &number)) {
        (void)str_to_int64(text_of(object, name), &number);
    }
    return number;
}

static void read_info(struct bitfinex_frame *frame)
{
    frame->number = number_of(frame->json, "code");
    if (frame->number >= 0) {
        frame->what = FRAME_INFO;
        return;
    }
    frame->what = FRAME_GREETING;
    frame->number = number_of(frame->json, "version");
    frame->maintenance = number_of(json_object_get(frame->json, "platform"), "status") == 0;
}

static void read_event(struct bitfinex_frame *frame)
{
    struct str event = text_of(frame->json, "event");
    frame->sub_id = text_of(frame->json, "subId");
    frame->symbol = text_of(frame->json, "symbol");
    frame->text = text_of(frame->json, "msg");
    frame->channel = number_of(frame->json, "chanId");
    frame->what = FRAME_OTHER_EVENT;
    if (str_equal_text(event, "info")) {
        read_info(frame);
    } else if (str_equal_text(event, "conf")) {
        bool ok = str_equal_text(text_of(frame->json, "status"), "OK");
        frame->what = ok ? FRAME_CONF : FRAME_OTHER_EVENT;
        frame->number = number_of(frame->json, "flags");
    } else if (str_equal_text(event, "subscribed")) {
        bool trades = str_equal_text(text_of(frame->json, "channel"), "trades");
        frame->what = trades && frame->channel >= 0 ? FRAME_SUBSCRIBED : FRAME_UNREADABLE;
    } else if (str_equal_text(event, "unsubscribed")) {
        bool ok = str_equal_text(text_of(frame->json, "status"), "OK");
        frame->what = ok ? FRAME_UNSUBSCRIBED : FRAME_OTHER_EVENT;
    } else if (str_equal_text(event, "error")) {
        frame->what = FRAME_REFUSED;
        frame->number = number_of(frame->json, "code");
    } else if (event.length == 0) {
        frame->what = FRAME_UNREADABLE;
    }
}

/* Reads the payload of data; returns how many items of the array it and the channel take. */
static size_t read_payload(struct bitfinex_frame *frame)
{
    static const struct {
        const char *name;
        enum bitfinex_frame_what what;
    } names[] = {{"te", FRAME_EXECUTED},
                 {"tu", FRAME_UPDATED},
                 {"fte", FRAME_FUNDING},
                 {"ftu", FRAME_FUNDING}};
    const json_t *second = json_array_get(frame->json, 1);
    frame->rows = second;
    if (json_is_array(second)) {
        frame->what = bitfinex_json_is_rows(second) ? FRAME_SNAPSHOT : FRAME_OTHER_DATA;
        return 2;
    }
    struct str name = json_is_string(second)
                          ? (struct str){json_string_value(second), json_string_length(second)}
                          : str_from("");
    if (str_equal_text(name, "hb")) {
        frame->what = FRAME_HEARTBEAT;
        return 2;
    }
    frame->what = name.length > 0 ? FRAME_OTHER_DATA : FRAME_UNREADABLE;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        frame->what = str_equal_text(name, names[i].name) ? names[i].what : frame->what;
    }
    frame->rows = json_array_get(frame->json, 2);
    return 3;
}

static void read_data(struct bitfinex_frame *frame, int64_t flags)
{
    if (!trade_row_whole(json_array_get(frame->json, 0), &frame->channel) || frame->channel < 0) {
        frame->channel = -1;
        return;
    }
    size_t at = read_payload(frame);
    if ((flags & FRAME_FLAG_SEQ_ALL) != 0) {
        frame->has_sequence = trade_row_whole(json_array_get(frame->json, at++), &frame->sequence);
    }
    if ((flags & FRAME_FLAG_TIMESTAMP) != 0) {
        frame->has_sent_ms = trade_row_whole(json_array_get(frame->json, at), &frame->sent_ms);
    }
}

/* Reads a frame of one trade. Returns false for all others. */
static bool read_trade(struct bitfinex_frame *frame, struct str text, int64_t flags)
{
    struct trade_scan scan;
    if (!trade_scan_read(text, &scan)) {
        return false;
    }
    size_t at = 0;
    frame->what = scan.updated ? FRAME_UPDATED : FRAME_EXECUTED;
    frame->channel = scan.channel;
    frame->has_row = true;
    frame->row = scan.row;
    if ((flags & FRAME_FLAG_SEQ_ALL) != 0 && at < scan.behind_count) {
        frame->has_sequence = true;
        frame->sequence = scan.behind[at++];
    }
    if ((flags & FRAME_FLAG_TIMESTAMP) != 0 && at < scan.behind_count) {
        frame->has_sent_ms = true;
        frame->sent_ms = scan.behind[at];
    }
    return true;
}

void bitfinex_frame_read(struct str text, int64_t flags, struct bitfinex_frame *frame)
{
    *frame = (struct bitfinex_frame){.what = FRAME_UNREADABLE,
                                     .channel = -1,
                                     .number = -1,
                                     .sub_id = str_from(""),
                                     .symbol = str_from(""),
                                     .text = str_from("")};
    if (read_trade(frame, text, flags)) {
        return;
    }
    frame->json = bitfinex_json_load(text, NULL);
    if (json_is_object(frame->json)) {
        read_event(frame);
    } else if (json_is_array(frame->json)) {
        read_data(frame, flags);
    }
}

void bitfinex_frame_free(struct bitfinex_frame *frame)
{
    json_decref(frame->json);
    *frame = (struct bitfinex_frame){0};
}
