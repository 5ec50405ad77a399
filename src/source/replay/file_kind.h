/* Recognises, by its first bytes, a file that is not CSV text. Pure. */
#ifndef CANDLEWICK_SOURCE_REPLAY_FILE_KIND_H
#define CANDLEWICK_SOURCE_REPLAY_FILE_KIND_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* `head` is the file's first 16 bytes (or all, if fewer), unpacked if it is gzip. Fails with
 * ERROR_USAGE, whose text says what the file is and how to convert it to CSV; the caller adds the
 * file's name. */
NODISCARD bool file_kind_is_text(struct str head, struct error *error);

#endif
