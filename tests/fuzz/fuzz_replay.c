/*
 * A replay file, plain or gzip, read as the producer reads it. Input: a byte that says whether only
 * some coins are wanted, then the file.
 *
 * The file is refused with ERROR_USAGE (its header) or ERROR_FATAL (broken gzip), and a reason; or
 * every line that is not blank is counted once: rows = ticks + rejected. Every tick passes
 * ticker_check(), has its row as seq, and is later than its coin's last one. Read again, the file
 * gives the same ticks, bit for bit. Asked for fewer coins, it gives those ticks of them, with the
 * same identity.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "source/coins.h"
#include "source/sources.h"
#include "support/ticks.h"

enum { TICK_LIMIT = 100000 };

/* All that one reading gave. */
struct reading {
    bool opened;
    struct source_batch ticks;
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
    source_batch_begin(&reading->ticks, source->kind, true);
    do {
        reading->end = source->next(source->state, &batch, &reading->counts, &reading->error);
        MUST(batch.has_time && (reading->end == SOURCE_BATCH || batch.count == 0));
        for (size_t i = 0; i < batch.count; i++) {
            struct ticker *tick = source_batch_add(&reading->ticks);
            MUST(tick != NULL && reading->ticks.count < TICK_LIMIT);
            *tick = batch_ticks(&batch)[i];
        }
    } while (reading->end == SOURCE_BATCH);
    source_batch_free(&batch);
}

static struct reading read_file(const char *path, const char *coins)
{
    struct reading reading = {0};
    struct replay_config config = {.path = path, .coins = coins};
    struct source *source = replay_source_create(&config, &reading.error);
    reading.opened = source != NULL;
    if (source == NULL) {
        MUST(reading.error.kind == ERROR_USAGE || reading.error.kind == ERROR_FATAL);
        MUST(reading.error.text[0] != '\0' && strchr(reading.error.text, '\n') == NULL);
        return reading;
    }
    read_all(source, &reading);
    /* Broken gzip was found before the first tick, and nobody changed the file; a file that gives
     * no tick is a failure at its end. */
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
    MUST(reading->counts.records == (int64_t)reading->ticks.count);
}

static void check_ticks(const struct reading *reading)
{
    struct coin_table coins = {0};
    int64_t seq = 0;
    for (size_t i = 0; i < reading->ticks.count; i++) {
        const struct ticker *tick = &batch_ticks(&reading->ticks)[i];
        MUST(ticker_check(tick) == TICKER_OK);
        MUST(strcmp(tick->source, "replay") == 0 && tick->run_id >= 0);
        MUST(tick->seq > seq && tick->seq <= reading->counts.rows);
        seq = tick->seq;
        struct coin *coin = coin_table_add(&coins, str_from(tick->symbol));
        MUST(coin != NULL && (!coin->seen || tick->event_time_ns > coin->last_stamp_ns));
        coin->seen = true;
        coin->last_stamp_ns = tick->event_time_ns;
    }
    coin_table_free(&coins);
}

static bool same_tick(const struct ticker *left, const struct ticker *right)
{
    bool same = strcmp(left->symbol, right->symbol) == 0 &&
                left->event_time_ns == right->event_time_ns && left->seq == right->seq &&
                left->run_id == right->run_id && same_bits(left->last_price, right->last_price);
    for (int i = 0; same && i < TICKER_FIGURES; i++) {
        same = left->has[i] == right->has[i] && same_bits(left->figures[i], right->figures[i]);
    }
    return same;
}

/* `some` are the ticks of one coin; NULL: all. */
static void check_same(const struct reading *whole, const struct reading *some, const char *coin)
{
    size_t at = 0;
    MUST(whole->counts.rows == some->counts.rows);
    for (size_t i = 0; i < whole->ticks.count; i++) {
        const struct ticker *tick = &batch_ticks(&whole->ticks)[i];
        if (coin == NULL || strcmp(tick->symbol, coin) == 0) {
            MUST(at < some->ticks.count && same_tick(tick, &batch_ticks(&some->ticks)[at]));
            at++;
        }
    }
    MUST(at == some->ticks.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed feed = {data, size};
    const char *coin = feed_byte(&feed) % 2 == 0 ? NULL : "tBTCUSD";
    const char *path = put_file(feed_rest(&feed));
    struct reading whole = read_file(path, "ALL");
    struct reading again = read_file(path, coin != NULL ? coin : "ALL");
    MUST(whole.opened == again.opened);
    check_counts(&whole);
    check_counts(&again);
    check_ticks(&whole);
    check_same(&whole, &again, coin);
    source_batch_free(&whole.ticks);
    source_batch_free(&again.ticks);
    return 0;
}
