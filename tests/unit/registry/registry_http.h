/* Requests to an embedded registry, as the tests of this folder send them. */
#ifndef CANDLEWICK_TESTS_REGISTRY_HTTP_H
#define CANDLEWICK_TESTS_REGISTRY_HTTP_H

#include <string.h>

#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "registry/server/server.h"

#define REGISTRY_JSON "application/vnd.schemaregistry.v1+json"

static inline struct registry_server *start_registry(const char *path)
{
    struct error error = {0};
    struct registry_server *server = registry_server_create(
        &(struct registry_server_config){.listen = "127.0.0.1:0", .path = path}, &error);
    if (server == NULL) {
        fail_msg("%s", error.text);
    }
    return server;
}

static inline struct http_client *connect_to(const char *url)
{
    struct error error = {0};
    struct http_client *http = http_client_create(
        &(struct http_client_config){.base_url = url, .timeout_ms = 20000}, &error);
    if (http == NULL) {
        fail_msg("%s", error.text);
    }
    return http;
}

/* False: no answer at all. May run on any thread. */
static inline bool ask(struct http_client *http, const char *method, const char *path,
                       const char *type, const char *body, struct http_response *response)
{
    struct http_request request = {
        .method = method, .path = path, .content_type = type, .body = str_from(body)};
    return http_client_send(http, &request, response, NULL);
}

#endif
