#include "commands/demo_members.h"

#include <stdlib.h>
#include <string.h>

#include "base/text/str.h"
#include "commands/page_ask.h"

static void copy_text(const json_t *object, const char *name, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(object, name));
    (void)str_copy(str_from(value == NULL ? "" : value), text, size);
}

static bool fill_member(const json_t *from, struct member_status *member)
{
    const json_t *partitions = json_object_get(from, "partitions");
    size_t count = json_array_size(partitions);
    *member = (struct member_status){.host = "this machine"};
    copy_text(from, "client_id", member->client_id, sizeof member->client_id);
    member->partitions = calloc(count + 1, sizeof *member->partitions);
    if (member->partitions == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        member->partitions[i] = (int32_t)json_integer_value(json_array_get(partitions, i));
    }
    member->partition_count = count;
    return true;
}

/* Returns the part of the page's answer about the topic of `status`: one of its streams, or the
 * whole answer of an older page, which has only one topic. */
static const json_t *find_stream(const json_t *answer, const struct group_status *status)
{
    const json_t *streams = json_object_get(answer, "streams");
    for (size_t i = 0; i < json_array_size(streams); i++) {
        const json_t *stream = json_array_get(streams, i);
        const char *topic = json_string_value(json_object_get(stream, "topic"));
        if (topic != NULL && strcmp(topic, status->topic) == 0) {
            return stream;
        }
    }
    return answer;
}

static bool fill_members(const json_t *answer, struct group_status *status)
{
    const json_t *members = json_object_get(find_stream(answer, status), "members");
    const char *group = json_string_value(json_object_get(answer, "group"));
    if (!json_is_array(members) || group == NULL || strcmp(group, status->group) != 0) {
        return false; /* the page belongs to no demo, or to another group */
    }
    size_t count = json_array_size(members);
    status->members = calloc(count + 1, sizeof *status->members);
    if (status->members == NULL) {
        return false;
    }
    while (status->member_count < count &&
           fill_member(json_array_get(members, status->member_count),
                       &status->members[status->member_count])) {
        status->member_count++;
    }
    copy_text(answer, "strategy", status->strategy, sizeof status->strategy);
    (void)str_copy(str_from("told by the demo"), status->state, sizeof status->state);
    return status->member_count == count;
}

void demo_members_ask(const char *page, struct group_status *status)
{
    json_t *answer = page_ask_status(page);
    status->members_known = answer != NULL && fill_members(answer, status);
    json_decref(answer);
}
