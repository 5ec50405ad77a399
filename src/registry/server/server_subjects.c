/* Serves /subjects: which schemas are registered under which name. */
#include <stdlib.h>
#include <string.h>

#include "registry/codec/schema_fields.h"
#include "registry/server/server_query.h"

static void append_version(struct strbuf *body, const struct subject_version *version,
                           const char *text)
{
    strbuf_append_text(body, "{\"subject\":");
    strbuf_append_json_string(body, str_from(version->subject));
    strbuf_append_format(body, ",\"version\":%lld,\"id\":%d,", (long long)version->version,
                         version->schema_id);
    call_append_guid(body, version->schema_id, text);
    strbuf_append_text(body, ",\"schema\":");
    strbuf_append_json_string(body, str_from(text));
    strbuf_append_char(body, '}');
}

static void append_numbers(struct strbuf *body, const struct version_list *list)
{
    strbuf_append_char(body, '[');
    for (size_t i = 0; i < list->count; i++) {
        strbuf_append_text(body, i > 0 ? "," : "");
        strbuf_append_int64(body, list->items[i].version);
    }
    strbuf_append_char(body, ']');
}

/* Returns the subject of item *next of the list, and moves *next to the next subject's first item.
 * *has_live: one of the subject's versions is not deleted. */
static const char *take_subject(const struct version_list *list, size_t *next, bool *has_live)
{
    const char *subject = list->items[*next].subject;
    *has_live = false;
    while (*next < list->count && strcmp(list->items[*next].subject, subject) == 0) {
        *has_live = *has_live || !list->items[*next].deleted;
        (*next)++;
    }
    return subject;
}

/* There is only the default context, so ":*:" (any context) is the same as none. */
static struct str asked_prefix(const struct call *call)
{
    static const char any_context[] = ":*:";
    struct str prefix = query_text(call, QUERY_PREFIX);
    return str_starts_with(prefix, any_context) ? str_from(prefix.data + strlen(any_context))
                                                : str_from(prefix.data != NULL ? prefix.data : "");
}

/* A subject counts as deleted if all its versions are. */
static void list_subjects(struct call *call)
{
    struct strbuf *body = &call->reply->body;
    bool deleted_only = query_is_true(call, QUERY_DELETED_ONLY);
    struct version_filter filter = {.deleted = deleted_only || query_is_true(call, QUERY_DELETED)};
    struct version_list list = {0};
    struct error error;
    struct str prefix = asked_prefix(call);
    if (!server_store_versions(call->store, &filter, &list, &error)) {
        (void)call_store_failed(call, &error);
        goto out;
    }
    strbuf_append_char(body, '[');
    for (size_t i = 0; i < list.count;) {
        bool has_live;
        const char *subject = take_subject(&list, &i, &has_live);
        if (!(deleted_only && has_live) && strncmp(subject, prefix.data, prefix.length) == 0) {
            strbuf_append_text(body, body->length > 1 ? "," : "");
            strbuf_append_json_string(body, str_from(subject));
        }
    }
    strbuf_append_char(body, ']');
out:
    version_list_free(&list);
}

static void list_versions(struct call *call)
{
    struct version_list list = {0};
    if (call_list_subject(call, &list)) {
        append_numbers(&call->reply->body, &list);
    }
    version_list_free(&list);
}

static void send_version(struct call *call, bool only_text)
{
    int64_t number;
    struct version_list list = {0};
    if (call_read_version(call, call->arguments[1], &number) && call_list_subject(call, &list)) {
        const struct subject_version *version = call_pick_version(call, &list, number);
        char *text = version != NULL ? call_schema_text(call, version->schema_id) : NULL;
        if (text != NULL && only_text) {
            strbuf_append_text(&call->reply->body, text);
        } else if (text != NULL) {
            append_version(&call->reply->body, version, text);
        }
        free(text);
    }
    version_list_free(&list);
}

static void get_version(struct call *call)
{
    send_version(call, false);
}

static void get_version_schema(struct call *call)
{
    send_version(call, true);
}

static const struct subject_version *with_schema(const struct version_list *list, int32_t id)
{
    for (size_t i = list->count; i > 0; i--) {
        if (list->items[i - 1].schema_id == id) {
            return &list->items[i - 1];
        }
    }
    return NULL;
}

/* Refuses the request with 409 unless the new schema is compatible with the subject's versions, by
 * the subject's level. */
static bool fits_subject(struct call *call, const struct version_list *list,
                         const struct schema *schema)
{
    const struct compatibility *level = call_level(call, call->arguments[0]);
    if (level == NULL) {
        return false;
    }
    struct error error;
    const struct subject_version *misfit;
    return call_find_misfit(call, list, level, schema, &misfit, &error) &&
           (misfit == NULL ||
            call_refuse(call, CALL_CONFLICT,
                        "Incompatible schema, compatibility_mode=%s. Incompatibilities: "
                        "version %lld: %s",
                        level->name, (long long)misfit->version, error.text));
}

/* The registry assigns ids and versions: a request that asks for one is refused unless it asks for
 * the one that is assigned anyway. */
static bool grants_wish(struct call *call, const struct wish *wish,
                        const struct subject_version *existing)
{
    struct str subject = call->arguments[0];
    if (wish->id != -1 && (existing == NULL || existing->schema_id != wish->id)) {
        return call_refuse(call, CALL_NOT_PERMITTED,
                           "Subject '%.*s' is not in import mode, which this registry does not "
                           "have: leave \"id\" out",
                           (int)subject.length, subject.data);
    }
    if (wish->version == -1) {
        return true;
    }
    int64_t version = existing != NULL ? existing->version : 0;
    struct error error;
    if (existing == NULL && !server_store_next_version(call->store, subject, &version, &error)) {
        return call_store_failed(call, &error);
    }
    return version == wish->version ||
           call_refuse(call, CALL_BAD_SCHEMA,
                       existing != NULL
                           ? "The schema is version %lld of '%.*s' already"
                           : "Version is not one more than previous version: the next one is %lld "
                             "of '%.*s'",
                       (long long)version, (int)subject.length, subject.data);
}

