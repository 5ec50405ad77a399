#include "sqlite_place.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "support.h"

int place_make(void **state)
{
    struct sqlite_place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    support_make_folder(place->folder, sizeof place->folder);
    (void)snprintf(place->file, sizeof place->file, "%s/store.db", place->folder);
    (void)snprintf(place->address, sizeof place->address, "sqlite:%s", place->file);
    *state = place;
    return 0;
}

int place_remove(void **state)
{
    struct sqlite_place *place = *state;
    support_remove_folder(place->folder);
    free(place);
    return 0;
}

struct store *place_open(const struct sqlite_place *place, bool read_only)
{
    struct error error = {0};
    struct store *store = store_open(
        &(struct store_config){.address = place->address, .read_only = read_only}, &error);
    assert_string_equal(error.text, "");
    assert_non_null(store);
    return store;
}

struct store *place_open_prepared(const struct sqlite_place *place)
{
    struct store *store = place_open(place, false);
    struct error error = {0};
    assert_true(store_prepare(store, &error));
    return store;
}
