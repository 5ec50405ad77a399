/* What store_open() takes, before anything is asked of either end. */
#include <string.h>

#include "cmocka_all.h"
#include "store/store.h"

static void address_of_neither_kind_is_wrong_use(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *want;
    } cases[] = {
        {"", "http(s)://HOST:PORT (InfluxDB 3) or sqlite:PATH"},
        {NULL, "http(s)://HOST:PORT (InfluxDB 3) or sqlite:PATH"},
        {"var/store.db", "\"var/store.db\" is no store"},
        {"localhost:8181", "\"localhost:8181\" is no store"},
        {"postgres://u:secret@host/db", "\"host/db\" is no store"},
        {"SQLITE:x", "is no store"},
        {"sqlite:", "give sqlite:PATH"},
        {"sqlite::memory:", "give sqlite:PATH"},
        {"http://", "--store"},
        {"http://u:secret@127.0.0.1:1", "user or password"},
        {"https://secret@127.0.0.1:1/x", "user or password"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct store *store =
            store_open(&(struct store_config){.address = cases[i].address}, &error);
        assert_null(store);
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        assert_null(strstr(error.text, "secret")); /* P6 of docs/architecture.md */
    }
    store_close(NULL);
}

static void database_name_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool want;
    } cases[] = {{"market", true}, {"m", true},        {"0-a_B", true}, {NULL, true},
                 {"", false},      {"mar ket", false}, {"_x", false},   {"-x", false},
                 {"a/b", false},   {"a\"b", false},    {"a&b=c", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct store *store = store_open(
            &(struct store_config){.address = "http://127.0.0.1:1", .database = cases[i].name},
            &error);
        assert_int_equal(store != NULL, cases[i].want);
        assert_int_equal(error.kind, cases[i].want ? ERROR_NONE : ERROR_USAGE);
        store_close(store);
    }
}

static void name_says_address_and_database(void **state)
{
    (void)state;
    struct error error = {0};
    struct store *store = store_open(
        &(struct store_config){.address = "http://127.0.0.1:1", .database = "other"}, &error);
    assert_non_null(store);
    assert_string_equal(store_name(store), "InfluxDB 3 at http://127.0.0.1:1, database other");
    store_close(store);
}

static void missing_token_file_is_wrong_use(void **state)
{
    (void)state;
    struct error error = {0};
    assert_null(store_open(
        &(struct store_config){.address = "http://127.0.0.1:1", .token_file = "/nowhere/token"},
        &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "/nowhere/token"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_of_neither_kind_is_wrong_use),
        cmocka_unit_test(database_name_is_checked),
        cmocka_unit_test(name_says_address_and_database),
        cmocka_unit_test(missing_token_file_is_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
