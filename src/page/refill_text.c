#include "page/refill_text.h"

#include <stdlib.h>

#include "base/text/table.h"

static void cell_figure(struct table *table, const json_t *figures, const char *name)
{
    const json_t *figure = json_object_get(figures, name);
    if (json_is_integer(figure)) {
        table_cell(table, "%lld", (long long)json_integer_value(figure));
    } else {
        table_cell(table, "-");
    }
}

void refill_to_table(const json_t *status, int columns, struct strbuf *text)
{
    const json_t *sources = json_object_get(status, "sources");
    struct table table = table_new_with_head((const char *const[]){
        "source", "open holes", "requests", "left in this minute", "minutes at least", NULL});
    bool any = false;
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *source = json_array_get(sources, i);
        const char *name = json_string_value(json_object_get(source, "source"));
        const json_t *figures = json_object_get(source, "figures");
        if (name == NULL || json_object_get(figures, "open_holes") == NULL) {
            continue;
        }
        any = true;
        table_cell(&table, "%s", name);
        cell_figure(&table, figures, "open_holes");
        cell_figure(&table, figures, "refill_requests");
        cell_figure(&table, figures, "refill_budget_left");
        cell_figure(&table, figures, "refill_minutes_left");
    }
    if (any) {
        strbuf_append_char(text, '\n');
        table_append_within(&table, columns, text);
    }
    table_free(&table);
}

void refill_to_json(const json_t *status, struct strbuf *json)
{
    const json_t *sources = json_object_get(status, "sources");
    const char *separator = "";
    if (!json_is_array(sources)) {
        strbuf_append_text(json, "null");
        return;
    }
    strbuf_append_char(json, '{');
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *source = json_array_get(sources, i);
        const char *name = json_string_value(json_object_get(source, "source"));
        char *figures = json_dumps(json_object_get(source, "figures"), JSON_COMPACT);
        if (name != NULL && figures != NULL) {
            strbuf_append_text(json, separator);
            strbuf_append_json_string(json, str_from(name));
            strbuf_append_format(json, ":%s", figures);
            separator = ",";
        }
        free(figures);
    }
    strbuf_append_char(json, '}');
}
