#include "influx_running.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/http/http_client.h"
#include "cmocka_all.h"

#define SERVER FIXTURES "/../support/influx_server.py"

/* The server's port is its first line of output. */
static void start_server(struct running *server, const char *python)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl(python, python, SERVER, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(close(ends[1]), 0);
    FILE *output = fdopen(ends[0], "r");
    assert_non_null(output);
    char line[32] = "";
    assert_non_null(fgets(line, sizeof line, output));
    assert_int_equal(fclose(output), 0);
    line[strcspn(line, "\n")] = '\0';
    (void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%s", line);
}

int running_start(void **state)
{
    const char *python = getenv("CANDLEWICK_TEST_PYTHON");
    if (python == NULL || python[0] == '\0') {
        return 0;
    }
    struct running *server = calloc(1, sizeof *server);
    assert_non_null(server);
    start_server(server, python);
    *state = server;
    return 0;
}

int running_stop(void **state)
{
    struct running *server = *state;
    if (server != NULL) {
        assert_int_equal(kill(server->pid, SIGTERM), 0);
        assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
        free(server);
    }
    return 0;
}

struct running *running_need(void **state)
{
    if (*state == NULL) {
        print_message("skipped: CANDLEWICK_TEST_PYTHON names no Python with datafusion and "
                      "pyarrow (./tests/run.sh sets it)\n");
        skip();
    }
    return *state;
}

struct store *running_open(const struct running *server, const char *database, bool gzip)
{
    struct error error = {0};
    struct store *store = store_open(
        &(struct store_config){.address = server->url, .database = database, .gzip = gzip}, &error);
    assert_string_equal(error.text, "");
    assert_non_null(store);
    return store;
}

char *running_request(const struct running *server, const char *path, const char *body, long status)
{
    struct error error = {0};
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = server->url}, &error);
    assert_non_null(client);
    struct http_response response = {0};
    const struct http_request asked = {.method = body != NULL ? "POST" : "GET",
                                       .path = path,
                                       .body = str_from(body != NULL ? body : "")};
    assert_true(http_client_send(client, &asked, &response, &error));
    assert_int_equal(response.status, status);
    char *answer = strdup(strbuf_text(&response.body));
    assert_non_null(answer);
    http_response_free(&response);
    http_client_destroy(client);
    return answer;
}

int64_t running_stat(const struct running *server, const char *name)
{
    char *answer = running_request(server, "/control/stats", NULL, 200);
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = strstr(answer, key);
    assert_non_null(at);
    int64_t value = strtoll(at + strlen(key), NULL, 10);
    free(answer);
    return value;
}

void running_script(const struct running *server, const char *faults)
{
    free(running_request(server, "/control", faults, 204));
}
