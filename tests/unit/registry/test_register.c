/* Registering over real sockets: against the embedded registry, and against odd answers. */
#include "registry_http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/stop.h"
#include "raw_server.h"
#include "record/ticker.h"
#include "registry/client/client.h"

#define HTTP(status, body)                                                                         \
    "HTTP/1.1 " status "\r\nContent-Type: " REGISTRY_JSON "\r\nConnection: close\r\n\r\n" body

static struct registry_config config_for(const char *url)
{
    return (struct registry_config){.url = url,
                                    .columns = ticker_columns,
                                    .reader_schema = ticker_schema_text,
                                    .timeout_ms = 5000};
}

static struct registry_client *create_client(const struct registry_config *config)
{
    struct error error = {0};
    struct registry_client *client = registry_client_create(config, &error);
    if (client == NULL) {
        fail_msg("%s", error.text);
    }
    return client;
}

static void registering_again_gives_the_same_id(void **state)
{
    (void)state;
    struct registry_server *server = start_registry(":memory:");
    struct registry_config config = config_for(registry_server_url(server));
    struct registry_client *client = create_client(&config);
    struct error error = {0};
    int32_t id = -1;
    for (int i = 0; i < 3; i++) {
        assert_true(registry_register(client, "tickers-value", ticker_schema_text, &id, &error));
        assert_int_equal(id, 1);
    }
    assert_true(registry_register(client, "a b\xC3\xA9?&", ticker_schema_text, &id, &error));
    assert_int_equal(id, 1);

    struct http_client *http = connect_to(registry_server_url(server));
    struct http_response response = {0};
    assert_true(ask(http, "GET", "/subjects", NULL, "", &response));
    assert_non_null(strstr(strbuf_text(&response.body), "\"a b\xC3\xA9?&\""));
    http_response_free(&response);
    http_client_destroy(http);
    registry_client_destroy(client);
    registry_server_destroy(server);
}

static void schema_that_the_registry_refuses_is_fatal_with_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        const char *want;
    } cases[] = {
        {"{\"type\":\"record\",\"name\":\"Ticker\",\"fields\":[{\"name\":\"note\","
         "\"type\":\"string\"}]}",
         ": the registry answered 409: Incompatible schema"},
        {"{\"type\":\"rekord\"}", "422: Invalid AVRO schema. Error: there is no type \"rekord\""},
    };
    struct registry_server *server = start_registry(":memory:");
    struct registry_config config = config_for(registry_server_url(server));
    struct registry_client *client = create_client(&config);
    int32_t id = -1;
    assert_true(registry_register(client, "tickers-value", ticker_schema_text, &id, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        assert_false(registry_register(client, "tickers-value", cases[i].schema, &id, &error));
        assert_int_equal(error.kind, ERROR_FATAL);
        assert_non_null(strstr(error.text, cases[i].want));
        assert_non_null(strstr(error.text, registry_server_url(server)));
        assert_int_equal(strncmp(error.text, "registering 'tickers-value': ", 29), 0);
    }
    assert_int_equal(id, 1);
    registry_client_destroy(client);
    registry_server_destroy(server);
}

static void each_answer_to_registering_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum error_kind want;
        const char *words;
    } cases[] = {
        {HTTP("200 OK", "{\"id\":7}"), ERROR_NONE, ""},
        {HTTP("200 OK", "{\"id\":2147483647,\"version\":1}"), ERROR_NONE, ""},
        {HTTP("200 OK", "{\"id\":2147483648}"), ERROR_RETRY, "no id"},
        {HTTP("200 OK", "{\"id\":-1}"), ERROR_RETRY, "no id"},
        {HTTP("200 OK", "{\"id\":\"7\"}"), ERROR_RETRY, "no id"},
        {HTTP("200 OK", "<html>"), ERROR_RETRY, "is it a schema registry?"},
        {HTTP("200 OK", ""), ERROR_RETRY, "no id"},
        {HTTP("401 Unauthorized", "{\"error_code\":401,\"message\":\"Who?\"}"), ERROR_FATAL,
         "answered 401: Who? (see --registry-user and --registry-password-file)"},
        {HTTP("403 Forbidden", "<html>secret</html>"), ERROR_FATAL, "403: no reason given"},
        {HTTP("409 Conflict", "{\"error_code\":409,\"message\":\"too new\"}"), ERROR_FATAL,
         "409: too new"},
        {HTTP("422 Unprocessable", "{\"error_code\":422,\"message\":[{\"msg\":\"bad\"}]}"),
         ERROR_FATAL, "422: bad"},
        {HTTP("400 Bad Request", "{}"), ERROR_FATAL, "400"},
        {HTTP("404 Not Found", "<html>"), ERROR_RETRY, "404"},
        {HTTP("302 Found", ""), ERROR_RETRY, "302"},
        {"HTTP/1.1 301 Moved\r\nLocation: https://me:pw@other.example/sr?token=t\r\n\r\n",
         ERROR_RETRY, "301, a redirect to https://other.example/sr: name its target with"},
        {HTTP("429 Too Many", ""), ERROR_RETRY, "429"},
        {HTTP("500 Oops", "{\"error_code\":50001,\"message\":\"disk\"}"), ERROR_RETRY, "500: disk"},
        {HTTP("503 Away", "{\"error_code\":50003,\"message\":[]}"), ERROR_RETRY, "503"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":7", ERROR_RETRY, "POST http"},
        {"", ERROR_RETRY, "POST http"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct raw_answer answer = {.bytes = cases[i].answer, .end = RAW_CLOSE};
        struct raw_server *server = raw_server_create(&answer, 1);
        struct registry_config config = config_for(raw_server_url(server));
        struct registry_client *client = create_client(&config);
        struct error error = {0};
        int32_t id;
        bool good = registry_register(client, "s", "{}", &id, &error);
        if (good != (cases[i].want == ERROR_NONE) || error.kind != cases[i].want ||
            strstr(error.text, cases[i].words) == NULL) {
            fail_msg("case %zu: kind %d, \"%s\"", i, (int)error.kind, error.text);
        }
        registry_client_destroy(client);
        raw_server_destroy(server);
    }
}

