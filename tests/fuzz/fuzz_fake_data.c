/*
 * A user's file for fake-exchange: a replay CSV, or a recorded body. Input: the file.
 *
 * It is refused with a reason, or every answer to a request is a body that the other end can read:
 * of a CSV, one row for each coin that was asked for and is there, each of them a good tick; of a
 * recorded body, JSON where the file was that.
 */
#include "fake_exchange/fake_data.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "record/ticker.h"
#include "source/bitfinex/bitfinex_parse.h"

enum { REQUESTS = 4 };

static const char *put_file(struct str content)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fake", 0);
        MUST(fd >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        log_set_level(LOG_OFF);
    }
    MUST(ftruncate(fd, 0) == 0);
    MUST(pwrite(fd, content.data, content.length, 0) == (ssize_t)content.length);
    return path;
}

/* A CSV's answer, as the producer reads it. */
static void check_answer(struct str body)
{
    struct coin_table seen = {0};
    struct source_batch batch = {.kind = &ticker_kind};
    struct row_counts counts = {0};
    struct error error = {0};
    MUST(bitfinex_parse(200, body, NULL, &seen, &batch, &counts, &error) == BITFINEX_ROWS);
    for (int i = 0; i < ROW_FAULTS; i++) {
        MUST(counts.rejected[i] == 0 || i == ROW_FUNDING || i == ROW_BAD_SYMBOL);
    }
    coin_table_free(&seen);
    source_batch_free(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str content = {(const char *)data, size};
    struct error error = {0};
    struct fake_data *fake = fake_data_load(put_file(content), true, &error);
    if (fake == NULL) {
        MUST(error.kind == ERROR_USAGE || error.kind == ERROR_FATAL);
        MUST(error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
        return 0;
    }
    struct str start = str_trim(content);
    bool csv = start.length > 0 && (start.data[0] == 't' || start.data[0] == 's');
    for (int i = 0; i < REQUESTS; i++) {
        struct strbuf body = strbuf_new(16 << 20);
        bool known = fake_data_knows(fake, str_from("tBTCUSD,tETHUSD"));
        fake_data_answer(fake, str_from(known && i % 2 == 1 ? "tBTCUSD,tETHUSD" : "ALL"), i > 0,
                         &body);
        MUST(!body.failed);
        if (csv) {
            check_answer(strbuf_str(&body));
        }
        strbuf_free(&body);
    }
    struct fake_exchange_progress progress = {0};
    fake_data_progress(fake, &progress);
    fake_data_free(fake);
    return 0;
}
