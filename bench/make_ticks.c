/* A replay file of made ticks on standard output: make_ticks ROWS [COINS [STEP_MS [SEED]]] */
#include <stdio.h>
#include <stdlib.h>

#include "tick_maker.h"

enum { WRITE_BYTES = 1 << 18 };

static bool write_rows(const struct strbuf *rows)
{
    return !rows->failed && fwrite(rows->data, 1, rows->length, stdout) == rows->length;
}

static bool make(struct tick_maker *maker, struct strbuf *rows, int64_t count)
{
    bool written = fputs(tick_maker_header, stdout) >= 0;
    for (int64_t i = 0; i < count && written; i++) {
        tick_maker_row(maker, rows);
        if (rows->length >= WRITE_BYTES || i + 1 == count) {
            written = write_rows(rows);
            strbuf_clear(rows);
        }
    }
    return fflush(stdout) == 0 && written;
}

int main(int argc, char **argv)
{
    int64_t rows = 0, coins = 10, step_ms = 1000, seed = 1;
    int64_t *const numbers[] = {&rows, &coins, &step_ms, &seed};
    bool good = argc >= 2 && argc <= 5;
    for (int i = 1; i < argc && good; i++) {
        good = str_to_int64(str_from(argv[i]), numbers[i - 1]) && *numbers[i - 1] > 0;
    }
    if (!good) {
        (void)fputs("usage: make_ticks ROWS [COINS [STEP_MS [SEED]]]\n", stderr);
        return 2;
    }
    struct tick_maker maker;
    if (!tick_maker_init(&maker, (size_t)coins, step_ms, (uint64_t)seed)) {
        (void)fputs("make_ticks: out of memory\n", stderr);
        return 1;
    }
    struct strbuf text = strbuf_new(2 * (size_t)WRITE_BYTES);
    bool made = make(&maker, &text, rows);
    strbuf_free(&text);
    tick_maker_free(&maker);
    if (!made) {
        perror("make_ticks: standard output");
    }
    return made ? 0 : 1;
}
