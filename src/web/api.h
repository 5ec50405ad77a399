/* The handlers of /api, /metrics and /healthz. Each has the type of the handlers in server.c's
 * table of routes. */
#ifndef CANDLEWICK_WEB_API_H
#define CANDLEWICK_WEB_API_H

#include "base/http/http_server.h"
#include "web/room.h"
#include "web/server.h"

/* What the handlers need. */
struct api {
    const struct web_server_config *config;
    struct room *candle_room; /* limits the memory of the candle answers that are being sent */
};

typedef void (*web_handler)(const struct api *api, const struct http_exchange *exchange,
                            struct http_reply *reply);

void api_info(const struct api *api, const struct http_exchange *exchange,
              struct http_reply *reply);
void api_coins(const struct api *api, const struct http_exchange *exchange,
               struct http_reply *reply);
void api_markets(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_news(const struct api *api, const struct http_exchange *exchange,
              struct http_reply *reply);
void api_history(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_verify(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_verify_start(const struct api *api, const struct http_exchange *exchange,
                      struct http_reply *reply);
void api_candles(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_compare(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_status(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_messages(const struct api *api, const struct http_exchange *exchange,
                  struct http_reply *reply);
/* api_messages.c */
void api_search(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_partitions(const struct api *api, const struct http_exchange *exchange,
                    struct http_reply *reply);
/* api_group.c */
void api_lag(const struct api *api, const struct http_exchange *exchange, struct http_reply *reply);
void api_predict(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_lab_results(const struct api *api, const struct http_exchange *exchange,
                     struct http_reply *reply);
void api_events(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply);
void api_metrics(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);
void api_healthz(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply);

/* Answers with the JSON of a backend function that has no parameters; NULL: 404. */
void api_plain(bool (*ask)(void *context, struct strbuf *json, struct error *error),
               const struct api *api, const struct http_exchange *exchange,
               struct http_reply *reply);
/* Answers 404: this process does not offer the path. */
void api_not_here(const struct http_exchange *exchange, struct http_reply *reply);

#endif
