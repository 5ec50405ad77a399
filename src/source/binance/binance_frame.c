#include "source/binance/binance_frame.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 80 };

static bool is_text(const json_t *json, const char *want)
{
    return json_is_string(json) && strcmp(json_string_value(json), want) == 0;
}

static void read_kline(const json_t *kline, const struct binance_bars *bars,
                       struct binance_frame *frame)
{
    const json_t *final = json_object_get(kline, "x");
    if (json_is_false(final)) {
        frame->kind = BINANCE_FRAME_OPEN;
        return;
    }
    frame->kind = BINANCE_FRAME_FINAL;
    frame->fault =
        json_is_true(final) ? binance_kline_object(kline, bars, &frame->bar) : ROW_BAD_SHAPE;
}

static void read_object(const json_t *object, const struct binance_bars *bars,
                        struct binance_frame *frame)
{
    const json_t *event = json_object_get(object, "e");
    const json_t *code = json_object_get(object, "code");
    frame->kind = BINANCE_FRAME_OTHER;
    if (is_text(event, "kline")) {
        read_kline(json_object_get(object, "k"), bars, frame);
    } else if (is_text(event, "serverShutdown")) {
        frame->kind = BINANCE_FRAME_SHUTDOWN;
    } else if (json_is_integer(code)) {
        const char *words = json_string_value(json_object_get(object, "msg"));
        frame->kind = BINANCE_FRAME_ERROR;
        (void)snprintf(frame->text, sizeof frame->text, "the exchange answered error %lld: %.*s",
                       (long long)json_integer_value(code), SHOWN_BYTES,
                       words != NULL ? words : "");
    }
}

void binance_frame_read(struct str message, const struct binance_bars *bars,
                        struct binance_frame *frame)
{
    json_error_t why;
    json_t *json = json_loadb(message.data != NULL ? message.data : "", message.length, 0, &why);
    const json_t *data = json_object_get(json, "data");
    const json_t *error = json_object_get(json, "error");
    *frame = (struct binance_frame){.kind = BINANCE_FRAME_BAD, .fault = ROW_BAD_SHAPE};
    if (json == NULL) {
        (void)snprintf(frame->text, sizeof frame->text, "a message is no JSON: %.*s", SHOWN_BYTES,
                       why.text);
    } else if (!json_is_object(json)) {
        (void)snprintf(frame->text, sizeof frame->text, "a message is no object");
    } else {
        read_object(json_is_object(data)    ? data
                    : json_is_object(error) ? error
                                            : json,
                    bars, frame);
    }
    json_decref(json);
}
