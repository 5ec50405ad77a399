#include "lab/model/events.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Greater offsets are refused, so that sums of offsets cannot overflow. */
static const int64_t offset_most = INT64_C(1) << 48;

void lab_log_free(struct lab_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        free(log->events[i].slots);
    }
    free(log->events);
    *log = (struct lab_log){0};
}

/* Adds the event; takes ownership of its slots. */
static bool add(struct lab_log *log, struct lab_event event, struct error *error)
{
    struct lab_event *events = array_room(log->events, log->count, &log->capacity, sizeof *events);
    if (events == NULL) {
        free(event.slots);
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    log->events = events;
    log->events[log->count++] = event;
    return true;
}

bool lab_log_add_gone(struct lab_log *log, int member, int64_t clock_ns, struct error *error)
{
    struct lab_event event = {
        .kind = LAB_GONE, .member = member, .clock_ns = clock_ns, .generation = -1};
    return add(log, event, error);
}

/* Returns -1 when the partition is not one of the group's. */
static short read_slot(const struct lab_group *group, const char *prefix, const json_t *from)
{
    const char *name = json_string_value(json_object_get(from, "topic"));
    json_int_t partition = json_integer_value(json_object_get(from, "partition"));
    size_t length = strlen(prefix);
    if (name == NULL || strncmp(name, prefix, length) != 0) {
        return -1;
    }
    int topic = lab_group_find_topic(group, str_from(name + length));
    if (topic < 0 || partition < 0 || partition >= group->topics[topic].partitions) {
        return -1;
    }
    return (short)(group->topics[topic].first + (int)partition);
}

static bool read_slots(const struct lab_group *group, const char *prefix, const json_t *list,
                       struct lab_event *event)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > LAB_SLOTS_MAX) {
        return false;
    }
    event->slots = calloc(count + 1, sizeof *event->slots);
    for (size_t i = 0; event->slots != NULL && i < count; i++) {
        event->slots[i] = read_slot(group, prefix, json_array_get(list, i));
        if (event->slots[i] < 0) {
            return false;
        }
    }
    event->slot_count = (int)count;
    return event->slots != NULL;
}

static bool read_kind(const char *word, enum lab_event_kind *kind)
{
    static const char *const words[] = {[LAB_ASSIGNED] = "assigned",
                                        [LAB_REVOKED] = "revoked",
                                        [LAB_LOST] = "lost",
                                        [LAB_READ] = "read"};
    for (int i = 0; word != NULL && i <= LAB_READ; i++) {
        if (strcmp(words[i], word) == 0) {
            *kind = (enum lab_event_kind)i;
            return true;
        }
    }
    return false;
}

static bool read_event(const struct lab_group *group, const char *prefix, const json_t *from,
                       struct lab_event *event)
{
    if (!read_kind(json_string_value(json_object_get(from, "event")), &event->kind)) {
        return false;
    }
    event->clock_ns = json_integer_value(json_object_get(from, "clock"));
    event->generation = -1;
    if (event->kind == LAB_READ) {
        event->slots = calloc(1, sizeof *event->slots);
        event->slot_count = 1;
        event->first = json_integer_value(json_object_get(from, "first"));
        event->last = json_integer_value(json_object_get(from, "last"));
        if (event->slots == NULL || event->first < 0 || event->last < event->first ||
            event->last > offset_most) {
            return false;
        }
        event->slots[0] = read_slot(group, prefix, from);
        return event->slots[0] >= 0;
    }
    const char *id = json_string_value(json_object_get(from, "id"));
    (void)str_copy(str_from(id != NULL ? id : ""), event->id, sizeof event->id);
    event->generation = (int)json_integer_value(json_object_get(from, "generation"));
    return read_slots(group, prefix, json_object_get(from, "partitions"), event);
}

bool lab_log_add_line(struct lab_log *log, const struct lab_group *group, const char *prefix,
                      int member, struct str line, struct error *error)
{
    struct lab_event event = {.member = member};
    json_t *from = json_loadb(line.data, line.length, 0, NULL);
    bool good = from != NULL && read_event(group, prefix, from, &event);
    json_decref(from);
    if (!good) {
        free(event.slots);
        return error_set(error, ERROR_REJECT, "\"%.*s\" is no event of a member of this run",
                         (int)(line.length < 120 ? line.length : 120), line.data);
    }
    return add(log, event, error);
}
