/* A temporary folder with a replay file, the log caught in a file, and whole replays. */
#ifndef CANDLEWICK_TESTS_REPLAY_FIXTURE_H
#define CANDLEWICK_TESTS_REPLAY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture.h"
#include "cmocka_all.h"
#include "source/sources.h"
#include "support.h"
#include "ticks.h"

struct fixture {
    char folder[128];
    char path[160];
    struct capture capture;
};

static inline int set_up(void **state)
{
    static struct fixture fixture;
    support_make_folder(fixture.folder, sizeof fixture.folder);
    (void)snprintf(fixture.path, sizeof fixture.path, "%s/prices.csv", fixture.folder);
    capture_start(&fixture.capture);
    *state = &fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    free(capture_end(&fixture->capture));
    support_remove_folder(fixture->folder);
    return 0;
}

static inline void write_text(const struct fixture *fixture, const char *text)
{
    support_write_file(fixture->path, text, strlen(text));
}

/* How often `part` stands in what was logged. */
static inline int logged(const struct fixture *fixture, const char *part)
{
    char *text = support_read_file(fixture->capture.path, NULL);
    assert_non_null(text);
    int count = capture_count(text, part);
    free(text);
    return count;
}

/* A whole replay: all ticks, the counts, and how it ended. */
struct played {
    struct source_batch all;
    struct row_counts counts;
    enum source_next end;
    struct error error;
    size_t largest_batch;
};

static inline struct source *open_config(const struct replay_config *config)
{
    struct error error = {0};
    struct source *source = replay_source_create(config, &error);
    if (source == NULL) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(source->name, "replay");
    assert_false(source->live);
    return source;
}

static inline struct source *open_source(const struct fixture *fixture, const char *coins)
{
    return open_config(&(struct replay_config){.path = fixture->path, .coins = coins});
}

static inline struct played play_config(const struct replay_config *config)
{
    struct played played = {0};
    struct source_batch batch = {0};
    struct source *source = open_config(config);
    source_batch_begin(&played.all, source->kind, true);
    while ((played.end = source->next(source->state, &batch, &played.counts, &played.error)) ==
           SOURCE_BATCH) {
        assert_true(batch.has_time);
        played.largest_batch =
            batch.count > played.largest_batch ? batch.count : played.largest_batch;
        for (size_t i = 0; i < batch.count; i++) {
            void *copy = source_batch_add(&played.all);
            assert_non_null(copy);
            memcpy(copy, source_batch_at(&batch, i), batch.kind->size);
            assert_null(batch.kind->check(copy, &batch.texts));
        }
    }
    assert_int_equal(source->next(source->state, &batch, &played.counts, &played.error),
                     played.end);
    assert_int_equal(batch.count, 0);
    source_batch_free(&batch);
    source_destroy(source);
    int64_t sum = played.counts.records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        sum += played.counts.rejected[i];
    }
    assert_int_equal(sum, played.counts.rows);
    assert_int_equal(played.counts.records, played.all.count);
    return played;
}

static inline struct played play(const struct fixture *fixture, const char *coins)
{
    return play_config(&(struct replay_config){.path = fixture->path, .coins = coins});
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
