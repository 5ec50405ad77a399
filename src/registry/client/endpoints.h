/*
 * The addresses under which one registry answers: "http://a:8081,http://b:8081". The one that
 * answered last is asked; when it cannot be reached or fails (5xx), the next ones are, in turn. One
 * thread at a time; for this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H
#define CANDLEWICK_REGISTRY_CLIENT_ENDPOINTS_H

#include "base/http/http_client.h"

struct endpoints;

/* `config` is each address's, but for base_url, which is the list. NULL on failure, as of
 * http_client_create. */
NODISCARD struct endpoints *endpoints_create(const struct http_client_config *config,
                                             struct error *error);
void endpoints_destroy(struct endpoints *endpoints); /* NULL is allowed */

/* The address that was asked last (at first: the first), as http_client_url. Borrowed. */
const char *endpoints_url(const struct endpoints *endpoints);

/* As http_client_send, in one time-out for all addresses together (config->timeout_ms, needed):
 * each has what those before it left, but for a fifth of it that is kept for each one behind, and a
 * fifth at least; more than five silent ones take longer for it. An answer that is no failure
 * counts, whatever its status; when all fail, it is as the last one asked says. A redirect is none
 * that counts: ERROR_RETRY, whose text says where it leads to. */
NODISCARD bool endpoints_send(struct endpoints *endpoints, const struct http_request *request,
                              struct http_response *response, struct error *error);

#endif
