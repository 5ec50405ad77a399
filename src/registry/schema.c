#include "registry/schema.h"

#include <avro.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "registry/schema_fields.h"

/* A flat record needs 5 levels; some room for attributes of other programs. */
enum { DEPTH_LIMIT = 8 };

/* avro-c keeps the text of its last error in one place for all threads. */
static pthread_mutex_t avro_lock = PTHREAD_MUTEX_INITIALIZER;

/* How deep brackets nest outside of strings, without recursion: jansson and avro-c recurse. Text
 * that is no JSON may count wrong; the parser refuses it anyway. */
static bool nested_too_deep(struct str text)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.length && depth <= DEPTH_LIMIT; i++) {
        char c = text.data[i];
        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == '{' || c == '[')) {
            depth++;
        } else if (!in_string && (c == '}' || c == ']')) {
            depth--;
        }
    }
    return depth > DEPTH_LIMIT;
}

static json_t *parse_json(struct str text, struct error *error)
{
    if (text.length > SCHEMA_TEXT_LIMIT) {
        error_set(error, ERROR_REJECT, "the schema is larger than %d bytes", SCHEMA_TEXT_LIMIT);
        return NULL;
    }
    if (nested_too_deep(text)) {
        error_set(error, ERROR_REJECT, "the schema nests deeper than %d levels", DEPTH_LIMIT);
        return NULL;
    }
    json_error_t where;
    json_t *root = json_loadb(text.data, text.length,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    if (root == NULL) {
        error_set(error, ERROR_REJECT, "the schema is not JSON: %s (line %d)", where.text,
                  where.line);
    }
    return root;
}

static void remove_from_fields(json_t *root, const char *key)
{
    json_t *fields = json_object_get(root, "fields");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        (void)json_object_del(json_array_get(fields, i), key);
    }
}

static char *dump(const json_t *root)
{
    return json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
}

/* Avro at all? Our own checks came first, since avro-c takes what it later trips over (a fixed of
 * size -2, any nesting). It looks at no default; without them a NUL in one does not disturb it. */
static bool check_by_avro(const char *text, struct error *error)
{
    avro_schema_t parsed = NULL;
    (void)pthread_mutex_lock(&avro_lock);
    bool good = avro_schema_from_json_length(text, strlen(text), &parsed) == 0;
    if (good) {
        avro_schema_decref(parsed);
    } else {
        error_set(error, ERROR_REJECT, "not an Avro schema: %s", avro_strerror());
    }
    (void)pthread_mutex_unlock(&avro_lock);
    return good;
}

static bool make_texts(struct schema *schema, struct str text, struct error *error)
{
    char *bare = NULL;
    bool good = false;
    json_t *copy = json_deep_copy(schema->root);
    schema->text = strndup(text.data, text.length);
    schema->sorted = dump(schema->root);
    (void)json_object_del(copy, "doc");
    remove_from_fields(copy, "doc");
    schema->canonical = dump(copy);
    remove_from_fields(copy, "default");
    bare = dump(copy);
    if (schema->text == NULL || schema->sorted == NULL || schema->canonical == NULL ||
        bare == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a schema");
        goto out;
    }
    good = check_by_avro(bare, error);
out:
    json_decref(copy);
    free(bare);
    return good;
}

struct schema *schema_parse(struct str text, struct error *error)
{
    struct schema *schema = calloc(1, sizeof *schema);
    if (schema == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a schema");
        return NULL;
    }
    schema->root = parse_json(text, error);
    if (schema->root == NULL || !schema_read_record(schema, error) ||
        !make_texts(schema, text, error)) {
        schema_destroy(schema);
        return NULL;
    }
    return schema;
}

void schema_destroy(struct schema *schema)
{
    if (schema == NULL) {
        return;
    }
    free(schema->fields);
    free(schema->full_name);
    free(schema->canonical);
    free(schema->sorted);
    free(schema->text);
    json_decref(schema->root);
    free(schema);
}

const char *schema_text(const struct schema *schema)
{
    return schema->text;
}

const char *schema_full_name(const struct schema *schema)
{
    return schema->full_name;
}

bool schema_same(const struct schema *left, const struct schema *right)
{
    return strcmp(left->canonical, right->canonical) == 0;
}
