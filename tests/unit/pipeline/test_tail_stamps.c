#include "pipeline/tail_stamps.h"

#include "base/clock.h"
#include "made_source.h"
#include "pipeline_rig.h"
#include "source/sources.h"

static bool ignore(void *context, const struct record_kind *kind, const void *record,
                   const struct text_arena *texts, int64_t arrived_ns)
{
    (void)texts;
    (void)arrived_ns;
    (void)context;
    (void)kind;
    (void)record;
    return true;
}

static struct poller *idle_poller(struct stop *stop)
{
    struct error error = {0};
    struct source *source = synthetic_source_create(
        &(struct synthetic_config){
            .coins = "tBTCUSD", .seed = 1, .step_ns = NS_PER_SECOND, .live = true},
        &error);
    assert_non_null(source);
    struct poller *poller = poller_create(
        &(struct poller_config){
            .interval_ns = 10 * NS_PER_MS, .requests_per_minute = -1, .sink = ignore, .stop = stop},
        source, &error);
    assert_non_null(poller);
    return poller;
}

static bool asked_thrice(void *context)
{
    struct poller_stats stats;
    poller_stats(context, &stats);
    return stats.produced >= 3;
}

/* A tick from the future holds nobody up and is told with its place; a broken message is not even
 * that. */
static void tail_stamps_from_the_future_are_noticed_and_bind_nobody(void **state)
{
    (void)state;
    const int64_t future_ns = clock_wall_ns() + 3600 * NS_PER_SECOND;
    const struct {
        double price;
        int64_t time_ns;
        const char *notice;
    } cases[] = {
        {100, clock_wall_ns() - NS_PER_SECOND, "tBTCUSD has a live source already, bitfinex: "},
        {-1, future_ns, ""}, /* a dead letter */
        {100, future_ns, "tickers, partition 0, offset 0; source bitfinex"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct app_rig rig = rig_start(1);
        struct ticker tick = rig_tick("tBTCUSD", cases[i].time_ns, cases[i].price);
        struct strbuf message = rig_message(rig_schema(&rig), &tick);
        const struct str values[] = {
            strbuf_str(&message), str_from("no frame"), {"\0\0\0\0\1x", 6}, {NULL, 0}};
        rig_send(&rig, values, sizeof values / sizeof values[0]);
        struct poller *poller = idle_poller(rig.stop);
        const struct tail_topic topic = {.kafka = &rig.settings,
                                         .topic = RIG_TOPIC,
                                         .kind = &ticker_kind,
                                         .registry = rig.registry};
        if (!tail_stamps_read(&topic, topic.kind->seq != NULL ? TAIL_MESSAGES : TAIL_OWN_TIMES,
                              poller, rig.stop, &error)) {
            fail_msg("%s", error.text);
        }
        assert_true(poller_start(poller, &error));
        assert_true(support_wait(asked_thrice, poller, 10000));
        struct poller_stats stats;
        poller_stats(poller, &stats);
        assert_int_equal(stats.held_back, 0);
        assert_int_equal(stats.notice[0] == '\0', cases[i].notice[0] == '\0');
        assert_non_null(strstr(stats.notice, cases[i].notice));
        stop_request(rig.stop);
        poller_destroy(poller);
        strbuf_free(&message);
        rig_end(&rig);
    }
}

/* What others have written since then does not hide a record that lies before the tail. */
static void records_since_a_time_are_told_although_the_tail_is_full(void **state)
{
    (void)state;
    enum { OTHERS = 2100 };
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct ticker tick = rig_tick("tBTCUSD", clock_wall_ns() - NS_PER_SECOND, 100);
    struct strbuf message = rig_message(rig_schema(&rig), &tick);
    struct str *values = calloc(OTHERS + 1, sizeof *values);
    assert_non_null(values);
    values[0] = strbuf_str(&message);
    for (size_t i = 1; i <= OTHERS; i++) {
        values[i] = str_from("of another");
    }
    rig_send(&rig, values, OTHERS + 1);
    struct made_source made = {.endless = true, .pushed = true, .stop = rig.stop};
    struct poller *poller = poller_create(&(struct poller_config){.sink = ignore, .stop = rig.stop},
                                          made_source(&made), &error);
    assert_non_null(poller);
    struct tail_topic topic = {
        .kafka = &rig.settings, .topic = RIG_TOPIC, .kind = &ticker_kind, .registry = rig.registry};
    for (int since = 0; since < 2; since++) {
        topic.since_ms = since > 0 ? clock_wall_ns() / NS_PER_MS - 60000 : 0;
        if (!tail_stamps_read(&topic, TAIL_MESSAGES, poller, rig.stop, &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(made.told, since);
    }
    poller_destroy(poller);
    free(values);
    strbuf_free(&message);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tail_stamps_from_the_future_are_noticed_and_bind_nobody),
        cmocka_unit_test(records_since_a_time_are_told_although_the_tail_is_full),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
