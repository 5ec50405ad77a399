#include "registry/codec/schema.h"

#include <stdlib.h>
#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

/* Removes the docs of a type and of all types inside it. The tree is no deeper than
 * schema_read_json allows. */
static void remove_docs(json_t *type)
{
    size_t i;
    json_t *piece;
    json_array_foreach(type, i, piece)
    {
        remove_docs(piece);
    }
    if (!json_is_object(type)) {
        return;
    }
    (void)json_object_del(type, "doc");
    json_array_foreach(json_object_get(type, "fields"), i, piece)
    {
        (void)json_object_del(piece, "doc");
        remove_docs(json_object_get(piece, "type"));
    }
    remove_docs(json_object_get(type, "items"));
    remove_docs(json_object_get(type, "values"));
}

static char *dump(const json_t *json)
{
    return json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool make_texts(struct schema *schema, struct str text, struct error *error)
{
    json_t *copy = json_deep_copy(schema->json);
    remove_docs(copy);
    schema->text = strndup(text.data, text.length);
    schema->sorted = dump(schema->json);
    schema->canonical = dump(copy);
    json_decref(copy);
    return (schema->text != NULL && schema->sorted != NULL && schema->canonical != NULL) ||
           error_set(error, ERROR_FATAL, "out of memory for a schema");
}

struct schema *schema_parse(struct str text, struct error *error)
{
    struct schema *schema = calloc(1, sizeof *schema);
    if (schema == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a schema");
        return NULL;
    }
    schema->json = schema_read_json(text, error);
    if (schema->json == NULL || !schema_read_types(schema, error) ||
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
    free(schema->branches);
    free(schema->fields);
    free(schema->types);
    free(schema->canonical);
    free(schema->sorted);
    free(schema->text);
    json_decref(schema->names);
    json_decref(schema->json);
    free(schema);
}

const char *schema_text(const struct schema *schema)
{
    return schema->text;
}

const char *schema_full_name(const struct schema *schema)
{
    const struct schema_type *root = &schema->types[schema->root];
    return root->full_name != NULL ? root->full_name : avro_type_name(root->type);
}

bool schema_same(const struct schema *left, const struct schema *right)
{
    return strcmp(left->canonical, right->canonical) == 0;
}
