#include "cli/options_memory.h"

#include <stdlib.h>
#include <string.h>

struct options_memory {
    struct options_memory *next;
    char text[];
};

char *options_keep(struct options *options, struct str text, struct error *error)
{
    struct options_memory *kept = malloc(sizeof *kept + text.length + 1);
    if (kept == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    (void)str_copy(text, kept->text, text.length + 1);
    kept->next = options->memory;
    options->memory = kept;
    return kept->text;
}

bool options_add_property(struct options *options, const char *where, struct str text,
                          struct error *error)
{
    const char *equals = text.length > 0 ? memchr(text.data, '=', text.length) : NULL;
    if (equals == NULL || equals == text.data) {
        return error_set(error, ERROR_USAGE,
                         "%s: what is given is not KEY=VALUE, as in socket.keepalive.enable=true "
                         "(a value with a comma in it: by -X)",
                         where);
    }
    struct str key = {.data = text.data, .length = (size_t)(equals - text.data)};
    struct str value = {.data = equals + 1, .length = text.length - key.length - 1};
    struct kafka_property property = {.key = options_keep(options, key, error)};
    property.value = property.key != NULL ? options_keep(options, value, error) : NULL;
    if (property.value == NULL) {
        return false;
    }
    struct kafka_property *list =
        reallocarray(options->properties, options->property_count + 1, sizeof *list);
    if (list == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    list[options->property_count++] = property;
    options->properties = list;
    return true;
}

void options_free(struct options *options)
{
    while (options->memory != NULL) {
        struct options_memory *kept = options->memory;
        options->memory = kept->next;
        free(kept);
    }
    free(options->properties);
    options->properties = NULL;
    options->property_count = 0;
}
