#include "source/bitfinex/bitfinex_rest.h"

#include "source/bitfinex/bitfinex_answer.h"
#include "source/bitfinex/bitfinex_url.h"

enum {
    BODY_LIMIT = 4 << 20,
    TIMEOUT_MS = 10000,
};

bool bitfinex_rest_open(struct bitfinex_rest *rest, const struct bitfinex_config *config,
                        size_t path_limit, struct error *error)
{
    *rest = (struct bitfinex_rest){.version = bitfinex_version_path(config->base_url),
                                   .path = strbuf_new(path_limit)};
    rest->client = http_client_create(
        &(struct http_client_config){
            .base_url = config->base_url,
            .option = "--exchange-url",
            .timeout_ms = TIMEOUT_MS,
            .body_limit_bytes = BODY_LIMIT,
            .ca_file = config->ca_file,
            .stop = config->stop,
        },
        error);
    return rest->client != NULL;
}

void bitfinex_rest_close(struct bitfinex_rest *rest)
{
    http_client_destroy(rest->client);
    http_response_free(&rest->response);
    strbuf_free(&rest->path);
    *rest = (struct bitfinex_rest){0};
}

struct strbuf *bitfinex_rest_path(struct bitfinex_rest *rest)
{
    strbuf_clear(&rest->path);
    strbuf_append_text(&rest->path, rest->version);
    return &rest->path;
}

/* Applies the rate limit even when the body of the 429 did not arrive whole. */
static void keep_rate_limit(const struct http_response *response, struct error *error)
{
    if (error != NULL && error->kind == ERROR_RETRY && response->status == BITFINEX_TOO_MANY) {
        error->retry_after_ms = response->retry_after_ms > BITFINEX_RATE_LIMIT_MS
                                    ? response->retry_after_ms
                                    : BITFINEX_RATE_LIMIT_MS;
    }
}

bool bitfinex_rest_get(struct bitfinex_rest *rest, struct error *error)
{
    const struct http_request request = {.path = strbuf_text(&rest->path),
                                         .accept = "application/json"};
    if (!http_client_send(rest->client, &request, &rest->response, error)) {
        keep_rate_limit(&rest->response, error);
        return false;
    }
    return http_client_refuse_redirect(rest->client, &rest->response, "--exchange-url", error);
}

void bitfinex_rest_explain(const struct bitfinex_rest *rest, struct error *error)
{
    if (error != NULL && error->kind == ERROR_RETRY &&
        error->retry_after_ms < rest->response.retry_after_ms) {
        error->retry_after_ms = rest->response.retry_after_ms;
    }
    (void)error_prefix(error, "%s", http_client_url(rest->client));
}
