#include "registry/client/answer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_SIZE = 160 };

/* Returns NULL if `body` is not a JSON object. */
static json_t *parse(struct str body)
{
    json_t *json = json_loadb(body.data, body.length, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(json)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Copies the message of an error body. Other bodies, such as a proxy's page, are not quoted,
 * because anything may be in them. */
static void read_error(struct str body, char words[WORDS_SIZE])
{
    json_t *json = parse(body);
    const json_t *message = json_object_get(json, "message");
    /* Karapace sends a list of objects when it rejects a request's body. */
    const json_t *first = json_array_get(message, 0);
    message = first != NULL ? json_object_get(first, "msg") : message;
    const char *text = json_string_value(message);
    (void)snprintf(words, WORDS_SIZE, "%s", text != NULL ? text : "no reason given");
    json_decref(json);
}

static bool has_references(const json_t *json)
{
    const json_t *references = json_object_get(json, "references");
    return references != NULL && !json_is_null(references) && json_array_size(references) != 0;
}

static enum answer_kind read_schema_object(const json_t *json, char **schema_text,
                                           struct error *error)
{
    const json_t *schema = json_object_get(json, "schema");
    const json_t *type = json_object_get(json, "schemaType");
    if (!json_is_string(schema)) {
        error_set(error, ERROR_RETRY, "the registry's answer holds no schema");
        return ANSWER_LATER;
    }
    if (json_is_string(type) && strcmp(json_string_value(type), "AVRO") != 0) {
        error_set(error, ERROR_REJECT, "the schema is of type %.40s, not AVRO",
                  json_string_value(type));
        return ANSWER_UNUSABLE;
    }
    if (has_references(json)) {
        error_set(error, ERROR_REJECT, "the schema refers to others, which is not supported");
        return ANSWER_UNUSABLE;
    }
    const char *text = json_string_value(schema);
    if (strlen(text) != json_string_length(schema)) {
        error_set(error, ERROR_REJECT, "the schema's text holds a NUL");
        return ANSWER_UNUSABLE;
    }
    *schema_text = strdup(text);
    if (*schema_text == NULL) {
        error_set(error, ERROR_RETRY, "out of memory for a schema");
        return ANSWER_LATER;
    }
    return ANSWER_SCHEMA;
}

/* Returns whether the status means "no such id". Registries differ: Confluent, Karapace and
 * Redpanda send 404 with error code 40403, Apicurio 404 with error code 404, others 404 with 40401
 * or without a code, 400, or 422; a registry without schemas by GUID may send 405. A server may
 * also send such a status for every request; the caller checks that. */
static bool means_no_such_id(long status)
{
    return status == 400 || status == 404 || status == 405 || status == 410 || status == 422;
}

static const char *remedy_of(long status)
{
    return status == 401 || status == 403 ? " (see --registry-user and --registry-password-file)"
                                          : "";
}

enum answer_kind answer_read_schema(long status, struct str body, char **schema_text,
                                    struct error *error)
{
    if (status != 200) {
        char words[WORDS_SIZE];
        read_error(body, words);
        if (means_no_such_id(status)) {
            error_set(error, ERROR_REJECT, "the registry has no such id (it answered %ld: %s)",
                      status, words);
            return ANSWER_UNKNOWN;
        }
        error_set(error, ERROR_RETRY, "the registry answered %ld: %s%s", status, words,
                  remedy_of(status));
        return ANSWER_LATER;
    }
    json_t *json = parse(body);
    if (json == NULL) {
        error_set(error, ERROR_RETRY, "the registry's answer is no JSON: is it a schema registry?");
        return ANSWER_LATER;
    }
    enum answer_kind kind = read_schema_object(json, schema_text, error);
    json_decref(json);
    return kind;
}

bool answer_is_of_registry(long status, struct str body)
{
    json_t *json = status == 200 ? json_loadb(body.data, body.length, 0, NULL) : NULL;
    const json_t *type = json_array_get(json, 0); /* ["AVRO", ...] */
    bool registry =
        json_is_string(type) || json_is_string(json_object_get(json, "compatibilityLevel"));
    json_decref(json);
    return registry;
}

/* Returns whether the registry would refuse the same request again. */
static bool refused_for_good(long status)
{
    static const long statuses[] = {400, 401, 403, 409, 413, 415, 422};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (status == statuses[i]) {
            return true;
        }
    }
    return false;
}

bool answer_read_id(long status, struct str body, int32_t *schema_id, struct error *error)
{
    if (status != 200) {
        char words[WORDS_SIZE];
        read_error(body, words);
        return error_set(error, refused_for_good(status) ? ERROR_FATAL : ERROR_RETRY,
                         "the registry answered %ld: %s%s", status, words, remedy_of(status));
    }
    json_t *json = parse(body);
    const json_t *id = json_object_get(json, "id");
    json_int_t value = json_is_integer(id) ? json_integer_value(id) : -1;
    json_decref(json);
    if (value < 0 || value > INT32_MAX) {
        return error_set(error, ERROR_RETRY,
                         "the registry's answer holds no id: is it a schema registry?");
    }
    *schema_id = (int32_t)value;
    return true;
}
