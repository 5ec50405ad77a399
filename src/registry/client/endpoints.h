/*
 * The addresses of one registry: "http://a:8081,http://b:8081". A request is sent to the address
 * that answered last; if that cannot be reached or fails (5xx), the others are tried in turn. For
 * one thread at a time; for this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H
#define CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H

#include "base/http/http_client.h"

struct endpoints;

/* `config` applies to each address; its base_url is the comma-separated list. Returns NULL on
 * failure, with the errors of http_client_create(). */
NODISCARD struct endpoints *endpoints_create(const struct http_client_config *config,
                                             struct error *error);
void endpoints_destroy(struct endpoints *endpoints); /* NULL is allowed */

/* Returns the URL of the address that was tried last (before any request: the first), in the form
 * of http_client_url(). Borrowed. */
const char *endpoints_url(const struct endpoints *endpoints);

/* Sends a request as http_client_send() does, with one time-out for all addresses together
 * (config->timeout_ms, required). Each address gets the time that is left, minus a fifth of the
 * time-out for each address still to be tried, but at least a fifth; so more than five silent
 * addresses take longer. The first answer that is not a 5xx is returned, whatever its status; if
 * all addresses fail, the last one's failure is returned. A redirect is not followed: ERROR_RETRY,
 * with its target in the text. */
NODISCARD bool endpoints_send(struct endpoints *endpoints, const struct http_request *request,
                              struct http_response *response, struct error *error);

#endif
