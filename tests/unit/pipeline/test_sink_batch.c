/* Records are written in batches of the size that was asked for, and what became of each is told
 * with its number in the batch. */
#include "pipeline/sink_batch.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "sqlite_place.h"
#include "store_cases.h"

enum { LIMIT = 3, TICKS = 7 };

/* What was told: "0 1! 2 | " is a batch whose second record was refused. */
struct told {
    char text[200];
    int64_t last_ns;
};

static bool take(void *context, const void *record, size_t index, const char *refusal,
                 struct error *error)
{
    struct told *told = context;
    size_t length = strlen(told->text);
    (void)error;
    (void)snprintf(told->text + length, sizeof told->text - length, "%s%zu%s",
                   index == 0 && length > 0 ? "| " : "", index, refusal != NULL ? "! " : " ");
    told->last_ns = ((const struct ticker *)record)->event_time_ns;
    return true;
}

/* Keeps the ticks; the fifth has no valid price. */
static void keep_all(struct sink_batch *batch)
{
    struct error error = {0};
    for (int64_t i = 0; i < TICKS; i++) {
        struct ticker tick = cases_plain_tick("tBTCUSD", (1 + i) * NS_PER_SECOND, i);
        tick.last_price = i == 4 ? NAN : 1;
        memcpy(sink_batch_room(batch), &tick, sizeof tick);
        assert_true(sink_batch_keep(batch, &error));
    }
    assert_true(sink_batch_finish(batch, &error));
    assert_true(sink_batch_finish(batch, &error)); /* nothing is left */
}

static void records_are_written_and_told_batch_by_batch(void **state)
{
    const struct sqlite_place *place = *state;
    struct error error = {0};
    struct told told = {.text = ""};
    struct store_sink sink;
    struct sink_batch batch;
    struct stop *stop = stop_create(&error);
    const struct store_config config = {.address = place->address};
    assert_non_null(stop);
    assert_true(store_sink_open(&sink, &config, &error));
    assert_true(sink_batch_open(&batch, &ticker_kind, LIMIT, &sink, stop, take, &told, &error));
    keep_all(&batch);
    assert_string_equal(told.text, "0 1 2 | 0 1! 2 | 0 ");
    assert_int_equal(told.last_ns, TICKS * NS_PER_SECOND);
    assert_int_equal(cases_count(sink.store), TICKS - 1);
    sink_batch_close(&batch);
    store_sink_close(&sink);
    stop_destroy(stop);
}

static void without_a_store_nothing_is_refused(void **state)
{
    (void)state;
    struct error error = {0};
    struct told told = {.text = ""};
    struct sink_batch batch;
    assert_true(sink_batch_open(&batch, &ticker_kind, LIMIT, NULL, NULL, take, &told, &error));
    keep_all(&batch);
    assert_string_equal(told.text, "0 1 2 | 0 1 2 | 0 ");
    sink_batch_close(&batch);
    sink_batch_close(&batch);
}

static void stop_ends_a_write_that_waits(void **state)
{
    const struct sqlite_place *place = *state;
    struct error error = {0};
    struct told told = {.text = ""};
    struct store_sink sink;
    struct sink_batch batch;
    struct stop *stop = stop_create(&error);
    const struct store_config config = {.address = place->address};
    struct ticker tick = cases_plain_tick("tBTCUSD", NS_PER_SECOND, 1);
    assert_non_null(stop);
    assert_true(store_sink_open(&sink, &config, &error));
    assert_true(sink_batch_open(&batch, &ticker_kind, LIMIT, &sink, stop, take, &told, &error));
    memcpy(sink_batch_room(&batch), &tick, sizeof tick);
    assert_true(sink_batch_keep(&batch, &error));
    stop_request(stop);
    assert_false(sink_batch_finish(&batch, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_string_equal(told.text, "");
    sink_batch_close(&batch);
    store_sink_close(&sink);
    stop_destroy(stop);
}

/* Nobody requests the stop: the next attempts would fail in the same way. */
static void file_that_a_newer_program_migrated_ends_a_write(void **state)
{
    const struct sqlite_place *place = *state;
    struct error error = {0};
    struct store_sink sink;
    struct rejected_list rejected = {0};
    struct stop *stop = stop_create(&error);
    const struct store_config config = {.address = place->address};
    const struct ticker tick = cases_plain_tick("tBTCUSD", NS_PER_SECOND, 1);
    const struct record_set records = {&ticker_kind, &tick, 1, NULL};
    sqlite3 *newer = NULL;
    assert_non_null(stop);
    assert_true(store_sink_open(&sink, &config, &error));
    assert_true(store_sink_write_on(&sink, &records, &rejected, stop, &error));
    assert_int_equal(sqlite3_open(place->file, &newer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(newer, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(newer), SQLITE_OK);
    assert_false(store_sink_write_on(&sink, &records, &rejected, stop, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, "newer candlewick"));
    rejected_list_free(&rejected);
    store_sink_close(&sink);
    stop_destroy(stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(records_are_written_and_told_batch_by_batch),
        cmocka_unit_test(without_a_store_nothing_is_refused),
        WITH_PLACE(stop_ends_a_write_that_waits),
        WITH_PLACE(file_that_a_newer_program_migrated_ends_a_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
