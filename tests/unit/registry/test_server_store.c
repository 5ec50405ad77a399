/* What the embedded registry keeps: across restarts, levels and threads; and whose files it takes.
 */
#include "registry_http.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "support.h"

struct files {
    char folder[256];
    char path[300];
};

static int set_up(void **state)
{
    static struct files files;
    support_make_folder(files.folder, sizeof files.folder);
    int length = snprintf(files.path, sizeof files.path, "%s/registry.db", files.folder);
    assert_true(length > 0 && (size_t)length < sizeof files.path);
    *state = &files;
    return 0;
}

static int tear_down(void **state)
{
    const struct files *files = *state;
    support_remove_folder(files->folder);
    return 0;
}

/* A record R whose only field has a number of our choice in its name; -1: no field. */
static void write_body(char *body, size_t size, int number)
{
    char field[120] = "";
    if (number >= 0) {
        (void)snprintf(field, sizeof field,
                       "{\\\"name\\\":\\\"f%d\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":0}",
                       number);
    }
    (void)snprintf(body, size,
                   "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\","
                   "\\\"fields\\\":[%s]}\"}",
                   field);
}

/* The id; -1 when it was refused or no answer came. Any thread. */
static int register_number(struct http_client *http, const char *subject, int number)
{
    char path[100];
    char body[400];
    struct http_response response = {0};
    (void)snprintf(path, sizeof path, "/subjects/%s/versions", subject);
    write_body(body, sizeof body, number);
    int id = -1;
    if (ask(http, "POST", path, REGISTRY_JSON, body, &response) && response.status == 200) {
        const char *digits = strchr(strbuf_text(&response.body), ':');
        id = digits != NULL ? (int)strtol(digits + 1, NULL, 10) : -1;
    }
    http_response_free(&response);
    return id;
}

static void ids_versions_and_levels_survive_a_restart(void **state)
{
    const struct files *files = *state;
    struct http_response response = {0};
    for (int run = 0; run < 3; run++) {
        struct registry_server *server = start_registry(files->path);
        struct http_client *http = connect_to(registry_server_url(server));
        for (int number = 0; number <= run; number++) {
            assert_int_equal(register_number(http, "S", number), number + 1);
        }
        if (run == 0) {
            assert_true(ask(http, "PUT", "/config/S", REGISTRY_JSON, "{\"compatibility\":\"FULL\"}",
                            &response));
        }
        assert_true(ask(http, "GET", "/config/S", NULL, "", &response));
        assert_string_equal(strbuf_text(&response.body), "{\"compatibilityLevel\":\"FULL\"}");
        assert_true(ask(http, "GET", "/subjects/S/versions", NULL, "", &response));
        assert_int_equal(response.body.length, 3 + 2 * run); /* [1] [1,2] [1,2,3] */
        http_client_destroy(http);
        registry_server_destroy(server);
    }
    http_response_free(&response);
}

static void two_registries_on_one_file_give_different_ids(void **state)
{
    const struct files *files = *state;
    struct registry_server *first = start_registry(files->path);
    struct registry_server *second = start_registry(files->path);
    struct http_client *to_first = connect_to(registry_server_url(first));
    struct http_client *to_second = connect_to(registry_server_url(second));
    assert_int_equal(register_number(to_first, "S", 0), 1);
    assert_int_equal(register_number(to_second, "S", 1), 2);
    assert_int_equal(register_number(to_first, "T", 2), 3);
    assert_int_equal(register_number(to_second, "T", 0), 1);
    http_client_destroy(to_first);
    http_client_destroy(to_second);
    registry_server_destroy(first);
    registry_server_destroy(second);
}

