#include "commands/demo_members.h"

#include "base/http/http_client.h"
#include "cmocka_all.h"
#include "raw_server.h"

#define HEAD(code)                                                                                 \
    "HTTP/1.1 " code " X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"

static void demo_members_ask_cases(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        bool known;
        size_t members, partitions; /* of the first */
    } cases[] = {
        {HEAD("200") "{\"group\":\"coins\",\"strategy\":\"range\",\"members\":[{\"client_id\":"
                     "\"a\",\"partitions\":[0,"
                     "2]},"
                     "{\"client_id\":\"b\",\"partitions\":[]}]}",
         true, 2, 2},
        {HEAD("200") "{\"group\":\"coins\",\"members\":[]}", true, 0, 0},
        {HEAD("200") "{\"group\":\"coins\",\"members\":[{\"client_id\":7,\"partitions\":\"all\"}]}",
         true, 1, 0},
        {HEAD("200") "{\"group\":\"others\",\"members\":[]}", false, 0, 0},
        {HEAD("200") "{\"members\":[]}", false, 0, 0},
        {HEAD("503") "{\"error\":\"no\"}", false, 0, 0},
        {HEAD("200") "{\"group\":\"coins\",\"members\":null}", false, 0, 0},
        {HEAD("200") "{\"topic\":\"of another program\"}", false, 0, 0},
        {HEAD("200") "[1,2", false, 0, 0},
        {HEAD("200") "<html>", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct raw_answer answer = {.bytes = cases[i].answer, .end = RAW_CLOSE};
        struct raw_server *server = raw_server_create(&answer, 1);
        struct group_status status = {.group = "coins"};
        demo_members_ask(raw_server_url(server), &status);
        assert_int_equal(status.members_known, cases[i].known);
        assert_int_equal(status.member_count, cases[i].members);
        if (cases[i].members > 0) {
            assert_int_equal(status.members[0].partition_count, cases[i].partitions);
        }
        group_status_free(&status);
        raw_server_destroy(server);
    }
}

static int set_up(void **state)
{
    struct error error;
    (void)state;
    return http_client_global_init(&error) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    http_client_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(demo_members_ask_cases)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
