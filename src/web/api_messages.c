#include "web/answer.h"
#include "web/api.h"
#include "web/parameters.h"

void api_messages(const struct api *api, const struct http_exchange *exchange,
                  struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct error error = {0};
    int64_t partition = -1;
    int64_t offset = -1;
    int64_t limit = WEB_MESSAGES_DEFAULT;
    if (backend->messages == NULL) {
        api_not_here(exchange, reply);
    } else if (!parameter_whole(exchange, "partition", 0, INT32_MAX, &partition, &error) ||
               !parameter_whole(exchange, "offset", -1, INT64_MAX, &offset, &error) ||
               !parameter_whole(exchange, "limit", 1, WEB_MESSAGES_MOST, &limit, &error)) {
        answer_failure(reply, &error);
    } else if (partition < 0) {
        answer_error(reply, 400, "partition is missing: name one, such as partition=0");
    } else if (!backend->messages(backend->context, http_exchange_query(exchange, "topic"),
                                  (int32_t)partition, offset, (int)limit, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

/* Reads the whole numbers of a search. */
static bool read_places(const struct http_exchange *exchange, struct web_search_wanted *wanted,
                        struct error *error)
{
    int64_t partition = -1;
    int64_t limit = WEB_MESSAGES_DEFAULT;
    wanted->from = -1;
    wanted->before = -1;
    if (!parameter_whole(exchange, "partition", 0, INT32_MAX, &partition, error) ||
        !parameter_whole(exchange, "from", 0, INT64_MAX, &wanted->from, error) ||
        !parameter_whole(exchange, "before", 0, INT64_MAX, &wanted->before, error) ||
        !parameter_whole(exchange, "limit", 1, WEB_MESSAGES_MOST, &limit, error)) {
        return false;
    }
    wanted->partition = (int32_t)partition;
    wanted->limit = (int)limit;
    return true;
}

static bool read_search(const struct http_exchange *exchange, struct web_search_wanted *wanted,
                        struct error *error)
{
    *wanted = (struct web_search_wanted){.topic = http_exchange_query(exchange, "topic"),
                                         .since_ns = INT64_MIN};
    if (!read_places(exchange, wanted, error) ||
        !parameter_time(exchange, "time", &wanted->since_ns, error) ||
        !parameter_text(exchange, "key", WEB_SEARCH_KEY_MAX, &wanted->key, error) ||
        !parameter_text(exchange, "contains", WEB_SEARCH_TEXT_MAX, &wanted->contains, error)) {
        return false;
    }
    if (wanted->partition < 0 && wanted->key == NULL) {
        return error_set(error, ERROR_REJECT,
                         "partition is missing: name one, such as partition=0, or a key, which is "
                         "looked for where producers put it");
    }
    bool forwards = wanted->from >= 0 || wanted->since_ns != INT64_MIN;
    return wanted->before < 0 || !forwards ||
           error_set(error, ERROR_REJECT,
                     "before looks back, from and time look on: name one of the two");
}

void api_search(const struct api *api, const struct http_exchange *exchange,
                struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct web_search_wanted wanted;
    struct error error = {0};
    if (backend->search == NULL) {
        api_not_here(exchange, reply);
    } else if (!read_search(exchange, &wanted, &error) ||
               !backend->search(backend->context, &wanted, &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}

void api_partitions(const struct api *api, const struct http_exchange *exchange,
                    struct http_reply *reply)
{
    const struct web_backend *backend = &api->config->backend;
    struct error error = {0};
    if (backend->partitions == NULL) {
        api_not_here(exchange, reply);
    } else if (!backend->partitions(backend->context, http_exchange_query(exchange, "topic"),
                                    &reply->body, &error)) {
        answer_failure(reply, &error);
    }
}
