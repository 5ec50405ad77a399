#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "store/influx/influx_outcome.h"

#define LINE(bytes)                                                                                \
    {                                                                                              \
        .text = {.data = (bytes), .length = sizeof(bytes) - 1 }                                    \
    }

static const struct influx_line lines[] = {
    LINE("ticker,coin=tBTCUSD last_price=1,seq=1i,run_id=1i 1"),
    LINE("ticker,coin=tETHUSD last_price=1,seq=2i,run_id=1i 2"),
    LINE("ticker,coin=tXRPUSD last_price=1,seq=3i,run_id=1i 3"),
};

#define NAMED(number, quoted)                                                                      \
    "{\"error_message\":\"bad\",\"line_number\":" #number ",\"original_line\":\"" quoted "\"}"
#define PARTIAL(entries)                                                                           \
    "{\"error\":\"partial write of line protocol occurred\",\"data\":[" entries "]}"
#define NOTHING(entry) "{\"error\":\"parsing failed for write_lp endpoint\",\"data\":" entry "}"
#define BTC "ticker,coin=tBTCUSD "
#define ETH "ticker,coin=tETHUSD "

struct outcome_case {
    long status;
    const char *answer;
    size_t count;
    enum influx_action want;
    size_t named; /* how many, and the first */
    size_t place;
};

static const struct outcome_case cases[] = {
    {204, "", 3, INFLUX_DONE, 0, 0},
    /* A proxy's queue, a sign-in page: nobody says that the lines are stored. */
    {200, "", 3, INFLUX_KEEP, 0, 0},
    {200, "{}", 3, INFLUX_KEEP, 0, 0},
    {200, PARTIAL(NAMED(2, ETH)), 3, INFLUX_KEEP, 0, 0},
    {200, "<html>sign in</html>", 3, INFLUX_KEEP, 0, 0},
    {202, "", 3, INFLUX_KEEP, 0, 0},
    /* Lines are named. */
    {400, PARTIAL(NAMED(2, ETH)), 3, INFLUX_REJECT, 1, 1},
    {422, PARTIAL(NAMED(2, ETH)), 3, INFLUX_REJECT, 1, 1},
    {400, PARTIAL(NAMED(1, BTC) "," NAMED(2, ETH)), 3, INFLUX_REJECT, 2, 0},
    {400, PARTIAL(NAMED(2, ETH) "," NAMED(2, ETH)), 3, INFLUX_REJECT, 1, 1},
    {400, PARTIAL(NAMED(2, "ticker,coin=tETHUSD last_price=1,seq=2i,run_id=1i 2")), 3,
     INFLUX_REJECT, 1, 1},
    {400, NOTHING(NAMED(3, "tick")), 3, INFLUX_RESEND, 1, 2},
    {400, PARTIAL(NAMED(7, BTC)), 1, INFLUX_REJECT, 1, 0},
    {400, NOTHING(NAMED(1, BTC)), 1, INFLUX_RESEND, 1, 0},
    /* Lines are named that are not ours. */
    {400, PARTIAL(NAMED(1, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(2, ETH) "," NAMED(3, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(4, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(0, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(-1, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(9223372036854775807, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(2, "")), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(2, "ticker,coin=tETHUSD last_price=1,seq=2i,run_id=1i 22")), 3,
     INFLUX_BISECT, 0, 0},
    {400, PARTIAL("{\"line_number\":2}"), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL("{\"line_number\":\"2\",\"original_line\":\"" ETH "\"}"), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL("5"), 3, INFLUX_BISECT, 0, 0},
    {422, NOTHING(NAMED(1, ETH)), 3, INFLUX_BISECT, 0, 0},
    {400, PARTIAL(NAMED(1, ETH)), 1, INFLUX_KEEP, 0, 0},
    /* No line is named. */
    {400, PARTIAL(""), 3, INFLUX_KEEP, 0, 0},
    {400, "{\"error\":\"invalid character in database or rp name\"}", 3, INFLUX_KEEP, 0, 0},
    {400, "{\"error\":\"x\",\"data\":null}", 3, INFLUX_KEEP, 0, 0},
    {400, "{\"error\":\"x\",\"data\":\"y\"}", 3, INFLUX_KEEP, 0, 0},
    {400, "{\"error\":\"x\",\"data\":{\"limit\":5}}", 3, INFLUX_KEEP, 0, 0},
    {400, "serde error: unknown variant `xx`", 3, INFLUX_KEEP, 0, 0},
    {400, "", 3, INFLUX_KEEP, 0, 0},
    {400, "[1]", 3, INFLUX_KEEP, 0, 0},
    {422, "{\"error\":\"limit of 5 databases reached\"}", 3, INFLUX_KEEP, 0, 0},
    /* Too large. */
    {413, "", 3, INFLUX_SPLIT, 0, 0},
    {413, "", 1, INFLUX_SPLIT, 0, 0},
    {500, "max request size (10485760 bytes) exceeded", 3, INFLUX_SPLIT, 0, 0},
    /* Everything else, whatever it says of lines. */
    {500, "wal buffer full with 5 ops", 3, INFLUX_KEEP, 0, 0},
    {503, PARTIAL(NAMED(2, ETH)), 3, INFLUX_KEEP, 0, 0},
    {401, "", 3, INFLUX_KEEP, 0, 0},
    {403, "", 3, INFLUX_KEEP, 0, 0},
    {404, PARTIAL(NAMED(2, ETH)), 3, INFLUX_KEEP, 0, 0},
    {408, "", 3, INFLUX_KEEP, 0, 0},
    {429, "", 3, INFLUX_KEEP, 0, 0},
    {301, "", 3, INFLUX_KEEP, 0, 0},
    {0, "", 3, INFLUX_KEEP, 0, 0},
};

static void answer_of_each_kind_has_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct outcome_case *c = &cases[i];
        struct influx_outcome got =
            influx_outcome_of(c->status, str_from(c->answer), lines, c->count);
        if (got.action != c->want || got.named.count != c->named ||
            (c->named > 0 && got.named.items[0].index != c->place)) {
            fail_msg("case %zu (%ld %s): action %d, %zu named", i, c->status, c->answer, got.action,
                     got.named.count);
        }
        assert_int_equal(got.error.kind, c->want == INFLUX_KEEP ? ERROR_RETRY : ERROR_NONE);
        rejected_list_free(&got.named);
    }
}

static void reason_is_the_servers(void **state)
{
    (void)state;
    struct influx_outcome got = influx_outcome_of(400, str_from(PARTIAL(NAMED(2, ETH))), lines, 3);
    assert_string_equal(got.named.items[0].reason, "bad");
    rejected_list_free(&got.named);
}

static void error_shows_status_and_first_bytes(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *answer;
        const char *want;
    } texts[] = {
        {503, "no\nspace left\n", "answered 503: no space left"},
        {401, "", "answered 401 (see --token-file)"},
        {429, "", "answered 429"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error error = {0};
        assert_false(influx_answer_error(texts[i].status, str_from(texts[i].answer), &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_string_equal(error.text, texts[i].want);
    }
    char *page = malloc(100000);
    assert_non_null(page);
    memset(page, 'x', 100000);
    struct error error = {0};
    assert_false(influx_answer_error(500, (struct str){.data = page, .length = 100000}, &error));
    assert_true(strlen(error.text) < 200);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_of_each_kind_has_its_outcome),
        cmocka_unit_test(reason_is_the_servers),
        cmocka_unit_test(error_shows_status_and_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
