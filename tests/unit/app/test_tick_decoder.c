/* One judgement of a message for all who read it, on a real registry. */
#include "app/tick_decoder.h"

#include "app_rig.h"
#include "base/clock.h"

/* What the decoder needs of a message; the rest is the log's. */
static struct message message_of(struct str key, struct str value)
{
    return (struct message){.topic = RIG_TOPIC, .key = key, .value = value};
}

static void every_message_is_judged_as_members_do(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct tick_decoder decoder = {.registry = rig.registry};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct ticker worthless = rig_tick("tBTCUSD", 8, -1);
    int32_t id = rig_schema(&rig);
    struct strbuf good = rig_message(id, &tick);
    struct strbuf bad = rig_message(id, &worthless);
    static char large[70000];
    const struct str key = str_from("tBTCUSD");
    const struct str nothing = {0};
    const struct {
        struct str key, value;
        enum decode_answer want;
        const char *why;
    } cases[] = {
        {key, strbuf_str(&good), DECODE_TICK, ""},
        {nothing, strbuf_str(&good), DECODE_BAD, "no key"},
        {key, nothing, DECODE_BAD, "tombstone"},
        {key, {large, sizeof large}, DECODE_BAD, "70007 bytes"},
        {key, str_from("text"), DECODE_BAD, "framing"},
        {key, {good.data, good.length - 1}, DECODE_BAD, ""},
        {key, strbuf_str(&bad), DECODE_BAD, "bad_price"},
        {str_from("tETHUSD"), strbuf_str(&good), DECODE_BAD, "key is not the record's symbol"},
        {key, strbuf_str(&good), DECODE_TICK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct ticker got;
        struct message message = message_of(cases[i].key, cases[i].value);
        assert_int_equal(tick_decode_wait(&decoder, &message, rig.stop, &got, &error),
                         cases[i].want);
        assert_non_null(strstr(error.text, cases[i].why));
        if (cases[i].want == DECODE_TICK) {
            assert_string_equal(got.symbol, "tBTCUSD");
            assert_int_equal(got.event_time_ns, 7);
        }
    }
    strbuf_free(&good);
    strbuf_free(&bad);
    tick_decoder_release(&decoder);
    tick_decoder_release(&decoder); /* harmless again */
    rig_end(&rig);
}

static void stop_ends_the_wait_for_a_schema(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct registry_client *away = rig_registry("http://127.0.0.1:9", rig.stop);
    struct tick_decoder decoder = {.registry = away};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct strbuf value = rig_message(1, &tick);
    struct message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
    struct error error = {0};
    assert_int_equal(tick_decode(&decoder, message.key, message.value, &tick, &error), DECODE_WAIT);
    stop_request(rig.stop);
    int64_t begin_ns = clock_monotonic_ns();
    assert_int_equal(tick_decode_wait(&decoder, &message, rig.stop, &tick, &error), DECODE_WAIT);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    strbuf_free(&value);
    registry_client_destroy(away);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_judged_as_members_do),
        cmocka_unit_test(stop_ends_the_wait_for_a_schema),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