/* `id` is -1 if no subject has this schema yet. */
static bool add_version(struct call *call, const struct schema *schema, int32_t *id)
{
    struct error error;
    bool good = (*id >= 0 || server_store_add_schema(call->store, schema->canonical, schema->sorted,
                                                     id, &error)) &&
                server_store_add_version(call->store, call->arguments[0], *id, &error);
    return good || call_store_failed(call, &error);
}

/* The GUID is made from the stored text, whose docs may differ from the one just sent. */
static void answer_registered(struct call *call, int32_t id)
{
    char *text = call_schema_text(call, id);
    if (text != NULL) {
        strbuf_append_format(&call->reply->body, "{\"id\":%d,", id);
        call_append_guid(&call->reply->body, id, text);
        strbuf_append_char(&call->reply->body, '}');
    }
    free(text);
}

static void register_schema(struct call *call)
{
    struct version_list list = {0};
    struct error error;
    int32_t id;
    struct wish wish;
    struct schema *schema = call_check_subject(call) ? call_read_wish(call, &wish) : NULL;
    if (schema == NULL) {
        return;
    }
    bool good = false;
    if (!server_store_versions(call->store, &(struct version_filter){.subject = call->arguments[0]},
                               &list, &error) ||
        !server_store_find_schema(call->store, schema->canonical, &id, &error)) {
        (void)call_store_failed(call, &error);
    } else {
        const struct subject_version *existing = with_schema(&list, id);
        good = grants_wish(call, &wish, existing) &&
               (existing != NULL ||
                (fits_subject(call, &list, schema) && add_version(call, schema, &id)));
    }
    if (good) {
        answer_registered(call, id);
    }
    version_list_free(&list);
    schema_destroy(schema);
}

static void look_up_schema(struct call *call)
{
    struct version_list list = {0};
    struct error error;
    int32_t id;
    struct schema *schema = NULL;
    char *text = NULL;
    if (!call_list_subject(call, &list)) {
        goto out;
    }
    schema = call_read_schema(call);
    if (schema == NULL) {
        goto out;
    }
    if (!server_store_find_schema(call->store, schema->canonical, &id, &error)) {
        (void)call_store_failed(call, &error);
        goto out;
    }
    const struct subject_version *version = with_schema(&list, id);
    if (version == NULL) {
        (void)call_refuse(call, CALL_NO_SCHEMA, "Schema not found");
        goto out;
    }
    text = call_schema_text(call, version->schema_id);
    if (text != NULL) {
        append_version(&call->reply->body, version, text);
    }
out:
    free(text);
    version_list_free(&list);
    schema_destroy(schema);
}

/* Only soft deletes are supported: messages carry ids, so ids must stay readable for ever. */
static bool soft_delete(struct call *call)
{
    return !query_is_true(call, QUERY_PERMANENT) ||
           call_refuse(call, CALL_BAD_BODY,
                       "permanent=true is not supported: messages may still need the schema");
}

static bool was_deleted(struct call *call)
{
    struct str subject = call->arguments[0];
    struct version_list list = {0};
    struct error error;
    bool deleted = server_store_versions(
                       call->store, &(struct version_filter){.subject = subject, .deleted = true},
                       &list, &error) &&
                   list.count > 0 && list.items[list.count - 1].deleted;
    version_list_free(&list);
    if (deleted) {
        (void)call_refuse(call, CALL_SUBJECT_DELETED, "Subject '%.*s' was soft deleted.",
                          (int)subject.length, subject.data);
    }
    return deleted;
}

static void delete_subject(struct call *call)
{
    struct version_list list = {0};
    struct error error;
    if (!soft_delete(call)) {
        return;
    }
    if (!call_list_subject(call, &list)) {
        (void)was_deleted(call);
    } else if (!server_store_delete(call->store, call->arguments[0], 0, &error)) {
        (void)call_store_failed(call, &error);
    } else {
        append_numbers(&call->reply->body, &list);
    }
    version_list_free(&list);
}

static void delete_version(struct call *call)
{
    struct version_list list = {0};
    struct error error;
    int64_t number;
    if (soft_delete(call) && call_read_version(call, call->arguments[1], &number) &&
        call_list_subject(call, &list)) {
        const struct subject_version *version = call_pick_version(call, &list, number);
        if (version != NULL &&
            !server_store_delete(call->store, call->arguments[0], version->version, &error)) {
            (void)call_store_failed(call, &error);
        } else if (version != NULL) {
            strbuf_append_int64(&call->reply->body, version->version);
        }
    }
    version_list_free(&list);
}

const struct route subject_routes[] = {
    {"GET", "/subjects", list_subjects, QUERY_DELETED | QUERY_DELETED_ONLY | QUERY_PREFIX},
    {"POST", "/subjects/*", look_up_schema, QUERY_DELETED},
    {"DELETE", "/subjects/*", delete_subject, QUERY_PERMANENT},
    {"GET", "/subjects/*/versions", list_versions, QUERY_DELETED | QUERY_DELETED_ONLY},
    {"POST", "/subjects/*/versions", register_schema, 0},
    {"GET", "/subjects/*/versions/*", get_version, QUERY_DELETED},
    {"DELETE", "/subjects/*/versions/*", delete_version, QUERY_PERMANENT},
    {"GET", "/subjects/*/versions/*/schema", get_version_schema, QUERY_DELETED},
    {NULL, NULL, NULL, 0},
};
