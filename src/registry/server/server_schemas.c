/* Serves /schemas: schemas by id, even if their subjects are deleted. */
#include <stdlib.h>
#include <string.h>

#include "registry/codec/guid.h"
#include "registry/server/server_query.h"

/* Reads the text of the schema that the path names; the caller frees it. Returns NULL if the
 * request was refused. */
static char *read_schema(struct call *call, int32_t *id)
{
    int64_t number;
    char *text = NULL;
    struct error error;
    if (!str_to_int64(call->arguments[0], &number)) {
        (void)call_refuse(call, CALL_NOT_FOUND, "HTTP 404 Not Found");
        return NULL;
    }
    *id = number > 0 && number <= INT32_MAX ? (int32_t)number : -1;
    if (!server_store_schema_text(call->store, *id, &text, &error)) {
        (void)call_store_failed(call, &error);
    } else if (text == NULL) {
        (void)call_refuse(call, CALL_NO_SCHEMA, "Schema not found");
    }
    return text;
}

static void get_schema(struct call *call)
{
    int32_t id;
    char *text = read_schema(call, &id);
    if (text != NULL) {
        strbuf_append_text(&call->reply->body, "{\"schema\":");
        strbuf_append_json_string(&call->reply->body, str_from(text));
        strbuf_append_char(&call->reply->body, '}');
    }
    free(text);
}

/* The GUID contains the id: see guid_of_schema. */
static void get_schema_by_guid(struct call *call)
{
    struct guid asked;
    struct guid own;
    struct error error;
    char *text = NULL;
    if (!guid_parse(call->arguments[0], &asked)) {
        (void)call_refuse(call, CALL_NO_SCHEMA, "Schema not found");
        return;
    }
    int32_t id = guid_schema_id(&asked);
    if (!server_store_schema_text(call->store, id, &text, &error)) {
        (void)call_store_failed(call, &error);
        return;
    }
    if (text != NULL) {
        own = guid_of_schema(id, str_from(text));
    }
    if (text == NULL || memcmp(&own, &asked, sizeof own) != 0) {
        (void)call_refuse(call, CALL_NO_SCHEMA, "Schema not found");
    } else {
        strbuf_append_text(&call->reply->body, "{\"schema\":");
        strbuf_append_json_string(&call->reply->body, str_from(text));
        strbuf_append_char(&call->reply->body, ',');
        call_append_guid(&call->reply->body, id, text);
        strbuf_append_char(&call->reply->body, '}');
    }
    free(text);
}

static void get_schema_text(struct call *call)
{
    int32_t id;
    char *text = read_schema(call, &id);
    if (text != NULL) {
        strbuf_append_text(&call->reply->body, text);
    }
    free(text);
}

/* Lists the versions under which the path's schema is registered, as the query asks. Returns false
 * if the request was refused. */
static bool list_uses(struct call *call, struct version_list *list)
{
    int32_t id;
    char *text = read_schema(call, &id);
    if (text == NULL) {
        return false;
    }
    free(text);
    struct version_filter filter = {.subject = query_text(call, QUERY_SUBJECT),
                                    .schema_id = id,
                                    .deleted = query_is_true(call, QUERY_DELETED)};
    struct error error;
    return server_store_versions(call->store, &filter, list, &error) ||
           call_store_failed(call, &error);
}

static void get_schema_versions(struct call *call)
{
    struct strbuf *body = &call->reply->body;
    struct version_list list = {0};
    if (list_uses(call, &list)) {
        strbuf_append_char(body, '[');
        for (size_t i = 0; i < list.count; i++) {
            strbuf_append_text(body, i > 0 ? ",{\"subject\":" : "{\"subject\":");
            strbuf_append_json_string(body, str_from(list.items[i].subject));
            strbuf_append_format(body, ",\"version\":%lld}", (long long)list.items[i].version);
        }
        strbuf_append_char(body, ']');
    }
    version_list_free(&list);
}

static void get_schema_subjects(struct call *call)
{
    struct strbuf *body = &call->reply->body;
    struct version_list list = {0};
    if (list_uses(call, &list)) {
        strbuf_append_char(body, '[');
        for (size_t i = 0; i < list.count; i++) {
            if (i == 0 || strcmp(list.items[i - 1].subject, list.items[i].subject) != 0) {
                strbuf_append_text(body, i > 0 ? "," : "");
                strbuf_append_json_string(body, str_from(list.items[i].subject));
            }
        }
        strbuf_append_char(body, ']');
    }
    version_list_free(&list);
}

static void get_types(struct call *call)
{
    strbuf_append_text(&call->reply->body, "[\"AVRO\"]");
}

/* An id means the same schema for every subject. */
const struct route schema_routes[] = {
    {"GET", "/schemas/types", get_types, 0},
    {"GET", "/schemas/ids/*", get_schema, QUERY_SUBJECT},
    {"GET", "/schemas/guids/*", get_schema_by_guid, 0},
    {"GET", "/schemas/ids/*/schema", get_schema_text, QUERY_SUBJECT},
    {"GET", "/schemas/ids/*/subjects", get_schema_subjects, QUERY_DELETED | QUERY_SUBJECT},
    {"GET", "/schemas/ids/*/versions", get_schema_versions, QUERY_DELETED | QUERY_SUBJECT},
    {NULL, NULL, NULL, 0},
};
