#include "app/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static void tell(char *reason, const char *text)
{
    memcpy(reason, text, strlen(text) + 1);
}

static struct live_figures *well(void)
{
    struct live_figures *figures = calloc(1, sizeof *figures);
    assert_non_null(figures);
    figures->has_feed = true;
    figures->feed.poller.healthy = true;
    figures->feed.producer.healthy = true;
    figures->member_count = 2;
    for (size_t i = 0; i < 2; i++) {
        figures->members[i].stats.healthy = true;
    }
    return figures;
}

static void metrics_healthy_gives_the_first_reason_of_the_path(void **state)
{
    (void)state;
    char reason[256];
    struct live_figures *figures = well();
    assert_true(metrics_healthy(figures, reason));

    /* From the end of the path to its begin: each is told before those behind it. */
    struct consumer_stats *last = &figures->members[1].stats;
    last->healthy = false;
    tell(last->reason, "the store is away");
    assert_false(metrics_healthy(figures, reason));
    assert_string_equal(reason, "the store is away");
    figures->feed.producer.healthy = false;
    tell(figures->feed.producer.reason, "no broker answers");
    assert_false(metrics_healthy(figures, reason));
    assert_string_equal(reason, "no broker answers");
    figures->feed.poller.healthy = false;
    tell(figures->feed.poller.reason, "rate limit");
    assert_false(metrics_healthy(figures, reason));
    assert_string_equal(reason, "rate limit");
    tell(figures->feed.waiting_for, "the schema registry");
    assert_false(metrics_healthy(figures, reason));
    assert_string_equal(reason, "the schema registry");

    figures->has_feed = false; /* another process's feed is not this one's trouble */
    assert_false(metrics_healthy(figures, reason));
    assert_string_equal(reason, "the store is away");
    free(figures);
}

static void metrics_append_many_partitions_names_those_that_are_known(void **state)
{
    (void)state;
    struct live_figures *figures = well();
    struct strbuf text = strbuf_new(1 << 20);
    struct consumer_stats *stats = &figures->members[0].stats;
    const size_t room = sizeof stats->owned / sizeof stats->owned[0];
    tell(figures->members[0].client_id, "a \"quoted\\\nname");
    stats->owned_count = 500; /* more than the figures name */
    for (size_t i = 0; i < room; i++) {
        stats->owned[i] = (int32_t)i;
    }
    metrics_append(figures, &text);
    assert_false(text.failed);
    size_t named = 0;
    for (const char *at = strbuf_text(&text);
         (at = strstr(at, "candlewick_partition_owned{")) != NULL; at++) {
        named++;
    }
    assert_int_equal(named, room);
    assert_non_null(strstr(strbuf_text(&text), "member=\"a \\\"quoted\\\\\\nname\""));
    strbuf_free(&text);
    free(figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_healthy_gives_the_first_reason_of_the_path),
        cmocka_unit_test(metrics_append_many_partitions_names_those_that_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
