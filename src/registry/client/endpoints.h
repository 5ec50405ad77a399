/*
 * The addresses of one registry: "http://a:8081,http://b:8081". Requests are sent to the one that
 * answered last; if it cannot be reached or fails (5xx), the next ones are tried in turn. For one
 * thread at a time; for this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H
#define CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H

#include "base/http/http_client.h"

struct endpoints;

/* `config` applies to each address, except that base_url is the list. Returns NULL on failure, as
 * http_client_create. */
NODISCARD struct endpoints *endpoints_create(const struct http_client_config *config,
                                             struct error *error);
void endpoints_destroy(struct endpoints *endpoints); /* NULL is allowed */

/* The URL of the address that was tried last (before any request: the first), as http_client_url.
 * Borrowed. */
const char *endpoints_url(const struct endpoints *endpoints);

/* As http_client_send, with one time-out for all addresses together (config->timeout_ms, required).
 * Each address gets the time that is left, minus a fifth of the time-out for each one still to be
 * tried, but at least a fifth; so more than five silent addresses take longer. The first answer
 * that is not a failure counts, whatever its status; if all fail, the last one's failure is
 * returned. A redirect is not followed: ERROR_RETRY, with its target in the text. */
NODISCARD bool endpoints_send(struct endpoints *endpoints, const struct http_request *request,
                              struct http_response *response, struct error *error);

#endif
