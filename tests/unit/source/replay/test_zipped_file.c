/* Zip archives, made with libzip. */
#include <stdlib.h>
#include <zip.h>

#include "record/bar.h"
#include "replay_fixture.h"
#include "source/replay/zipped_file.h"

#define ROWS                                                                                       \
    "1735686000000,93488,93756,93375,93576,336.5,1735689599999,31491901.5,68135,1,2,0\n"           \
    "1735689600000,93576,94509,93489,94401,756,1735693199999,71068810.5,93525,1,2,0\n"

struct entry {
    const char *name, *text;
};

/* Makes an archive with these entries, and returns its path. */
static const char *make(const struct fixture *fixture, const struct entry *entries, size_t count)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/BTCUSDT-1h-2024-12.zip", fixture->folder);
    int code = 0;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *source =
            zip_source_buffer(archive, entries[i].text, strlen(entries[i].text), 0);
        assert_non_null(source);
        assert_true(zip_file_add(archive, entries[i].name, source, 0) >= 0);
    }
    assert_int_equal(zip_close(archive), 0);
    return path;
}

static void the_csv_file_of_an_archive_is_replayed(void **state)
{
    struct fixture *fixture = *state;
    const struct entry entries[] = {{"readme.md", "not prices"},
                                    {"BTCUSDT-1h-2024-12.csv", ROWS},
                                    {"__MACOSX/._BTCUSDT-1h-2024-12.csv", "notes"}};
    const struct replay_config config = {.path = make(fixture, entries, 3), .coins = "ALL"};
    struct played played = play_config(&config);
    assert_int_equal(played.all.count, 2);
    const struct bar *bars = played.all.records;
    assert_string_equal(bars[0].symbol, "BTCUSDT");
    assert_string_equal(bars[0].timeframe, "1h");
    assert_true(bars[1].close == 94401);
    /* The source is named after the content, not after how it is packed. */
    char path[256];
    (void)snprintf(path, sizeof path, "%s/BTCUSDT-1h-2024-12.csv", fixture->folder);
    support_write_file(path, ROWS, strlen(ROWS));
    struct played plain = play_config(&(struct replay_config){.path = path, .coins = "ALL"});
    assert_memory_equal(bars, plain.all.records, 2 * sizeof *bars);
    source_batch_free(&played.all);
    source_batch_free(&plain.all);
}

static void refuse(const char *path, enum error_kind kind, const char *want)
{
    struct error error = {0};
    const struct replay_config config = {.path = path, .coins = "ALL"};
    assert_null(replay_source_create(&config, &error));
    assert_int_equal(error.kind, kind);
    if (strstr(error.text, want) == NULL) {
        fail_msg("\"%s\" is not in: %s", want, error.text);
    }
}

static void an_archive_that_cannot_be_read_is_refused_before_the_first_row(void **state)
{
    struct fixture *fixture = *state;
    const struct entry none[] = {{"readme.md", "not prices"}};
    const struct entry several[] = {{"a.csv", ROWS}, {"b.CSV", ROWS}};
    const struct entry one[] = {{"a.csv", ROWS ROWS}};
    refuse(make(fixture, none, 1), ERROR_USAGE, "no CSV file");
    refuse(make(fixture, several, 2), ERROR_USAGE, "several CSV files");
    size_t length = 0;
    const char *path = make(fixture, one, 1);
    char *bytes = support_read_file(path, &length);
    assert_non_null(bytes);
    bytes[60] = (char)(bytes[60] ^ 0x55);
    support_write_file(path, bytes, length);
    refuse(path, ERROR_FATAL, "its data is broken");
    support_write_file(path, bytes, length / 2);
    refuse(path, ERROR_USAGE, "as a zip archive");
    free(bytes);
}

static void what_unpacks_to_a_disk_full_is_not_unpacked(void **state)
{
    struct fixture *fixture = *state;
    const size_t length = 8 * ZIPPED_SPARE_BYTES;
    char *zeros = malloc(length + 1);
    assert_non_null(zeros);
    memset(zeros, '0', length);
    zeros[length] = '\0';
    const struct entry entries[] = {{"a.csv", zeros}};
    const char *path = make(fixture, entries, 1);
    refuse(path, ERROR_FATAL, "unpacks to more than 200 times its size");
    free(zeros);
    /* Nor if the archive says that its entry is packed to two gigabytes (APPNOTE, 4.3.12: after 20
     * bytes of the central directory's header). */
    size_t archive_length = 0;
    char *bytes = support_read_file(path, &archive_length);
    assert_non_null(bytes);
    char *header = memmem(bytes, archive_length, "PK\x01\x02", 4);
    assert_non_null(header);
    memcpy(header + 20, "\xF0\xFF\xFF\x7F", 4);
    support_write_file(path, bytes, archive_length);
    refuse(path, ERROR_FATAL, "unpacks to more than 200 times its size");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_csv_file_of_an_archive_is_replayed),
        TEST(an_archive_that_cannot_be_read_is_refused_before_the_first_row),
        TEST(what_unpacks_to_a_disk_full_is_not_unpacked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
