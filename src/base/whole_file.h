/* Reads a whole file. */
#ifndef CANDLEWICK_BASE_WHOLE_FILE_H
#define CANDLEWICK_BASE_WHOLE_FILE_H

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"

/* Appends the file's bytes to `content`; a file that exceeds its limit sets content->failed.
 * Returns false when the file cannot be opened or read; errno says why. Blocks as the file does. */
NODISCARD bool whole_file_read(const char *path, struct strbuf *content);

#endif
