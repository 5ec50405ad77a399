#include "influx_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void remember(struct influx_stub *stub, const struct http_exchange *exchange)
{
    if (stub->requests < STUB_SEEN) {
        struct strbuf text = strbuf_new(64 << 20);
        strbuf_append_format(&text, "%s %s %s %s %s\n", exchange->method, exchange->path,
                             or_dash(http_exchange_query(exchange, "db")),
                             or_dash(http_exchange_query(exchange, "precision")),
                             or_dash(http_exchange_header(exchange, "Content-Encoding")));
        strbuf_append_str(&text, exchange->body);
        stub->seen[stub->requests] = strbuf_take(&text);
    }
    stub->requests++;
}

static void name_line(struct strbuf *names, size_t number, struct str line)
{
    strbuf_append_format(names,
                         "%s{\"error_message\":\"refused\",\"line_number\":%zu,"
                         "\"original_line\":\"%.*s\"}",
                         names->length > 0 ? "," : "", number,
                         (int)(line.length < 20 ? line.length : 20), line.data);
}

static bool is_bad(const struct influx_stub *stub, struct str line)
{
    return stub->bad != NULL &&
           memmem(line.data, line.length, stub->bad, strlen(stub->bad)) != NULL;
}

/* Good lines go to `good`, the names of bad ones to `names`; the number of bad ones. */
static size_t sort_lines(const struct influx_stub *stub, struct str body, struct strbuf *good,
                         struct strbuf *names)
{
    size_t bad = 0;
    size_t number = 0;
    for (struct str line; str_split(&body, '\n', &line) && line.length > 0;) {
        number++;
        if (!is_bad(stub, line)) {
            strbuf_append_str(good, line);
            strbuf_append_char(good, '\n');
            continue;
        }
        bad++;
        if (stub->naming == STUB_NAMES_WRONG) {
            /* Of a single line nothing else can be said than that it is the one. */
            bool alone = number == 1 && body.length == 0;
            name_line(names, number, alone ? line : str_from("ticker,coin=another one"));
        } else if (stub->naming != STUB_NAMES_FIRST || bad == 1) {
            name_line(names, number, line);
        }
    }
    return bad;
}

static void take_lines(struct influx_stub *stub, struct str body, struct http_reply *reply)
{
    struct strbuf good = strbuf_new(64 << 20);
    struct strbuf names = strbuf_new(64 << 20);
    size_t bad = sort_lines(stub, body, &good, &names);
    bool partial = stub->naming == STUB_NAMES || stub->naming == STUB_NAMES_WRONG;
    if (bad == 0 || partial) {
        strbuf_append_str(&stub->stored, strbuf_str(&good));
    }
    reply->status = bad == 0 ? 204 : 400;
    if (bad > 0 && partial) {
        strbuf_append_format(&reply->body,
                             "{\"error\":\"partial write of line protocol occurred\","
                             "\"data\":[%s]}",
                             strbuf_text(&names));
    } else if (bad > 0 && stub->naming == STUB_NAMES_FIRST) {
        strbuf_append_format(&reply->body,
                             "{\"error\":\"parsing failed for write_lp endpoint\",\"data\":%s}",
                             strbuf_text(&names));
    } else if (bad > 0) {
        strbuf_append_text(&reply->body, "{\"error\":\"something is wrong\"}");
    }
    strbuf_free(&good);
    strbuf_free(&names);
}

static bool token_fits(const struct influx_stub *stub, const struct http_exchange *exchange)
{
    const char *header = http_exchange_header(exchange, "Authorization");
    return stub->token == NULL || (header != NULL && strncmp(header, "Bearer ", 7) == 0 &&
                                   strcmp(header + 7, stub->token) == 0);
}

static void play(struct influx_stub *stub, const struct http_exchange *exchange,
                 struct http_reply *reply)
{
    size_t number = stub->requests;
    remember(stub, exchange);
    if (number < stub->answer_count && stub->answers[number].status != 0) {
        const struct stub_answer *answer = &stub->answers[number];
        reply->status = answer->status;
        reply->body.limit = 64 << 20; /* more than a client takes */
        strbuf_append_text(&reply->body, answer->body != NULL ? answer->body : "");
        if (answer->retry_after != NULL) {
            reply->headers[0][0] = "Retry-After";
            reply->headers[0][1] = answer->retry_after;
        }
    } else if (!token_fits(stub, exchange)) {
        /* What a careless proxy would do: it repeats the token. */
        reply->status = 401;
        strbuf_append_text(&reply->body, or_dash(http_exchange_header(exchange, "Authorization")));
    } else if (stub->limit > 0 && exchange->body.length > stub->limit) {
        reply->status = stub->limit_status;
        strbuf_append_text(&reply->body, stub->limit_body != NULL ? stub->limit_body : "");
    } else if (strcmp(exchange->path, "/api/v3/write_lp") == 0) {
        take_lines(stub, exchange->body, reply);
    } else {
        strbuf_append_text(&reply->body, "[]");
    }
}

static void handle(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    struct influx_stub *stub = context;
    (void)pthread_mutex_lock(&stub->lock);
    play(stub, exchange, reply);
    (void)pthread_mutex_unlock(&stub->lock);
}

void stub_start(struct influx_stub *stub)
{
    assert_int_equal(pthread_mutex_init(&stub->lock, NULL), 0);
    stub->stored = strbuf_new(64 << 20);
    struct error error = {0};
    stub->server = http_server_create(&(struct http_server_config){.listen = "127.0.0.1:0",
                                                                   .body_limit_bytes = 16 << 20,
                                                                   .handler = handle,
                                                                   .context = stub},
                                      &error);
    assert_string_equal(error.text, "");
    assert_non_null(stub->server);
    (void)snprintf(stub->url, sizeof stub->url, "http://%s", http_server_address(stub->server));
}

void stub_stop(struct influx_stub *stub)
{
    http_server_destroy(stub->server);
    for (size_t i = 0; i < STUB_SEEN; i++) {
        free(stub->seen[i]);
    }
    strbuf_free(&stub->stored);
    (void)pthread_mutex_destroy(&stub->lock);
}

struct store *stub_open(const struct influx_stub *stub, struct store_config config)
{
    config.address = stub->url;
    struct error error = {0};
    struct store *store = store_open(&config, &error);
    assert_string_equal(error.text, "");
    assert_non_null(store);
    return store;
}

size_t stub_stored(struct influx_stub *stub, const char *text)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&stub->lock);
    /* Not strstr(): a sanitizer measures all that is left at each call. */
    size_t length = strlen(text);
    const char *at = strbuf_text(&stub->stored);
    const char *end = at + stub->stored.length;
    while ((at = memchr(at, text[0], (size_t)(end - at))) != NULL) {
        bool same = length <= (size_t)(end - at) && memcmp(at, text, length) == 0;
        count += same ? 1 : 0;
        at += same ? length : 1;
    }
    (void)pthread_mutex_unlock(&stub->lock);
    return count;
}
