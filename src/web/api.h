/* The answers of /api, /metrics and /healthz. Each has the type of a route's handler. */
#ifndef CANDLEWICK_WEB_API_H
#define CANDLEWICK_WEB_API_H

#include "base/http_server.h"
#include "web/server.h"

struct web_server;

typedef void (*web_handler)(const struct web_server_config *config,
                            const struct http_exchange *exchange, struct http_reply *reply);

void api_info(const struct web_server_config *config, const struct http_exchange *exchange,
              struct http_reply *reply);
void api_coins(const struct web_server_config *config, const struct http_exchange *exchange,
               struct http_reply *reply);
void api_candles(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_status(const struct web_server_config *config, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_messages(const struct web_server_config *config, const struct http_exchange *exchange,
                  struct http_reply *reply);
void api_events(const struct web_server_config *config, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_metrics(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_healthz(const struct web_server_config *config, const struct http_exchange *exchange,
                 struct http_reply *reply);

#endif
