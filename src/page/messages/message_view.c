#include "page/messages/message_view.h"

#include "base/clock.h"
#include "base/deadline.h"
#include "market/json.h"
#include "record/record_json.h"

void message_view(struct message_viewer *viewer, const struct message *message,
                  struct message_view *view)
{
    struct record_decoder *decoder = viewer->decoder;
    view->message = message;
    view->is_dead_letter = viewer->dead_letters;
    view->kind = decoder->kind;
    view->texts = viewer->texts;
    view->why_not = (struct error){.kind = ERROR_NONE};
    viewer->texts->length = 0;
    view->decoded =
        record_decode_wait(decoder, &message->encoded, deadline_left_ms(viewer->schemas_until_ns),
                           viewer->stop, &view->record, viewer->texts,
                           &view->why_not) == DECODE_RECORD;
    view->schema_id = decoder->schema_id;
}

/* Returns the header's text; "" with data NULL if there is none. */
static struct str header(const struct message *message, const char *name)
{
    struct str text = {.data = NULL};
    (void)message_header(message, name, &text);
    return text;
}

static void append_text_header(const struct message *message, const char *name, struct strbuf *json)
{
    struct str text = header(message, name);
    strbuf_append_format(json, "\"%s\":", name);
    if (text.data == NULL) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_json_string(json, text);
    }
}

/* Appends a header that is a number; null if it is none: anybody can write to the topic. */
static void append_number_header(const struct message *message, const char *name,
                                 struct strbuf *json)
{
    int64_t number;
    struct str text = header(message, name);
    strbuf_append_format(json, ",\"%s\":", name);
    if (text.data != NULL && str_to_int64(text, &number) && number >= 0) {
        strbuf_append_int64(json, number);
    } else {
        strbuf_append_text(json, "null");
    }
}

static void append_dead_letter(const struct message *message, struct strbuf *json)
{
    strbuf_append_text(json, ",\"dead_letter\":{");
    append_text_header(message, DEAD_LETTER_HEADER_KIND, json);
    strbuf_append_char(json, ',');
    append_text_header(message, DEAD_LETTER_HEADER_REASON, json);
    strbuf_append_char(json, ',');
    append_text_header(message, DEAD_LETTER_HEADER_TOPIC, json);
    append_number_header(message, DEAD_LETTER_HEADER_PARTITION, json);
    append_number_header(message, DEAD_LETTER_HEADER_OFFSET, json);
    strbuf_append_char(json, '}');
}

static void append_value(const struct message_view *view, struct strbuf *json)
{
    strbuf_append_text(json, ",\"value\":");
    if (view->decoded) {
        record_to_json(view->kind, &view->record, view->texts, json);
        strbuf_append_text(json, ",\"error\":null");
        return;
    }
    strbuf_append_text(json, "null,\"error\":");
    if (view->message->encoded.value.data == NULL) {
        strbuf_append_text(json, "null"); /* a message without a value is not an error */
    } else {
        strbuf_append_json_string(json, str_from(view->why_not.text));
    }
}

void message_view_to_json(const struct message_view *view, struct strbuf *json)
{
    const struct message *message = view->message;
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(message->encoded.timestamp_ms * NS_PER_MS, time);
    strbuf_append_format(json, "{\"partition\":%d,\"offset\":%lld,\"timestamp\":\"%s\",\"key\":",
                         (int)message->partition, (long long)message->offset, time);
    if (message->encoded.key.data == NULL) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_json_string(json, message->encoded.key);
    }
    strbuf_append_format(json, ",\"size\":%zu,\"schema_id\":", message->encoded.value.length);
    if (view->schema_id < 0) {
        strbuf_append_text(json, "null");
    } else {
        strbuf_append_int64(json, view->schema_id);
    }
    append_value(view, json);
    if (view->is_dead_letter) {
        append_dead_letter(message, json);
    }
    strbuf_append_char(json, '}');
}
