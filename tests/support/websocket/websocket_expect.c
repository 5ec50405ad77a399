#include "websocket/websocket_expect.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cmocka_all.h"

struct websocket *connect_to(const struct websocket_server *server, struct websocket_config config)
{
    struct error error = {0};
    config.base_url = websocket_server_url(server);
    config.ca_file = websocket_server_ca_file(server);
    config.path = config.path != NULL ? config.path : "/ws/2";
    config.connect_timeout_ms = PATIENCE_MS;
    struct websocket *websocket = websocket_connect(&config, &error);
    if (websocket == NULL) {
        fail_msg("%s", error.text);
    }
    return websocket;
}

void expect_message(struct websocket *websocket, const char *want)
{
    struct websocket_message message = {0};
    struct error error = {0};
    enum websocket_next next = websocket_next(websocket, PATIENCE_MS, &message, &error);
    if (next != WEBSOCKET_MESSAGE || !str_equal_text(message.text, want)) {
        fail_msg("wanted \"%s\", got %d \"%.*s\" %s", want, (int)next, (int)message.text.length,
                 message.text.data, error.text);
    }
}

void expect_over(struct websocket *websocket, int code, const char *words)
{
    for (int i = 0; i < 2; i++) {
        struct websocket_message message = {0};
        struct error error = {0};
        assert_int_equal(websocket_next(websocket, PATIENCE_MS, &message, &error), WEBSOCKET_OVER);
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_int_equal(websocket_end(websocket).code, code);
        const char *url = websocket_url(websocket);
        if (strncmp(error.text, url, strlen(url)) != 0 || strstr(error.text, words) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", error.text, words);
        }
        assert_false(websocket_send(websocket, str_from("x"), &error));
    }
}

static void *wait_and_stop(void *stop)
{
    nanosleep(&(struct timespec){.tv_nsec = 100 * NS_PER_MS}, NULL);
    stop_request(stop);
    return NULL;
}

pthread_t request_stop_soon(struct stop *stop)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_and_stop, stop), 0);
    return thread;
}
