#include "registry/server/server_query.h"

#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"
#include "registry/codec/guid.h"

enum { SUBJECT_LIMIT = 255 };

json_t *call_read_body(struct call *call)
{
    struct str body = call->exchange->body;
    json_error_t where;
    json_t *json =
        json_loadb(body.data, body.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);
    if (json == NULL) {
        (void)call_bad_body(call, where.text);
    } else if (!json_is_object(json)) {
        (void)call_bad_body(call, "the body is no JSON object");
        json_decref(json);
        json = NULL;
    }
    return json;
}

bool call_is_given(const json_t *value)
{
    bool empty = (json_is_array(value) && json_array_size(value) == 0) ||
                 (json_is_object(value) && json_object_size(value) == 0);
    return value != NULL && !json_is_null(value) && !empty;
}

static bool only_avro(struct call *call, const json_t *body)
{
    static const char *const unkept[] = {"metadata", "ruleSet", "schemaTagsToAdd",
                                         "schemaTagsToRemove"};
    const json_t *type = json_object_get(body, "schemaType");
    if (call_is_given(type) && !json_is_string(type)) {
        return call_bad_body(call, "\"schemaType\" is no string");
    }
    if (json_is_string(type) && strcmp(json_string_value(type), "AVRO") != 0) {
        return call_refuse(call, CALL_BAD_SCHEMA,
                           "Schema type %.40s is not supported: this registry takes AVRO only",
                           json_string_value(type));
    }
    if (call_is_given(json_object_get(body, "references"))) {
        return call_refuse(call, CALL_BAD_SCHEMA,
                           "References are not supported: this registry takes whole schemas only");
    }
    for (size_t i = 0; i < sizeof unkept / sizeof unkept[0]; i++) {
        if (call_is_given(json_object_get(body, unkept[i]))) {
            return call_refuse(call, CALL_BAD_SCHEMA,
                               "\"%s\" is not supported: this registry keeps the schema only",
                               unkept[i]);
        }
    }
    return true;
}

void call_append_guid(struct strbuf *body, int32_t id, const char *text)
{
    char guid_text[GUID_TEXT_SIZE];
    struct guid guid = guid_of_schema(id, str_from(text));
    guid_format(&guid, guid_text);
    strbuf_append_format(body, "\"guid\":\"%s\"", guid_text);
}

/* Reads an optional integer. It counts as absent if it is -1, which some clients send for nothing,
 * or `none`. */
static bool read_wish(struct call *call, const json_t *body, const char *key, int64_t none,
                      int64_t *wish)
{
    const json_t *value = json_object_get(body, key);
    *wish = -1;
    if (json_is_integer(value)) {
        *wish = json_integer_value(value) == none ? -1 : json_integer_value(value);
        return true;
    }
    return value == NULL || json_is_null(value) ||
           call_refuse(call, CALL_BAD_BODY, "\"%s\" is no integer", key);
}

/* `wish` may be NULL. */
static struct schema *read_body(struct call *call, struct wish *wish)
{
    struct schema *schema = NULL;
    json_t *body = call_read_body(call);
    const json_t *text = json_object_get(body, "schema");
    if (body != NULL && !json_is_string(text)) {
        (void)call_bad_body(call, "the body has no string \"schema\"");
    } else if (body != NULL && only_avro(call, body) &&
               (wish == NULL || (read_wish(call, body, "id", -1, &wish->id) &&
                                 read_wish(call, body, "version", 0, &wish->version)))) {
        struct error error;
        struct str span = {.data = json_string_value(text), .length = json_string_length(text)};
        schema = schema_parse(span, &error);
        if (schema == NULL) {
            (void)call_refuse(call, CALL_BAD_SCHEMA, "Invalid AVRO schema. Error: %s.", error.text);
        }
    }
    json_decref(body);
    return schema;
}

struct schema *call_read_schema(struct call *call)
{
    return read_body(call, NULL);
}

struct schema *call_read_wish(struct call *call, struct wish *wish)
{
    return read_body(call, wish);
}

