/* One parsed answer, and what must be true of any. */
#ifndef CANDLEWICK_TESTS_BITFINEX_PARSED_H
#define CANDLEWICK_TESTS_BITFINEX_PARSED_H

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "source/bitfinex/bitfinex_parse.h"
#include "support.h"
#include "ticks.h"

struct parsed {
    enum bitfinex_answer answer;
    struct coin_table seen;
    struct source_batch batch;
    struct row_counts counts;
    struct error error;
};

static inline void parse(struct parsed *parsed, long status, struct str body,
                         const struct coin_table *wanted)
{
    memset(parsed, 0, sizeof *parsed);
    parsed->batch.kind = &ticker_kind;
    parsed->answer = bitfinex_parse(status, body, wanted, &parsed->seen, &parsed->batch,
                                    &parsed->counts, &parsed->error);
    int64_t rejected = 0;
    for (size_t i = 0; i < ROW_FAULTS; ++i) {
        rejected += parsed->counts.rejected[i];
    }
    /* Every row is a tick or has one reason; and nothing is left of an answer that failed. */
    assert_int_equal(parsed->counts.rows, parsed->counts.records + rejected);
    assert_int_equal(parsed->counts.records, parsed->batch.count);
    if (parsed->answer != BITFINEX_ROWS) {
        assert_int_equal(parsed->counts.rows, 0);
        assert_int_not_equal(parsed->error.kind, ERROR_NONE);
    }
}

static inline void parse_file(struct parsed *parsed, long status, const char *path)
{
    size_t length;
    char *text = support_read_file(path, &length);
    assert_non_null(text);
    parse(parsed, status, (struct str){text, length}, NULL);
    free(text);
}

static inline void release(struct parsed *parsed)
{
    coin_table_free(&parsed->seen);
    source_batch_free(&parsed->batch);
}

#endif