static void files_that_are_not_ours_are_refused_and_left_alone(void **state)
{
    const struct files *files = *state;
    static const char garbage[] = "this is not a database, and it is long enough to be read as one";
    support_write_file(files->path, garbage, sizeof garbage);
    char linked[320];
    (void)snprintf(linked, sizeof linked, "%s.linked", files->path);
    support_write_file(linked, "", 0);
    char twice[340];
    (void)snprintf(twice, sizeof twice, "%s.twice", files->path);
    assert_int_equal(link(linked, twice), 0);
    for (int run = 0; run < 4; run++) {
        const char *path = run == 3 ? linked : files->path;
        if (run == 1) {
            assert_int_equal(remove(files->path), 0);
            sqlite3 *other = NULL;
            assert_int_equal(sqlite3_open(files->path, &other), SQLITE_OK);
            assert_int_equal(sqlite3_exec(other, "CREATE TABLE ticker (x)", NULL, NULL, NULL),
                             SQLITE_OK);
            assert_int_equal(sqlite3_close(other), SQLITE_OK);
        } else if (run == 2) {
            path = "/nowhere/at/all.db";
        }
        struct error error = {0};
        struct registry_server *server = registry_server_create(
            &(struct registry_server_config){.listen = "127.0.0.1:0", .path = path}, &error);
        assert_null(server);
        assert_int_equal(error.kind, ERROR_FATAL);
        assert_non_null(strstr(error.text, path));
    }
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(files->path, &other), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(other, "SELECT * FROM schemas", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "SELECT * FROM ticker", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static int count_schemas(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM schemas", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return count;
}

static void failing_database_is_a_500_and_leaves_nothing_half_done(void **state)
{
    const struct files *files = *state;
    struct registry_server *server = start_registry(files->path);
    struct http_client *http = connect_to(registry_server_url(server));
    struct http_response response = {0};
    sqlite3 *db = NULL;
    char body[400];
    write_body(body, sizeof body, 0);
    assert_int_equal(sqlite3_open(files->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TRIGGER full BEFORE INSERT ON versions BEGIN"
                                  " SELECT RAISE (FAIL, 'no room'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_true(ask(http, "POST", "/subjects/S/versions", REGISTRY_JSON, body, &response));
    assert_int_equal(response.status, 500);
    assert_string_equal(strbuf_text(&response.body),
                        "{\"error_code\":50001,\"message\":\"registry database: no room\"}");
    assert_int_equal(count_schemas(db), 0);

    assert_int_equal(sqlite3_exec(db, "DROP TRIGGER full", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(register_number(http, "S", 0), 1);
    assert_int_equal(count_schemas(db), 1);

    assert_int_equal(sqlite3_exec(db, "DROP TABLE levels", NULL, NULL, NULL), SQLITE_OK);
    assert_true(ask(http, "GET", "/_health", NULL, "", &response));
    assert_int_equal(response.status, 500);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    http_response_free(&response);
    http_client_destroy(http);
    registry_server_destroy(server);
}

static void ids_end_with_an_error_and_none_is_given_twice(void **state)
{
    const struct files *files = *state;
    struct registry_server *server = start_registry(files->path);
    struct http_client *http = connect_to(registry_server_url(server));
    struct http_response response = {0};
    sqlite3 *db = NULL;
    char body[400];
    assert_int_equal(register_number(http, "S", 0), 1);
    assert_int_equal(sqlite3_open(files->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE sqlite_sequence SET seq = 2147483646", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(register_number(http, "S", 1), 2147483647);
    write_body(body, sizeof body, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(ask(http, "POST", "/subjects/S/versions", REGISTRY_JSON, body, &response));
        assert_int_equal(response.status, 500);
        assert_non_null(strstr(strbuf_text(&response.body), "all ids up to 2147483647 are given"));
    }
    assert_int_equal(count_schemas(db), 2);
    assert_int_equal(register_number(http, "T", 0), 1);
    assert_int_equal(register_number(http, "T", 1), 2147483647);
    /* one that a file has from elsewhere is not cut to another */
    assert_int_equal(sqlite3_exec(db, "UPDATE schemas SET id = 4294967297 WHERE id = 2147483647",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    write_body(body, sizeof body, 1);
    assert_true(ask(http, "POST", "/subjects/U/versions", REGISTRY_JSON, body, &response));
    assert_int_equal(response.status, 500);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    http_response_free(&response);
    http_client_destroy(http);
    registry_server_destroy(server);
}

static void address_that_is_taken_or_wrong_is_refused(void **state)
{
    (void)state;
    struct registry_server *server = start_registry(":memory:");
    const char *taken = registry_server_url(server) + strlen("http://");
    const struct {
        const char *listen;
        enum error_kind want;
    } cases[] = {{taken, ERROR_FATAL}, {"nonsense", ERROR_USAGE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        assert_null(registry_server_create(
            &(struct registry_server_config){.listen = cases[i].listen, .path = ":memory:"},
            &error));
        assert_int_equal(error.kind, cases[i].want);
    }
    registry_server_destroy(server);
    registry_server_destroy(NULL);
}

enum { THREADS = 4, SCHEMAS = 12 };
struct worker {
    pthread_t thread;
    const char *url;
    int first;
    int ids[SCHEMAS];
};

/* All register the same schemas, each beginning elsewhere. */
static void *register_all(void *argument)
{
    struct worker *worker = argument;
    struct http_client *http =
        http_client_create(&(struct http_client_config){.base_url = worker->url}, NULL);
    for (int i = 0; http != NULL && i < SCHEMAS; i++) {
        int number = (worker->first + i) % SCHEMAS;
        char subject[20];
        (void)snprintf(subject, sizeof subject, "s%d", number % 3);
        worker->ids[number] = register_number(http, subject, number);
    }
    http_client_destroy(http);
    return NULL;
}

static void requests_at_the_same_time_agree_on_the_ids(void **state)
{
    const struct files *files = *state;
    struct registry_server *server = start_registry(files->path);
    struct worker workers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        workers[i].url = registry_server_url(server);
        workers[i].first = 3 * i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, register_all, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
    bool seen[SCHEMAS + 1] = {false};
    for (int number = 0; number < SCHEMAS; number++) {
        int id = workers[0].ids[number];
        assert_in_range(id, 1, SCHEMAS);
        assert_false(seen[id]);
        seen[id] = true;
        for (int i = 1; i < THREADS; i++) {
            assert_int_equal(workers[i].ids[number], id);
        }
    }
    registry_server_destroy(server);
}

#define OPTIONAL "[\\\"null\\\",\\\"int\\\"]"
#define X(type) "[{\\\"name\\\":\\\"x\\\",\\\"type\\\":" type "}]"
#define X_ZERO(type) "[{\\\"name\\\":\\\"x\\\",\\\"type\\\":" type ",\\\"default\\\":0}]"
#define INT "\\\"int\\\""
#define LONG "\\\"long\\\""

/* Registers `fields` in turn; the statuses, one digit each (2: taken, 4: conflict). */
static void register_in_turn(struct http_client *http, size_t subject, const char *level,
                             const char *const *fields, char *statuses)
{
    char body[400];
    struct http_response response = {0};
    (void)snprintf(body, sizeof body, "{\"compatibility\":\"%s\"}", level);
    assert_true(ask(http, "PUT", "/config", REGISTRY_JSON, body, &response));
    assert_int_equal(response.status, 200);
    char path[60];
    (void)snprintf(path, sizeof path, "/subjects/n%zu/versions", subject);
    for (size_t i = 0; fields[i] != NULL; i++) {
        (void)snprintf(body, sizeof body,
                       "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\","
                       "\\\"fields\\\":%s}\"}",
                       fields[i]);
        assert_true(ask(http, "POST", path, REGISTRY_JSON, body, &response));
        statuses[i] = (char)('0' + response.status / 100);
        statuses[i + 1] = '\0';
    }
    http_response_free(&response);
}

static void each_level_asks_for_its_directions_and_versions(void **state)
{
    (void)state;
    static const struct {
        const char *level;
        const char *fields[4];
        const char *want;
    } cases[] = {
        {"BACKWARD", {X(INT), X(LONG), NULL}, "22"},
        {"BACKWARD", {X(LONG), X(INT), NULL}, "24"},
        {"BACKWARD", {X(INT), X(OPTIONAL), NULL}, "22"},
        {"BACKWARD", {X(OPTIONAL), X(INT), NULL}, "24"},
        {"BACKWARD", {X(INT), "[]", NULL}, "22"},
        {"BACKWARD", {"[]", X(INT), NULL}, "24"},
        {"BACKWARD", {"[]", X_ZERO(INT), NULL}, "22"},
        {"FORWARD", {X(INT), X(LONG), NULL}, "24"},
        {"FORWARD", {X(LONG), X(INT), NULL}, "22"},
        {"FORWARD", {"[]", X(INT), NULL}, "22"},
        {"FORWARD", {X(INT), "[]", NULL}, "24"},
        {"FULL", {X(INT), X(LONG), NULL}, "24"},
        {"FULL", {"[]", X_ZERO(INT), NULL}, "22"},
        {"NONE", {X(LONG), X(INT), "[]", NULL}, "222"},
        /* the third fits the second, not the first */
        {"BACKWARD", {"[]", X_ZERO(INT), X(LONG)}, "222"},
        {"BACKWARD_TRANSITIVE", {"[]", X_ZERO(INT), X(LONG)}, "224"},
        {"FORWARD", {X_ZERO(INT), "[]", X(LONG)}, "222"},
        {"FORWARD_TRANSITIVE", {X_ZERO(INT), "[]", X(LONG)}, "224"},
        {"FULL", {X_ZERO(INT), "[]", X_ZERO(LONG)}, "222"},
        {"FULL_TRANSITIVE", {X_ZERO(INT), "[]", X_ZERO(LONG)}, "224"},
    };
    struct registry_server *server = start_registry(":memory:");
    struct http_client *http = connect_to(registry_server_url(server));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char statuses[8];
        register_in_turn(http, i, cases[i].level, cases[i].fields, statuses);
        if (strcmp(statuses, cases[i].want) != 0) {
            fail_msg("case %zu, %s: %s, wanted %s", i, cases[i].level, statuses, cases[i].want);
        }
    }
    http_client_destroy(http);
    registry_server_destroy(server);
}

static void pull_away(const struct files *files, const char *ending)
{
    char path[320];
    (void)snprintf(path, sizeof path, "%s%s", files->path, ending);
    assert_int_equal(unlink(path), 0);
}

/* What a restart finds has every id that was acknowledged. */
static void log_pulled_away_loses_no_id(void **state)
{
    static const char *const endings[] = {"-wal", "-shm"};
    const struct files *files = *state;
    for (int i = 0; i < 2; i++) {
        struct registry_server *server = start_registry(files->path);
        struct http_client *http = connect_to(registry_server_url(server));
        assert_int_equal(register_number(http, "S", 2 * i), 2 * i + 1);
        pull_away(files, endings[i]);
        assert_int_equal(register_number(http, "S", 2 * i + 1), 2 * i + 2);
        sqlite3 *other = NULL;
        assert_int_equal(sqlite3_open(files->path, &other), SQLITE_OK);
        assert_int_equal(count_schemas(other), 2 * i + 2);
        assert_int_equal(sqlite3_close(other), SQLITE_OK);
        http_client_destroy(http);
        registry_server_destroy(server);
    }
}

static long status_of_get(struct http_client *http, const char *path)
{
    struct http_response response = {0};
    assert_true(ask(http, "GET", path, NULL, "", &response));
    http_response_free(&response);
    return response.status;
}

/* No id is given that the file of that name will not have; what is known is still told. */
static void file_pulled_away_refuses_writes_until_it_is_back(void **state)
{
    const struct files *files = *state;
    char aside[320];
    (void)snprintf(aside, sizeof aside, "%s.aside", files->path);
    struct registry_server *server = start_registry(files->path);
    struct http_client *http = connect_to(registry_server_url(server));
    assert_int_equal(register_number(http, "S", 0), 1);
    assert_int_equal(rename(files->path, aside), 0);
    for (int replaced = 0; replaced < 2; replaced++) {
        assert_int_equal(register_number(http, "S", 1), -1);
        assert_int_equal(status_of_get(http, "/_health"), 500);
        assert_int_equal(status_of_get(http, "/schemas/ids/1"), 200);
        support_write_file(files->path, "", 0); /* another one */
    }
    assert_int_equal(rename(aside, files->path), 0);
    assert_int_equal(register_number(http, "S", 1), 2);
    assert_int_equal(status_of_get(http, "/_health"), 200);
    http_client_destroy(http);
    registry_server_destroy(server);
    server = start_registry(files->path);
    http = connect_to(registry_server_url(server));
    assert_int_equal(register_number(http, "S", 1), 2);
    http_client_destroy(http);
    registry_server_destroy(server);
}

static void nothing_more_is_registered(struct registry_server *server, struct http_client *http)
{
    assert_int_equal(register_number(http, "S", 1), -1);
    assert_int_equal(status_of_get(http, "/_health"), 500);
    http_client_destroy(http);
    registry_server_destroy(server);
}

/* What is registered would not be there after a restart, and its ids would be given again. */
static void log_that_was_cut_or_a_name_that_leads_elsewhere_refuses_writes(void **state)
{
    const struct files *files = *state;
    char one[320];
    char two[320];
    char log[340];
    (void)snprintf(one, sizeof one, "%s.one", files->path);
    (void)snprintf(two, sizeof two, "%s.two", files->path);
    (void)snprintf(log, sizeof log, "%s-wal", one);
    assert_int_equal(symlink(one, files->path), 0);
    struct registry_server *server = start_registry(files->path);
    struct http_client *http = connect_to(registry_server_url(server));
    assert_int_equal(register_number(http, "S", 0), 1);
    assert_int_equal(truncate(log, 0), 0);
    nothing_more_is_registered(server, http);

    server = start_registry(files->path);
    http = connect_to(registry_server_url(server));
    assert_int_equal(register_number(http, "S", 0), 1);
    assert_int_equal(unlink(files->path), 0);
    assert_int_equal(symlink(two, files->path), 0);
    nothing_more_is_registered(server, http);
}

int main(void)
{
    log_set_level(LOG_OFF);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_versions_and_levels_survive_a_restart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_registries_on_one_file_give_different_ids, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_ours_are_refused_and_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(failing_database_is_a_500_and_leaves_nothing_half_done,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(log_pulled_away_loses_no_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(file_pulled_away_refuses_writes_until_it_is_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            log_that_was_cut_or_a_name_that_leads_elsewhere_refuses_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_end_with_an_error_and_none_is_given_twice, set_up,
                                        tear_down),
        cmocka_unit_test(address_that_is_taken_or_wrong_is_refused),
        cmocka_unit_test_setup_teardown(requests_at_the_same_time_agree_on_the_ids, set_up,
                                        tear_down),
        cmocka_unit_test(each_level_asks_for_its_directions_and_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
