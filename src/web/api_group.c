#include <string.h>

#include "web/answer.h"
#include "web/api.h"
#include "web/parameters.h"

enum { MEMBERS_DEFAULT = 3 };

void api_lag(const struct api *api, const struct http_exchange *exchange, struct http_reply *reply)
{
    api_plain(api->config->backend.lag, api, exchange, reply);
}

void api_lab_results(const struct api *api, const struct http_exchange *exchange,
                     struct http_reply *reply)
{
    api_plain(api->config->backend.lab_results, api, exchange, reply);
}

static bool read_wanted(const struct http_exchange *exchange, struct web_predict_wanted *wanted,
                        struct error *error)
{
    static const char *const changes[] = {"none", "join", "leave", NULL};
    const char *change = changes[0];
    int64_t members = MEMBERS_DEFAULT, member = 1;
    *wanted = (struct web_predict_wanted){.strategies = "range,roundrobin,sticky,eager-sticky"};
    if (!parameter_whole(exchange, "members", 1, WEB_PREDICT_MEMBERS_MOST, &members, error) ||
        !parameter_whole(exchange, "member", 1, members, &member, error) ||
        !parameter_word(exchange, "change", changes, &change, error) ||
        !parameter_text(exchange, "strategy", WEB_SEARCH_TEXT_MAX, &wanted->strategies, error)) {
        return false;
    }
    wanted->members = (int)members;
    wanted->member = (int)member;
    wanted->change = strcmp(change, "join") == 0    ? WEB_PREDICT_JOIN
                     : strcmp(change, "leave") == 0 ? WEB_PREDICT_LEAVE
                                                    : WEB_PREDICT_NONE;
    return wanted->change != WEB_PREDICT_LEAVE || members > 1 ||
           error_set(error, ERROR_REJECT,
                     "members \"1\" cannot lose one: nobody would be left; use 2 or more");
}

void api_predict(const struct api *api, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct web_predict_wanted wanted;
    struct error error = {0};
    if (backend->predict == NULL) {
        api_not_here(exchange, reply);
    } else if (!read_wanted(exchange, &wanted, &error) ||
               !backend->predict(backend->context, &wanted, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}
