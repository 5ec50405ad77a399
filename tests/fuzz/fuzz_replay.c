/*
 * A replay file of ticks, bars or trades, plain or gzip, read as the producer reads it. Input: a
 * byte whose bits say how (enum how), then the file.
 *
 * The file is refused with ERROR_USAGE (its header) or ERROR_FATAL (broken gzip), and a reason; or
 * every line that is not blank is counted once: rows = records + rejected. Every record passes its
 * kind's check, has its row as seq (if its kind has one), and is later than its series' last one,
 * unless its kind comes in any order. Bars and trades that wait for their times are in the order of
 * time.
 * Read again, the file gives the same records, bit for bit. Asked for fewer coins, it gives those
 * records of them, with the same identity. This is tried with files that have records, and with one
 * in eight of the others.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "record/series.h"
#include "source/coins.h"
#include "source/sources.h"

enum { RECORD_LIMIT = 100000 };

enum how {
    ONE_COIN = 1, /* only one is wanted */
    PACED = 2,    /* rows wait for their times, so they are sorted */
    GIVEN = 4,    /* --columns says of what symbol and timeframe all rows are */
    ZONED = 8,    /* times without a zone are those of a place whose clocks change */
};

/* All that one reading gave. */
struct reading {
    bool opened;
    struct source_batch records;
    struct row_counts counts;
    struct error error;
    enum source_next end;
};

/* A file without a name, used again and again; its path. */
static const char *put_file(struct str content)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("replay", 0);
        MUST(fd >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        log_set_level(LOG_OFF);
    }
    MUST(ftruncate(fd, 0) == 0);
    MUST(pwrite(fd, content.data, content.length, 0) == (ssize_t)content.length);
    return path;
}

static void read_all(struct source *source, struct reading *reading)
{
    struct source_batch batch = {0};
    source_batch_begin(&reading->records, source->kind, true);
    do {
        reading->end = source->next(source->state, &batch, &reading->counts, &reading->error);
        MUST(batch.has_time && (reading->end == SOURCE_BATCH || batch.count == 0));
        for (size_t i = 0; i < batch.count; i++) {
            void *record = source_batch_add(&reading->records);
            MUST(record != NULL && reading->records.count < RECORD_LIMIT);
            memcpy(record, source_batch_at(&batch, i), source->kind->size);
        }
    } while (reading->end == SOURCE_BATCH);
    source_batch_free(&batch);
}

static struct reading read_file(const char *path, const char *coins, unsigned how)
{
    struct reading reading = {0};
    const struct replay_config config = {
        .path = path,
        .coins = coins,
        .paced = (how & PACED) != 0,
        .columns = (how & GIVEN) != 0 ? "symbol='tBTCUSD',timeframe='1h'" : NULL,
        .zone = (how & ZONED) != 0 ? "Europe/Berlin" : NULL,
    };
    struct source *source = replay_source_create(&config, &reading.error);
    reading.opened = source != NULL;
    if (source == NULL) {
        MUST(reading.error.kind == ERROR_USAGE || reading.error.kind == ERROR_FATAL);
        MUST(reading.error.text[0] != '\0' && strchr(reading.error.text, '\n') == NULL);
        return reading;
    }
    read_all(source, &reading);
    /* Broken gzip was found before the first record, and nobody changed the file; a file that gives
     * no record is a failure at its end. */
    MUST(reading.end == (reading.counts.records == 0 ? SOURCE_ERROR : SOURCE_END));
    source_destroy(source);
    return reading;
}

static void check_counts(const struct reading *reading)
{
    int64_t all = reading->counts.records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(reading->counts.rejected[i] >= 0);
        all += reading->counts.rejected[i];
    }
    MUST(reading->counts.rows == all);
    MUST(reading->counts.records == (int64_t)reading->records.count);
}

static void check_records(const struct reading *reading, unsigned how)
{
    const struct record_kind *kind = reading->records.kind;
    struct coin_table all = {0};
    int64_t before_ns = INT64_MIN;
    for (size_t i = 0; i < reading->records.count; i++) {
        const void *record = source_batch_at(&reading->records, i);
        MUST(kind->check(record, NULL) == NULL && column_text(kind->source, record).length > 0);
        if (kind->run != NULL) {
            int64_t number = column_int64(kind->seq, record);
            MUST(column_int64(kind->run, record) >= 0);
            MUST(number > 0 && number <= reading->counts.rows);
        }
        if (kind->run == NULL && (how & PACED) != 0) {
            int64_t moment_ns = column_int64(kind->moment, record);
            MUST(moment_ns >= before_ns);
            before_ns = moment_ns;
        }
        char name[RECORD_SERIES_MAX + 1];
        series_of(kind, record, name);
        struct coin *series = coin_table_add(&all, str_from(name));
        int64_t time_ns = column_int64(kind->time, record);
        MUST(series != NULL &&
             (!series->seen || kind->any_order || time_ns > series->last_stamp_ns));
        series->seen = true;
        series->last_stamp_ns = time_ns;
    }
    coin_table_free(&all);
}

/* `some` are the records of one coin; NULL: all. */
static void check_same(const struct reading *whole, const struct reading *some, const char *coin)
{
    const struct record_kind *kind = whole->records.kind;
    size_t at = 0;
    MUST(whole->counts.rows == some->counts.rows);
    for (size_t i = 0; i < whole->records.count; i++) {
        const void *record = source_batch_at(&whole->records, i);
        if (coin == NULL || str_equal_text(column_text(kind->key, record), coin)) {
            MUST(at < some->records.count);
            MUST(memcmp(record, source_batch_at(&some->records, at), kind->size) == 0);
            at++;
        }
    }
    MUST(at == some->records.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    const unsigned how = fuzz_byte(&in);
    const char *coin = (how & ONE_COIN) == 0 ? NULL : "tBTCUSD";
    const char *path = put_file(fuzz_rest(&in));
    struct reading whole = read_file(path, "ALL", how);
    check_counts(&whole);
    check_records(&whole, how);
    if (whole.records.count > 0 || size % 8 == 0) {
        struct reading again = read_file(path, coin != NULL ? coin : "ALL", how);
        MUST(whole.opened == again.opened);
        check_counts(&again);
        check_same(&whole, &again, coin);
        source_batch_free(&again.records);
    }
    source_batch_free(&whole.records);
    return 0;
}
