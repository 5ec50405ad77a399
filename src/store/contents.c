/* Fills the lists of struct store_contents, for both back ends. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

/* Returns the array with room for one more item: its capacity doubles whenever the count is a power
 * of two. */
static void *grown(void *items, size_t count, size_t item_bytes)
{
    if ((count & (count - 1)) != 0) {
        return items;
    }
    return reallocarray(items, count == 0 ? 1 : 2 * count, item_bytes);
}

bool store_add_holding(struct store_contents *contents, const char *series, int64_t points,
                       int64_t first_ns, int64_t last_ns, struct error *error)
{
    void *items = grown(contents->series, contents->series_count, sizeof *contents->series);
    if (items == NULL) {
        return store_no_memory(error);
    }
    contents->series = items;
    struct series_extent *extent = &contents->series[contents->series_count++];
    *extent = (struct series_extent){.points = points, .first_ns = first_ns, .last_ns = last_ns};
    (void)str_copy(str_from(series), extent->series, sizeof extent->series);
    return true;
}

bool store_add_oddity(struct store_contents *contents, bool named, int64_t rows,
                      struct error *error, const char *format, ...)
{
    char what[sizeof contents->oddities->what];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    for (char *c = what; *c != '\0'; c++) { /* a foreign name may contain any byte */
        *c = *c >= ' ' && *c <= '~' ? *c : '?';
    }
    for (size_t i = 0; i < contents->oddity_count; i++) {
        if (strcmp(contents->oddities[i].what, what) == 0) {
            contents->oddities[i].rows += rows;
            return true;
        }
    }
    /* Another program may have written any number of names: once the list is full, its last item
     * counts the rows of all further names. */
    if (contents->oddity_count == STORE_ODDITIES_MAX) {
        struct store_oddity *rest = &contents->oddities[STORE_ODDITIES_MAX - 1];
        rest->rows += rows;
        rest->named = rest->named && named;
        return true;
    }
    void *items = grown(contents->oddities, contents->oddity_count, sizeof *contents->oddities);
    if (items == NULL) {
        return store_no_memory(error);
    }
    contents->oddities = items;
    struct store_oddity *oddity = &contents->oddities[contents->oddity_count++];
    oddity->rows = rows;
    oddity->named = named;
    bool last = contents->oddity_count == STORE_ODDITIES_MAX;
    (void)str_copy(str_from(last ? "and others" : what), oddity->what, sizeof oddity->what);
    return true;
}

bool store_add_closed(struct store_contents *contents, int64_t from_ns, int64_t to_ns,
                      struct error *error)
{
    size_t count = contents->closed_count;
    if (count > 0 && contents->closed[count - 1].to_ns == from_ns) {
        contents->closed[count - 1].to_ns = to_ns;
        return true;
    }
    void *closed = grown(contents->closed, count, sizeof *contents->closed);
    if (closed == NULL) {
        return store_no_memory(error);
    }
    contents->closed = closed;
    contents->closed[contents->closed_count++] =
        (struct store_span){.from_ns = from_ns, .to_ns = to_ns};
    return true;
}

void store_add_other(struct store_contents *contents, const char *kind, const char *name)
{
    size_t used = strlen(contents->others);
    (void)snprintf(contents->others + used, sizeof contents->others - used, "%s%s %s",
                   used > 0 ? ", " : "", kind, name);
}

bool store_contents_begin(struct store *store, const struct record_kind *kind, int64_t from_ns,
                          int64_t to_ns, struct store_contents *contents, struct error *error)
{
    *contents = (struct store_contents){.least_ns = INT64_MIN, .most_ns = INT64_MAX};
    return store->backend->contents(store, kind, from_ns, to_ns, contents, error);
}

bool store_contents_count(struct store *store, const struct record_kind *kind,
                          struct store_contents *contents, struct error *error)
{
    return contents->uncounted == 0 || store->backend->contents_count(store, kind, contents, error);
}

void store_contents_end(struct store *store, struct store_contents *contents)
{
    store->backend->contents_end(store);
    free(contents->series);
    free(contents->oddities);
    free(contents->closed);
    *contents = (struct store_contents){.series_count = 0};
}
