/* The HTTP client while no name server answers: getaddrinfo() of this program stands in for the C
 * library's, which libcurl calls on a thread of its own and which nothing can interrupt. */
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/stop.h"
#include "cmocka_all.h"

enum {
    SILENCE_S = 10, /* how long the name server is waited for */
    SOON_MS = 5000, /* less than that, and more than any of the waits below */
};

static sem_t asked;
static sem_t answer;
static sem_t answered; /* so that no later question takes this one's answer */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    (void)name;
    (void)service;
    (void)hints;
    *result = NULL;
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SILENCE_S;
    (void)sem_post(&asked);
    (void)sem_timedwait(&answer, &until);
    (void)sem_post(&answered);
    return EAI_AGAIN;
}

static void *request_stop_once_asked(void *stop)
{
    (void)sem_wait(&asked);
    stop_request(stop);
    return NULL;
}

/* Sends a request by the name of a host; it must end soon, as a retry that says `want_text`. */
static void expect_retry_soon(struct http_client_config config, const char *want_text)
{
    struct error error = {0};
    config.base_url = "http://silence.test:80";
    struct http_client *client = http_client_create(&config, &error);
    assert_non_null(client);
    struct http_response response = {0};
    int64_t start_ns = clock_monotonic_ns();
    assert_false(http_client_send(client, &(struct http_request){0}, &response, &error));
    http_client_destroy(client);
    int64_t took_ms = (clock_monotonic_ns() - start_ns) / NS_PER_MS;
    (void)sem_post(&answer);
    assert_int_equal(sem_wait(&answered), 0);
    http_response_free(&response);
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, want_text));
    assert_in_range(took_ms, 0, SOON_MS);
}

static void time_out_ends_a_request_that_waits_for_a_name_server(void **state)
{
    (void)state;
    expect_retry_soon((struct http_client_config){.timeout_ms = 500}, "no whole answer in time");
    assert_int_equal(sem_wait(&asked), 0);
}

static void stop_ends_a_request_that_waits_for_a_name_server(void **state)
{
    (void)state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, request_stop_once_asked, stop), 0);
    expect_retry_soon((struct http_client_config){.stop = stop}, "stop was requested");
    assert_int_equal(pthread_join(thread, NULL), 0);
    stop_destroy(stop);
}

int main(void)
{
    struct error error = {0};
    if (sem_init(&asked, 0, 0) != 0 || sem_init(&answer, 0, 0) != 0 ||
        sem_init(&answered, 0, 0) != 0 || !http_client_global_init(&error)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_out_ends_a_request_that_waits_for_a_name_server),
        cmocka_unit_test(stop_ends_a_request_that_waits_for_a_name_server),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_client_global_cleanup();
    return failed;
}