bool call_check_subject(struct call *call)
{
    struct str subject = call->arguments[0];
    bool valid = subject.length <= SUBJECT_LIMIT;
    while (valid && subject.length > 0) {
        size_t length = utf8_sequence(subject);
        valid = length > 0 && utf8_control_length(subject) == 0;
        subject.data += length;
        subject.length -= length;
    }
    return valid || call_refuse(call, CALL_BAD_SUBJECT,
                                "The subject is longer than %d bytes, has control characters or is "
                                "no UTF-8",
                                SUBJECT_LIMIT);
}

char *call_schema_text(struct call *call, int32_t id)
{
    struct error error;
    char *text = NULL;
    if (!server_store_schema_text(call->store, id, &text, &error)) {
        (void)call_store_failed(call, &error);
    } else if (text == NULL) {
        (void)call_refuse(call, CALL_STORE_FAILED, "registry database: schema %d is gone", id);
    }
    return text;
}

bool call_read_version(struct call *call, struct str text, int64_t *version)
{
    if (str_equal_text(text, "latest") || str_equal_text(text, "-1")) {
        *version = 0;
        return true;
    }
    if (str_to_int64(text, version) && *version > 0 && *version <= INT32_MAX) {
        return true;
    }
    return call_refuse(call, CALL_BAD_VERSION,
                       "The specified version '%.*s' is not a valid version id. Allowed values are "
                       "between [1, 2^31-1] and the string \"latest\"",
                       (int)(text.length < 64 ? text.length : 64), text.data);
}

bool call_list_subject(struct call *call, struct version_list *list)
{
    struct str subject = call->arguments[0];
    struct version_filter filter = {.subject = subject,
                                    .deleted = query_is_true(call, QUERY_DELETED),
                                    .deleted_only = query_is_true(call, QUERY_DELETED_ONLY)};
    struct error error;
    if (!server_store_versions(call->store, &filter, list, &error)) {
        return call_store_failed(call, &error);
    }
    return list->count > 0 || call_refuse(call, CALL_NO_SUBJECT, "Subject '%.*s' not found.",
                                          (int)subject.length, subject.data);
}

const struct subject_version *call_pick_version(struct call *call, const struct version_list *list,
                                                int64_t version)
{
    if (version == 0) {
        return &list->items[list->count - 1];
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].version == version) {
            return &list->items[i];
        }
    }
    (void)call_refuse(call, CALL_NO_VERSION, "Version %lld not found.", (long long)version);
    return NULL;
}

const struct compatibility *call_level(struct call *call, struct str subject)
{
    char name[LEVEL_SIZE];
    struct error error;
    bool good = server_store_level(call->store, subject, name, &error);
    if (good && name[0] == '\0') {
        good = server_store_level(call->store, str_from(""), name, &error);
    }
    if (!good) {
        (void)call_store_failed(call, &error);
        return NULL;
    }
    const struct compatibility *level = compatibility_from_name(str_from(name));
    return level != NULL ? level : compatibility_default();
}

/* Does the same as call_find_misfit() for one version. */
static bool fits(struct call *call, const struct subject_version *version,
                 const struct compatibility *level, const struct schema *newer, bool *good,
                 struct error *error)
{
    char *text = call_schema_text(call, version->schema_id);
    if (text == NULL) {
        return false;
    }
    struct schema *older = schema_parse(str_from(text), error);
    *good = older != NULL && compatibility_check(level, older, newer, error);
    schema_destroy(older);
    free(text);
    return true;
}

bool call_find_misfit(struct call *call, const struct version_list *list,
                      const struct compatibility *level, const struct schema *newer,
                      const struct subject_version **misfit, struct error *error)
{
    size_t first = level->transitive || list->count == 0 ? 0 : list->count - 1;
    *misfit = NULL;
    for (size_t i = first; i < list->count && *misfit == NULL; i++) {
        bool good = false;
        if (!fits(call, &list->items[i], level, newer, &good, error)) {
            return false;
        }
        *misfit = good ? NULL : &list->items[i];
    }
    return true;
}
