/*
 * Reads a file's lines in bounded memory: plain, gzip, or the one CSV file of a zip archive
 * (recognised by its first bytes, not its name). Not thread-safe.
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

/* The fuzz targets have small lines and buffers, so that a small input reaches their ends and takes
 * little memory. */
#ifdef CANDLEWICK_FUZZING
enum { LINE_MAX_BYTES = 256 };
#else
enum { LINE_MAX_BYTES = 64 * 1024 };
#endif

enum line_result { LINE_READ, LINE_TOO_LONG, LINE_END, LINE_FAILED };

/* Returns NULL with ERROR_USAGE when the file does not exist, is not readable or is not a regular
 * file, and with ERROR_FATAL when memory runs out. */
NODISCARD struct line_reader *line_reader_open(const char *path, struct error *error);
void line_reader_close(struct line_reader *reader); /* NULL is allowed */

/* Reads the whole file, hashes its content (unpacked, so that packing it does not change the hash)
 * and goes back to its start. From then on line_reader_next() also fails when the file has changed
 * since. Returns false with ERROR_FATAL for a read error or gzip data that is cut off or broken,
 * and with ERROR_RETRY when `stop` (may be NULL) was requested. */
NODISCARD bool line_reader_scan(struct line_reader *reader, struct stop *stop, uint64_t *hash,
                                struct error *error);

/* Returns the next line without its LF or CR LF and, at the start of the file, without a UTF-8 byte
 * order mark; borrowed until the next call. LINE_TOO_LONG: a line of more than LINE_MAX_BYTES was
 * skipped. LINE_FAILED: ERROR_FATAL, naming the file. LINE_FAILED and the end of the file are
 * returned again by every later call. */
NODISCARD enum line_result line_reader_next(struct line_reader *reader, struct str *line,
                                            struct error *error);

/* Goes back to the start of the file, after its end. Returns false with ERROR_FATAL for a read
 * error. */
NODISCARD bool line_reader_rewind(struct line_reader *reader, struct error *error);

/* Returns false when the line that was read last is the file's last one and has no line end: it may
 * be truncated. */
bool line_reader_complete(const struct line_reader *reader);

/* Returns the first bytes of the (unpacked) content, as line_reader_scan() saw them. Borrowed. */
struct str line_reader_head(const struct line_reader *reader);

/* Returns how much of the content was read, 0 to 1. Needs line_reader_scan(). */
double line_reader_share(const struct line_reader *reader);

/* Returns the number of the line that was read last, counted from 1. */
int64_t line_reader_number(const struct line_reader *reader);

#endif
