#include "pipeline/overlap_watch.h"

#include "base/clock.h"
#include "pipeline_rig.h"

enum { EARLIER = 1000, LATER = 2000, SENT_MAX = 32 };

/* One tick a letter, a second apart: E of the earlier run, L of the later one, R of a replay of the
 * earlier one's ticks, x what is no tick, and u of a schema id that nobody knows. */
static void send_ticks(struct app_rig *rig, int64_t *time_ns, const char *runs)
{
    static const struct str broken = {"\0\0\0\0\1x", 6}, unknown = {"\0\0\0\x27\x0fx", 6};
    struct strbuf messages[SENT_MAX];
    struct str values[SENT_MAX];
    size_t count = strlen(runs);
    int32_t schema_id = rig_schema(rig);
    assert_true(count <= SENT_MAX);
    for (size_t i = 0; i < count; i++) {
        struct ticker tick = rig_tick("tBTCUSD", *time_ns += NS_PER_SECOND, 100);
        tick.run_id = runs[i] == 'L' ? LATER : EARLIER;
        if (runs[i] == 'R') {
            (void)str_copy(str_from("replay"), tick.source, sizeof tick.source);
        }
        messages[i] = rig_message(schema_id, &tick);
        values[i] = runs[i] == 'x' ? broken : runs[i] == 'u' ? unknown : strbuf_str(&messages[i]);
    }
    rig_send(rig, values, count);
    for (size_t i = 0; i < count; i++) {
        strbuf_free(&messages[i]);
    }
}

static struct overlap_watch *watch_of(const struct app_rig *rig, int64_t run_id)
{
    struct error error = {0};
    const struct overlap_watch_config config = {.kafka = &rig->settings,
                                                .topic = RIG_TOPIC,
                                                .kind = &ticker_kind,
                                                .registry = rig->registry,
                                                .stop = rig->stop,
                                                .run_id = run_id};
    struct overlap_watch *watch = overlap_watch_create(&config, &error);
    assert_non_null(watch);
    return watch;
}

static struct log_overlap look(struct overlap_watch *watch)
{
    struct error error = {0};
    struct log_overlap overlap;
    if (!overlap_watch_check(watch, &overlap, &error)) {
        fail_msg("%s", error.text);
    }
    return overlap;
}

/* What is sent before each look, and whether the later run is told then. */
static void later_run_is_told_over_one_look_or_several(void **state)
{
    (void)state;
    static const struct {
        const char *sent[4];
        bool told[4];
    } cases[] = {
        {{"EEELLL", "LLL"}, {false, false}}, /* a restart */
        {{"ELEL"}, {true}},
        {{"E", "L", "E", "L"}, {false, false, true, true}},
        {{"RLRLRL", "RL"}, {false, false}}, /* a replay beside it */
        {{"xELuExL"}, {true}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct app_rig rig = rig_start(1);
        struct overlap_watch *earlier = watch_of(&rig, EARLIER), *later = watch_of(&rig, LATER);
        int64_t time_ns = clock_wall_ns() - 60 * NS_PER_SECOND;
        for (size_t k = 0; k < 4 && cases[i].sent[k] != NULL; k++) {
            send_ticks(&rig, &time_ns, cases[i].sent[k]);
            assert_int_equal(look(earlier).coins, 0);
            struct log_overlap overlap = look(later);
            if (overlap.coins != (cases[i].told[k] ? 1 : 0)) {
                fail_msg("%s, look %zu: %zu coins", cases[i].sent[k], k, overlap.coins);
            }
            char text[256];
            log_overlap_describe(&overlap, text, sizeof text);
            assert_int_equal(strstr(text, "another producer (run id 1000, source bitfinex) sends "
                                          "tBTCUSD as well: stop one of the two") != NULL,
                             cases[i].told[k]);
        }
        overlap_watch_destroy(earlier);
        overlap_watch_destroy(later);
        rig_end(&rig);
    }
}

static void look_without_brokers_fails_soon_and_the_next_one_may_work(void **state)
{
    (void)state;
    struct error error = {0};
    struct log_overlap overlap;
    struct app_rig rig = rig_start(1);
    struct overlap_watch *watch = watch_of(&rig, LATER);
    const char *brokers = rig.settings.brokers;
    int64_t begin_ns = clock_monotonic_ns(), time_ns = clock_wall_ns() - 60 * NS_PER_SECOND;
    rig.settings.brokers = "127.0.0.1:1";
    assert_false(overlap_watch_check(watch, &overlap, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    rig.settings.brokers = brokers;
    send_ticks(&rig, &time_ns, "ELEL");
    assert_int_equal(look(watch).coins, 1);
    send_ticks(&rig, &time_ns, "EL");
    stop_request(rig.stop);
    assert_false(overlap_watch_check(watch, &overlap, &error));
    overlap_watch_destroy(watch);
    overlap_watch_destroy(NULL);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_run_is_told_over_one_look_or_several),
        cmocka_unit_test(look_without_brokers_fails_soon_and_the_next_one_may_work),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
