#include "registry/client/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"

/* Each address gets at least a fifth of a request's time: 2 s of the registry client's 10 s. */
enum { LEAST_SHARE = 5 };

struct endpoints {
    struct http_client **clients;
    size_t count;
    size_t current;          /* index of the address that is tried first */
    size_t last;             /* index of the last one tried */
    const struct stop *stop; /* borrowed; may be NULL */
    int timeout_ms;          /* for one request, over all addresses */
};

static size_t count_addresses(const char *list)
{
    size_t count = 1;
    for (const char *comma = strchr(list, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        count++;
    }
    return count;
}

static bool add(struct endpoints *endpoints, const struct http_client_config *config,
                struct str address, struct error *error)
{
    char *text = strndup(address.data, address.length);
    if (text == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory for a registry's address");
    }
    struct http_client_config own = *config;
    own.base_url = text;
    struct http_client *client = http_client_create(&own, error);
    free(text);
    if (client != NULL) {
        endpoints->clients[endpoints->count++] = client;
    }
    return client != NULL;
}

struct endpoints *endpoints_create(const struct http_client_config *config, struct error *error)
{
    const char *list = config->base_url != NULL ? config->base_url : "";
    struct endpoints *endpoints = calloc(1, sizeof *endpoints);
    size_t count = count_addresses(list);
    if (endpoints == NULL ||
        (endpoints->clients = calloc(count, sizeof(struct http_client *))) == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for a registry's addresses");
        free(endpoints);
        return NULL;
    }
    endpoints->stop = config->stop;
    endpoints->timeout_ms = config->timeout_ms;
    struct str rest = str_from(list);
    for (size_t i = 0; i < count; i++) {
        struct str address = {.data = "", .length = 0};
        (void)str_split(&rest, ',', &address);
        if (!add(endpoints, config, str_trim(address), error)) {
            endpoints_destroy(endpoints);
            return NULL;
        }
    }
    return endpoints;
}

void endpoints_destroy(struct endpoints *endpoints)
{
    if (endpoints == NULL) {
        return;
    }
    for (size_t i = 0; i < endpoints->count; i++) {
        http_client_destroy(endpoints->clients[i]);
    }
    free(endpoints->clients);
    free(endpoints);
}

const char *endpoints_url(const struct endpoints *endpoints)
{
    return http_client_url(endpoints->clients[endpoints->last]);
}

/* Returns whether to try another address. Another one does not help after an answer that is too
 * large, or with a bad request. */
static bool failed(const struct endpoints *endpoints, bool answered,
                   const struct http_response *response, const struct error *error)
{
    bool stopped = endpoints->stop != NULL && stop_requested(endpoints->stop);
    bool unreached = !answered && error->kind == ERROR_RETRY && !response->body.failed;
    return (unreached && !stopped) || (answered && response->status >= 500);
}

/* Returns the time left until `until_ns`, minus the minimum that is reserved for each of the
 * `others`. */
static int time_for_one(const struct endpoints *endpoints, int64_t until_ns, size_t others)
{
    int64_t least_ms = endpoints->timeout_ms / LEAST_SHARE;
    int64_t left_ms = (until_ns - clock_monotonic_ns()) / NS_PER_MS - least_ms * (int64_t)others;
    return (int)(left_ms > least_ms ? left_ms : least_ms);
}

bool endpoints_send(struct endpoints *endpoints, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    int64_t until_ns = clock_monotonic_ns() + endpoints->timeout_ms * NS_PER_MS;
    struct http_request timed = *request;
    struct error own = {0};
    bool answered = false;
    size_t asked = 0;
    bool again = true;
    while (again) {
        timed.timeout_ms = time_for_one(endpoints, until_ns, endpoints->count - asked - 1);
        endpoints->last = endpoints->current;
        answered = http_client_send(endpoints->clients[endpoints->last], &timed, response, &own);
        bool next = failed(endpoints, answered, response, &own);
        if (next) {
            endpoints->current = (endpoints->current + 1) % endpoints->count;
        }
        again = next && ++asked < endpoints->count;
    }
    answered = answered && http_client_refuse_redirect(endpoints->clients[endpoints->current],
                                                       response, "--registry", &own);
    if (!answered && error != NULL) {
        *error = own;
    }
    return answered;
}
