#include "record/event.h"

#include <string.h>

#include "base/text/utf8.h"
#include "record/names.h"

#define SUBJECT_MARKS ":._^=/-"

#define REQUIRED(member)                                                                           \
    .offset = offsetof(struct event, member), .size = sizeof(((struct event *)0)->member),         \
    .present_offset = COLUMN_REQUIRED, .since = 1
#define NULLABLE(member)                                                                           \
    .offset = offsetof(struct event, member), .size = sizeof(((struct event *)0)->member),         \
    .present_offset = offsetof(struct event, has_##member), .since = 1

enum { SUBJECT, WHAT, TIME, SOURCE, BEGIN, END, NUMBER, DETAIL, COLUMNS };
static const struct column columns[COLUMNS + 1] = {
    [SUBJECT] = {"subject", COLUMN_TEXT, COLUMN_KEY, REQUIRED(subject)},
    [WHAT] = {"what", COLUMN_TEXT, COLUMN_IDENTITY, REQUIRED(what)},
    [TIME] = {"time_ns", COLUMN_INT64, COLUMN_TIME, REQUIRED(time_ns), .stored = "time"},
    [SOURCE] = {"source", COLUMN_TEXT, COLUMN_FIELD, REQUIRED(source)},
    [BEGIN] = {"begin_ns", COLUMN_INT64, COLUMN_FIELD, NULLABLE(begin_ns), .is_time = true},
    [END] = {"end_ns", COLUMN_INT64, COLUMN_FIELD, NULLABLE(end_ns), .is_time = true},
    [NUMBER] = {"number", COLUMN_INT64, COLUMN_FIELD, NULLABLE(number)},
    [DETAIL] = {"detail", COLUMN_LONG_TEXT, COLUMN_FIELD, NULLABLE(detail)},
    [COLUMNS] = {.name = NULL},
};

const char *const event_fault_names[EVENT_FAULTS] = {
    [EVENT_OK] = "ok",
    [EVENT_BAD_SUBJECT] = "bad_subject",
    [EVENT_BAD_WHAT] = "bad_what",
    [EVENT_BAD_TIME] = "bad_time",
    [EVENT_BAD_SOURCE] = "bad_source",
    [EVENT_BAD_SPAN] = "bad_span",
    [EVENT_BAD_DETAIL] = "bad_detail",
};

bool event_subject_valid(struct str subject)
{
    return record_name_valid(subject, SUBJECT_MARKS, RECORD_KEY_MAX);
}

bool event_what_valid(struct str what)
{
    bool valid = what.length > 0 && what.length <= EVENT_WHAT_MAX;
    for (size_t i = 0; valid && i < what.length; i++) {
        valid = (what.data[i] >= 'a' && what.data[i] <= 'z') || what.data[i] == '_';
    }
    return valid;
}

void event_set_subject(struct event *event, struct str subject)
{
    (void)str_copy(subject, event->subject, sizeof event->subject);
    for (char *at = event->subject; *at != '\0'; at++) {
        if (!event_subject_valid((struct str){.data = at, .length = 1})) {
            *at = '-';
        }
    }
}

bool event_set_detail(struct event *event, struct text_arena *texts, struct str detail)
{
    if (detail.length > LONG_TEXT_MAX || !text_arena_reserve(texts, detail.length)) {
        return false;
    }
    char *to = texts->bytes + texts->length;
    size_t length = 0;
    while (detail.length > 0) {
        size_t bytes = utf8_sequence(detail);
        if (bytes > 0 && utf8_control_length(detail) == 0) {
            memcpy(to + length, detail.data, bytes);
            length += bytes;
        } else {
            to[length++] = ' ';
            bytes = bytes > 0 ? bytes : 1;
        }
        detail = (struct str){.data = detail.data + bytes, .length = detail.length - bytes};
    }
    event->detail = (struct long_text){.offset = texts->length, .length = length};
    event->has_detail = length > 0;
    texts->length += length;
    return true;
}

struct str event_detail(const struct event *event, const struct text_arena *texts)
{
    return text_arena_at(texts, event->detail);
}

static bool span_valid(const struct event *event)
{
    return (!event->has_begin_ns || record_time_valid(event->begin_ns)) &&
           (!event->has_end_ns || record_time_valid(event->end_ns)) &&
           (!event->has_begin_ns || !event->has_end_ns || event->begin_ns <= event->end_ns);
}

static bool detail_valid(struct str detail)
{
    bool valid = detail.length > 0 && long_text_valid(detail);
    while (valid && detail.length > 0) {
        size_t length = utf8_sequence(detail);
        valid = utf8_control_length(detail) == 0;
        detail = (struct str){.data = detail.data + length, .length = detail.length - length};
    }
    return valid;
}

enum event_fault event_check(const struct event *event, const struct text_arena *texts)
{
    if (!event_subject_valid(column_text(&columns[SUBJECT], event))) {
        return EVENT_BAD_SUBJECT;
    }
    if (!event_what_valid(column_text(&columns[WHAT], event))) {
        return EVENT_BAD_WHAT;
    }
    if (!record_time_valid(event->time_ns)) {
        return EVENT_BAD_TIME;
    }
    if (!record_source_valid(column_text(&columns[SOURCE], event))) {
        return EVENT_BAD_SOURCE;
    }
    if (!span_valid(event)) {
        return EVENT_BAD_SPAN;
    }
    bool detailed = !event->has_detail || detail_valid(event_detail(event, texts));
    return detailed ? EVENT_OK : EVENT_BAD_DETAIL;
}

static const char *check(const void *record, const struct text_arena *texts)
{
    enum event_fault fault = event_check(record, texts);
    return fault == EVENT_OK ? NULL : event_fault_names[fault];
}

const struct record_kind event_kind = {
    .name = "event",
    .record = "event",
    .records = "events",
    .topic = "events",
    .schema = event_schema_text,
    .columns = columns,
    .key = &columns[SUBJECT],
    .time = &columns[TIME],
    .moment = &columns[TIME],
    .any_order = true,
    .source = &columns[SOURCE],
    .size = sizeof(struct event),
    .tags = {{.column = &columns[SUBJECT],
              .valid = event_subject_valid,
              .class = "A-Za-z0-9:._^=/-",
              .least = 1,
              .most = RECORD_KEY_MAX},
             {.column = &columns[WHAT],
              .valid = event_what_valid,
              .class = "a-z_",
              .least = 1,
              .most = EVENT_WHAT_MAX}},
    .tag_count = 2,
    .check = check,
};
_Static_assert(sizeof(struct event) <= RECORD_BYTES_MAX, "a record must fit union record_room");
_Static_assert(RECORD_KEY_MAX + 1 + EVENT_WHAT_MAX <= RECORD_SERIES_MAX,
               "the name of a series must fit");
