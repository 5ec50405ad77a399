/* What has come into the sink. One thread. */
#ifndef CANDLEWICK_BENCH_SINK_COUNTS_H
#define CANDLEWICK_BENCH_SINK_COUNTS_H

#include <stdint.h>

#include "base/text/strbuf.h"

struct sink_counts {
    uint64_t requests, bytes, lines;
    int64_t first_ns, last_ns; /* monotonic: when the first bytes came, when the last write ended */
    uint64_t digest; /* sum of the lines' hashes: the same for the same lines in any order */
};

/* The line that a connection is in the middle of. */
struct sink_line {
    uint64_t hash;
    bool open;
};

/* Lines end with a line feed; at a body's end also without one. With `hashed` each goes into the
 * digest, which costs a pass over every byte. */
void sink_counts_add(struct sink_counts *counts, struct sink_line *line, struct str body,
                     bool hashed);
void sink_counts_end(struct sink_counts *counts, struct sink_line *line);

void sink_counts_json(const struct sink_counts *counts, struct strbuf *json);

#endif
