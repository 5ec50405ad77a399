/* A fake exchange on a file in a folder of its own, and a client of it. */
#ifndef CANDLEWICK_TESTS_FAKE_FIXTURE_H
#define CANDLEWICK_TESTS_FAKE_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_exchange.h"
#include "support.h"

struct fixture {
    char folder[200];
    char file[220];
    struct fake_exchange *exchange;
    struct http_client *client;
    struct http_response response;
};

static inline void start(struct fixture *fixture, const void *content, size_t length,
                         struct fake_exchange_config config)
{
    memset(fixture, 0, sizeof *fixture);
    support_make_folder(fixture->folder, sizeof fixture->folder);
    (void)snprintf(fixture->file, sizeof fixture->file, "%s/data", fixture->folder);
    if (content != NULL) {
        support_write_file(fixture->file, content, length);
        config.data = fixture->file;
    }
    config.listen = "127.0.0.1:0";
    struct error error = {0};
    fixture->exchange = fake_exchange_create(&config, &error);
    if (fixture->exchange == NULL) {
        fail_msg("%s", error.text);
    }
    fixture->client = http_client_create(
        &(struct http_client_config){.base_url = fake_exchange_url(fixture->exchange)}, &error);
    assert_non_null(fixture->client);
}

static inline void finish(struct fixture *fixture)
{
    http_response_free(&fixture->response);
    http_client_destroy(fixture->client);
    fake_exchange_destroy(fixture->exchange);
    support_remove_folder(fixture->folder);
}

static inline const char *get(struct fixture *fixture, const char *path, long want_status)
{
    struct error error = {0};
    if (!http_client_send(fixture->client, &(struct http_request){.path = path}, &fixture->response,
                          &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(fixture->response.status, want_status);
    return strbuf_text(&fixture->response.body);
}

static inline const char *tickers(struct fixture *fixture, const char *symbols)
{
    char path[300];
    (void)snprintf(path, sizeof path, "/v2/tickers?symbols=%s", symbols);
    return get(fixture, path, 200);
}

#endif
