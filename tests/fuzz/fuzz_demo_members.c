/*
 * What answers for a demo's page when `status` asks it for the group's members. Input: the body of
 * an answer with status 200.
 *
 * The members are known only from a JSON object with this group's name and a list of members, each
 * of which is there with ended texts. However odd they are, the table that is printed of them holds
 * no control byte but line feeds, and the JSON is JSON.
 */
#include <jansson.h>

#include "base/http/http_client.h"
#include "commands/demo_members.h"
#include "fuzz/fuzz.h"
#include "fuzz/sockets.h"
#include "page/status_text.h"

enum { TEXT_LIMIT = 4 << 20 };

static const char *start_page(void)
{
    static char url[64];
    struct error error = {0};
    if (url[0] == '\0') {
        MUST(http_client_global_init(&error));
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)socket_answer_start());
    }
    return url;
}

static void check_members(const struct group_status *status, struct str body)
{
    json_t *json = json_loadb(body.data, body.length, 0, NULL);
    const json_t *members = json_object_get(json, "members");
    MUST(status->members_known ? json_array_size(members) == status->member_count
                               : status->member_count == 0);
    for (size_t i = 0; i < status->member_count; i++) {
        const struct member_status *member = &status->members[i];
        MUST(memchr(member->client_id, '\0', sizeof member->client_id) != NULL);
        MUST(memchr(member->host, '\0', sizeof member->host) != NULL);
    }
    json_decref(json);
}

static void check_texts(const struct group_status *status)
{
    struct strbuf table = strbuf_new(TEXT_LIMIT);
    struct strbuf json = strbuf_new(TEXT_LIMIT);
    status_to_table(status, 1, NULL, (struct text_form){.columns = 80}, &table);
    for (size_t i = 0; i < table.length; i++) {
        unsigned char c = (unsigned char)table.data[i];
        MUST(c == '\n' || (c >= ' ' && c != 0x7F));
        MUST(c != 0xC2 || i + 1 == table.length || (unsigned char)table.data[i + 1] >= 0xA0 ||
             (unsigned char)table.data[i + 1] < 0x80);
    }
    status_to_json(status, 1, NULL, 0, NULL, &json);
    json_t *read = json_loadb(json.data, json.length, 0, NULL);
    MUST(json_is_object(read));
    json_decref(read);
    strbuf_free(&table);
    strbuf_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct group_status status = {.topic = "tickers", .group = "coins", .state = "unknown"};
    struct strbuf answer = strbuf_new(TEXT_LIMIT);
    struct str body = {(const char *)data, size};
    const char *page = start_page();
    strbuf_append_format(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
    strbuf_append_str(&answer, body);
    socket_answer_set(strbuf_str(&answer));
    demo_members_ask(page, &status);
    socket_answer_set(str_from(""));
    check_members(&status, body);
    check_texts(&status);
    group_status_free(&status);
    strbuf_free(&answer);
    return 0;
}
