/* What a file is that is no CSV text, by its first bytes. Pure. */
#ifndef CANDLEWICK_SOURCE_REPLAY_FILE_KIND_H
#define CANDLEWICK_SOURCE_REPLAY_FILE_KIND_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* `head`: the file's first bytes (16, or all), unpacked where it was gzip. False: ERROR_USAGE,
 * which says what it is and how to make CSV of it; the file is named by the caller. */
NODISCARD bool file_kind_is_text(struct str head, struct error *error);

#endif
