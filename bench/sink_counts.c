#include "sink_counts.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

static void count_lines(struct sink_counts *counts, struct sink_line *line, struct str body)
{
    const char *at = body.data, *end = body.data + body.length, *newline = NULL;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        counts->lines++;
        at = newline + 1;
    }
    line->open = at < end;
}

static void hash_lines(struct sink_counts *counts, struct sink_line *line, struct str body)
{
    struct str rest = body;
    while (rest.length > 0) {
        const char *newline = memchr(rest.data, '\n', rest.length);
        size_t length = newline != NULL ? (size_t)(newline - rest.data) : rest.length;
        uint64_t start = line->open ? line->hash : HASH_START;
        line->hash = hash_bytes(start, rest.data, length);
        line->open = newline == NULL;
        if (newline != NULL) {
            counts->digest += line->hash;
            counts->lines++;
            length++;
        }
        rest = (struct str){.data = rest.data + length, .length = rest.length - length};
    }
}

void sink_counts_add(struct sink_counts *counts, struct sink_line *line, struct str body,
                     bool hashed)
{
    if (counts->bytes == 0) {
        counts->first_ns = clock_monotonic_ns();
    }
    counts->bytes += body.length;
    if (hashed) {
        hash_lines(counts, line, body);
    } else {
        count_lines(counts, line, body);
    }
}

void sink_counts_end(struct sink_counts *counts, struct sink_line *line)
{
    if (line->open) {
        counts->lines++;
        counts->digest += line->hash;
    }
    *line = (struct sink_line){0};
    counts->requests++;
    counts->last_ns = clock_monotonic_ns();
}

void sink_counts_json(const struct sink_counts *counts, struct strbuf *json)
{
    strbuf_append_format(json,
                         "{\"requests\":%llu,\"bytes\":%llu,\"lines\":%llu,\"first_ns\":%lld,"
                         "\"last_ns\":%lld,\"digest\":\"%016llx\"}\n",
                         (unsigned long long)counts->requests, (unsigned long long)counts->bytes,
                         (unsigned long long)counts->lines, (long long)counts->first_ns,
                         (long long)counts->last_ns, (unsigned long long)counts->digest);
}
