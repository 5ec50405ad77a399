#include "page/status_text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"

static int32_t owned[] = {1};
static struct partition_status partitions[] = {
    {.partition = 0, .leader = -1, .begin = -1, .end = -1, .committed = -1, .lag = -1},
    {.partition = 1,
     .leader = 2,
     .replicas = 3,
     .in_sync = 2,
     .end = 50,
     .undecided = 7,
     .committed = 20,
     .lag = 30},
};
static struct broker_status brokers[] = {{1, "127.0.0.1:19092", 0}, {2, "127.0.0.1:29092", 1}};
static struct member_status members[] = {
    {.client_id = "odd \"name\"", .host = "/127.0.0.1", .partitions = owned, .partition_count = 1},
    {.client_id = "idle"},
};

static struct group_status example(void)
{
    return (struct group_status){.topic = "tickers",
                                 .group = "coins",
                                 .brokers = 2,
                                 .broker_list = brokers,
                                 .partitions = partitions,
                                 .partition_count = 2,
                                 .members_known = true,
                                 .state = "Stable",
                                 .strategy = "range",
                                 .members = members,
                                 .member_count = 2};
}

static void status_to_table_cases(void **state)
{
    (void)state;
    struct group_status known = example(), empty = example(), unknown = example();
    empty.member_count = 0;
    empty.strategy[0] = '\0';
    unknown.members_known = false;
    memcpy(unknown.members_unknown_why, "it refuses", sizeof "it refuses");
    const struct {
        const struct group_status *status;
        const char *want[5];
    } cases[] = {
        {&known,
         {"strategy range, lag unknown", "odd \"name\"", "none", "idle",
          "127.0.0.1:29092  1 partition\n"}},
        {&empty,
         {"strategy none yet", "members  none", "lag unknown", "-",
          "127.0.0.1:19092  0 partitions\n"}},
        {&unknown, {"members  unknown: it refuses", "lag unknown", "tickers", "50", "2 brokers"}},
        {&known,
         {"undecided  7 messages behind the end: a transaction is open\n", "50", "20", "30", "1"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(1 << 16);
        status_to_table(cases[i].status, 1, NULL, (struct text_form){.columns = 0}, &text);
        for (size_t k = 0; k < 5; k++) {
            assert_non_null(strstr(strbuf_text(&text), cases[i].want[k]));
        }
        strbuf_free(&text);
    }
}

static void expect_unknown_is_null(const json_t *partition)
{
    static const char *const names[] = {"leader", "begin", "end", "committed", "lag"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(json_is_null(json_object_get(partition, names[i])));
    }
}

static void status_to_json_is_json_whoever_is_known(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct group_status status = example();
        struct strbuf text = strbuf_new(1 << 16);
        status.members_known = known != 0;
        status_to_json(&status, 1, NULL, 0, NULL, &text);
        json_t *json = json_loads(strbuf_text(&text), 0, NULL);
        assert_non_null(json);
        assert_true(json_is_null(json_object_get(json, "lag_total"))); /* of one it is not known */
        expect_unknown_is_null(json_array_get(json_object_get(json, "partitions"), 0));
        assert_int_equal(json_array_size(json_object_get(json, "partitions")), 2);
        assert_int_equal(json_integer_value(json_object_get(json, "brokers")), 2);
        const json_t *second = json_array_get(json_object_get(json, "broker_list"), 1);
        assert_int_equal(json_integer_value(json_object_get(second, "id")), 2);
        assert_int_equal(json_integer_value(json_object_get(second, "leads")), 1);
        assert_string_equal(json_string_value(json_object_get(second, "address")),
                            "127.0.0.1:29092");
        const json_t *list = json_object_get(json, "members");
        assert_int_equal(json_array_size(list), known != 0 ? 2 : 0);
        assert_int_equal(json_is_null(list), known == 0);
        json_decref(json);
        strbuf_free(&text);
    }
}

static void only_a_topic_of_nothing_but_dead_letters_is_told_as_foreign(void **state)
{
    (void)state;
    static const struct {
        int64_t begin, committed, letters;
        bool want;
    } cases[] = {
        {0, 99, 99, false},    {0, 100, 99, false},   {0, 100, 100, true}, {50, 150, 120, true},
        {50, 149, 200, false}, {-1, 500, 600, false}, {0, -1, 600, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct partition_status partition = {.begin = cases[i].begin,
                                             .committed = cases[i].committed};
        struct group_status status = {
            .topic = "tickers", .partitions = &partition, .partition_count = 1};
        struct strbuf text = strbuf_new(1 << 16);
        status_to_foreign(&status, cases[i].letters, (struct text_form){.columns = 0}, &text);
        assert_int_equal(text.length > 0, cases[i].want);
        assert_int_equal(strstr(strbuf_text(&text), "is tickers the right --topic") != NULL,
                         cases[i].want);
        strbuf_free(&text);
    }
}

static void status_to_table_of_a_name_with_controls_does_not_steer_the_terminal(void **state)
{
    (void)state;
    struct member_status odd = {.client_id = "a\x1b[2Jb\xc2\x9b"
                                             "c\rd\x7f\ne",
                                .host = "\xc3\xa9"};
    struct group_status status = example();
    struct strbuf text = strbuf_new(1 << 16);
    status.members = &odd;
    status.member_count = 1;
    status_to_table(&status, 1, NULL, (struct text_form){.columns = 0}, &text);
    assert_non_null(strstr(strbuf_text(&text), "a?[2Jb?c?d??e"));
    assert_non_null(strstr(strbuf_text(&text), "\xc3\xa9"));
    strbuf_free(&text);
}

/* Offsets of a topic with a few hundred million messages, names as launch.sh gives them. */
static void status_to_table_of_a_large_topic_fits_a_terminal(void **state)
{
    (void)state;
    struct partition_status large[] = {{.partition = 5,
                                        .leader = 3,
                                        .replicas = 3,
                                        .in_sync = 3,
                                        .begin = 123456789,
                                        .end = 234567890,
                                        .committed = 234567880,
                                        .lag = 10}};
    int32_t five[] = {5};
    struct member_status reader = {
        .client_id = "consumer-1", .host = "/127.0.0.1", .partitions = five, .partition_count = 1};
    struct group_status status = example();
    struct strbuf text = strbuf_new(1 << 16);
    status.partitions = large;
    status.partition_count = 1;
    status.members = &reader;
    status.member_count = 1;
    status_to_table(&status, 1, NULL, (struct text_form){.columns = 80}, &text);
    for (const char *line = strbuf_text(&text); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        assert_in_range(length, 0, 80);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    strbuf_free(&text);
}

/* The group on two topics: what is of one is told of each, and the totals are of both. */
static void two_topics(struct group_status statuses[2], struct partition_status *bars,
                       int32_t *owned_bars)
{
    static struct member_status bar_members[2];
    *bars = (struct partition_status){.partition = 0,
                                      .leader = 2,
                                      .replicas = 3,
                                      .in_sync = 3,
                                      .end = 1234567890,
                                      .committed = 1234567885,
                                      .lag = 5};
    bar_members[0] = (struct member_status){.client_id = "idle"};
    bar_members[1] = (struct member_status){.client_id = "odd \"name\"",
                                            .host = "/127.0.0.1",
                                            .partitions = owned_bars,
                                            .partition_count = 1};
    static struct broker_status bar_brokers[] = {{1, "127.0.0.1:19092", 0},
                                                 {2, "127.0.0.1:29092", 1}};
    statuses[0] = example();
    statuses[0].partitions = &partitions[1];
    statuses[0].partition_count = 1;
    statuses[1] = example();
    memcpy(statuses[1].topic, "bars", sizeof "bars");
    statuses[1].broker_list = bar_brokers;
    statuses[1].partitions = bars;
    statuses[1].partition_count = 1;
    statuses[1].members = bar_members;
}

static void status_to_table_of_two_topics_has_the_partitions_of_each(void **state)
{
    (void)state;
    int32_t zero[] = {0};
    struct partition_status bars;
    struct group_status statuses[2];
    two_topics(statuses, &bars, zero);
    struct strbuf text = strbuf_new(1 << 16);
    status_to_table(statuses, 2, NULL, (struct text_form){.columns = 80}, &text);
    static const char *const wanted[] = {
        "topic  tickers, 1 partitions, 2 brokers\ntopic  bars, 1 partitions, 2 brokers\n",
        "strategy range, lag 35",
        "127.0.0.1:29092  2 partitions",
        "\ntopic      tickers, lag 30\nundecided  7 messages",
        "\ntopic  bars, lag 5\n\npartition",
        "tickers 1 bars 0",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strstr(strbuf_text(&text), wanted[i]) == NULL) {
            fail_msg("\"%s\" is not in:\n%s", wanted[i], strbuf_text(&text));
        }
    }
    for (const char *line = strbuf_text(&text); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        assert_in_range(length, 0, 80);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    strbuf_free(&text);
}

static void status_to_json_of_two_topics_is_of_the_first_and_has_each(void **state)
{
    (void)state;
    int32_t zero[] = {0};
    struct partition_status bars;
    struct group_status statuses[2];
    two_topics(statuses, &bars, zero);
    const struct missing_topic missing = {"nonews", "topic nonews: it does not exist"};
    struct strbuf text = strbuf_new(1 << 16);
    status_to_json(statuses, 2, &missing, 1, NULL, &text);
    json_t *json = json_loads(strbuf_text(&text), 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "topic")), "tickers");
    assert_int_equal(json_integer_value(json_object_get(json, "lag_total")), 35);
    assert_int_equal(json_array_size(json_object_get(json, "partitions")), 1);
    const json_t *streams = json_object_get(json, "streams");
    assert_int_equal(json_array_size(streams), 3);
    const json_t *third = json_array_get(streams, 2);
    assert_string_equal(json_string_value(json_object_get(third, "topic")), "nonews");
    assert_string_equal(json_string_value(json_object_get(third, "error")),
                        "topic nonews: it does not exist");
    const json_t *second = json_array_get(streams, 1);
    assert_string_equal(json_string_value(json_object_get(second, "topic")), "bars");
    assert_int_equal(json_integer_value(json_object_get(second, "lag")), 5);
    const json_t *owner = json_array_get(json_object_get(second, "members"), 1);
    assert_int_equal(json_array_size(json_object_get(owner, "partitions")), 1);
    json_decref(json);
    strbuf_free(&text);
}

/* Partition 0 has no leader, partition 1 lacks a replica, and nobody owns partition 0. */
static void trouble_is_red_and_only_in_colour(void **state)
{
    (void)state;
    static const char *const red[] = {"\033[31mnone\033[0m", "\033[31m2 of 3\033[0m",
                                      "\033[33m30\033[0m", "\033[31m-\033[0m"};
    const struct group_status status = example();
    struct strbuf coloured = strbuf_new(1 << 16), plain = strbuf_new(1 << 16);
    status_to_table(&status, 1, NULL, (struct text_form){.colour = true}, &coloured);
    status_to_table(&status, 1, NULL, (struct text_form){.colour = false}, &plain);
    for (size_t i = 0; i < sizeof red / sizeof red[0]; i++) {
        if (strstr(strbuf_text(&coloured), red[i]) == NULL) {
            fail_msg("no %s in %s", red[i], strbuf_text(&coloured));
        }
    }
    assert_null(strchr(strbuf_text(&plain), '\033'));
    strbuf_free(&coloured);
    strbuf_free(&plain);
}

/* Four looks, a second apart: 20 messages a second come, and 10 are committed. */
static void looks_make_rates_and_a_lag_that_grows(void **state)
{
    (void)state;
    struct partition_status moving = {
        .partition = 0, .leader = 1, .replicas = 1, .in_sync = 1, .end = 100, .committed = 90};
    struct group_status status = example();
    struct status_motion *motion = status_motion_create();
    assert_non_null(motion);
    status.partitions = &moving;
    status.partition_count = 1;
    for (int64_t look = 0; look < 4; look++) {
        struct strbuf text = strbuf_new(1 << 16);
        moving.lag = moving.end - moving.committed;
        status_motion_take(motion, &status, 1, look * NS_PER_SECOND);
        status_to_table(&status, 1, motion, (struct text_form){.columns = 80, .colour = true},
                        &text);
        bool rates = strstr(strbuf_text(&text), "20.0/s in, 10.0/s out") != NULL;
        bool grows = strstr(strbuf_text(&text), ", growing") != NULL &&
                     strstr(strbuf_text(&text), "\033[31m40\033[0m") != NULL;
        if (rates != (look > 0) || grows != (look == 3)) {
            fail_msg("look %lld: %s", (long long)look, strbuf_text(&text));
        }
        moving.end += 20;
        moving.committed += 10;
        strbuf_free(&text);
    }
    moving.lag = -1; /* no longer known: neither is the rate */
    status_motion_take(motion, &status, 1, 9 * NS_PER_SECOND);
    assert_true(isnan(status_motion_of(motion, "tickers", 0).out_per_s));
    assert_true(isfinite(status_motion_of(motion, "tickers", 0).in_per_s));
    assert_true(isnan(status_motion_of(motion, "other", 0).in_per_s));
    assert_true(isnan(status_motion_of(NULL, "tickers", 0).in_per_s));
    status_motion_destroy(motion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_is_red_and_only_in_colour),
        cmocka_unit_test(looks_make_rates_and_a_lag_that_grows),
        cmocka_unit_test(status_to_table_cases),
        cmocka_unit_test(only_a_topic_of_nothing_but_dead_letters_is_told_as_foreign),
        cmocka_unit_test(status_to_json_is_json_whoever_is_known),
        cmocka_unit_test(status_to_table_of_two_topics_has_the_partitions_of_each),
        cmocka_unit_test(status_to_json_of_two_topics_is_of_the_first_and_has_each),
        cmocka_unit_test(status_to_table_of_a_large_topic_fits_a_terminal),
        cmocka_unit_test(status_to_table_of_a_name_with_controls_does_not_steer_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