static void request_has_the_media_type_and_the_credentials_but_no_text_has(void **state)
{
    (void)state;
    static const struct raw_answer answers[] = {
        {.bytes = HTTP("200 OK", "{\"id\":7}"), .end = RAW_CLOSE},
        {.bytes = HTTP("403 Forbidden", "{\"message\":\"no\"}"), .end = RAW_CLOSE},
        {.bytes = "", .end = RAW_RESET},
    };
    struct raw_server *server = raw_server_create(answers, 3);
    char url[100];
    (void)snprintf(url, sizeof url, "%s/base/", raw_server_url(server));
    struct registry_config config = config_for(url);
    config.username = "anna";
    config.password = "topsecret";
    struct registry_client *client = create_client(&config);
    struct error error = {0};
    int32_t id;
    assert_true(registry_register(client, "t-value", "{\"a\":\"\n\"}", &id, &error));
    char *request = raw_server_request(server, 0);
    assert_non_null(request);
    assert_non_null(strstr(request, "POST /base/subjects/t-value/versions HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Content-Type: " REGISTRY_JSON "\r\n"));
    assert_non_null(strstr(request, "Authorization: Basic YW5uYTp0b3BzZWNyZXQ=\r\n"));
    assert_non_null(strstr(request, "\r\n\r\n{\"schema\":\"{\\\"a\\\":\\\"\\n\\\"}\"}"));
    free(request);
    for (int i = 0; i < 2; i++) {
        assert_false(registry_register(client, "t-value", "{}", &id, &error));
        assert_null(strstr(error.text, "topsecret"));
        assert_null(strstr(error.text, "YW5uYTp0b3BzZWNyZXQ"));
    }
    registry_client_destroy(client);
    raw_server_destroy(server);
}

static void a_busy_registry_says_how_long_to_wait(void **state)
{
    (void)state;
    static const struct raw_answer answer = {
        .bytes = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nConnection: close\r\n\r\n",
        .end = RAW_CLOSE};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct registry_config config = config_for(raw_server_url(server));
    struct registry_client *client = create_client(&config);
    struct error error = {0};
    int32_t id;
    assert_false(registry_register(client, "s", "{}", &id, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(error.retry_after_ms, 7000);
    registry_client_destroy(client);
    raw_server_destroy(server);
}

static void registering_ends_early_on_a_stop(void **state)
{
    (void)state;
    static const struct raw_answer answer = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct stop *stop = stop_create(NULL);
    assert_non_null(stop);
    struct registry_config config = config_for(raw_server_url(server));
    config.timeout_ms = 600000;
    config.stop = stop;
    struct registry_client *client = create_client(&config);
    stop_request(stop);
    struct error error = {0};
    int32_t id;
    assert_false(registry_register(client, "s", "{}", &id, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    registry_client_destroy(client);
    stop_destroy(stop);
    raw_server_destroy(server);
}

static void wrong_configuration_is_an_error_of_use(void **state)
{
    (void)state;
    static const struct column no_such[] = {{.name = "nothing",
                                             .type = COLUMN_INT64,
                                             .offset = 0,
                                             .size = 8,
                                             .present_offset = COLUMN_REQUIRED},
                                            {.name = NULL}};
    const struct {
        struct registry_config config;
        const char *words;
    } cases[] = {
        {{.url = "ftp://x", .columns = ticker_columns, .reader_schema = ticker_schema_text},
         "not a URL"},
        {{.url = "http://127.0.0.1:1", .columns = ticker_columns, .reader_schema = "{}"},
         "the reader's schema"},
        {{.url = "http://127.0.0.1:1", .columns = no_such, .reader_schema = ticker_schema_text},
         "has no field 'nothing'"},
        {{.url = "https://127.0.0.1:1",
          .ca_file = "/no/such/file",
          .columns = ticker_columns,
          .reader_schema = ticker_schema_text},
         "/no/such/file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        assert_null(registry_client_create(&cases[i].config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, cases[i].words));
        assert_null(registry_client_create(&cases[i].config, NULL));
    }
    registry_client_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registering_again_gives_the_same_id),
        cmocka_unit_test(schema_that_the_registry_refuses_is_fatal_with_its_words),
        cmocka_unit_test(each_answer_to_registering_has_its_kind),
        cmocka_unit_test(request_has_the_media_type_and_the_credentials_but_no_text_has),
        cmocka_unit_test(a_busy_registry_says_how_long_to_wait),
        cmocka_unit_test(registering_ends_early_on_a_stop),
        cmocka_unit_test(wrong_configuration_is_an_error_of_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
