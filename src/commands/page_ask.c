#include "commands/page_ask.h"

#include "base/http/http_client.h"

enum { TIMEOUT_MS = 3000 };

json_t *page_ask_status(const char *page)
{
    struct error error = {0};
    struct http_client_config config = {.base_url = page, .timeout_ms = TIMEOUT_MS};
    struct http_request request = {.path = "/api/status"};
    struct http_response response = {0};
    json_t *answer = NULL;
    struct http_client *client = http_client_create(&config, &error);
    if (client != NULL && http_client_send(client, &request, &response, &error) &&
        response.status == 200) {
        struct str body = strbuf_str(&response.body);
        answer = json_loadb(body.data, body.length, 0, NULL);
    }
    http_response_free(&response);
    http_client_destroy(client);
    return answer;
}
