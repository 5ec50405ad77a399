#include "page/messages/message_filter.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text/number.h"

enum { INT64_TEXT_SIZE = 24 };

/* Not tolower(), which depends on the locale. */
static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool message_text_contains(struct str whole, struct str part)
{
    for (size_t at = 0; at + part.length <= whole.length; at++) {
        size_t same = 0;
        while (same < part.length && lower(whole.data[at + same]) == lower(part.data[same])) {
            same++;
        }
        if (same == part.length) {
            return true;
        }
    }
    return false;
}

static bool int64_contains(const struct record_kind *kind, const struct column *column,
                           const void *record, struct str part)
{
    int64_t value = column_int64(column, record);
    char text[INT64_TEXT_SIZE], time[CLOCK_TEXT_SIZE] = "";
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    if (column == kind->moment || column->is_time) {
        clock_format_rfc3339(value, time);
    }
    return message_text_contains(str_from(text), part) ||
           message_text_contains(str_from(time), part);
}

static bool column_contains(const struct record_kind *kind, const struct column *column,
                            const struct message_view *view, struct str part)
{
    const void *record = &view->record;
    char text[NUMBER_TEXT_SIZE];
    switch (column->type) {
    case COLUMN_TEXT:
        return message_text_contains(column_text(column, record), part);
    case COLUMN_LONG_TEXT:
        return message_text_contains(column_long_text(column, record, view->texts), part);
    case COLUMN_INT64:
        return int64_contains(kind, column, record, part);
    case COLUMN_DOUBLE:
        (void)number_format(column_double(column, record), text);
        return message_text_contains(str_from(text), part);
    case COLUMN_BOOL:
        return message_text_contains(str_from(column_bool(column, record) ? "true" : "false"),
                                     part);
    }
    return false;
}

static bool record_contains(const struct message_view *view, struct str part)
{
    const struct record_kind *kind = view->kind;
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (!column->derived && column_present(column, &view->record) &&
            column_contains(kind, column, view, part)) {
            return true;
        }
    }
    return false;
}

bool message_matches(const struct message_filter *filter, const struct message_view *view)
{
    struct str key = view->message->encoded.key, reason;
    if (filter->key.data != NULL && (key.data == NULL || !str_equal(filter->key, key))) {
        return false;
    }
    return filter->contains.data == NULL || message_text_contains(key, filter->contains) ||
           (view->decoded && record_contains(view, filter->contains)) ||
           (view->is_dead_letter &&
            message_header(view->message, DEAD_LETTER_HEADER_REASON, &reason) &&
            message_text_contains(reason, filter->contains));
}
