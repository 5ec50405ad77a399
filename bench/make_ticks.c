/* A replay file of made ticks on standard output: make_ticks ROWS [COINS [SEED]] */
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
    int64_t rows = 0, coins = 10, seed = 1;
    if (argc < 2 || argc > 4 || !str_to_int64(str_from(argv[1]), &rows) || rows < 1 ||
        (argc > 2 && (!str_to_int64(str_from(argv[2]), &coins) || coins < 1)) ||
        (argc > 3 && !str_to_int64(str_from(argv[3]), &seed))) {
        (void)fputs("usage: make_ticks ROWS [COINS [SEED]]\n", stderr);
        return 2;
    }
    struct tick_maker maker;
    if (!tick_maker_init(&maker, (size_t)coins, (uint64_t)seed)) {
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
