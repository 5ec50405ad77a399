/*
 * A file's lines, plain or gzip (told by its first bytes, not its name), in bounded memory.
 * One thread at a time.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_LINE_READER_H
#define CANDLEWICK_SOURCE_REPLAY_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

struct line_reader;
struct stop;

enum { LINE_MAX_BYTES = 64 * 1024 };

enum line_result { LINE_READ, LINE_TOO_LONG, LINE_END, LINE_FAILED };

/* NULL: ERROR_USAGE when there is no such file, it may not be read or is not a plain file;
 * ERROR_FATAL without memory. */
NODISCARD struct line_reader *line_reader_open(const char *path, struct error *error);
void line_reader_close(struct line_reader *reader); /* NULL is allowed */

/* Reads the file through, hashes its content (unpacked, so that packing it changes nothing) and
 * goes back to its start. From then on line_reader_next() also says when the file has changed
 * since. False: ERROR_FATAL for a read error or gzip data that is cut off or broken, ERROR_RETRY
 * when `stop` (may be NULL) was requested. */
NODISCARD bool line_reader_scan(struct line_reader *reader, struct stop *stop, uint64_t *hash,
                                struct error *error);

/* The next line without its LF or CR LF and, at the start of the file, without a UTF-8 byte order
 * mark; borrowed until the next call. LINE_TOO_LONG: one of more than LINE_MAX_BYTES was passed
 * over. LINE_FAILED: ERROR_FATAL, naming the file. The last two results stay when asked again. */
NODISCARD enum line_result line_reader_next(struct line_reader *reader, struct str *line,
                                            struct error *error);

/* False when the line that was read last is the file's last one and no line end follows it: it may
 * be cut. */
bool line_reader_complete(const struct line_reader *reader);

/* The first bytes of the (unpacked) content, as line_reader_scan() saw them. Borrowed. */
struct str line_reader_head(const struct line_reader *reader);

/* How much of the content was handed out, 0 to 1, after line_reader_scan(). */
double line_reader_share(const struct line_reader *reader);

/* Of the line that was read last, 1 up. */
int64_t line_reader_number(const struct line_reader *reader);

#endif
