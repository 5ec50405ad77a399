#include <stdio.h>

#include "base/http/http_client.h"
#include "source/bitfinex/bitfinex_url.h"
#include "source/sources.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    TIMEOUT_MS = 5000,
};

/* Uses GET /v2/platform/status, which answers [1] when operative and [0] during maintenance
 * (docs.bitfinex.com/reference/rest-public-platform-status). */
bool bitfinex_reachable(const struct bitfinex_config *config, struct error *error)
{
    struct http_client_config http = {
        .base_url = config->base_url,
        .option = "--exchange-url",
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .ca_file = config->ca_file,
        .stop = config->stop,
    };
    char path[32];
    (void)snprintf(path, sizeof path, "%s/platform/status",
                   bitfinex_version_path(config->base_url));
    struct http_request request = {.path = path};
    struct http_response response = {0};
    struct http_client *client = http_client_create(&http, error);
    bool operative = client != NULL && http_client_send(client, &request, &response, error) &&
                     http_client_refuse_redirect(client, &response, "--exchange-url", error);
    if (operative && response.status != 200) {
        operative = error_set(error, ERROR_RETRY, "%s answers with HTTP %ld",
                              http_client_url(client), response.status);
    } else if (operative) {
        operative = str_equal_text(str_trim(strbuf_str(&response.body)), "[1]") ||
                    error_set(error, ERROR_RETRY, "%s is in maintenance", http_client_url(client));
    }
    http_response_free(&response);
    http_client_destroy(client);
    return operative;
}
