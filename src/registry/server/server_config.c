/* Compatibility levels, the compatibility check, and the health check. */
#include <string.h>

#include "registry/server/server_query.h"

static void send_level(struct call *call, const char *key, const char *name)
{
    strbuf_append_format(&call->reply->body, "{\"%s\":\"%s\"}", key, name);
}

static void get_global_level(struct call *call)
{
    const struct compatibility *level = call_level(call, str_from(""));
    if (level != NULL) {
        send_level(call, "compatibilityLevel", level->name);
    }
}

static void get_level(struct call *call)
{
    struct str subject = call->arguments[0];
    char name[LEVEL_SIZE];
    struct error error;
    if (!server_store_level(call->store, subject, name, &error)) {
        (void)call_store_failed(call, &error);
    } else if (name[0] != '\0') {
        send_level(call, "compatibilityLevel", name);
    } else if (query_is_true(call, QUERY_TO_GLOBAL)) {
        get_global_level(call);
    } else {
        (void)call_refuse(call, CALL_NO_LEVEL,
                          "Subject '%.*s' does not have subject-level compatibility configured",
                          (int)subject.length, subject.data);
    }
}

/* Refuses the subject settings that only Confluent's registry has: aliases, rules, groups … */
static bool only_level(struct call *call, json_t *body)
{
    const char *key;
    json_t *value;
    json_object_foreach(body, key, value)
    {
        if (strcmp(key, "compatibility") != 0 && call_is_given(value) && !json_is_false(value)) {
            return call_refuse(call, CALL_BAD_BODY, "\"%.64s\" is not supported here: leave it out",
                               key);
        }
    }
    return true;
}

static void set_level(struct call *call, struct str subject)
{
    json_t *body = call_read_body(call);
    if (body == NULL || !only_level(call, body)) {
        json_decref(body);
        return;
    }
    const json_t *name = json_object_get(body, "compatibility");
    const struct compatibility *level =
        json_is_string(name) ? compatibility_from_name(
                                   (struct str){json_string_value(name), json_string_length(name)})
                             : NULL;
    struct error error;
    if (!json_is_string(name)) {
        (void)call_bad_body(call, "the body has no string \"compatibility\"");
    } else if (level == NULL) {
        (void)call_refuse(call, CALL_BAD_LEVEL,
                          "Invalid compatibility level. Valid values are NONE, BACKWARD, FORWARD, "
                          "FULL, BACKWARD_TRANSITIVE, FORWARD_TRANSITIVE and FULL_TRANSITIVE");
    } else if (!server_store_set_level(call->store, subject, level->name, &error)) {
        (void)call_store_failed(call, &error);
    } else {
        send_level(call, "compatibility", level->name);
    }
    json_decref(body);
}

static void put_global_level(struct call *call)
{
    set_level(call, str_from(""));
}

static void put_level(struct call *call)
{
    if (call_check_subject(call)) {
        set_level(call, call->arguments[0]);
    }
}

static void delete_level(struct call *call)
{
    struct error error;
    get_level(call);
    if (call->reply->status == 200 &&
        !server_store_set_level(call->store, call->arguments[0], NULL, &error)) {
        (void)call_store_failed(call, &error);
    }
}

/* Appends the result of a check: compatible if `misfit` is NULL; otherwise `misfit` is the
 * incompatible version and `why` the reason. */
static void append_verdict(struct strbuf *body, const struct subject_version *misfit, bool named,
                           struct error *why)
{
    if (misfit == NULL) {
        strbuf_append_text(body, "{\"is_compatible\":true}");
        return;
    }
    if (named) {
        (void)error_prefix(why, "version %lld", (long long)misfit->version);
    }
    strbuf_append_text(body, "{\"is_compatible\":false,\"messages\":[");
    strbuf_append_json_string(body, str_from(why->text));
    strbuf_append_text(body, "]}");
}

/* `named`: several versions are compared, so the answer names the incompatible one. */
static void send_compatibility(struct call *call, const struct version_list *list, bool named)
{
    const struct compatibility *level = call_level(call, call->arguments[0]);
    struct schema *newer = level != NULL ? call_read_schema(call) : NULL;
    if (newer == NULL) {
        return;
    }
    struct error error;
    const struct subject_version *misfit;
    if (call_find_misfit(call, list, level, newer, &misfit, &error)) {
        append_verdict(&call->reply->body, misfit, named, &error);
    }
    schema_destroy(newer);
}

static void check_version(struct call *call)
{
    struct version_list list = {0};
    int64_t number;
    if (call_read_version(call, call->arguments[1], &number) && call_list_subject(call, &list)) {
        const struct subject_version *version = call_pick_version(call, &list, number);
        if (version != NULL) {
            struct subject_version item = *version;
            send_compatibility(call, &(struct version_list){.items = &item, .count = 1}, false);
        }
    }
    version_list_free(&list);
}

/* Compares the schema with the versions with which a registration would compare it; a new subject
 * has none. */
static void check_versions(struct call *call)
{
    struct version_list list = {0};
    struct error error;
    if (!server_store_versions(call->store, &(struct version_filter){.subject = call->arguments[0]},
                               &list, &error)) {
        (void)call_store_failed(call, &error);
    } else {
        send_compatibility(call, &list, true);
    }
    version_list_free(&list);
}

static void get_root(struct call *call)
{
    strbuf_append_text(&call->reply->body, "{}");
}

static void get_mode(struct call *call)
{
    strbuf_append_text(&call->reply->body, "{\"mode\":\"READWRITE\"}");
}

/* Reads from the database, so that a damaged one, or one whose file is gone, is not reported as
 * healthy. */
static void get_health(struct call *call)
{
    struct error error;
    if (!server_store_whole(call->store, &error)) {
        (void)call_store_failed(call, &error);
    } else if (call_level(call, str_from("")) != NULL) {
        strbuf_append_text(&call->reply->body, "{\"healthy\":true,\"schema_registry_ready\":true}");
    }
}

const struct route config_routes[] = {
    {"GET", "/", get_root, 0},
    {"GET", "/_health", get_health, 0},
    {"GET", "/mode", get_mode, 0},
    {"GET", "/mode/*", get_mode, QUERY_TO_GLOBAL},
    {"GET", "/config", get_global_level, QUERY_TO_GLOBAL},
    {"PUT", "/config", put_global_level, 0},
    {"GET", "/config/*", get_level, QUERY_TO_GLOBAL},
    {"PUT", "/config/*", put_level, 0},
    {"DELETE", "/config/*", delete_level, 0},
    {"POST", "/compatibility/subjects/*/versions", check_versions, 0},
    {"POST", "/compatibility/subjects/*/versions/*", check_version, 0},
    {NULL, NULL, NULL, 0},
};
